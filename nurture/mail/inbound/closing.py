r"""What a reply says before it is signed: signatures and legal words offer numbers and links to anybody who reads them.

Only what is read for its intent is cut so; people are shown all of it. Spaces in a pattern are any blanks.
"""

from __future__ import annotations

import re

#: a line by itself, or with a name behind it
_FORMULA = re.compile(
    r"((thanks|(vielen )?dank|takk|tack|merci|gracias|grazie) (and|und|og|och|et|y|e|&) )?"
    r"((mit )?(freundlichen?|besten?|herzlichen?|lieben?|vielen?|schönen?) grüssen?|mfg|grüsse|gruss|hochachtungsvoll"
    r"|(with )?(best|kind|kindest|warm) regards|regards|best wishes|(yours )?(sincerely|faithfully|truly)( yours)?"
    r"|(med )?(vennlig|venlig|beste?) hilsen|(vennlige|beste) hilsner|hilsen|mvh"
    r"|(med )?(vänliga?|bästa) hälsning(ar)?|hälsningar|vänligen"
    r"|(bien )?cordialement|bien à vous|cdlt|(meilleures|sincères) salutations"
    r"|(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|(met )?(vriendelijke|hartelijke) groet(en)?|groet(en"
    r"|jes)?|mvg"
    r"|hoogachtend|(un )?(cordiali?|distinti|cordiale) salut[io]|saluti|(ystävällisin )?terveisin|z poważaniem"
    r"|atenciosamente|cumprimentos)(\W+\w+){0,4}\W*"
)
#: less sure: the line behind it is still read, and only what follows a name is cut
_THANKS = re.compile(
    r"(many |best )?thanks( again| and regards)?,?|thank you,?|cheers,?|best,?|danke,?|vielen dank,?|takk,?|tack,?"
    r"|merci,?"
    r"|gracias,?|grazie,?|bedankt,?|lg,?|vg,?|vh,?|bg,?"
)
_NAME = re.compile(r"[A-ZÀ-Þ][\w.'-]*( [A-ZÀ-Þ][\w.'-]*){0,3}")
_PROGRAM = re.compile(
    r"(sent from (my|outlook|mail|yahoo|proton|samsung)|get outlook|gesendet (von|mit)|von meinem \w+ gesendet"
    r"|sendt fra|skickat från|envoyé (de|depuis)"
    r"|enviado desde|verzonden (vanaf|met)|inviato da)\b.{0,60}"
)
_PS = re.compile(r"^p\.? ?s\.?[ :.]", re.IGNORECASE | re.MULTILINE)
#: "if you are not the intended recipient", and how a company's mails are unsubscribed from
_LEGAL = re.compile(
    r"\b(if you|should you|falls sie|wenn sie|sollten sie|si vous|hvis du|dersom du|om du|si usted|si no es|indien u"
    r"|als u|se (lei )?non)\b[^.]{0,90}\b(recipient|addressee|in error|by mistake|empfänger|adressat|irrtümlich"
    r"|versehentlich|destinataire|par erreur|mottaker(en)?|ved en feil(tagelse)?|mottagaren?|av misstag|destinatari[oa]"
    r"|por error|per errore|geadresseerde|abusievelijk|per abuis)\b"
    r"|\b(if you|wenn sie|falls sie|si vous|hvis du|om du|als u|si)\b[^.]{0,60}\b(receive|erhalten|recevoir|motta"
    r"|ontvangen"
    r"|recibir)\b[^.]{0,90}\b(click|klicke?n?|cliquez|klikk|klik|haga clic)\b"
    r"|\bto (unsubscribe|opt[- ]?out)\b[^.]{0,60}\b(click|visit|follow|use (this|the) link|https?)\b"
    r"|^click here to (unsubscribe|opt[- ]?out)\b".replace(" ", r"\s+"),
    re.IGNORECASE | re.MULTILINE,
)


def before_signature(text: str) -> str:
    """The part of a person's words that may ask for something, with what stands in a postscript."""
    lines = _without_legal(text).split("\n")
    cut = next((n for n in range(len(lines)) if _ends(lines, n)), len(lines))
    postscript = _PS.search(rest) if (rest := "\n".join(lines[cut:])) else None
    return "\n".join(lines[:cut]) + ("\n\n" + rest[postscript.start() :] if postscript else "")


def _without_legal(text: str) -> str:
    """Legal words go on to the end of their paragraph."""
    kept = [paragraph[: found.start()] if (found := _LEGAL.search(paragraph)) else paragraph
            for paragraph in re.split(r"\n[ \t]*\n", text)]  # fmt: skip
    return "\n\n".join(kept)


def _ends(lines: list[str], n: int) -> bool:
    """Whether a signature begins at this line; above its formula something has been said."""
    line = lines[n].strip()
    if line == "--":
        return True
    small = line.casefold()
    if _PROGRAM.fullmatch(small):
        return True
    if not any(one.strip() for one in lines[:n]):
        return False
    return bool(_FORMULA.fullmatch(small)) or _follows_thanks(lines, n)


def _follows_thanks(lines: list[str], n: int) -> bool:
    """Whether above this line stand "Thanks," and a name."""
    above = [one.strip() for one in lines[max(n - 4, 0) : n] if one.strip()]
    return len(above) > 1 and bool(_THANKS.fullmatch(above[-2].casefold()) and _NAME.fullmatch(above[-1]))
