"""Functions that are asked for each of many numbers in a row."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from verifier.costs.extents import turns
from verifier.costs.model import Costs, Size
from verifier.costs.origins import arguments, left_to_callers
from verifier.costs.written import integer
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Branch, BranchKind, Call, Loop, Scope
from verifier.semantics.names import reaching


def each_of_range(costs: Costs, scope: Scope, name: str) -> Call | None:
    """The call that gives a parameter each number of a `range` which the input ends, whatever the number is like."""
    function = scope.function
    parameter = function.bindings.get(name, ()) if function is not None else ()
    if len(parameter) != 1 or parameter[0].kind is not BindingKind.PARAMETER:
        return None
    for call, node in arguments(costs, parameter[0]):
        if isinstance(node, cst.Name) and call.scope.function is not function:
            loop = _counting(call, node.value)
            if loop is not None and _many(costs, loop) and _on_each_turn(call, loop, node.value):
                return call
    return None


def _counting(call: Call, name: str) -> Loop | None:
    """The loop around a call that counts through a `range` with a name."""
    loop = call.loop
    while loop is not None:
        match loop.target, loop.iterable:
            case cst.Name(value=target), cst.Call(func=cst.Name(value="range")) if target == name:
                return loop
            case _:
                loop = loop.parent
    return None


def _many(costs: Costs, loop: Loop) -> bool:
    """Whether the input ends a `range`: it grows, or a parameter ends it that whoever calls the function says."""
    extent = turns(costs, loop)
    if extent.size is not Size.UNKNOWN or not isinstance(loop.iterable, cst.Call):
        return extent.grows
    read = [each for arg in loop.iterable.args[:2] for each in descend(arg.value) if isinstance(each, cst.Name)]
    return any(_asked(costs, reaching(costs.facts, each.value, loop.scope, loop.order) or ()) for each in read)


def _asked(costs: Costs, bindings: Sequence[Binding]) -> bool:
    """Whether a number is a parameter of a public function that the file does not call."""
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.PARAMETER or arguments(costs, bindings[0]):
        return False
    return left_to_callers(bindings[0])


def _on_each_turn(call: Call, loop: Loop, name: str) -> bool:
    """Whether a call runs on each turn of a loop, but for the first few numbers."""
    branch: Branch | None = call.branch
    while branch is not None and branch.node is not loop.node:
        if branch.kind is not BranchKind.LOOP and not _limits(branch, name):
            return False
        branch = branch.parent
    return True


def _limits(branch: Branch, name: str) -> bool:
    """Whether a condition only compares the number with a constant: `i > 1`."""
    match branch.test:
        case cst.Comparison(left=cst.Name(value=left), comparisons=[cst.ComparisonTarget(comparator=right)]):
            return left == name and integer(right) is not None and branch.kind is BranchKind.IF
        case _:
            return False
