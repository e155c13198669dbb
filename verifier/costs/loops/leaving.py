"""Whether a place in a loop runs once at most, because the loop is left right after it."""

from __future__ import annotations

import libcst as cst

from verifier.semantics.fields import descend
from verifier.semantics.model import Loop


def leaves(loop: Loop, statement: cst.CSTNode) -> bool:
    """Whether the block in which a statement of a loop stands ends by leaving the loop."""
    for node in descend(loop.node):
        if not isinstance(node, cst.IndentedBlock):
            continue
        lines = [each for each in node.body if isinstance(each, cst.SimpleStatementLine)]
        if any(small is statement for each in lines for small in each.body):
            last = node.body[-1]
            return isinstance(last, cst.SimpleStatementLine) and isinstance(
                last.body[-1], cst.Break | cst.Return | cst.Raise
            )
    return False
