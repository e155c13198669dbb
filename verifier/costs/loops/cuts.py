"""Slices whose ends move with the loops around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.costs.extents import turns
from verifier.costs.loops.whiles import halves
from verifier.costs.model import Costs
from verifier.costs.repeats import around
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop, Scope, Use


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice of a name or attribute, with the loops whose turns move its ends."""

    node: cst.Subscript
    base: cst.BaseExpression
    use: Use
    lower: tuple[Loop, ...]
    upper: tuple[Loop, ...]
    open: bool
    """Whether one end is the sequence's own."""

    @property
    def movers(self) -> tuple[Loop, ...]:
        """The loops that move one of its ends, each once, from the inside out."""
        found = [*self.lower, *(each for each in self.upper if not any(each is one for one in self.lower))]
        return tuple(sorted(found, key=lambda each: -each.order))


def cuts(costs: Costs) -> Iterator[Cut]:
    """The slices in loops that at least one loop of many turns moves."""
    for use in (*costs.facts.names, *costs.facts.attributes):
        if use.loop is None:
            continue
        match use.parent:
            case cst.Subscript(
                value=base, slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))]
            ) if base is use.node and isinstance(use.parent, cst.Subscript):
                first, last = (_movers(costs, side, use.scope, use.loop) for side in (lower, upper))
                if first or last:
                    yield Cut(use.parent, base, use, first, last, lower is None or upper is None)
            case _:
                pass


def _movers(costs: Costs, bound: cst.BaseExpression | None, scope: Scope, loop: Loop) -> tuple[Loop, ...]:
    """The loops around a place that give another value to what a bound of a slice reads."""
    if bound is None:
        return ()
    names = {each.value for each in descend(bound) if isinstance(each, cst.Name)}
    return tuple(
        each
        for each in around(loop)
        if turns(costs, each).grows and not halves(costs, each) and any(_moves(name, scope, each) for name in names)
    )


def _moves(name: str, scope: Scope, loop: Loop) -> bool:
    """Whether a loop itself, and not one inside it, gives a name its next value."""
    here: Scope | None = scope
    while here is not None and here.function is scope.function:
        if name in here.bindings:
            return any(each.loop is loop for each in here.bindings[name])
        here = here.parent
    return False
