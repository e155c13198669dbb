"""What a function does with a container in a name of its own: whether another class of container would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.windows import method
from verifier.costs.written import integer
from verifier.semantics.model import Binding, BindingKind, Call, Scope, Use
from verifier.semantics.names import visible

_ASKING = ("len", "bool", "any", "all", "sum", "min", "max", "sorted", "list", "set", "tuple", "enumerate", "reversed")


@dataclass(frozen=True, slots=True)
class Role:
    """A read of a name: a method's `call`, `truth`, `asked` by a built-in, `iterated`, `member`, `place` or `other`."""

    kind: str
    node: cst.BaseExpression
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Local:
    """A name with the displays and calls that are assigned to it, and all that is done with it."""

    values: tuple[cst.BaseExpression, ...]
    roles: tuple[Role, ...]


def local(costs: Costs, name: str, scope: Scope) -> Local | None:
    """What is known of a local or global that is only ever assigned to; None where it is bound in another way."""
    found = visible(costs.facts, name, scope)
    if found is None:
        return None
    owner, bindings = found
    values = _values(bindings)
    if values is None or name in _declared(costs):
        return None
    calls = _called(costs)
    roles = []
    for use in _reads(costs).get((id(owner), name), ()):
        if use.scope.function is not owner.function:
            return None  # another function may do anything at another time
        roles.append(_role(use, calls))
    return Local(values, tuple(roles))


def _values(bindings: Sequence[Binding]) -> tuple[cst.BaseExpression, ...] | None:
    plain = [
        each.value
        for each in bindings
        if each.kind is BindingKind.ASSIGNMENT and each.value is not None and each.annotation is None
    ]
    return tuple(plain) if len(plain) == len(bindings) else None


def _role(use: Use, calls: Mapping[int, Call]) -> Role:
    match use.parent:
        case cst.Attribute() as parent if id(parent) in calls:
            return Role("call", use.node, calls[id(parent)])
        case cst.While() | cst.If() | cst.BooleanOperation() | cst.UnaryOperation(operator=cst.Not()):
            return Role("truth", use.node)
        case cst.Arg() as parent if id(parent) in calls:
            return Role("asked", use.node, calls[id(parent)])
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable) if iterable is use.node:
            return Role("iterated", use.node)
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            return Role("member", use.node)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if integer(index) is not None:
            return Role("place", use.node)
        case _:
            return Role("other", use.node)


@lru_cache(maxsize=2)
def _reads(costs: Costs) -> Mapping[tuple[int, str], list[Use]]:
    """All reads of names by the scope that owns the name."""
    found: dict[tuple[int, str], list[Use]] = defaultdict(list)
    for use in costs.facts.names:
        if isinstance(use.node, cst.Name) and (seen := visible(costs.facts, use.node.value, use.scope)) is not None:
            found[id(seen[0]), use.node.value].append(use)
    return found


@lru_cache(maxsize=2)
def _declared(costs: Costs) -> frozenset[str]:
    """The names that are `global` or `nonlocal` anywhere."""
    return frozenset(name for each in costs.facts.scopes for name in each.outer)


@lru_cache(maxsize=2)
def _called(costs: Costs) -> Mapping[int, Call]:
    """The calls by the id of the attribute that is called, or of the one argument of a built-in that only reads."""
    found = {id(call.node.func): call for call in costs.facts.calls if method(call)}
    found.update({id(arg): call for call in _asking(costs) for arg in call.node.args[:1]})
    return found


def _asking(costs: Costs) -> Iterator[Call]:
    for name in _ASKING:
        for call in costs.calls.get(name, ()):
            if isinstance(call.node.func, cst.Name) and name not in costs.functions:
                yield call
