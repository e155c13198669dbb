"""Gives the targets of assignments, loops and `with` their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from verifier.values.model import (
    Class,
    Contents,
    Value,
)
from verifier.values.noticing import noticed
from verifier.values.run import Run
from verifier.values.state import State
from verifier.values.subscripts import hashable, key_of, member_at


def bind(run: Run, state: State, target: cst.BaseExpression, found: Value) -> None:
    """Give a target of an assignment, a loop or a `with` its value."""
    match target:
        case cst.Name():
            _bind_name(run, state, target, found)
        case cst.Tuple() | cst.List():
            _unpack(run, state, target.elements, found)
        case cst.Attribute():
            base = run.evaluate(run, state, target.value)
            found = noticed(run, state, target, found)
            if isinstance(base.reference, Class):
                base.reference.attributes[target.attr.value] = found
            elif state.contents(base) is not None:
                state.store(base, target.attr.value, found)
        case cst.Subscript():
            _bind_item(run, state, target, found)
        case cst.StarredElement():
            bind(run, state, target.value, found)


def _bind_name(run: Run, state: State, target: cst.Name, found: Value) -> None:
    found = noticed(run, state, target, found)
    name = target.value
    if name in state.names.globals:
        before = run.module.values.get(name)
        run.module.values[name] = found if before is None else state.either(before, found)
    else:
        state.names.values[name] = found


def _bind_item(run: Run, state: State, target: cst.Subscript, found: Value) -> None:
    base = run.evaluate(run, state, target.value)
    keys = [key_of(run, state, each.slice) for each in target.slice]
    found = noticed(run, state, target, found)
    if state.contents(base) is None:
        taints = state.depends(found)
        if taints - base.taints and isinstance(target.value, cst.Name) and base.reference is None:
            _bind_name(run, state, target.value, replace(base, constants=None, taints=base.taints | taints, text=None))
        return
    key = keys[0].constants if len(keys) == 1 else None
    if key is not None and len(key) == 1 and hashable(key[0]):
        state.store(base, key[0], found)
    else:
        state.store_any(base, found)


def _unpack(run: Run, state: State, elements: Sequence[cst.BaseElement], found: Value) -> None:
    held = state.contents(found)
    starred = any(isinstance(each, cst.StarredElement) for each in elements)
    for number, each in enumerate(elements):
        if held is not None and held.exact and not starred and number in held.items:
            member = held.items[number]
        elif held is None and not starred:
            member = member_at(state, found, number)
        else:
            member = state.any_member(found)
        if isinstance(each, cst.StarredElement):
            member = state.new(Contents("list", {}, member, exact=False))
        bind(run, state, each.value, member)
