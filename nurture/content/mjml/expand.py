"""Layouts and snippets put together as text: what a lead is mailed costs nothing for being written in pieces.

`{% extends %}`, `{% block %}`, `{{ super() }}` and `{% include %}` mean what they mean in Jinja, but are carried out
when the files are read. Each piece of the result knows the file and the place it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError

from nurture.content.remedy import column_of
from nurture.core.suggest import did_you_mean

#: letters of a mail with its layout and snippets; the mails that come with nurture have some 8,000
MAX_SIZE = 200_000
_MAX_DEPTH = 20
_ENDS = {
    "variable_begin": "variable_end",
    "block_begin": "block_end",
    "comment_begin": "comment_end",
    "raw_begin": "raw_end",
}
_PAIRS = frozenset(("if", "for", "with", "filter", "macro", "call"))
_NOISE = frozenset(("whitespace", *_ENDS, *_ENDS.values()))
_JINJA = Environment(keep_trailing_newline=True, autoescape=True)


class Fault(Exception):
    """What is wrong in a file, where (line and column from 1), and the rule it breaks."""

    def __init__(self, file: str, line: int, column: int, message: str, rule: str) -> None:
        super().__init__(message)
        self.file, self.line, self.column, self.message, self.rule = file, line, column, message, rule


@dataclass(frozen=True, slots=True)
class Piece:
    """Text from one file, or one Jinja tag. `words` are what stands inside a tag, one by one."""

    text: str
    file: str
    line: int
    column: int
    words: tuple[str, ...] | None = None

    @property
    def is_tag(self) -> bool:
        """Whether Jinja reads this."""
        return self.words is not None

    def place(self, at: int) -> tuple[str, int, int]:
        """File, line and column of a letter of this piece."""
        lines = self.text.count("\n", 0, at)
        column = at - self.text.rfind("\n", 0, at) if lines else self.column + at
        return self.file, self.line + lines, column

    def fault(self, message: str, rule: str) -> Fault:
        """Something wrong with this piece."""
        return Fault(self.file, self.line, self.column, message, rule)


@dataclass(slots=True)
class _Block:
    name: str
    start: Piece
    inside: list[_Node] = field(default_factory=list)


_Node = Piece | _Block


@dataclass(slots=True)
class _File:
    """A file read on its own: what it builds on, what stands in it, and its blocks."""

    nodes: list[_Node]
    parent: Piece | None = None
    blocks: dict[str, _Block] = field(default_factory=dict)


def expand(file: str, files: Mapping[str, str]) -> list[Piece]:
    """The whole mail that `file` stands for, piece by piece. Raises Fault."""
    chain = [_read(file, files)]
    while chain[-1].parent:
        if len(chain) > _MAX_DEPTH:
            raise chain[0].parent.fault("this layout extends itself", "template")  # type: ignore[union-attr]
        chain.append(_read(_named(chain[-1].parent, files), files))
    for child, parents in ((chain[at], chain[at + 1 :]) for at in range(len(chain) - 1)):
        _only_blocks(child, {name for parent in parents for name in parent.blocks})
    pieces, size = [], 0
    for piece in _pieces(chain[-1].nodes, chain, files, 0):
        size += len(piece.text)
        if size > MAX_SIZE:
            raise piece.fault(f"the mail grows to more than {MAX_SIZE:,} letters here", "template")
        pieces.append(piece)
    if not "".join(piece.text for piece in pieces).strip():
        raise Fault(file, 1, 1, "the mail is empty: begin with <mjml>, or extend a layout", "mjml")
    return pieces


def unpaired(pieces: Iterable[Piece]) -> list[Fault]:
    """Jinja's tags that do not come in pairs: Jinja itself would notice it only at the end of the mail."""
    begun: list[tuple[str, Piece]] = []
    for piece in pieces:
        word = piece.words[0] if piece.words and piece.text.startswith("{%") else ""
        if word in _PAIRS:
            begun.append((word, piece))
        elif word.startswith("end"):
            if not begun or word != f"end{begun[-1][0]}":
                inside = f" before {{% end{begun[-1][0]} %}}" if begun else ""
                return [piece.fault(f"{{% {word} %}} stands here{inside} without its beginning", "template_syntax")]
            begun.pop()
    return [tag.fault(f"{{% {word} %}} has no {{% end{word} %}}", "template_syntax") for word, tag in begun[-1:]]


def _pieces(nodes: list[_Node], chain: list[_File], files: Mapping[str, str], depth: int) -> Iterator[Piece]:
    for node in nodes:
        if isinstance(node, _Block):
            versions = [found for one in chain if (found := one.blocks.get(node.name))] or [node]
            yield from _block(versions, chain, files, depth)
        elif node.words and node.words[0] == "include":
            yield from _included(node, files, depth)
        else:
            yield node


def _block(versions: list[_Block], chain: list[_File], files: Mapping[str, str], depth: int) -> Iterator[Piece]:
    """The block as the outermost file has it; `{{ super() }}` is what the next one has."""
    start = versions[0].start
    if depth > _MAX_DEPTH:
        raise start.fault(f"the block '{versions[0].name}' stands inside itself", "template")
    for node in versions[0].inside:
        if isinstance(node, Piece) and node.words == ("super", "(", ")"):
            if not versions[1:]:
                raise node.fault("there is no block of this name further down that super() could mean", "template")
            yield from _block(versions[1:], chain, files, depth + 1)
        else:
            yield from _pieces([node], chain, files, depth + 1)


def _included(tag: Piece, files: Mapping[str, str], depth: int) -> Iterator[Piece]:
    if depth > _MAX_DEPTH:
        raise tag.fault("this template includes itself, or is nested too deeply", "template")
    snippet = _read(_named(tag, files), files)
    if snippet.parent:
        raise snippet.parent.fault("a snippet that is included cannot extend a layout", "template")
    yield from _pieces(snippet.nodes, [snippet], files, depth + 1)


def _named(tag: Piece, files: Mapping[str, str]) -> str:
    """The file an `extends` or `include` names."""
    words = tag.words or ()
    if len(words) != 2 or words[1][0] not in "'\"":
        raise tag.fault(f'name one file in quotes: {{% {words[0]} "_layouts/mail.mjml" %}}', "template_syntax")
    name = words[1][1:-1]
    if name not in files:
        raise tag.fault(f"there is no template '{name}'{did_you_mean(name, files)}", "template")
    return name


def _only_blocks(child: _File, known: set[str]) -> None:
    """Jinja passes over what a child has outside of blocks, and over blocks that nobody asks for; we say so."""
    for node in child.nodes:
        if isinstance(node, _Block):
            if node.name not in known:
                guess = did_you_mean(node.name, known) or f"; it has: {', '.join(sorted(known))}"
                raise node.start.fault(f"the layout has no block '{node.name}'{guess}", "template")
        elif node.is_tag or node.text.strip():
            skipped = len(node.text) - len(node.text.lstrip())
            message = "this stands outside of the blocks of the layout and would not be shown: put it inside one"
            raise Fault(*node.place(skipped), message, "template")


def _read(file: str, files: Mapping[str, str]) -> _File:
    read = _File([])
    stack: list[_Block] = []
    for piece in _lexed(file, files[file]):
        inside = stack[-1].inside if stack else read.nodes
        keyword = piece.words[0] if piece.words else ""
        if keyword == "extends" and piece.text.startswith("{%"):
            if read.parent or stack:
                raise piece.fault("a mail extends one layout, in its first line", "template_syntax")
            read.parent = piece
        elif keyword == "block" and piece.text.startswith("{%"):
            block = _opened(piece, read)
            inside.append(block)
            stack.append(block)
        elif keyword == "endblock":
            if not stack:
                raise piece.fault("this ends a block that was not begun", "template_syntax")
            stack.pop()
        else:
            inside.append(piece)
    if stack:
        raise stack[-1].start.fault(f"the block '{stack[-1].name}' has no {{% endblock %}}", "template_syntax")
    return read


def _opened(tag: Piece, read: _File) -> _Block:
    name = (tag.words or ())[1:2]
    if not name:
        raise tag.fault("a block has a name: {% block content %}", "template_syntax")
    block = _Block(name[0], tag)
    if first := read.blocks.get(block.name):
        message = f"there are two blocks called '{block.name}', the first in line {first.start.line}"
        raise tag.fault(message, "template_syntax")
    read.blocks[block.name] = block
    return block


def _lexed(file: str, text: str) -> Iterator[Piece]:
    """A file as its texts and Jinja tags; comments are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = Piece(text, file, 1, 1)
    position, start, end = 0, 0, ""
    words: list[str] = []
    try:
        for _line, kind, value in _JINJA.lex(text):
            # Jinja leaves out the white space that '-' takes away: the next token is further on
            at = text.index(value, position)
            position = at + len(value)
            if not end and kind in _ENDS:
                start, end, words = at, _ENDS[kind], []
            elif not end:
                yield Piece(value, *whole.place(at))
            elif kind == end:
                if end != "comment_end":
                    yield Piece(text[start:position], *whole.place(start), tuple(words))
                end = ""
            elif kind not in _NOISE:
                words.append(value)
    except TemplateSyntaxError as error:
        message = f"this cannot be read: {error.message}"
        raise Fault(file, error.lineno, column_of(text, error.lineno, ""), message, "template_syntax") from error
    if end:
        raise Fault(*whole.place(start), "this tag is not closed", "template_syntax")
