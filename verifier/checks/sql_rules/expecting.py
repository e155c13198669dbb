"""Calls that are meant to fail now and then: a table or column is asked for to see whether it is there."""

from __future__ import annotations

import re

import libcst as cst

from verifier.semantics.fields import descend
from verifier.semantics.model import BranchKind, Call

_REFUSED = re.compile(r"OperationalError|ProgrammingError|Undefined")


def expected(call: Call) -> bool:
    """Whether the code around a call takes it that the database refuses the statement."""
    branch = call.branch
    while branch is not None:
        if branch.kind is BranchKind.TRY and (isinstance(branch.node, cst.With) or _taken(branch.node)):
            return True
        branch = branch.parent
    return False


def _taken(node: cst.CSTNode) -> bool:
    """Whether a handler takes just the error of a statement that the database refuses, and does not raise."""
    if not isinstance(node, cst.Try):
        return False
    return any(
        each.type is not None
        and any(isinstance(part, cst.Name) and _REFUSED.search(part.value) for part in descend(each.type))
        and not any(isinstance(part, cst.Raise) for part in descend(each.body))
        for each in node.handlers
    )
