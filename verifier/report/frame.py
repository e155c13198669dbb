"""The lines around a finding with a mark below its place, in the columns of a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from verifier.model import Span
from verifier.report.text import shown

_TAB = 4
_NARROWEST = 20
_WIDEST = 500
_REACH = 1000
"""Code points to each side of the span that are looked at: a line of a megabyte costs what a long one does."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a frame: the number of its line, or None below it for the mark, and its text."""

    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class _Cells:
    """A stretch of a line as a terminal shows it: a picture of each code point, where each starts and the last ends."""

    pictures: tuple[str, ...]
    starts: tuple[int, ...]
    cut_left: bool
    cut_right: bool

    @property
    def end(self) -> int:
        """The column after the last."""
        return self.starts[-1]


def frame(lines: Sequence[str], span: Span, width: int) -> list[Row]:
    """Return the span's first line, a mark below it, and a line before and after; nothing where there is no such line.

    No row is wider than `width` columns (at least 20): longer lines are cut around the span.
    """
    if not 0 < span.line <= len(lines):
        return []
    width = min(max(width, _NARROWEST), _WIDEST)
    first = max(span.column - 1 - _REACH, 0)
    cells = _cells(lines[span.line - 1], first)
    begin, end = _columns(cells, span, first)
    offset = _offset(cells, begin, end, width)
    rows = []
    for number in range(max(span.line - 1, 1), min(span.line + 1, len(lines)) + 1):
        if number != span.line:
            rows.append(Row(number, _window(_cells(lines[number - 1], first), offset, width)))
            continue
        rows.append(Row(number, _window(cells, offset, width)))
        length = max(min(end, offset + width) - begin, 1)
        rows.append(Row(None, " " * (begin - offset) + "^" * length))
    return rows


def _cells(line: str, first: int) -> _Cells:
    pictures: list[str] = []
    widths: list[int] = []
    column = 0
    for character in line[first : first + 2 * _REACH]:
        width = _TAB - column % _TAB if character == "\t" else _width(character)
        pictures.append(" " * width if character == "\t" else shown(character))
        widths.append(width)
        column += width
    starts = tuple(accumulate(widths, initial=0))
    return _Cells(tuple(pictures), starts, 0 < first < len(line), len(line) > first + 2 * _REACH)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} and shown(character) == character else 1


def _columns(cells: _Cells, span: Span, first: int) -> tuple[int, int]:
    """Return where the mark begins and ends: one column at least, to the line's end where the span goes on below."""
    last = len(cells.pictures)
    begin = cells.starts[min(max(span.column - 1 - first, 0), last)]
    until = span.end_column - 1 - first if span.end_line <= span.line else last
    return begin, max(cells.starts[min(max(until, 0), last)], begin + 1)


def _offset(cells: _Cells, begin: int, end: int, width: int) -> int:
    """Return how many columns to leave out on the left so that the beginning of the mark is in sight."""
    needed = max(cells.end, end)
    if needed <= width and not cells.cut_left:
        return 0
    margin = (width - min(end - begin, width // 2)) // 2
    return max(min(begin - margin, needed - width), 0)


def _window(cells: _Cells, offset: int, width: int) -> str:
    """Return the columns from `offset` on, `width` of them, with an ellipsis in place of the first and last if cut."""
    left = cells.cut_left or (offset > 0 and cells.end > 0)
    right = cells.cut_right or cells.end > offset + width
    low, high = offset + left, offset + width - right
    inside = [
        place for place, start in enumerate(cells.starts[:-1]) if low <= start and cells.starts[place + 1] <= high
    ]
    if not inside:
        return "…" if left or right else ""
    text = " " * (cells.starts[inside[0]] - low) + "".join(cells.pictures[place] for place in inside)
    gap = " " * (high - cells.starts[inside[-1] + 1])
    return ("…" * left + text + (gap + "…" if right else "")).rstrip()
