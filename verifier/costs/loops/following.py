"""Which functions of a file only work on their arguments, so that a call of one is work on the values handed to it."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from verifier.costs.frames.turn import works
from verifier.costs.frames.vectors import At, named
from verifier.costs.model import Costs
from verifier.semantics.model import ScopeKind

LAST = 10**9
"""An order number behind all of a file."""


def follower(costs: Costs) -> Callable[[str], bool]:
    """Tells of a function of the file, by its name, whether it only works on its arguments."""
    known: dict[str, bool] = {}

    def follow(name: str) -> bool:
        if name not in known:
            known[name] = False  # what calls itself does more
            known[name] = _pure(costs, name, follow)
        return known[name]

    return follow


def _pure(costs: Costs, name: str, follow: Callable[[str], bool]) -> bool:
    scopes = costs.functions.get(name, [])
    node = scopes[0].node if len(scopes) == 1 else None
    if not isinstance(node, cst.FunctionDef) or node.decorators or node.asynchronous or scopes[0].parent is None:
        return False
    if scopes[0].parent.kind is not ScopeKind.MODULE:
        return False
    at = At(costs, scopes[0], LAST, named(each.name.value for each in node.params.params), follow)
    return works(node.body.body, at, answers=True) is not None
