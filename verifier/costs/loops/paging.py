"""Loops that ask for one page after the other until there is none."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop

_GATHERING = ("extend", "append", "update", "add")


def pages(costs: Costs, loop: Loop) -> bool:
    """Whether a `while True` collects what each turn brings: it does not try again, and its input says how often."""
    match loop.node, loop.test:
        case cst.While(body=body), cst.Name(value="True"):
            pass
        case _:
            return False
    gathers = any(each.loop is loop for name in _GATHERING for each in costs.calls.get(name, ()))
    return gathers and not any(isinstance(each, cst.Try | cst.Continue) for each in descend(body))
