"""From places in the text to the nodes of a tree."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.model import Span
from verifier.semantics.positions import Positions

_Place = tuple[int, int]


class Index:
    """The expressions and parameters of one tree by where they stand."""

    __slots__ = ("_by_span", "_lines", "_outer", "_params", "_places", "spans")

    def __init__(self, tree: cst.Module, positions: Positions, text: Sequence[str]) -> None:
        self.spans: dict[int, Span] = {}
        self._by_span: dict[tuple[_Place, _Place], list[cst.CSTNode]] = defaultdict(list)
        self._params: dict[_Place, cst.Param] = {}
        self._outer: dict[int, cst.CSTNode] = {}
        self._lines = text
        stack: list[tuple[cst.CSTNode, cst.BaseExpression | None]] = [(tree, None)]
        while stack:
            node, outer = stack.pop()
            inner = node if isinstance(node, cst.BaseExpression) else outer
            stack += [(child, inner) for child in node.children]
            if outer is not None:
                self._outer[id(node)] = outer
            if isinstance(node, cst.BaseExpression | cst.Param):
                span = positions.span(node)
                self.spans[id(node)] = span
                start, end = (span.line, span.column), (span.end_line, span.end_column)
                if isinstance(node, cst.Param):
                    self._params[start] = node
                else:
                    self._by_span[start, end].append(node)
        self._places = sorted(self._by_span, key=lambda each: (each[0], (-each[1][0], -each[1][1])))

    def at(self, span: Span) -> list[cst.CSTNode]:
        """The expressions, or the parameter, that a span covers; parentheses around it do not count."""
        start, end = (span.line, span.column), (span.end_line, span.end_column)
        if start in self._params:
            return [self._params[start]]
        while start < end:
            if (start, end) in self._by_span:
                return self._by_span[start, end]
            shrunk = self._shrunk(start, end)
            if shrunk is None:
                break
            start, end = shrunk
        return list(self._inside(start, end))

    def around(self, span: Span) -> Iterator[cst.CSTNode]:
        """The expressions that contain a span, each once, in no order."""
        start, end = (span.line, span.column), (span.end_line, span.end_column)
        met: dict[int, cst.CSTNode] = {}
        for each in self.at(span):
            node: cst.CSTNode | None = each
            while node is not None and id(node) not in met:
                met[id(node)] = node
                node = self._outer.get(id(node))
        for node in met.values():
            held = self.spans[id(node)]
            if (held.line, held.column) <= start and end <= (held.end_line, held.end_column):
                yield node

    def _shrunk(self, start: _Place, end: _Place) -> tuple[_Place, _Place] | None:
        """Without a parenthesis or white space at either end."""
        line, column = start
        text = self._lines[line - 1]
        if column > len(text):
            return (line + 1, 1), end
        if text[column - 1] in "( \t\\":
            return (line, column + 1), end
        line, column = end
        if column == 1:
            return start, (line - 1, len(self._lines[line - 2]) + 1)
        if self._lines[line - 1][column - 2] in ") \t\\,":
            return start, (line, column - 1)
        return None

    def _inside(self, start: _Place, end: _Place) -> Iterator[cst.CSTNode]:
        """The largest expressions within a place that is none itself, such as a whole statement."""
        last = start
        for begin, finish in self._places[bisect_left(self._places, start, key=lambda each: each[0]) :]:
            if begin >= end:
                break
            if begin >= last and finish <= end:
                yield from self._by_span[begin, finish]
                last = finish
