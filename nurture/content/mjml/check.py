"""A whole mail in MJML looked at before `mrml` sees it: is it well-formed, and does it use words that exist?

`mrml` names no line, passes unknown words on to the reader, and ends the whole process on a thousand nested elements.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from xml.parsers import expat

from nurture.content.mjml.expand import Fault, Piece
from nurture.content.mjml.words import ATTRIBUTES, CHILDREN, CONTAINERS, HOLD_HTML, HOLD_WORDS, MEASURES
from nurture.content.source import MAX_PROBLEMS
from nurture.core.suggest import did_you_mean

#: elements inside each other; mails that come with nurture have some ten
MAX_DEPTH = 60
#: stands for each letter of a Jinja tag while XML is read
_FILL = "\x7f"
_NOT_FOR_XML = re.compile(r"[^\x00-\x7e]|&")
#: elements of HTML that are not closed
_VOID = re.compile(
    r"<(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b(?:[^<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,2000}?(/?)>"
)
_BEGINS = 'a mail begins with {% extends "_layouts/mail.mjml" %} and stands in its blocks, or begins with <mjml>'


class Check:
    """One pass over a mail.

    `faults` is what is wrong; `around` says what element each Jinja tag stands in, by its number among the pieces;
    tags inside attributes and comments are not in it.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.faults: list[Fault] = []
        self.around: dict[int, str] = {}
        self._starts = [0, *accumulate(len(piece.text) for piece in pieces)]
        self._open: list[tuple[str, int]] = []
        self._classes: set[str] = set()
        self._used: dict[str, int] = {}
        try:
            self._read()
            self._classes_exist()
        except Fault as fault:
            self.faults.append(fault)

    def _read(self) -> None:
        whole = self._whole = "".join(_shape(piece) for piece in self.pieces)
        void = [match.start(1) for match in _VOID.finditer(whole) if not match[1]]
        self._added = [at + number for number, at in enumerate(void)]
        parser = expat.ParserCreate("us-ascii")
        parser.StartElementHandler = lambda name, attributes: self._start(name, attributes, parser.CurrentByteIndex)
        parser.EndElementHandler = lambda _name: self._open.pop()
        parser.CharacterDataHandler = lambda text: self._text(text, parser.CurrentByteIndex)
        parser.StartDoctypeDeclHandler = lambda *_: self._refused(self._whole.index("<!"), "a <!DOCTYPE>")
        parser.ProcessingInstructionHandler = lambda *_: self._refused(self._at(parser.CurrentByteIndex), "<? ... ?>")
        try:
            parser.Parse(_VOID.sub(lambda match: match[0] if match[1] else f"{match[0][:-1]}/>", whole).encode(), True)
        except expat.ExpatError as error:
            self._broken(error.code, min(self._at(parser.ErrorByteIndex), len(whole) - 1))

    def _classes_exist(self) -> None:
        for name, at in self._used.items():
            if name not in self._classes:
                guess = did_you_mean(name, self._classes)
                self._fault(at, f"there is no mj-class '{name}' in <mj-attributes>{guess}", "mjml_attribute")

    def _start(self, name: str, attributes: dict[str, str], index: int) -> None:
        at, parent = self._at(index), self._open[-1][0] if self._open else ""
        if len(self._open) >= MAX_DEPTH:
            raise self._made(at, f"this is nested more than {MAX_DEPTH} levels deep", "mjml")
        if fault := _misplaced(name, parent, inside_html=any(one in HOLD_HTML for one, _at in self._open)):
            self._fault(at, fault, "mjml_element")
        else:
            self._attributes(name, parent, attributes, at)
        self._open.append((name, at))

    def _attributes(self, name: str, parent: str, attributes: dict[str, str], at: int) -> None:
        if name == "mj-class" and "name" in attributes:
            self._classes.add(attributes["name"])
        if parent != "mj-attributes":
            for one in attributes.get("mj-class", "").split():
                self._used.setdefault(one, at)
        known = ATTRIBUTES.get(name)
        for attribute, value in attributes.items():
            if known is not None and attribute not in known:
                likely = {"css-class"} if attribute == "class" else known
                guess = did_you_mean(attribute, likely) or f"; it takes: {', '.join(sorted(known))}"
                self._fault(at, f"<{name}> takes no attribute '{attribute}'{guess}", "mjml_attribute")
            elif known is not None and _FILL in value and attribute in MEASURES:
                message = f"'{attribute}' is reckoned with before there is a lead: write a number"
                self._fault(at, message, "mjml_attribute")

    def _text(self, text: str, index: int) -> None:
        parent = self._open[-1][0]
        at = self._at(index)
        if _FILL in text:
            first = bisect_right(self._starts, at) - 1
            last = bisect_right(self._starts, at + len(text) - 1) - 1
            for number in range(first, last + 1):
                if self.pieces[number].is_tag:
                    self.around[number] = parent
                    self._tag(number, parent)
        words = text.replace(_FILL, "").strip()
        if words and parent in CHILDREN:
            at += len(text) - len(text.lstrip())
            self._fault(at, f"text stands in <mj-text>, not in <{parent}>", "mjml_element")

    def _tag(self, number: int, parent: str) -> None:
        if parent in CHILDREN and parent not in CONTAINERS:
            self._fault(self._starts[number], f"no Jinja can stand here, in <{parent}>", "mjml")

    def _refused(self, at: int, what: str) -> None:
        raise self._made(at, f"{what} is not used here: remove it", "mjml")

    def _broken(self, code: int, at: int) -> None:
        """A fault of XML: of tags that are not closed the beginning is shown, of the rest where it was noticed."""
        words = expat.errors.messages[code]
        if words in _UNCLOSED and self._open:
            name, opened = self._open[-1]
            self._fault(opened, f"<{name}> is not closed{self._before(at, opened)}", "mjml")
        elif words == expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE:
            self._fault(at, "this attribute stands here twice", "mjml")
        elif not self._open:
            self._fault(at, "a mail begins with <mjml> and ends with </mjml>: put this inside", "mjml")
        else:
            hint = "write attributes as name=\"value\", and &lt; for a '<' of the text"
            self._fault(at, f"this cannot be read ({words}): {hint}", "mjml")

    def _before(self, at: int, opened: int) -> str:
        """The closing tag before which a tag should have been closed."""
        match = re.compile(r"\s*(/?[\w-]+)\s*>").match(self._whole, at)
        if not match:
            return ""
        file, line, _column = self._place(at)
        where = "" if file == self._place(opened)[0] else f" of {file}"
        return f" before </{match[1].removeprefix('/')}> in line {line}{where}"

    def _at(self, index: int) -> int:
        """From a place in what expat reads to a place in the mail."""
        return index - bisect_left(self._added, index)

    def _place(self, at: int) -> tuple[str, int, int]:
        number = min(bisect_right(self._starts, at) - 1, len(self.pieces) - 1)
        return self.pieces[number].place(at - self._starts[number])

    def _made(self, at: int, message: str, rule: str) -> Fault:
        return Fault(*self._place(at), message, rule)

    def _fault(self, at: int, message: str, rule: str) -> None:
        fault = self._made(at, message, rule)
        if len(self.faults) + 1 == MAX_PROBLEMS:
            raise fault
        self.faults.append(fault)


_UNCLOSED = frozenset((expat.errors.XML_ERROR_TAG_MISMATCH, expat.errors.XML_ERROR_NO_ELEMENTS))


def _misplaced(name: str, parent: str, *, inside_html: bool) -> str:
    """What is wrong with an element here; empty if nothing is."""
    if name == "mj-include":
        return '<mj-include> is not used here: write {% include "_snippets/signature.mjml" %}'
    if name.lower() == "script":
        return "mails run no scripts: mail programs throw such mails away"
    if name.startswith("mj") and name not in ATTRIBUTES:
        return f"there is no element <{name}>{did_you_mean(name, ATTRIBUTES)}"
    if name.startswith("mj"):
        return _misplaced_mjml(name, parent, inside_html=inside_html)
    if parent in HOLD_WORDS:
        return f"<{parent}> holds no HTML: write plain words, and &lt; for a '<'"
    if parent in CHILDREN:
        return f"HTML stands in <mj-text> or <mj-raw>, not in <{parent}>" if parent else _BEGINS
    return ""


def _misplaced_mjml(name: str, parent: str, *, inside_html: bool) -> str:
    if inside_html:
        return f"<{name}> cannot stand inside the HTML of <{parent}>: close that first"
    if name in CHILDREN.get(parent, ()):
        return ""
    if not parent:
        return _BEGINS
    places = [f"<{one}>" for one, children in CHILDREN.items() if one and name in children and one != "mj-attributes"]
    return f"<{name}> stands in {' or '.join(places)}, not in <{parent}>" if places else "<mjml> is the whole mail"


def _shape(piece: Piece) -> str:
    """As long as the piece, line by line, and ASCII: only what XML is about."""
    if piece.is_tag:
        return "".join("\n" if letter == "\n" else _FILL for letter in piece.text)
    return _NOT_FOR_XML.sub("x", piece.text)
