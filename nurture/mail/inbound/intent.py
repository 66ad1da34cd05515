"""What a reply asks of us, by rules that can be read: patterns by language, and the longest-lasting wish wins.

A rule looks at one sentence at a time, in small letters; greetings, signatures and legal words are left out. A wish
with a "not" before it ("please don't call me") is none. The rules are short on purpose: what they do not understand
goes to a person, and so does what would opt somebody out for good but can be read in two ways.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nurture.mail.inbound.closing import before_signature
from nurture.mail.inbound.dates import date_in, day_in
from nurture.mail.inbound.optouts import BARE, EVENT, LIKELY, OF_MAILS
from nurture.mail.inbound.phrases import RULES, Intent


@dataclass(frozen=True, slots=True)
class Reading:
    """An intent, the words it was read from, and for "not now" the day to come back."""

    intent: Intent
    because: str
    on: date | None = None


#: how long "not now" lasts where no day is named, and who wants a call within so long wants it now (days)
LATER, SOON = 90, 14
#: as much of a reply is read; whoever wants something says so first
_MOST_TEXT = 3_000
#: in a reply of more letters a person looks at words that are only likely an opt-out, but for "stop" at its top
_SHORT, _TOP = 600, 100
#: mail programs break lines at 65 to 80 letters; a shorter one was ended by its writer
_BROKEN = 60
#: a line that says "stop" and nothing else is no longer
_LONGEST_BARE = 80

_Rules = Sequence[tuple[str, re.Pattern[str]]]


def _compiled(by_language: Mapping[str, tuple[str, ...]]) -> _Rules:
    return [(language, re.compile(one)) for language, patterns in by_language.items() for one in patterns]


_COMPILED = {intent: _compiled(by_language) for intent, by_language in RULES.items()}
_LIKELY = _compiled(LIKELY)
_BARE = {language: re.compile(pattern) for language, pattern in BARE.items()}
_EVENT, _OF_MAILS = re.compile(EVENT), re.compile(OF_MAILS)
#: around what a line says: "Hi Nora, stop", "please unsubscribe, thanks"
_GREETING = re.compile(
    r"(hi|hello|hey|dear|hei|hej|hallo|hoi|beste|geachte|guten tag|liebe[rs]?|bonjour|hola|ciao|buongiorno)\b"
    r"[^,!.:;]{0,30}[,!.:] *"
)
_POLITE = (
    r"(?:please|pls|thanks?|thank you|thx|bitte|danke|takk|vennligst|tack|snälla|merci|svp|s'il vous plaît|gracias"
    r"|por favor|grazie|per favore|bedankt|dank u|a\.?u\.?b\.?|alstublieft|graag|now|jetzt|sofort|nå|nu|hi|hello|hei"
    r"|hej)"
)
_BEFORE, _BEHIND = re.compile(rf"(?:{_POLITE}\b[ ,.!:-]*)+"), re.compile(rf"(?:[ ,.!:-]+{_POLITE})+[ .!]*$")
#: a "not" shortly before a wish, in the same clause, takes it back
_NEGATION = re.compile(
    r"\b(not|never|no need to|n't|don't|dont|kein\w*|nicht|nie|ikke|aldri|inte|aldrig|ne|n'|pas|no|nunca|niet|nooit"
    r"|non)\b"
)
#: or right behind it ("rufen Sie mich bitte nicht an")
_NEGATED = re.compile(r"( bitte| gerne?)? (nicht|ikke|inte|pas|niet)\b")
#: behind a call also "never again"; not "no more than once", "no later than", "plus tard"
_NEVER = re.compile(
    r"( bitte| gerne?)? ((nicht|nie|ikke|aldri|inte|aldrig|pas|niet|nooit|never|any ?more)\b|no more\b(?! than)"
    r"|plus(?=$|[,;:]| jamais))"
)
#: an opt-out begins anew here, whatever was said no to before: "it is not working so please unsubscribe me"
_ANEW = re.compile(
    r"(?<!do not )(?<!don't )(?<!dont )(?<!never )\b(please|pls|kindly|bitte|vennligst|venligst|snälla|svp|merci( de)?"
    r"|por favor|per favore|aub|alstublieft|(?<!not )(?<!nicht )so|then)\b"
)
#: what is refused is the opt-out itself, which stands behind "|": "no need to |unsubscribe from", "no interesa |darme"
_REFUSED = re.compile(
    r"\b(to|å|att|de|di|om) ?\||^ *\|(dar|\w+[aei]r(mi|ci)\b)|\b(zu|te)\b|\w{2,}zu(melden|tragen|bestellen)\b"
)
#: letters before an opt-out in which a refusal is looked for
_REACH = 100
_WINDOW = 25
#: "not interested in the small one, but ..." is no refusal
_BUT = re.compile(
    r"\b(but|aber|jedoch|men|mais|pero|maar|ma)\b"
    r"(?!,? (thanks|thank you|danke|takk|tack|merci|gracias|bedankt))"
)
_CLAUSE = re.compile(r"[,;:\u2013\u2014]|\s-\s")
#: what must be done before a day is wanted now
_DEADLINE = re.compile(
    r"\b(before|by|within|vor|bevor|bis|før|innen|innan|före|avant|d'ici|antes|voor|prima|because|since|weil|da"
    r"|fordi)\b"
)
#: not behind the point of "15. August"
_SENTENCE = re.compile(r"(?<=\D[.!?])\s+|\n+")


def read_intent(text: str, today: date, subject: str = "") -> Reading:
    """What the writer's own words ask for. `subject` counts where it is the writer's own (no "Re:")."""
    said = before_signature(text[:_MOST_TEXT])
    lines = [line for one in (subject, said) for line in lines_of(one)]
    sentences = [*sentences_of(subject), *sentences_of(said)]
    wishes = {intent: found for intent in _COMPILED if (found := _first(_COMPILED[intent], sentences, intent))}
    if found := wishes.get(Intent.STOP):
        return Reading(Intent.STOP, found.because)
    if likely := _bare(lines) or _first(_LIKELY, sentences, Intent.STOP):
        top = [*lines_of(subject), *lines_of(said[:_TOP].rpartition("\n")[0])]
        return _likely_stop(likely, wishes, len(said) <= _SHORT or _bare(top) is not None)
    if call := wishes.get(Intent.CALL_ME):
        return _call(call, sentences, today, put_off=Intent.NOT_NOW in wishes)
    for intent, found in wishes.items():
        return Reading(intent, found.because, _day(sentences, today) if intent is Intent.NOT_NOW else None)
    asked = any(one.endswith("?") for one in sentences)
    return Reading(Intent.QUESTION, "asks a question") if asked else Reading(Intent.OTHER, "no rule fits")


@dataclass(frozen=True, slots=True)
class _Found:
    """Words that fit a rule, and the clause they stand in."""

    words: str
    language: str
    clause: str = ""

    @property
    def because(self) -> str:
        return f'says "{self.words}" ({self.language})'


def _first(rules: _Rules, sentences: Sequence[str], intent: Intent) -> _Found | None:
    return next(_found(rules, sentences, intent), None)


def _found(rules: _Rules, sentences: Sequence[str], intent: Intent) -> Iterator[_Found]:
    for sentence in sentences:
        bare = sentence.strip(" .!?,;:-")
        for language, pattern in rules:
            for match in pattern.finditer(bare):
                if not (_is_negated(intent, bare, match) or _is_sign_off(intent, bare, language)):
                    yield _Found(match[0].strip(), language, _clause(bare, match.start(), match.end()))


def _is_negated(intent: Intent, sentence: str, match: re.Match[str]) -> bool:
    before, after = _CLAUSE.split(sentence[: match.start()])[-1], sentence[match.end() :]
    if intent is Intent.NOT_INTERESTED:
        return _BUT.search(after) is not None
    if intent is Intent.STOP:
        return bool(_NEGATED.match(after)) or _takes_back(before, match[0])
    return intent is Intent.CALL_ME and bool(_NEGATION.search(before[-_WINDOW:]) or _NEVER.match(after))


def _takes_back(before: str, wish: str) -> bool:
    """Whether a "not" before an opt-out is meant for it, and does not belong to "not interested" or to another wish."""
    anew = [found.end() for found in _ANEW.finditer(before + wish) if found.start() <= len(before)]
    before = before[max(anew, default=0) :]
    if not _NEGATION.search(before[-_WINDOW:]):
        return False
    return _NEGATION.search(_without_refusals(before[-_REACH:], wish)[-_WINDOW:]) is not None


def _without_refusals(before: str, wish: str) -> str:
    """The words before an opt-out with blanks for "not interested", unless it is the opt-out that is refused."""
    before = before.lstrip()
    for _, pattern in _COMPILED[Intent.NOT_INTERESTED]:
        for found in pattern.finditer(before):
            if not _REFUSED.search(f"{before[found.end() :]}|{wish}"):
                before = before[: found.start()] + " " * len(found[0]) + before[found.end() :]
    return before


def _is_sign_off(intent: Intent, sentence: str, language: str) -> bool:
    """Whether somebody only does not come to the webinar: "bitte melden Sie mich ab"."""
    return (
        intent is Intent.STOP and language != "en" and bool(_EVENT.search(sentence)) and not _OF_MAILS.search(sentence)
    )


def _clause(sentence: str, start: int, end: int) -> str:
    """The words between two commas that hold this place."""
    return _CLAUSE.split(sentence[:start])[-1] + sentence[start:end] + _CLAUSE.split(sentence[end:])[0]


def _bare(lines: Iterable[str]) -> _Found | None:
    """A line that says "stop" and nothing else."""
    for line in lines:
        word = _without_courtesy(line) if len(line) <= _LONGEST_BARE else ""
        for language, pattern in _BARE.items():
            if word and pattern.fullmatch(word):
                return _Found(word, language)
    return None


def _without_courtesy(line: str) -> str:
    line = _GREETING.sub("", line, count=1) if _GREETING.match(line) else line
    begins = _BEFORE.match(line)
    return _BEHIND.sub("", line[begins.end() :] if begins else line).strip(" .!?,;:-")


def _likely_stop(found: _Found, wishes: Mapping[Intent, _Found], is_plain: bool) -> Reading:
    """An opt-out where nothing speaks against it; otherwise a person decides, and the sequence stops."""
    if call := wishes.get(Intent.CALL_ME):
        return Reading(Intent.QUESTION, f'says "{found.words}", but also "{call.words}": a person decides')
    if not is_plain:
        return Reading(Intent.NOT_INTERESTED, f'says "{found.words}" among much else: a person decides')
    return Reading(Intent.STOP, found.because)


def _call(call: _Found, sentences: Sequence[str], today: date, *, put_off: bool) -> Reading:
    """A call is wanted now, unless it is for a day that is far, or a "not now" stands beside it and no day."""
    named = None if _DEADLINE.search(call.clause) else day_in(call.clause, today)
    if named and named > today + timedelta(days=SOON):
        return Reading(Intent.NOT_NOW, f"{call.because}, but on {named}", named)
    if put_off and not named:
        on = _day(sentences, today)
        return Reading(Intent.NOT_NOW, f"{call.because}, but not before {on}", on)
    return Reading(Intent.CALL_ME, call.because)


def _day(sentences: Sequence[str], today: date) -> date:
    """The day to come back: of the clause that says "not now", or of its sentence, or of one beside it."""
    rules = _COMPILED[Intent.NOT_NOW]
    clauses = [found.clause for found in _found(rules, sentences, Intent.NOT_NOW)]
    at = [n for n, one in enumerate(sentences) if _first(rules, [one], Intent.NOT_NOW)]
    beside = [sentences[n] for m in at for n in (m + 1, m - 1) if 0 <= n < len(sentences)]
    named = (date_in(words, today) for words in [*clauses, *(sentences[n] for n in at), *beside])
    return next((day for day in named if day), today + timedelta(days=LATER))


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text in small letters; of a long one those that come first."""
    for sentence in _SENTENCE.split(_unwrapped(_plain(text))):
        if words := " ".join(sentence.casefold().split()):
            yield words


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text as they were written, in small letters."""
    return (words for line in _plain(text).splitlines() if (words := " ".join(line.casefold().split())))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_MOST_TEXT]).replace("’", "'").replace("\u2010", "-")


def _unwrapped(text: str) -> str:
    """Lines that a mail program broke in the middle of a sentence, joined again."""
    return re.sub(rf"(?<=[^\n]{{{_BROKEN - 1}}}[\w,])\n(?=[\w(])", " ", text)
