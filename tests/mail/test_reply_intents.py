"""What replies ask for, case by case: text as people write it -> intent and, for "not now", the day to come back."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.mail.inbound import Intent, own_words, read_intent
from nurture.mail.inbound.optouts import BARE, LIKELY
from nurture.mail.inbound.phrases import RULES

TODAY = date(2026, 11, 22)
#: as config has them: where our links lead, and our postal address
OURS = ("https://nurture.acme.example/u/", "Acme AS, Strandgaten 18, 5013 Bergen, Norway")
FOOT = (
    "Hello Mona,\n\nthank you for asking. Here is the guide. It has ten pages.\n\nNora, Acme\n\n--\n"
    "You get this mail because you asked for it.\nUnsubscribe: https://nurture.acme.example/u/x\n"
    "Acme AS, Strandgaten 18, 5013 Bergen, Norway"
)
#: the same footer where a mail program leaves the links out
BARE_FOOT = "Acme AS, Strandgaten 18, 5013 Bergen, Norway\nUnsubscribe\nStop these"
LONG = "We read the guide at lunch, and the part on compressors fits our plant in Bergen rather well, I must say. " * 6

_STOP: dict[str, tuple[str, ...]] = {
    "a word on a line of its own": (
        "Stop\r\nBob Quuxbob\r\nMill Ltd", "Stop\nAnna", "STOP\nMax Weber", "Unsubscribe\nJohn Smith\nMill Ltd",
        "Abmelden\nMfG Max", "Avmeld\nMvh Kari", "Stopp\nHilsen Kari", "Stop\nSent from my iPhone",
        "Unsubscribe\nSent from Outlook for iOS", "Désabonnement\nCordialement", "Baja\nSaludos", "Hei\nStopp",
        "Hi Nora,\nstop", "Hi Nora,\nstop\nAnna", "Hi\nunsubscribe", "Uitschrijven\nGroet, Piet",
        "Disiscrivimi\nSaluti",
    ),
    "with a greeting or thanks around it": (
        "Stop, thanks", "stop thanks", "Unsubscribe, thanks", "Unsubscribe please\nThanks", "Please unsubscribe.",
        "Hi Nora, stop", "Thanks, unsubscribe", "Stop emails", "Stop e-mails", "Stop mail", "STOP ALL", "Stop these",
        "unsubscribe anna@mill.example", "Uitschrijven a.u.b.", "Stop bitte", "remove", "Thanks,\nUnsubscribe\nBob",
    ),
    "in plain words": (
        "Please cease emailing me.", "Leave me alone.", "I did not sign up for this.", "dont email me",
        "Don't email me again", "Please take me off your mailing list.", "I no longer wish to receive your emails",
        "Please stop sending me these emails.", "Bitte senden Sie mir nichts mehr.", "Bitte keine E-Mails mehr.",
        "Bitte löschen Sie meine Daten.", "Bitte schicken Sie mir keine Mails mehr.",
        "Ich möchte keine weiteren Informationen erhalten.", "Ich möchte diese Mails nicht mehr bekommen.",
        "Bitte entfernen Sie mich aus dem Verteiler", "Bitte tragen Sie mich aus.", "Bitte melden Sie mich ab.",
        "Jeg vil ikke ha disse e-postene.", "Ikke send meg mer", "Slutt med dette", "Afmeld mig",
        "Ne m'envoyez plus rien.", "Je ne souhaite plus être contacté.", "Merci de ne plus m'écrire.",
        "Merci de me retirer de votre liste.", "No me envíe más correos.", "Deseo darme de baja.", "Sluta maila mig",
        "Keine weiteren Mails", "Wir wollen keine E-Mails mehr", "I want no more emails", "No more mails from you",
        "Don't call me, unsubscribe me",
        "Jag vill inte ha era mejl.", "Vill inte ha fler mejl", "Stop met mailen", "Afmelden",
        "Graag geen mails meer", "Haal mij van de lijst", "Schrijf mij uit", "Disiscrivimi",
        "Non desidero più ricevere le vostre email", "Cancellatemi dalla lista",
    ),
    "behind a refusal or a complaint without a comma": (
        "I'm not interested please unsubscribe me from this list", "No thanks please unsubscribe me",
        "I have no use for this please take me off your list", "The link is not working so please unsubscribe me",
        "Ich habe kein Interesse bitte melden Sie mich ab", "Kein Interesse bitte löschen Sie meine Daten",
        "Ikke interessert meld meg av", "Pas intéressé merci de me désinscrire", "Not interested unsubscribe me",
        "Kein Interesse melden Sie mich ab", "No me interesa denme de baja", "Geen interesse schrijf mij uit",
        "Hi Nora, no thanks take us off your list", "Please stop emailing me any more",
    ),
    "at the top of what a program did not set off": (f"Unsubscribe\n\n{LONG}", f"Hi Nora,\n\nstop please\n\n{LONG}"),
    "wherever it stands": (
        f"{LONG}\n\nStill, please unsubscribe me.\n\n{LONG}",
        f"{LONG}\nAnd take us off your list. You may call me if in doubt.",
        "Kein Bedarf. Bitte nehmen Sie mich aus Ihrem Verteiler.\n\nMit freundlichen Grüßen\nMax",
    ),
}  # fmt: skip

_NOT_STOP: dict[Intent, tuple[str, ...]] = {
    Intent.CALL_ME: (
        "Bitte tragen Sie mich für die Demo am Donnerstag ein.",
        "I don't want any surprises in the price. Please call me.",
        "We had to stop this project in spring. Can you call me on Monday?",
        "Please don't send me the quote before Monday, I am travelling. Call me then.",
        "We no longer want any manual readings, so yes, let's set up a demo.",
        "Vi ønsker ikke mer støy i anlegget. Kan du ringe meg?",
        "No quiero más sorpresas en la factura. Llámeme mañana.",
        "Nous n'avons plus de mails en attente, appelez-moi.",
        "Arrêtez de chauffer le week-end, c'est notre but. Pouvez-vous m'appeler ?",
        "I can't stop thinking about this, call me",
    ),
    Intent.QUESTION: (
        "Can you get us from 100 to 80 kW peak?", "Can you get us from our old system to yours?",
        "How do I stop spam in your portal?", "Does the valve stop all flow when power is lost?",
        "We want to take us off fossil fuels by 2030 - can you help?",
        "Can I stop by your booth next week? I'd like to see it.",
        "No more emails please, but call me on Monday.",  # of these two a person decides
        "Great, call me\n\nunsubscribe",
    ),
    Intent.NOT_INTERESTED: (
        f"{LONG}\n\nUnsubscribe\n\n{LONG}", f"{LONG} No more emails, then.",
        # the refusal is of the opt-out itself: no "stop"
        "We have no need to unsubscribe from your list", "Ich habe kein Interesse mich abzumelden",
        "Jeg har ikke behov for å melde meg av", "Pas besoin de me désinscrire", "No me interesa darme de baja",
        "Non mi interessa disiscrivermi", "Niet geïnteresseerd om me uit te schrijven",
    ),
    Intent.OTHER: (
        "Melden Sie mich bitte zum Webinar an.", "Bitte nehmen Sie mich in Ihren Verteiler auf.",
        "Bitte nehmen Sie uns in die Liste der Interessenten auf!", "Bitte melden Sie mich vom Webinar ab.",
        "Tragen Sie meine Kollegin Frau Weber bitte auch ein: weber@x.de",
        "Skicka inte offerten till mig utan till min chef Anna.",
        "Ta bort min gamla adress och använd den här i stället.", "Wir haben keine Mails bekommen",
        "Stop by any time!", "Please stop by our office", "Don't stop, this is great!", "please don't stop",
        "Non-stop operations here.", "We get no more messages from the sensor", "Get us off our old CRM",
        "Ich kenne Sie aus dem Newsletter", "Sie kennen uns aus Ihrer Liste", "Unsere Kunden wollen keine E-Mails mehr",
        "Ich bekomme keine Nachrichten mehr vom Zähler", "Vi får ingen flere meldinger fra måleren",
        "We krijgen geen berichten meer van de meter", "Nous n'avons plus de mails",
        "Arrêtez d'envoyer des factures papier", "Dejen de enviar facturas en papel",
        "Ich kann am Termin nicht, bitte melden Sie mich für den Termin ab",
        "Don't unsubscribe me, I like it", "Please do not unsubscribe me", "Do not please unsubscribe me",
        "I'm not ready yet so please don't unsubscribe me", "Merci de ne pas me désinscrire",
        "Bitte nicht abmelden", "Bitte melden Sie mich nicht ab", "Tragen Sie mich bitte nicht aus",
        "Meld me niet af", "Schrijf mij niet uit", "Vennligst ikke meld meg av", "Por favor no me den de baja",
        "There is no need to unsubscribe me", "No more messages from the sensor", "Keine Nachrichten vom Zähler",
        "Please make the line\nstopping less", "We had to stop\nthe line",
        "Please call me never again", "Call me no more", "Call me never", "Ring meg aldri igjen", "Ring mig aldrig",
        "Rufen Sie mich nie wieder an", "Bel mij nooit meer", "Appelez-moi plus",
    ),
}  # fmt: skip

_CALL_ME = (
    "Please contact me", "Contact me please, we want to buy", "Get in touch please", "We'd like to see a demo",
    "Kontaktieren Sie mich bitte.", "Bitte um Angebot", "Bitte ein Angebot", "Contactez-moi",
    "Veuillez me contacter", "Ta kontakt med meg!", "Ta gjerne kontakt med meg på telefon 99 88 77 66",
    "Ønsker et tilbud", "Kontakta mig gärna", "Contácteme", "Bel mij maar", "Kunt u mij terugbellen?",
    "Graag een offerte", "Neem contact met mij op", "Mi chiami domani", "Potete contattarmi?",
    "No problem, call me tomorrow", "Not now, call me on Monday", "Please call me before we order in June",
    "Please call me. We want to start in March.", "Call me no later than Monday", "Please call me plus my colleague",
    "Call me no more than once",
)  # fmt: skip

_REFUSED: dict[Intent, tuple[str, ...]] = {
    Intent.NOT_INTERESTED: (
        "Not interested, we just signed with your competitor", "Not interested.", "No thanks", "Kein Bedarf.",
        "Kein Bedarf", "Kein Interesse, bitte nicht mehr.", "Nein danke", "Pas intéressé", "Pas intéressé, merci.",
        "Non merci", "Ikke interessert", "Nei takk", "Vi har ikke behov for dette", "Inte intresserad", "Nej tack",
        "No me interesa", "No, gracias", "Geen interesse", "Nee, bedankt", "Non mi interessa", "No, grazie",
        "We went with another supplier",
    ),
    Intent.WRONG_PERSON: (
        "Ta kontakt med Per i innkjøp", "Ik ben niet de juiste persoon", "Hij werkt hier niet meer",
        "Persona sbagliata", "Non sono la persona giusta",
    ),
}  # fmt: skip

#: what stands below the words or is put there by a machine of the company does not ask for anything
_SIGNED: tuple[tuple[str, Intent], ...] = (
    ("Danke, aber wir haben keinen Bedarf.\n\nMit freundlichen Grüßen\nMax Weber\nEinkauf\n"
     "Sie erreichen mich Mo-Do von 8 bis 16 Uhr unter 0221 123456.", Intent.NOT_INTERESTED),
    ("Danke für die Infos.\n\nBeste Grüße\nMax\n\nFür einen Rückruf nutzen Sie bitte 0221 1234", Intent.OTHER),
    ("Thanks, no need for us.\n\nBest,\nJo\nYou can reach me at +44 20 1234", Intent.NOT_INTERESTED),
    ("Nice guide.\n\nBest regards, Jo\nBook a meeting with me: https://calendly.com/jo", Intent.OTHER),
    ("Nice guide.\n\nThanks,\nJo Smith\nCall me: +44 20 1234", Intent.OTHER),
    ("Fin guide.\n\nMvh Kari\nRing meg: 99 88 77 66", Intent.OTHER),
    ("Bedankt.\n\nMet vriendelijke groet,\nPiet\nBel mij: 020 1234", Intent.OTHER),
    ("Merci.\n\nCordialement\nPaul\nContactez-moi : 01 23", Intent.OTHER),
    ("Thanks, looks good!\n\nJo\n\nThis e-mail is confidential. If you are not the intended\nrecipient, please "
     "contact the sender and delete it.", Intent.OTHER),
    ("Thanks, looks good!\n\nJo\n\nIf you have received this e-mail in error, you should contact the sender "
     "immediately.", Intent.OTHER),
    ("Merci, très intéressant.\n\nPaul\n\nSi vous n'êtes pas le bon destinataire, merci de supprimer ce message.",
     Intent.OTHER),
    ("Danke.\n\nMax\n\nWenn Sie nicht der richtige Adressat sind, wenden Sie sich bitte an den Absender.",
     Intent.OTHER),
    ("Thanks, looks good! Please call me.\n\nJo\n\nIf you no longer wish to receive emails from Mill Ltd, click here "
     "to unsubscribe.", Intent.CALL_ME),
    ("Thanks!\n\nJo\nMill Ltd\nTo unsubscribe from our newsletter click here: http://x", Intent.OTHER),
    ("Nice guide.\n\nBest regards\nJo\n\nPS: Please call me on Monday.", Intent.CALL_ME),
    ("Thanks!\n\nPlease call me on Monday. I would like to hear more.\n\nJo", Intent.CALL_ME),
    ("Regards from Bergen!\nPlease call me", Intent.CALL_ME),
)  # fmt: skip

_LATER: tuple[tuple[str, str], ...] = (
    ("Not now. Call me in March.", "2027-03-01"),
    ("Call me back in Q2, we have no budget before", "2027-04-01"),
    ("Nicht jetzt, rufen Sie mich bitte im März an.", "2027-03-01"),
    ("Jeg vil ikke ha flere møter før jul, men ring meg gjerne i januar.", "2027-01-01"),
    ("Nå ikke, i mars", "2027-03-01"),
    ("Niet nu, in maart", "2027-03-01"),
    ("Neem in mei weer contact op", "2027-05-01"),
    ("Non ora, magari a marzo", "2027-03-01"),
    ("Not now, our line runs 24/7.", "2027-02-20"),  # 90 days: no day is named
    ("Not now. We need 1.5 weeks to recover.", "2027-02-20"),
    ("Not now. Budget is 10/12 used.", "2027-02-20"),
    ("Nicht jetzt, im Januar 2026 war es besser", "2027-02-20"),
    ("Not now, maybe in 2027", "2027-01-01"),
    ("Nicht jetzt, 2027 wieder", "2027-01-01"),
    ("Danke, zur Zeit kein Bedarf, gerne in 6 Monaten wieder.", "2027-05-21"),
    ("Not now - not before 1 April 2027", "2027-04-01"),
    ("Nicht jetzt. Unser Termin vom 3.12. bleibt, aber melden Sie sich im März.", "2027-03-01"),
    ("We open a hall on 5 May. It has ten presses. It will be loud. Not now, though. Thanks.", "2027-02-20"),
    ("Not now. In April, perhaps.", "2027-04-01"),
)


@pytest.mark.parametrize("text", [one for each in _STOP.values() for one in each])
def test_who_wants_no_more_mail_is_understood(text: str) -> None:
    reading = read_intent(text.replace("\r\n", "\n"), TODAY)
    assert reading.intent is Intent.STOP, reading


@pytest.mark.parametrize(("intent", "text"), [(intent, one) for intent, some in _NOT_STOP.items() for one in some])
def test_nobody_is_opted_out_who_did_not_ask_for_it(intent: Intent, text: str) -> None:
    """An opt-out is for good: what can be read in two ways goes to a person."""
    reading = read_intent(text, TODAY)
    assert reading.intent is intent, reading


@pytest.mark.parametrize("text", _CALL_ME)
def test_who_asks_for_a_person_is_understood(text: str) -> None:
    reading = read_intent(text, TODAY)
    assert reading.intent is Intent.CALL_ME, reading


@pytest.mark.parametrize(("intent", "text"), [(intent, one) for intent, some in _REFUSED.items() for one in some])
def test_a_refusal_is_no_interest(intent: Intent, text: str) -> None:
    reading = read_intent(text, TODAY)
    assert reading.intent is intent, reading


@pytest.mark.parametrize(("text", "intent"), _SIGNED)
def test_signatures_and_legal_words_ask_for_nothing(text: str, intent: Intent) -> None:
    reading = read_intent(text, TODAY)
    assert reading.intent is intent, reading


@pytest.mark.parametrize(("text", "on"), _LATER)
def test_who_wants_to_hear_later_is_put_off_until_the_day_that_is_meant(text: str, on: str) -> None:
    reading = read_intent(text, TODAY)
    assert (reading.intent, str(reading.on)) == (Intent.NOT_NOW, on), reading


def test_of_a_call_that_is_wanted_later_the_words_are_told() -> None:
    assert read_intent("Not now. Call me in March.", TODAY).because == 'says "call me" (en), but on 2027-03-01'


def _outlook(*words: str) -> str:
    values = ("Nora <nora@acme.example>", "mandag 23. november 2026 09:12", "Mona", "A word on leaks")
    return "\n".join(f"{word}: {value}" for word, value in zip(words, values, strict=True))


_QUOTES: dict[str, str] = {
    "outlook nl": _outlook("Van", "Verzonden", "Aan", "Onderwerp"),
    "outlook it": _outlook("Da", "Inviato", "A", "Oggetto"),
    "outlook pl": _outlook("Od", "Wysłano", "Do", "Temat"),
    "outlook fi": _outlook("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "outlook pt": _outlook("De", "Enviado", "Para", "Assunto"),
    "outlook da": _outlook("Fra", "Sendt", "Til", "Emne"),
    "outlook in a language nobody told us of": _outlook("Küldi", "Dátum", "Címzett", "Tárgy"),
    "outlook in bold": _outlook("**Fra", "**Sendt", "**Til", "**Emne").replace(": ", ":** "),
    "gmail nl": "Op ma 23 nov 2026 om 09:12 schreef Nora <nora@acme.example>:",
    "gmail it": "Il giorno lun 23 nov 2026 alle ore 09:12 Nora <nora@acme.example> ha scritto:",
    "gmail in a language nobody told us of": "2026. nov. 23. 9:12 ezt írta (Nora <\nnora@acme.example>):",
    "notes": "Nora Lie ---23/11/2026 09:12:33---Hello Mona,",
}


@pytest.mark.parametrize("head", _QUOTES.values(), ids=_QUOTES.keys())
@pytest.mark.parametrize("foot", [FOOT, BARE_FOOT, "Unsubscribe\nStop"])
def test_a_quote_is_cut_in_any_language(head: str, foot: str) -> None:
    assert own_words(f"Bedankt!\n\nPiet\n\n{head}\n\n{foot}") == ("Bedankt!\n\nPiet", True)


@pytest.mark.parametrize("foot", [FOOT, BARE_FOOT], ids=["links", "no links"])
@pytest.mark.parametrize("mark", ["", "~~~ an unknown program ~~~\n\n"])
def test_our_own_footer_opts_nobody_out_wherever_a_quote_begins(foot: str, mark: str) -> None:
    words, own = own_words(f"Thanks, nice!\n\n{mark}{foot}", OURS)
    assert own and "nsubscribe" not in words and "Bergen" not in words
    assert read_intent(words, TODAY).intent is Intent.OTHER


def test_what_stands_below_our_footer_is_for_a_person() -> None:
    text = f"{FOOT}\n\nPlease call me!"
    assert own_words(text, OURS) == (text, False)


def test_a_link_of_ours_in_a_sentence_is_no_footer() -> None:
    text = "Hi,\n\nI tried https://nurture.acme.example/u/x and it fails. Please unsubscribe me.\n\nBob"
    assert own_words(text, OURS) == (text, True)
    assert read_intent(text, TODAY).intent is Intent.STOP


def test_a_list_of_figures_is_no_quote() -> None:
    text = "Our plant:\n\nPeak: 80 kW\nHours: 4000\nPlace: Bergen\n\nPlease call me"
    assert own_words(text) == (text, True)


#: the words that rules are made of: what comes nearest to them costs most
_WORDS = sorted({
    word
    for by_language in [*RULES.values(), LIKELY, {language: (one,) for language, one in BARE.items()}]
    for patterns in by_language.values()
    for word in re.findall(r"[a-zà-ÿ']{2,}", " ".join(patterns))
})  # fmt: skip


@given(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4), st.sampled_from([" ", ", ", "\n", "- ", "  "]))
@settings(max_examples=60, deadline=None)
def test_no_text_takes_long(words: list[str], between: str) -> None:
    """A thousand like it a minute at the least; measured in time of this process alone."""
    text = (between.join(words) + between) * 3000
    started = time.process_time()
    read_intent(text, TODAY, text)
    own_words(text, OURS)
    assert time.process_time() - started < 2
