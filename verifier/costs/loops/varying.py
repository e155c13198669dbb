"""What changes from turn to turn of a loop: the names that are bound in it."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Repeat
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Loop, Scope


def bound_in(name: str, scope: Scope, loop: Loop) -> bool:
    """Whether a name, as a scope sees it, gets another value within a loop of the same function."""
    here: Scope | None = scope
    while here is not None and here.function is scope.function:
        if name in here.bindings:
            return any(each.loop is not None and each.loop.within(loop) for each in here.bindings[name])
        here = here.parent
    return False


def varies(node: cst.CSTNode, scope: Scope, repeat: Repeat) -> bool:
    """Whether an expression reads what a loop changes, or what the call in the loop hands in."""
    names = [each.value for each in descend(node) if isinstance(each, cst.Name)]
    if repeat.via is None:
        return any(bound_in(each, scope, repeat.loop) for each in names)
    return any(_handed_in(each, scope) for each in names)


def _handed_in(name: str, scope: Scope) -> bool:
    """Whether a name is a parameter, or comes from a loop in the function that is called."""
    function = scope.function
    here: Scope | None = scope
    while here is not None and here.function is function:
        if name in here.bindings:
            return any(
                each.loop is not None or (each.kind is BindingKind.PARAMETER and not _is_instance(name, here))
                for each in here.bindings[name]
            )
        here = here.parent
    return False


def _is_instance(name: str, scope: Scope) -> bool:
    return name in {"self", "cls"} and scope is scope.function
