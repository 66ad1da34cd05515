r"""The phrases by which people want no more mail: language -> patterns, in small letters, one sentence at a time.

An opt-out is for good, so a pattern names its object (mails, the list, "me" with the particle that turns a sign-up into
a sign-off), and "stop" alone counts only where it is all that a line says. Spaces in a pattern are single ones.
"""

from __future__ import annotations

from collections.abc import Mapping

#: what a whole line or sentence may say, without greetings, names and thanks around it
BARE: Mapping[str, str] = {
    "en": r"(stop|no more)( (all|these|this|those|your|the|it|any|e-?mails?|mails?|messages?|newsletters?|mailings?"
    r"|spam))*|unsubscribe( me| us)?( \S+@\S+)?|opt[- ]?out|remove( me| us)?|leave (me|us) alone",
    "de": r"stopp?|abmelden|abmeldung|abbestellen|austragen|(newsletter|e-?mails?) (abbestellen|abmelden)",
    "no": r"stopp?|avmeld(ing)?( meg)?|meld meg av|slutt( med dette)?|(af|fra)meld(ing)?( mig)?",
    "sv": r"stopp?|avregistrera( mig)?|avanmäl( mig)?|avsluta|sluta",
    "fr": r"stop|désabonnement|désinscription|(me |se )?(désabonner|désinscrire)",
    "es": r"stop|baja|alto|cancelar( suscripción)?|darse de baja",
    "nl": r"stop|uitschrijven|uitschrijving|afmelden|afmelding",
    "it": r"stop|disiscri(vimi|vermi|versi|vere|zione)|cancellazione|cancellami",
}

_EN = r"(e-?mails?|mails?|messages?|newsletters?|mailings?|marketing|communications?|spam)\b"
_DE = r"(e-?mails?|mails?|newsletter|werbung|nachrichten|werbe-?mails?|mailings?|informationen|infos)\b"
_NO = r"(e-?post\w*|mail(er|ene|s)?|e-?mails?|meldinger|nyhetsbrev\w*|reklame|henvendelser)\b"
_SV = r"(mejl\w*|mail\w*|e-?post|utskick\w*|nyhetsbrev\w*|meddelanden|reklam)\b"
_FR = r"(e-?mails?|mails?|courriels?|messages?|newsletters?|publicités?|sollicitations?)\b"
_ES = r"(correos?|e-?mails?|mails?|mensajes?|publicidad|newsletters?|bolet[ií]n\w*|información)\b"
_NL = r"(e-?mails?|mails?|mailtjes|berichten|nieuwsbrie\w+|reclame|post)\b"
_IT = r"(e-?mail|mail|messaggi\w*|newsletter|comunicazioni|pubblicità)\b"
_ME = r"(me|us|my (e-?mail|address|name|contact)[^,;]{0,20})"
_YOUR = r"(your|the|this|that|these|any|all|every|future|further)"
_MICH_AUS = (
    r"(mich|uns|meine \S+|unsere \S+) (\w+ ){0,2}(aus|von|vom) (\w+ ){0,3}\w*(verteiler|liste|datenbank|newsletter)"
)
#: signing off from one of these is no opt-out, unless mails are spoken of too (English says "unsubscribe")
EVENT = (
    r"\b(webinar\w*|demo\w*|termin\w*|seminar\w*|veranstaltung|messe|schulung|kurs\w*|møte\w*|möte\w*|réunion|formation"
    r"|reunión|curso|meeting|afspraak|cursus|incontro|corso)\b"
)
OF_MAILS = (
    rf"{_DE}|{_NO}|{_SV}|{_FR}|{_ES}|{_NL}|{_IT}|(verteiler|lis[te]\w*|lista|lijst|nyhetsbrev\w*|bas[ei]\w*|database)\b"
)
#: a particle closes the wish: "melden Sie mich bitte ab", not "ab Montag an"
_END = r"(?=$|,|\.| und\b| bitte\b| sofort\b| vo[nm]\b| van\b)"

#: nothing else can be meant: these count wherever they stand
SURE: Mapping[str, tuple[str, ...]] = {
    "en": (
        r"\bunsubscribe (me|us|my|from (this|your|these|the|all)|this (e-?mail|address))\b",
        r"\b(please|can i|could i|how (do|can) i|where (do|can) i|let me|trying to|tried to"
        r"|(want|like|wish|need) to) unsubscribe\b",
        rf"\b(take|get) {_ME} (off|out of|from) (of )?{_YOUR}( \S+){{0,3}} (lists?|database|distribution|{_EN})",
        rf"\b(remove|delete|drop|strike) {_ME} (off|from|out of) (of )?{_YOUR}( \S+){{0,3}} "
        rf"(lists?|database|distribution|records|crm|system|{_EN})",
        r"\bwant (off|out of) (your|this|the) (\w+ )?list\b|\bopt (me|us) out\b|\b(want|like|wish) to opt[- ]?out\b",
        r"(?<!do you )(?<!will you )(?<!did you )\b(delete|erase|remove) (all )?my (personal )?(data|details"
        r"|contact details|information)\b",
        r"\b(stop|cease|quit) (e-?mailing|mailing|contacting|spamming|bothering|messaging|writing( to)?) (me|us"
        r"|this)\b",
        r"\b(stop|cease|quit) sending( to)? (me|us)( (any|all|these|those|this|your|the|more|such|so many))* "
        rf"(these|this|it|them|anything|{_EN})",
        r"\b(do not|don't|dont|never) (e-?mail|message|mail|contact|write( to)?) (me|us) (again|any ?more|ever"
        r"|further)\b",
        r"\b(do not|don't|dont|no longer) (want|wish|like) to (receive|get|be sent)"
        rf"( (any|your|these|this|such|further|more|the|those|other))* ?(these|this|them|anything|{_EN})",
        r"\b(do not|don't|dont|no longer) (want|wish) to (hear from you|be (contacted|e-?mailed|mailed))\b"
        r"(?! (before|until|this|on|by))",
        rf"\b(do not|don't|dont|no longer) (want|wish)( (any|your|these|those|more|further))+ {_EN}",
    ),
    "de": (
        rf"\b(meld\w*|trag\w*|nehm\w*|nimm|streich\w*|entfern\w*|lösch\w*)( sie| ihr| du)? (mich|uns)\b"
        rf"[^,;]{{0,60}}(?<!nicht) (ab|aus){_END}",
        rf"\b(nehm\w*|nimm|streich\w*|lösch\w*|entfern\w*|trag\w*|meld\w*)\b[^,;]{{0,15}}\b{_MICH_AUS}",
        rf"\b{_MICH_AUS}\b[^,;]{{0,20}}\b(zu |nehmen|streichen|löschen|entfernen|austragen|abmelden|raus)",
        r"\baus (dem|ihrem|eurem|diesem) \w*verteiler\b[^,;]{0,20}\b(nehmen|löschen|entfernen|streichen|austragen"
        r"|raus)",
        r"\b(mich|uns) [^,;]{0,30}\b(ab(zu)?melden|aus(zu)?tragen)\b",
        r"\b(newsletter|e-?mails?|mailings?) ([^,;]{0,20} )?(abbestellen|abzubestellen)\b",
        r"\b(streichen|löschen|entfernen) sie (mich|uns)(?=$|,| bitte| und)",
        r"\blöschen sie (bitte )?(alle )?(meine|unsere) (daten|adresse|e-?mail\S*|kontaktdaten|angaben)",
        rf"\b(diese|ihre|eure) {_DE} (bitte )?nicht (mehr|länger|weiter)\b",
        rf"\b(möchten?|wollen|will|wünschen?) keine (weiteren? |mehr )?{_DE}( mehr| von ihnen)? "
        r"(bekommen|erhalten|empfangen)\b",
        r"\b(kontaktieren|schreiben|mailen|belästigen)( sie)? (mich|mir|uns) (bitte )?nicht (mehr|weiter|länger)\b",
        rf"\b(hören sie|hört|hör) (bitte |endlich )?auf\b[^;]{{0,25}}\b({_DE}|zu (mailen|schreiben)\b)",
        r"\b(senden|schicken|schreiben|mailen)( sie)? (mir|uns) (\w+ ){0,3}"
        rf"(nichts|nicht|keine (weiteren )?{_DE}) mehr\b",
    ),
    "no": (
        r"\bmelde? (meg|oss) (helt |bare )?av\b|\b(av|af|fra)melde? (meg|oss|mig|os)\b",
        r"\b(fjerne?|slette?|stryke?|ta) (meg|oss|mig|os)\b[^,;]{0,20}\b(fra|av) (\w+ ){0,2}"
        r"\w*(liste\w*|lista|register|database\w*|nyhetsbrev\w*|utsending\w*)\b",
        r"\b(slette?|fjerne?) (mine|våre|min|mitt) (data|opplysninger|personopplysninger|e-?post\w*|adresse\w*)\b",
        rf"\b(slutte?|stoppe?|lat vær|la være) (med )?(å |og )(sende|maile|kontakte|skrive|spamme)( til)? (meg|oss"
        rf"|{_NO})",
        rf"\b(vil|ønsker) ikke (lenger )?(å )?((ha|få|motta) )?((flere|mer|disse|slike|noen|noe|deres|denne) )*{_NO}",
        r"\bikke send (meg|oss) (noe )?(mer|flere)$",
    ),
    "sv": (
        r"\b(avregistrera|avanmäl|avprenumerera) (mig|oss|min)\b|\b(vill|önskar) avprenumerera\b"
        r"|\bavsluta (min )?prenumeration\w*",
        r"\bta bort (mig|oss|min (e-?post)?adress)( från| ur|$)",
        rf"\bsluta (att )?(skicka|maila|mejla|kontakta|skriva)( till)? (mig|oss|fler|era|de här|dessa|såna|{_SV})",
        rf"\b(vill|önskar) inte (längre )?(ha|få)( (fler|mer|era|några|dessa|de|här|sådana))* {_SV}",
        rf"\bskicka inte( mig| oss)?( (fler|mer|några|era|dessa))+ {_SV}",
    ),
    "fr": (
        r"\b(me|nous) (désabonner|désinscrire)\b|\b(désabonnez|désinscrivez)[- ](moi|nous|mon)\b",
        r"\b((me|nous) (retirer|supprimer|enlever|rayer)|(retirez|supprimez|enlevez|rayez)[- ](moi|nous))\b"
        rf"([^,;]{{0,30}}\b(listes?|fichiers?|base|diffusion|{_FR})|$)",
        r"\bsupprimez mes (données|coordonnées)\b",
        r"\bne (plus|souhait\w+ plus|veux plus|voulons plus|désir\w+ plus) "
        rf"((rien )?recevoir(( \S+){{0,3}} {_FR}|$)|être (contact|sollicit|démarch)\S+)",
        r"\bne plus (m'|me |nous )(écrire|envoyer|contacter|solliciter)",
        r"\bne (me |nous |m')(contactez|écrivez|envoyez) plus\b( rien| jamais|$|[^,;]{0,15}" + _FR + ")",
        r"\barrêtez (de |d')((m'|me |nous )(écrire|envoyer|contacter|spammer|harceler|solliciter)\b"
        rf"|(écrire|spammer|envoyer)(( \S+){{0,2}} {_FR}|$))",
    ),
    "es": (
        r"\b(dar(me|nos)|den?me|denos|dé(n)?me|darse) de baja\b|\bquiero la baja\b",
        rf"\bno (me |nos )?(env[ií]en?|escriban?|contacten?|manden?) más( {_ES}| nada|$| por favor)",
        rf"\bno (quiero|deseo|queremos|deseamos) (recibir )?((más|sus|estos|estas|ningún) )*{_ES}",
        r"\bno (quiero|deseo|queremos|deseamos) (recibir )?(más|nada más)$",
        r"\b(b[oó]rren?|elim[ií]nen?|qu[ií]ten?)(me|nos)( de (la|su|sus|las|tu) (\w+ )?(listas?|base)|$)",
        rf"\bdejen? de (enviar|escribir|mandar|contactar)((me|nos)\b| (\w+ )?{_ES})",
    ),
    "nl": (
        r"\b(schrijf|schrijft u) (me|mij|ons) ([\w.]+ ){0,2}(?<!niet )uit\b",
        rf"\bmeld (me|mij|ons) [^,;]{{0,20}}\b(?<!niet )af{_END}",
        r"\b(haal|haalt u|verwijder|schrap) (me|mij|ons|mijn \S+)\b[^,;]{0,25}\b(van|uit) (\w+ ){0,2}"
        r"\w*(lijst\w*|mailinglist|bestand|database|nieuwsbrief)\b",
        r"\b(me|mij|ons|wil|willen|graag) ([^,;]{0,20} )?(uitschrijven|uit te schrijven|afmelden"
        r"|af te melden)\b",
        rf"\bstop (alstublieft |aub |graag )?(met|het) (\w+ )?(mailen|e-?mailen|sturen|toesturen|{_NL})",
        rf"\bstuur (me|mij|ons) (\w+ )?(niets|niks|geen {_NL}) meer\b",
        rf"\b(wil|willen|wens|wensen) geen (\w+ )?{_NL}( meer)?( (ontvangen|krijgen))?$",
    ),
    "it": (
        r"\bdisiscriv(imi|etemi|ermi|erci|eteci)\b|\b(cancell(ami|atemi|armi|ateci)|rimuov(imi|etemi|ermi|eteci)"
        r"|tog(limi|lietemi)|eliminatemi)( (dalla|dalle|dal|da) (\w+ ){0,2}\w*(lista|liste|mailing|newsletter"
        r"|database)|$)",
        rf"\bnon (desider\w+|vogli\w+|intend\w+) (più )?ricevere (più )?(\S+ ){{0,3}}{_IT}",
        r"\bnon (desider\w+|vogli\w+) (più )?essere contattat[oaie]\b",
        r"\bnon (mi |ci )?(inviat\w*|mandat\w*|scriv\w+|contattat\w*) più\b",
        r"\bsmett(ete|etela|a|i) di (scriver|inviar|mandar|contattar)(mi|ci|e\b)",
    ),
}

#: they mean it in a short reply that asks for nothing else; otherwise a person decides
LIKELY: Mapping[str, tuple[str, ...]] = {
    "en": (
        r"^unsubscribe\b|\b(stop|cease) (e-?mailing|spamming|contacting)\b",
        rf"\bstop (sending )?((all|these|this|those|the|your|any|more) )+{_EN}",
        r"\b(do not|don't|dont|never) (e-?mail|message|mail|contact|write( to)?) (me|us)\b"
        r"(?! (before|until|on|at|about|via|by|through|for|with|in))",
        rf"\b(do not|don't|dont|never) send (me |us )?((any|these|more|further|such|your) )*(anything|stuff|{_EN})",
        rf"(^|\b(want|wish|please|send) ([^,;]{{0,15}} )?)no (more|further) {_EN}(?! (since|in|on|at|from (?!you)))",
        rf"\bopt(ing)?[- ]?out (of|from)\b[^,;]{{0,30}}\b(lists?|{_EN})",
        r"\b(did not|didn't|never) (sign|signed) up( for (this|these|your))?\b",
    ),
    "de": (
        rf"\b(ich|wir) (will|wollen|möchten?|wünschen?|brauchen?) keine (weiteren? )?{_DE}( mehr\b|$| bitte)",
        rf"\bbitte keine (weiteren? )?{_DE}|^keine weiteren? {_DE}|^keine {_DE}( mehr)?( bitte| von ihnen|$)",
        r"\bnicht (mehr|weiter) (anschreiben|kontaktieren|schreiben|anmailen|mailen)\b",
        rf"\bunterlassen sie\b[^;]{{0,40}}\b(zusendung|kontakt|{_DE})|\b(mich|uns) in ruhe\b",
    ),
    "no": (
        r"\bikke (kontakt|mail|skriv til|send) (meg|oss)( (mer|igjen|flere|lenger|noe))?$",
        rf"^(vennligst |takk,? )?ingen flere {_NO}|\bikke send( meg| oss)?( (flere|mer|disse|slike))+ {_NO}",
        r"\b(fjern|slett|stryk) (meg|oss)$|\bslutt med (dette|disse|å sende)\b",
    ),
    "sv": (rf"^(snälla |tack,? )?inga fler {_SV}", r"\b(kontakta|maila|mejla) (mig|oss) inte( igen| mer|$)"),
    "fr": (
        rf"^plus (de |d'){_FR}( svp| merci|$)|\b(laissez|fichez)[- ](moi|nous) (tranquille|la paix)\b",
        rf"\barrêtez (les|ces|vos|tous) {_FR}|\bne (me |nous |m')(contactez|écrivez) (plus|pas)\b",
    ),
    "es": (rf"^(por favor,? )?no más {_ES}|\bd[eé]je?n?(me|nos) en paz\b",),
    "nl": (
        rf"(^|\b(graag|aub|wil|willen|wens) )geen (verdere |nieuwe )?{_NL} meer\b|\blaat (me|mij|ons) met rust\b",
        r"\bniet (meer|langer) (mailen|contacteren|benaderen|schrijven)\b",
    ),
    "it": (rf"^(per favore,? )?(basta|niente più|non più) {_IT}",),
}
