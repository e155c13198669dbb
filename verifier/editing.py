"""Edits of a text: between spans and offsets, and from a text and its edits to the new text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from verifier.model import Edit, Span

_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A text and the offsets at which its lines begin, as Python counts them."""

    text: str
    starts: tuple[int, ...]

    def range(self, span: Span) -> tuple[int, int]:
        """The offsets of a span; raises ValueError when the text has no such place."""
        start, end = self._offset(span.line, span.column), self._offset(span.end_line, span.end_column)
        if end < start:
            raise ValueError(f"{span} ends before it begins")
        return start, end

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        first, last = bisect_right(self.starts, start), bisect_right(self.starts, end)
        return Span(first, start - self.starts[first - 1] + 1, last, end - self.starts[last - 1] + 1)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an offset begins."""
        return self.starts[bisect_right(self.starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset behind the line of an offset, its newline included."""
        line = bisect_right(self.starts, offset)
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def edit(self, start: int, end: int, text: str) -> Edit:
        """The edit that puts a text in place of what stands between two offsets."""
        return Edit(self.span(start, end), text)

    def _offset(self, line: int, column: int) -> int:
        if not 1 <= line <= len(self.starts):
            raise ValueError(f"there is no line {line}")
        offset = self.starts[line - 1] + column - 1
        if column < 1 or offset > (self.starts[line] if line < len(self.starts) else len(self.text)):
            raise ValueError(f"line {line} has no column {column}")
        return offset


def clash(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether edits at two ranges of offsets overlap, or are insertions at one place whose order would matter."""
    if one[0] == one[1] == other[0] == other[1]:
        return True
    return one[0] < other[1] and other[0] < one[1]


@lru_cache(maxsize=2)
def layout(text: str) -> Layout:
    """The layout of a text; kept, because each finding of a file asks for it."""
    return Layout(text, (0, *(match.end() for match in _NEWLINE.finditer(text))))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits, whose spans are those of the text before; raises ValueError where they overlap."""
    places = layout(text)
    parts: list[str] = []
    done = 0
    for start, end, new in sorted((*places.range(each.span), each.text) for each in edits):
        if start < done:
            raise ValueError(f"edits overlap at offset {start}")
        parts += (text[done:start], new)
        done = end
    return "".join((*parts, text[done:]))
