"""Which loop repeats a statement: the one around its call, or one that calls the function in which it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import libcst as cst

from verifier.semantics.model import Call, Facts, Loop, Scope

_FEW_TURNS = 16


def looped(facts: Facts) -> dict[str, Loop]:
    """The loop around a call of each function that the file defines once, by its name."""
    defined = [each.name for each in facts.scopes if isinstance(each.node, cst.FunctionDef)]
    once = {name for name, times in Counter(defined).items() if times == 1}
    found: dict[str, Loop] = {}
    for call in facts.calls:
        match call.node.func:
            case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)) if name in once:
                loop = _around(call)
                if loop is not None:
                    found.setdefault(name, loop)
            case _:
                pass
    return found


def repeating(through: Mapping[str, Loop], call: Call) -> Loop | None:
    """The innermost loop that repeats a call more often than is written out; `through` is what `looped` gives."""
    return _around(call) or through.get(_function(call.scope))


def _function(scope: Scope) -> str:
    function = scope.function
    return function.name if function is not None else ""


def _around(call: Call) -> Loop | None:
    loop = call.loop
    while loop is not None and _written_out(loop):
        loop = loop.parent
    return loop


def _written_out(loop: Loop) -> bool:
    match loop.iterable:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            return True
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=cst.Integer(value=turns))]):
            return turns.isdecimal() and int(turns[:9]) <= _FEW_TURNS
        case _:
            return False
