"""In which block each statement of a file stands, and which assignment has a subscript for its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from verifier.costs.loops.exits import leaving
from verifier.semantics.fields import descend


@dataclass(frozen=True, slots=True)
class Layout:
    """The statements of one file by identity: `lay_out` makes it in one walk."""

    blocks: dict[int, Sequence[cst.BaseStatement]] = field(default_factory=dict)
    """By the id of a compound statement, or of a small one that has its line for itself: the statements beside it."""
    lines: dict[int, cst.BaseStatement] = field(default_factory=dict)
    """By the same id: the statement of the block that it is."""
    stores: dict[int, cst.Assign] = field(default_factory=dict)
    """By the id of a subscript that an assignment sets."""


def lay_out(tree: cst.Module) -> Layout:
    """The layout of a file."""
    found = Layout()
    for node in descend(tree):
        if isinstance(node, cst.Module | cst.IndentedBlock):
            for each in node.body:
                simple = isinstance(each, cst.SimpleStatementLine)
                small = each.body[0] if isinstance(each, cst.SimpleStatementLine) and len(each.body) == 1 else each
                if small is not each or not simple:
                    found.blocks[id(small)] = node.body
                    found.lines[id(small)] = each
        elif isinstance(node, cst.Assign):
            found.stores.update((id(each.target), node) for each in node.targets)
    return found


def ends(layout: Layout, statement: cst.CSTNode) -> bool:
    """Whether the block in which a statement stands ends by leaving the loop, so that it runs once at most."""
    return leaving(layout.blocks.get(id(statement), ())) is not None
