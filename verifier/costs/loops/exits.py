"""Which statements stand in a block that ends by leaving: what such a block does, it does once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from verifier.costs.model import Repeat
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop

Exits = Mapping[int, str]
"""`break`, or `return` for whatever leaves the function, by the id of each statement in such a block."""


def leaving(statements: Sequence[cst.CSTNode]) -> cst.Break | cst.Return | cst.Raise | None:
    """The statement that leaves a loop or function at the end of a block of statements."""
    match statements[-1] if statements else None:
        case cst.SimpleStatementLine(body=[*_, cst.Break() | cst.Return() | cst.Raise() as last]):
            return last
        case _:
            return None


def exits(tree: cst.CSTNode) -> Exits:
    """The statements of all blocks of a tree that end by `break`, `return` or `raise`."""
    found: dict[int, str] = {}
    for node in descend(tree):
        last = leaving(node.body) if isinstance(node, cst.IndentedBlock) else None
        if last is None or not isinstance(node, cst.IndentedBlock):
            continue
        kind = "break" if isinstance(last, cst.Break) else "return"
        for each in node.body:
            smalls = each.body if isinstance(each, cst.SimpleStatementLine) else [each]
            found.update((id(small), kind) for small in smalls)
    return found


def left_after(loop: Loop, node: cst.CSTNode) -> bool:
    """Whether a part of a loop is in a block of its own that ends by leaving this loop."""
    return any(
        isinstance(block, cst.IndentedBlock)
        and block is not getattr(loop.node, "body", None)
        and leaving(block.body) is not None
        and any(each is node for each in descend(block))
        for block in descend(loop.node)
    )


def runs_once(known: Exits, statement: cst.CSTNode, loop: Loop | None, repeat: Repeat) -> bool:
    """Whether the loop that repeats a statement is left right after it."""
    while loop is not None and loop.kind == "comprehension":
        if loop is repeat.loop:
            return False  # it turns within the statement
        loop = loop.parent
    if loop is None or repeat.via is not None:
        return False
    kind = known.get(id(statement))
    return kind == "return" or (kind == "break" and repeat.loop is loop)
