"""The phrases that replies are read by: intent -> language -> patterns, in small letters, one sentence at a time.

Those of an opt-out are in `nurture.mail.inbound.optouts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from nurture.mail.inbound.optouts import SURE


class Intent(StrEnum):
    """What a person wants, the longest-lasting wish first; also the name that `replied('...')` asks for."""

    STOP = "stop"
    CALL_ME = "call-me"
    WRONG_PERSON = "wrong-person"
    NOT_NOW = "not-now"
    #: a no that is no opt-out: what people write is not to be taken for interest
    NOT_INTERESTED = "not-interested"
    QUESTION = "question"
    #: none of these: thanks, news, small talk, and what the rules do not understand
    OTHER = "other"


RULES: Mapping[Intent, Mapping[str, tuple[str, ...]]] = {
    Intent.STOP: SURE,
    Intent.CALL_ME: {
        "en": (
            r"\b(call|phone|ring) (me|us)\b|\bgive (me|us) a (call|ring|buzz)\b|(?<!will )(?<!'ll )\bcall back\b",
            r"\b(book|schedule|arrange|set up|have|do|hop on|request|like|want|love|see) (a|an) (\w+ ){0,2}"
            r"(call|meeting|demo|demonstration|quote|offer|chat)\b(?! with (me|us)\W{0,4}http)",
            r"(^|\bplease |\bkindly |\b(can|could) (you|someone) |\b(someone|somebody|anyone) (to )?)contact (me|us)\b"
            r"(?! (if|when|once|only|by|before|should))",
            r"(^|\bplease )(get|be) in touch\b(?! (if|when|once|should))",
            r"\blet's (talk|meet|have a|set up|schedule|book)\b|\b(send|make|give) (me|us) (a|an|your) (\w+ )?"
            r"(quote|quotation|offer|proposal)\b",
            r"\b(speak|talk) (to|with) (someone|somebody|a person|sales|one of you)\b",
            r"\b(reach|ring) me (at|on) \+?[\d(]",
            r"\bmy (phone |mobile |direct )?number is\b|\bwhen (can|could) (we|you) (talk|meet|call)\b",
        ),
        "de": (
            r"\bruf(en|t|e)? (sie |ihr )?(mich|uns)\b|\bzurückrufen\b|\bmich [^,;]{0,30}\banrufen\b|^rückruf\b",
            r"\b(bitten?|erbitten?|wünschen?|möchten?|gerne?|um|über)\b[^,;]{0,30}\brückruf\b(?! nutzen)",
            r"\b(termin|gespräch|demo|vorführung|telefonat)\b[^,;]{0,30}\b(vereinbaren|ausmachen|führen|bekommen"
            r"|haben)\b",
            r"\b(schicken|senden|machen|erstellen) sie [^,;]{0,30}\bangebot\b",
            r"\bbitte (um )?((ein|einen|ihr) )?(angebot|anruf|kontaktaufnahme|rückmeldung)\b",
            r"\b(hätten?|möchten?|wünschen?|bräuchten?|brauchen?) (gerne? )?(ein|einen|eine) (\w+ )?"
            r"(angebot|termin|demo|gespräch|rückruf)\b|\brückruf (bekommen|erhalten)\b",
            r"\bkontaktieren sie (mich|uns)\b|\bnehmen sie [^,;]{0,20}kontakt [^,;]{0,15}auf\b"
            r"|\bmelden sie sich (bitte |gerne? )*(telefonisch|bei (mir|uns))$",
            r"\b(melden|tragen) sie (mich|uns) [^,;]{0,30}\b(demo|vorführung|beratung)\w*\b[^,;]{0,30} (an|ein)\b",
            r"\b(sie erreichen mich|erreichen sie mich|bin erreichbar)\b",
        ),
        "no": (
            r"\bringe? (gjerne )?(meg|oss|til meg)\b|\bkan (du|dere|noen) ringe\b|\bslå på tråden\b|\bta en prat\b",
            r"\b(avtale|booke|ta|ha|sette opp) (et |en )?(\w+ )?(møte|demo|samtale)\b|\b(se|ha|få|bestille) en demo\b",
            r"\bsend (meg|oss) (et |en )?(tilbud|pris)\b|\bgi (meg|oss) (et tilbud|en lyd)\b|\bønsker (et )?tilbud\b",
            r"\bta (gjerne |heller )?kontakt( med (meg|oss)\b|$)|\bkontakt (meg|oss)( gjerne)?\b(?! (hvis|dersom"
            r"|om du))",
        ),
        "sv": (
            r"\bringa? (gärna )?(mig|oss|upp mig)\b|\bkan (du|ni|någon) ringa\b|\bslå en signal\b|\bta ett samtal\b",
            r"\b(boka|ha|ta|få) (in )?(ett|en) (\w+ )?(möte|demo|samtal)\b|\bskicka (mig |oss )?(en )?offert\b",
            r"\bkontakta (mig|oss)\b(?! (i ?stället|om du|om ni))",
        ),
        "fr": (
            r"\b(r?appelez|téléphonez|contactez)[- ](moi|nous)\b|\b(me|nous|m') ?r?appeler\b",
            r"\b(veuillez|merci de|pouvez[- ]vous|pourriez[- ]vous|prière de) (bien vouloir )?(me |nous "
            r"|m')re?contacter\b"
            r"|\b(veuillez|merci de|pouvez[- ]vous|pourriez[- ]vous) (me|nous) contacter\b",
            r"\b(prendre|fixer|convenir|planifier)[^,;]{0,15}\b(rendez[- ]vous|rdv|appel|démo)",
            r"\bêtre (r?appelée?s?|contactée?s?)\b|^(un )?devis\b",
            r"\b(voudrais|voudrions|aimerais|souhaite) [^,;]{0,20}\b(démo|démonstration|devis|rendez[- ]vous)\b",
            r"\benvoyez[- ](moi|nous) [^,;]{0,10}\b(devis|offre)\b",
        ),
        "es": (
            r"\bll[aá]m(e|en|a|ad)(me|nos)\b|\bcont[aá]ct(e|en|a|ad)(me|nos)\b",
            r"\bp[oó]nga(n)?se en contacto\b|\bpueden? contactar(me|nos)\b",
            r"\b(puede|pueden|puedes|podr[ií]an?) llamar(me|nos)\b",
            r"\bme (puede|pueden) llamar",
            r"\b(agendar|concertar|programar|tener|quiero|quisiera|gustaría) (tener )?(una? )?(\w+ )?(llamada|reunión"
            r"|demo|cita)\b",
            r"\b(env[ií]en?|m[aá]nden?)(me|nos) [^,;]{0,10}\b(presupuesto|cotización|oferta)\b",
        ),
        "nl": (
            r"\bbelt? (u )?(me|mij|ons)\b|\b(kan|kunt|kunnen|wilt|wil) (u|je|jij|jullie"
            r"|iemand) [^,;]{0,25}\b(terug)?bellen\b",
            r"\bterugbellen\b|\bneemt? (u )?[^,;]{0,20}\bcontact (met (me|mij|ons) )?op\b(?! met mijn)",
            r"\b(afspraak|gesprek|demo|demonstratie)\b[^,;]{0,25}\b(maken|plannen|inplannen|krijgen|hebben)\b",
            r"\b(stuur|maak) (me|mij|ons) [^,;]{0,15}\b(offerte|prijsopgave)\b"
            r"|\bgraag (een )?(offerte|demo|gesprek|afspraak)\b",
        ),
        "it": (
            r"\b(mi|ci) (chiami|chiamate|chiamino|richiami|richiamate|contatti|contattate)\b",
            r"\b(chiam|richiam|contatt)(ami|atemi|ateci)\b",
            r"\b(può|potete|puoi|potrebbe|potreste) (chiamar|richiamar|contattar)(mi|ci)\b",
            r"\b(fissare|organizzare|prenotare|avere|vorrei|vorremmo) (un|una|un') ?(\w+ )?"
            r"(chiamata|incontro|riunione|demo|appuntamento|preventivo|offerta)\b",
            r"\b(inviate|mandate|invii|mandi)(mi|ci) [^,;]{0,10}\b(preventivo|offerta)\b",
        ),
    },
    Intent.WRONG_PERSON: {
        "en": (
            r"\b(wrong|not the (right|correct)) (person|contact|address|department|one)\b",
            r"\bnot my (area|department|job)\b|\b(don't|do not|doesn't|does not) work (here|there|for|at)\b",
            r"\b(am|i'm) not (responsible for|in charge of|the one)\b|\bno longer (work|employed|with|at|part of)\b",
            r"\b(left|leaving) the company\b",
            r"\bhas (left|retired)\b|\bhave (retired|left the|left this company)\b",
            r"\byou (should|need to) (contact|talk to|ask) (?!me\b|us\b)",
            r"\bplease (contact|write to|ask|talk to) (my|our|mr|mrs|ms|the)\b|\bmy successor\b",
        ),
        "de": (
            r"\b(falsche[rn]?|nicht (der|die) richtige) (person|ansprechpartner(in)?|adresse|kontakt)\b",
            r"\bnicht (mehr )?(zuständig|verantwortlich)\b",
            r"\bnicht mehr (bei|im unternehmen|für)\b",
            r"\b(mein|meine) nachfolger",
            r"\bwenden sie sich (bitte )?an\b",
        ),
        "no": (
            r"\bfeil (person|adresse|mottaker)\b|\bikke (rett|riktig) (person|vedkommende)\b|\bhar sluttet\b",
            r"\b(jobber|arbeider) ikke (lenger|her)\b",
            r"\bikke (mitt|min) (bord|ansvar|avdeling)\b",
            r"\bta (heller |gjerne )?kontakt med (?!meg\b|oss\b)",
        ),
        "sv": (
            r"\bfel (person|adress|mottagare)\b",
            r"\binte rätt (person|kontakt)\b",
            r"\bhar slutat\b",
            r"\bkontakta (i stället|istället)\b",
            r"\b(jobbar|arbetar) inte (längre|kvar|här)\b|\binte (mitt|min) (bord|ansvar|avdelning)\b",
        ),
        "fr": (
            r"\b(mauvaise|pas la bonne) (personne|adresse)\b",
            r"\bplus (dans|chez|partie de) (l'entreprise|la société|eux)\b",
            r"\b(pas|plus) (la personne|le bon|responsable|en charge)\b|\badressez[- ]vous à\b|\bcontactez plutôt\b",
        ),
        "es": (
            r"\b(persona|dirección) equivocada\b|\bno soy (la persona|el responsable|la responsable|quien)\b",
            r"\bya no trabaj[oa]\b|\bcontacten? (con|a) (mi|el|la)\b|\bdej[oóé] la empresa\b",
        ),
        "nl": (
            r"\b(verkeerde|niet de juiste) (persoon|contactpersoon|adres|afdeling)\b|\bverkeerd adres\b",
            r"\bniet (meer )?verantwoordelijk\b|\bwerkt? (hier )?niet (meer|langer)\b|\bniet meer werkzaam\b",
            r"\bcontact op(nemen)? met mijn\b|\bmijn opvolger\b",
        ),
        "it": (
            r"\b(persona|indirizzo) (sbagliat[oa]|errat[oa])\b|\bnon (sono|è) (più )?(la persona|il|la|l')"
            r" ?(responsabile|giusta|referente|contatto)\b",
            r"\bnon (sono|è) (più )?responsabile\b|\bnon lavora? più\b|\bsi rivolga (a|al|alla)\b",
        ),
    },
    Intent.NOT_NOW: {
        "en": (
            r"\bnot (right |just )?now\b",
            r"\bnot (interested )?(yet|today|at (this|the|present)|this (year|quarter|month))",
            r"\b(maybe|perhaps|possibly) (later|next|in|after)\b|\btoo (early|soon)\b|\bbad (time|timing|moment)\b",
            r"\bno (budget|time|capacity|plans|need)[^,;]{0,20}\b(now|this|until|before|currently|moment)\b",
            r"\bon hold\b|\bnot before\b",
            r"\b(come|check|circle|get|report) back( to (me|us))? (again|then|in|after|next|later|around|early|mid"
            r"|end)\b",
            r"\b(contact|write|ask|ping|remind|try|reach out)( to)?( me| us)? (again|in \w+|after|next|later)\b",
            r"\b(busy|swamped) (right now|until|till|at the moment)\b|\bpostpone",
        ),
        "de": (
            r"\b(nicht jetzt|jetzt nicht|noch nicht|derzeit (nicht|kein)|aktuell (nicht|kein)|im moment (nicht|kein))",
            r"\b(momentan|zurzeit|zur zeit|gerade|dieses jahr) (nicht|kein)|\bnicht vor\b|\bzu früh\b"
            r"|\b(vielleicht )?später (noch"
            r"|wieder|im|einmal)\b",
            r"\b(melden sie sich|(schreiben|kontaktieren) sie (mich|mir|uns))[^,;]{0,30}"
            r"\b(wieder|noch ?mal|erneut|im|in|nach|ab)\b(?!$)|\bmelden sie sich [^,;]{0,30}\bwieder$",
        ),
        "no": (
            r"\b(ikke (akkurat )?nå|nå ikke|ikke ennå|ikke i år|foreløpig ikke|ikke aktuelt (nå|ennå|i år))\b"
            r"|\bfor tidlig\b",
            r"\b(kanskje|heller) (senere|til|neste|etter|over)\b|\b(kom|ta) (gjerne )?(kontakt )?(tilbake|igjen)\b",
            r"\b(kontakt|skriv|hør|spør)( med)?( til)? (meg|oss)? ?(igjen|til|etter|over)\b",
            r"\bta (gjerne )?kontakt( med (meg|oss))? (igjen|etter|neste|senere|i \w+)\b",
        ),
        "sv": (
            r"\b(inte (just )?nu|inte än|inte i år|inte aktuellt)\b",
            r"\bför tidigt\b",
            r"\bkanske (senare|till|nästa|efter|i)\b",
            r"\b(återkom|hör av (dig|er)|kontakta (mig|oss))( gärna)? (igen|i|om|efter|nästa|senare"
            r"|till)\b(?! ?stället)",
        ),
        "fr": (
            r"\b(pas (maintenant|pour le moment|pour l'instant|tout de suite|encore|cette année))\b|\btrop tôt\b",
            r"\b(plus tard|recontactez|revenez vers|relancez)\b|\bpeut-être (en|dans|après|plus)\b",
        ),
        "es": (
            r"\b(ahora no|no ahora|por ahora no|de momento no|por el momento no|todavía no|este año no|no este año)\b",
            r"\b(más adelante|más tarde|demasiado pronto|contácteme de nuevo)\b",
            r"\bvuelvan? a (contactar|escribir|preguntar)",
        ),
        "nl": (
            r"\b(niet nu|nu (even )?niet|nog niet|(op dit moment|momenteel|dit jaar) (niet|geen))\b|\bte vroeg\b",
            r"\b(misschien|wellicht) (later|in|na|volgend\w*)\b|\bop een later moment\b",
            r"\b(neem|kom|mail|meld)\b[^,;]{0,30}\b(weer|opnieuw|terug|nog eens|later)\b",
        ),
        "it": (
            r"\bnon (ora|adesso|ancora|subito|quest'anno)\b|\bper (ora|adesso|il momento) no\b|\bal momento non?\b",
            r"\b(forse|magari) (più tardi|in|a|dopo|tra|fra)\b|\btroppo presto\b|\bpiù avanti\b",
            r"\b(ricontatt|risent|riscriv)\w*( \w+)? (a|in|tra|fra|dopo|più)\b",
        ),
    },
    Intent.NOT_INTERESTED: {
        "en": (
            r"\bnot (really |at all |currently )?interested\b|\bno (further )?interest\b(?! rate)",
            r"^no,? (thanks|thank you)\b|\bno need( for (us|me|this|it))?$|\b(we|i) (have|see) no (need|use)\b",
            r"\b(signed|gone|going|went|decided|chose|chosen)\b[^,;]{0,25}\b(competitors?|another (supplier|vendor"
            r"|provider|company|solution|product)|someone else|other (supplier|vendor|provider))\b",
            r"\bnot (relevant|for us|for me|what we need)\b",
        ),
        "de": (
            r"\bkein(en|e|erlei)? (weiteren? )?(bedarf|interesse|verwendung)\b|^nein,? (vielen )?dank",
            r"\bnicht (mehr )?(interessiert|interessant|relevant)\b",
            r"\b(für|bei|mit|von) (einen|einem|ihrem) (anderen|mitbewerber|wettbewerber)\b",
        ),
        "no": (
            r"\bikke (lenger )?(interessert|interessant|aktuelt|relevant)\b|\bingen interesse\b|^nei,? takk",
            r"\b(ikke|ingen|intet) (noe )?behov\b|\bvalgt (en )?(annen|konkurrent)",
        ),
        "sv": (
            r"\binte (längre )?(intresserade?|intresserat|intressant|aktuellt|relevant)\b|\bej intresse|^nej,? tack",
            r"\binget (intresse|behov)\b|\binte (något )?behov\b|\bvalt en annan\b",
        ),
        "fr": (
            r"\b(pas|plus) (du tout )?intéressée?s?\b|\bm'intéresse pas\b|^non,? merci",
            r"\b(pas|plus|aucun) (d')?(intérêt|besoin)\b|\b(choisi|signé avec) (un autre|un concurrent"
            r"|votre concurrent)",
        ),
        "es": (
            r"\bno (me|nos) interesan?\b|\bno (estoy|estamos) interesad[oa]s?\b|\bsin interés\b"
            r"|^no,? (muchas )?gracias",
            r"\bno (lo |la )?necesitamos\b|\b(elegido|firmado con) (a )?(otro|un competidor)",
        ),
        "nl": (
            r"\bniet (meer )?ge[iï]nteresseerd\b|\bgeen (interesse|behoefte|belangstelling)\b|^nee,? (dank|bedankt)",
            r"\bniet (meer )?(relevant|interessant)\b|\bvoor een ander(e)? (leverancier|partij)\b",
        ),
        "it": (
            r"\bnon (mi|ci) interessa(no)?\b|\bnon (sono|siamo) (più )?interessat[oaie]\b|^no,? grazie",
            r"\bnessun interesse\b|\bnon (ne )?(ho|abbiamo) bisogno\b",
        ),
    },
}
