"""Where a node stands in the text, rendered statement by statement and only as far as somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider

from verifier.model import Span
from verifier.semantics.fields import descend
from verifier.source import python_tree

_NEAR = 3
"""Statements that are rendered one after the other rather than looked for: imports stand beside each other."""
_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


class Positions:
    """The spans of one tree's nodes.

    libcst finds positions by rendering, which costs more than parsing, so only the top-level statements that hold
    nodes asked for are rendered. On which line each begins is known from Python's own parser, where it takes the
    text; else those before it are rendered too.
    """

    __slots__ = ("_lines", "_offset", "_places", "_ranges", "_rendered", "_rest", "_statements", "_text", "_tree")

    def __init__(self, tree: cst.Module, text: str) -> None:
        self._tree, self._text = tree, text
        self._statements: Sequence[_Statement] = tree.body
        self._ranges: dict[cst.CSTNode, tuple[CodeRange, int]] = {}
        self._places: dict[int, int] = {}
        self._rest: Iterator[None] = self._look()
        self._lines: Sequence[int] | None = None
        self._offset = len(tree.header)
        self._rendered = 0

    def span(self, node: cst.CSTNode) -> Span:
        """The span of a node of this tree without its parentheses and white space; raises KeyError for a stranger."""
        if node not in self._ranges:
            place = self._place(node)
            if place is not None and place > self._rendered + _NEAR:
                self._render(place)
        while node not in self._ranges:
            if self._rendered == len(self._statements):
                raise KeyError(node)
            self._render_next()
        found, offset = self._ranges[node]
        return Span(found.start.line + offset, found.start.column + 1, found.end.line + offset, found.end.column + 1)

    def _place(self, node: cst.CSTNode) -> int | None:
        """Which top-level statement a node belongs to."""
        while id(node) not in self._places:
            if next(self._rest, self) is self:
                return None
        return self._places[id(node)]

    def _render(self, place: int) -> None:
        """Render one statement, unless it is not known on which line it begins."""
        if self._lines is None:
            self._lines = _lines(self._text, self._statements)
        if not self._lines:
            return
        statement = self._statements[place]
        ranges = _rendered(self._tree, statement)
        first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        offset = self._lines[place] - ranges[first].start.line
        self._ranges.update((each, (found, offset)) for each, found in ranges.items())

    def _look(self) -> Iterator[None]:
        """Learn which nodes belong to one statement after the other."""
        for place, statement in enumerate(self._statements):
            self._places.update((id(each), place) for each in descend(statement))
            yield

    def _render_next(self) -> None:
        ranges = _rendered(self._tree, self._statements[self._rendered])
        self._ranges.update((each, (found, self._offset)) for each, found in ranges.items())
        self._offset += max(found.end.line for found in ranges.values()) - 1
        self._rendered += 1


def _lines(text: str, statements: Sequence[_Statement]) -> list[int]:
    """The lines where top-level statements begin, behind their decorators; empty where Python parses them otherwise."""
    tree = python_tree(text)
    if tree is None:
        return []
    parsed = iter(tree.body)
    found: list[int] = []
    for each in statements:
        parts = [next(parsed, None) for _ in (each.body if isinstance(each, cst.SimpleStatementLine) else (each,))]
        if parts[0] is None or parts[-1] is None:
            return []
        found.append(parts[0].lineno)
    return found if next(parsed, None) is None else []


class _Provider(PositionProvider):
    """libcst's own positions, without the walk over all nodes that resolving metadata makes besides."""

    def of(self, part: cst.Module) -> Mapping[cst.CSTNode, CodeRange]:
        """The ranges of the nodes of a module."""
        self._gen_impl(part)
        return {node: found for node, found in self._computed.items() if isinstance(found, CodeRange)}


def _rendered(tree: cst.Module, statement: _Statement) -> Mapping[cst.CSTNode, CodeRange]:
    """The ranges of a statement's nodes, as if it stood alone."""
    return _Provider().of(tree.with_changes(header=[], body=[statement], footer=[]))
