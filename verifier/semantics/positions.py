"""Where a node stands in the text, rendered statement by statement and only as far as somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from verifier.model import Span


class Positions:
    """The spans of one tree's nodes.

    libcst finds positions by rendering, which costs more than parsing, so the top-level statements are rendered one
    after the other until the node asked for has been met. A reported import near the top costs next to nothing.
    """

    __slots__ = ("_offset", "_ranges", "_rest", "_tree")

    def __init__(self, tree: cst.Module) -> None:
        self._tree = tree
        self._ranges: dict[cst.CSTNode, tuple[CodeRange, int]] = {}
        self._offset = len(tree.header)
        self._rest = self._render()

    def span(self, node: cst.CSTNode) -> Span:
        """The span of a node of this tree without its parentheses and white space; raises KeyError for a stranger."""
        while node not in self._ranges:
            if next(self._rest, None) is None:
                raise KeyError(node)
        found, offset = self._ranges[node]
        return Span(found.start.line + offset, found.start.column + 1, found.end.line + offset, found.end.column + 1)

    def _render(self) -> Iterator[bool]:
        for statement in self._tree.body:
            part = self._tree.with_changes(header=[], body=[statement], footer=[])
            self._offset += self._read(part)
            yield True

    def _read(self, part: cst.Module) -> int:
        """Take over the positions of a part of the module; the number of lines it fills."""
        ranges = MetadataWrapper(part, unsafe_skip_copy=True).resolve(PositionProvider)
        for node, found in ranges.items():
            if isinstance(found, CodeRange):
                self._ranges[node] = (found, self._offset)
        whole = ranges[part]
        assert isinstance(whole, CodeRange)  # noqa: S101  # PositionProvider gives nothing else
        return whole.end.line - 1
