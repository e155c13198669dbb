"""What stands under a subscript."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import libcst as cst

from verifier.values import pure
from verifier.values.model import (
    UNKNOWN,
    Contents,
    Value,
    constant,
    tainted,
)
from verifier.values.run import Run
from verifier.values.state import State


def member_at(state: State, base: Value, key: Any) -> Value:
    """What is under a key that is known."""
    held = state.contents(base)
    if held is None:
        found = pure.applied(lambda text, place: text[place], (base, constant(key)))
        if found is not None:
            return found
        return replace(tainted(state.depends(base)), parsed=base.parsed)
    if held.kind == "list" and held.exact:
        if isinstance(key, slice):
            members = [held.items[number] for number in sorted(held.items)][key]
            return state.new(Contents("list", dict(enumerate(members))))
        if isinstance(key, int) and key < 0:
            key += len(held.items)
    if isinstance(key, slice):
        return state.new(Contents("list", {}, state.any_member(base), exact=False))
    return state.member(base, key)


def key_of(run: Run, state: State, node: cst.BaseSlice) -> Value:
    """The value of an index, or of a slice whose ends are known."""
    if isinstance(node, cst.Index):
        return run.evaluate(run, state, node.value)
    if not isinstance(node, cst.Slice):
        return UNKNOWN
    ends = [run.evaluate(run, state, each) if each else constant(None) for each in (node.lower, node.upper, node.step)]
    return pure.applied(slice, ends) or UNKNOWN


def hashable(key: Any) -> bool:
    """Whether a constant can be a key."""
    return isinstance(key, str | int | float | bytes | bool | None | tuple)
