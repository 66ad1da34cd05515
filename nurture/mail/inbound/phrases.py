"""The phrases that replies are read by: intent -> language -> patterns, in small letters, one sentence at a time."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Intent(StrEnum):
    """What a person wants, the longest-lasting wish first; also the name that `replied('...')` asks for."""

    STOP = "stop"
    CALL_ME = "call-me"
    WRONG_PERSON = "wrong-person"
    NOT_NOW = "not-now"
    QUESTION = "question"
    #: none of these: thanks, news, small talk, and what the rules do not understand
    OTHER = "other"


RULES: Mapping[Intent, Mapping[str, tuple[str, ...]]] = {
    Intent.STOP: {
        "en": (
            r"^(please )?(stop|unsubscribe|opt[- ]?out|remove|remove me)( please| me| now)?$",
            r"\bunsubscribe (me|us|this|my)\b|\b(please|to|want to|can i) unsubscribe\b",
            r"\b(take|get|remove|delete) (me|us|my (e-?mail|address|name)[^,;]{0,15}) (off|from)\b|\bremove (me|us)\b",
            r"\bopt(ing)? (me |us )?out\b|\bdelete my (data|details|address)\b",
            r"\bstop (sending|e?-?mailing|contacting|writing|spamming|bothering|these|this|with th|all)",
            r"\b(do not|don't|never) (e?-?mail|contact|write|send)( to)? (me|us|any)\b",
            r"\bno (more|further) (e-?mails?|mails?|messages?|newsletters?)\b",
            r"\b(do not|don't|no longer) (want|wish) (to (receive|get|hear)|any|your|these)\b",
        ),
        "de": (
            r"^(bitte )?(stopp?|abmelden|abbestellen|austragen)( bitte)?$",
            r"\b(mich|uns|newsletter|e-?mails?) [^,;]{0,30}\b(ab(zu)?melden|abbestellen|aus(zu)?tragen)\b",
            r"\b(melden|tragen|nehmen|streichen|entfernen|löschen) sie (mich|uns|meine|unsere)\b",
            r"\bkeine (weiteren |mehr )?(e-?mails?|mails?|newsletter|werbung|nachrichten|werbemails)( mehr)?\b",
            r"\bnicht (mehr|weiter) (anschreiben|kontaktieren|schreiben|anmailen)\b|\baus (ihrem|dem) verteiler\b",
        ),
        "no": (
            r"^(vennligst )?(stopp?|avmeld|meld meg av|slutt)( takk)?$",
            r"\bmelde? (meg|oss) av\b|\bavmelde? (meg|oss)\b|\b(fjerne?|slette?) (meg|oss)\b",
            r"\bslutt (å|med å) (sende|maile|kontakte|skrive)\b|\bikke (send|kontakt|skriv til|mail) (meg|oss|flere)\b",
            r"\bta (meg|oss) (av|bort fra|ut av) (listen|lista|listene)\b|\bingen flere (mailer?|e-?poster?)\b",
            r"\b(vil|ønsker) ikke (å )?(ha|få|motta)? ?(flere|mer)\b",
        ),
        "sv": (
            r"^(snälla )?(stopp?|avregistrera|avsluta|sluta)( tack)?$",
            r"\bavregistrera (mig|oss)\b|\bavprenumerera\b|\bta bort (mig|oss|min)\b",
            r"\bsluta (att )?(skicka|maila|mejla|kontakta)\b|\binga fler (mejl|mail|utskick)\b",
            r"\bskicka inte\b|\b(vill|önskar) inte (längre )?(ha|få) (fler|mer|era)\b",
        ),
        "fr": (
            r"^(stop|désabonnement|désinscription)( svp| merci)?$",
            r"\b(me|nous) (désabonner|désinscrire|retirer|supprimer)\b",
            r"\b(désabonnez|désinscrivez|retirez|supprimez)[- ]",
            r"\bne (plus|souhaite plus|veux plus|désire plus) (rien )?recevoir\b",
            r"\bplus de (mails?|e-?mails?|courriels?)\b",
            r"\barrêtez (de|d')|\bne (me|nous|m') ?(contactez|écrivez|envoyez) plus\b",
        ),
        "es": (
            r"^(stop|baja|alto|cancelar)( por favor)?$",
            r"\b(dar(me|nos)|den?me|denos|denme|dé(n)?me|darse) de baja\b|\bquiero la baja\b",
            r"\bno (me |nos )?(env[ií]en?|escriban?|contacten?|manden?) más\b|\bno (quiero|deseo) (recibir|más)\b",
            r"\b(borren?|eliminen?|quiten?|borre|elimine|quite)(me|nos)\b",
            r"\bdejen? de (enviar|escribir|mandar|contactar)",
        ),
    },
    Intent.CALL_ME: {
        "en": (
            r"\b(call|phone|ring) (me|us)\b|\bgive (me|us) a (call|ring|buzz)\b|\bcall back\b",
            r"\b(book|schedule|arrange|set up|have|do|hop on|request|like|want|love) (a|an) (\w+ ){0,2}"
            r"(call|meeting|demo|demonstration|quote|offer|chat)\b",
            r"\blet's (talk|meet|have a|set up|schedule|book)\b|\b(send|make|give) (me|us) (a|an|your) (\w+ )?"
            r"(quote|quotation|offer|proposal)\b",
            r"\b(speak|talk) (to|with) (someone|somebody|a person|sales|one of you)\b",
            r"\b(reach|ring) me (at|on) \+?[\d(]",
            r"\bmy (phone |mobile |direct )?number is\b|\bwhen (can|could) (we|you) (talk|meet|call)\b",
        ),
        "de": (
            r"\bruf(en|t|e)? (sie |ihr )?(mich|uns)\b|\brückruf\b|\bzurückrufen\b|\bmich [^,;]{0,30}\banrufen\b",
            r"\b(termin|gespräch|demo|vorführung|telefonat)\b[^,;]{0,30}\b(vereinbaren|ausmachen|führen|bekommen|haben)\b",
            r"\b(schicken|senden|machen|erstellen) sie [^,;]{0,30}\bangebot\b",
            r"\bbitte um (ein|einen|ihr) (angebot|anruf)",
            r"\b(sie erreichen mich|erreichen sie mich|bin erreichbar)\b",
        ),
        "no": (
            r"\bringe? (gjerne )?(meg|oss|til meg)\b|\bkan (du|dere|noen) ringe\b|\bslå på tråden\b|\bta en prat\b",
            r"\b(avtale|booke|ta|ha|sette opp) (et |en )?(\w+ )?(møte|demo|samtale)\b|\b(se|ha|få|bestille) en demo\b",
            r"\bsend (meg|oss) (et |en )?(tilbud|pris)\b|\bgi (meg|oss) (et tilbud|en lyd)\b",
        ),
        "sv": (
            r"\bringa? (gärna )?(mig|oss|upp mig)\b|\bkan (du|ni|någon) ringa\b|\bslå en signal\b|\bta ett samtal\b",
            r"\b(boka|ha|ta|få) (in )?(ett|en) (\w+ )?(möte|demo|samtal)\b|\bskicka (mig |oss )?(en )?offert\b",
        ),
        "fr": (
            r"\b(r?appelez|téléphonez)[- ](moi|nous)\b|\b(me|nous|m') ?r?appeler\b",
            r"\b(prendre|fixer|convenir|planifier)[^,;]{0,15}\b(rendez[- ]vous|rdv|appel|démo)",
            r"\b(voudrais|voudrions|aimerais|souhaite) [^,;]{0,20}\b(démo|démonstration|devis|rendez[- ]vous)\b",
            r"\benvoyez[- ](moi|nous) [^,;]{0,10}\b(devis|offre)\b",
        ),
        "es": (
            r"\bll[aá]m(e|en|a|ad)(me|nos)\b",
            r"\b(puede|pueden|puedes|podr[ií]an?) llamar(me|nos)\b",
            r"\bme (puede|pueden) llamar",
            r"\b(agendar|concertar|programar|tener|quiero|quisiera) (una? )?(\w+ )?(llamada|reunión|demo|cita)\b",
            r"\b(env[ií]en?|m[aá]nden?)(me|nos) [^,;]{0,10}\b(presupuesto|cotización|oferta)\b",
        ),
    },
    Intent.WRONG_PERSON: {
        "en": (
            r"\b(wrong|not the (right|correct)) (person|contact|address|department|one)\b",
            r"\bnot my (area|department|job)\b",
            r"\b(am|i'm) not (responsible for|in charge of|the one)\b|\bno longer (work|employed|with|at|part of)\b",
            r"\b(left|leaving) the company\b",
            r"\b(has|have) (left|retired)\b",
            r"\byou (should|need to) (contact|talk to|ask)\b",
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
            r"\bta (heller )?kontakt med\b",
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
    },
    Intent.NOT_NOW: {
        "en": (
            r"\bnot (right |just )?now\b",
            r"\bnot (interested )?(yet|today|at (this|the|present)|this (year|quarter|month))",
            r"\b(maybe|perhaps|possibly) (later|next|in|after)\b|\btoo (early|soon)\b|\bbad (time|timing|moment)\b",
            r"\bno (budget|time|capacity|plans|need)[^,;]{0,20}\b(now|this|until|before|currently|moment)\b",
            r"\bon hold\b",
            r"\b(come|check|circle|get|report) back\b|\b(contact|write|ask|ping|remind|try|reach out)( to)?( me| us)? "
            r"(again|in \w+|after|next|later)\b",
            r"\b(busy|swamped) (right now|until|till|at the moment)\b|\bpostpone",
        ),
        "de": (
            r"\b(nicht jetzt|jetzt nicht|noch nicht|derzeit (nicht|kein)|aktuell (nicht|kein)|im moment (nicht|kein))",
            r"\b(momentan|zurzeit|zur zeit) (nicht|kein)|\bzu früh\b|\b(vielleicht )?später (noch|wieder|im|einmal)\b",
            r"\b(melden|schreiben|kontaktieren) sie (sich|mich|mir|uns)[^,;]{0,30}"
            r"\b(wieder|noch ?mal|erneut|im|in|nach|ab)\b",
        ),
        "no": (
            r"\b(ikke (akkurat )?nå|ikke ennå|ikke i år|foreløpig ikke|ikke aktuelt (nå|ennå|i år))\b|\bfor tidlig\b",
            r"\b(kanskje|heller) (senere|til|neste|etter|over)\b|\b(kom|ta) (gjerne )?(kontakt )?(tilbake|igjen)\b",
            r"\b(kontakt|skriv|hør|spør)( med)?( til)? (meg|oss)? ?(igjen|til|etter|over)\b",
        ),
        "sv": (
            r"\b(inte (just )?nu|inte än|inte i år|inte aktuellt)\b",
            r"\bför tidigt\b",
            r"\bkanske (senare|till|nästa|efter|i)\b",
            r"\b(återkom|hör av (dig|er)|kontakta (mig|oss) igen|hör av er igen)\b",
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
    },
}
