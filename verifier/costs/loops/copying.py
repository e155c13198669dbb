"""Expressions that copy a container whole, and where the copy goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope, Use
from verifier.semantics.names import qualify

_WHOLE = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.dict", "copy.copy"})
_DEEP = frozenset({"copy.deepcopy", "json.loads", "pickle.loads"})
_DUMPS = frozenset({"json.dumps", "pickle.dumps"})
_VIEWS = frozenset({"items", "keys", "values"})
_DRAWING = frozenset({"rng", "random", "rand", "generator"})
_ITERATORS = frozenset({"types.GeneratorType", "builtins.map", "builtins.filter", "builtins.zip", "builtins.enumerate"})


@dataclass(frozen=True, slots=True)
class Copy:
    """An expression that copies, where it stands, what it copies, and whether the elements are copied too."""

    node: cst.BaseExpression
    at: Call | Binding
    statement: cst.CSTNode | None
    of: cst.Name | cst.Attribute
    deep: bool = False
    text: bool = False
    """The copy is made by way of a text: `json.loads(json.dumps(x))`."""


def copies(costs: Costs) -> Iterator[Copy]:
    """Every copy of a name or an attribute in a file that is a call, or a display that is given a name."""
    for name in ("list", "tuple", "set", "dict", "copy", "deepcopy", "loads"):
        for call in costs.calls.get(name, ()):
            found = _called(costs, call, name)
            if found is not None:
                yield found
    for scope in costs.facts.scopes:
        for bindings in scope.bindings.values():
            for each in bindings:
                of = _displayed(each.value) if each.kind is BindingKind.ASSIGNMENT and each.loop is not None else None
                if of is not None and each.value is not None:
                    yield Copy(each.value, each, None, of)


def _called(costs: Costs, call: Call, name: str) -> Copy | None:
    paths = qualify(costs.facts, call.node.func, call.scope, call.order)
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name() | cst.Attribute() as of), args=[]) if name == "copy":
            found = costs.inference.types(of, call.scope, call.order)
            return Copy(call.node, call, call.statement, of) if len(found) == 1 and found[0] in _WHOLE else None
        case cst.Call(args=[cst.Arg(value=inner, star="", keyword=None)]) if len(paths) == 1:
            container = _dumped(costs, call, inner) if name == "loads" else _viewed(inner)
            if container is None or paths[0] not in _DEEP | _WHOLE:
                return None
            if paths[0] in _DEEP:
                return Copy(call.node, call, call.statement, container, deep=True, text=name == "loads")
            reads_once = _ITERATORS.intersection(costs.inference.types(container, call.scope, call.order))
            return None if reads_once else Copy(call.node, call, call.statement, container)
        case _:
            return None


def _dumped(costs: Costs, call: Call, node: cst.BaseExpression) -> cst.Name | cst.Attribute | None:
    """`x` for `json.dumps(x)` and `pickle.dumps(x)`."""
    match node:
        case cst.Call(func=func, args=[cst.Arg(value=inner, star="", keyword=None), *_]) if _DUMPS.intersection(
            qualify(costs.facts, func, call.scope, call.order)
        ):
            return _viewed(inner)
        case _:
            return None


def _viewed(node: cst.BaseExpression) -> cst.Name | cst.Attribute | None:
    """The name or attribute that is copied, in `d.items()` that of the dictionary."""
    match node:
        case cst.Name() | cst.Attribute():
            return node
        case cst.Call(
            func=cst.Attribute(value=cst.Name() | cst.Attribute() as inner, attr=cst.Name(value=name)), args=[]
        ):
            return inner if name in _VIEWS else None
        case _:
            return None


def _displayed(node: cst.BaseExpression | None) -> cst.Name | cst.Attribute | None:
    """`x` for `x[:]`, `[*x]` and `{**x}`."""
    match node:
        case cst.Subscript(
            value=cst.Name() | cst.Attribute() as inner,
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, upper=None, step=None))],
        ):
            return inner
        case cst.List(elements=[cst.StarredElement(value=cst.Name() | cst.Attribute() as inner)]):
            return inner
        case cst.Dict(elements=[cst.StarredDictElement(value=cst.Name() | cst.Attribute() as inner)]):
            return inner
        case _:
            return None


def handed_out(costs: Costs, copy: Copy) -> str | None:
    """What a call of `len` or `random.choice` takes a copy for, in words; both need none, or not one on each turn."""
    call = _given(costs).get(id(copy.node))
    if call is None or copy.deep:
        return None
    match call.node.func:
        case cst.Name(value="len") if isinstance(copy.node, cst.Call) and dotted(copy.node.func) in {"list", "tuple"}:
            arg = copy.node.args[0].value
            sized = isinstance(arg, cst.Call) or costs.inference.types(copy.of, call.scope, call.order)
            return "to count it" if sized else None
        case cst.Attribute(value=value, attr=cst.Name(value="choice")):
            types = costs.inference.types(value, call.scope, call.order)
            drawing = "random.Random" in types or (dotted(value) or "").rpartition(".")[2].lstrip("_") in _DRAWING
            return "to draw one element of it" if drawing else None
        case _:
            return None


@lru_cache(maxsize=2)
def _given(costs: Costs) -> Mapping[int, Call]:
    """The calls of `len` and `choice` by the id of what they are given."""
    return {
        id(call.node.args[0].value): call
        for name in ("len", "choice")
        for call in costs.calls.get(name, ())
        if len(call.node.args) == 1
    }


def reads(costs: Costs, name: str, scope: Scope, loop: Loop) -> list[Use]:
    """The reads in a loop of a name of a function, or of the longest chains of attributes that begin with it."""
    return [
        use
        for use in _uses(costs).get(name, ())
        if use.scope.function is scope.function and use.loop is not None and use.loop.within(loop)
    ]


@lru_cache(maxsize=2)
def _uses(costs: Costs) -> Mapping[str, list[Use]]:
    """The reads of each name in a file, each with as many attributes as are read of it."""
    found: dict[str, list[Use]] = defaultdict(list)
    for use in costs.facts.names:
        if isinstance(use.node, cst.Name) and not isinstance(use.parent, cst.Attribute):
            found[use.node.value].append(use)
    for use in costs.facts.attributes:
        root: cst.BaseExpression = use.node
        while isinstance(root, cst.Attribute):
            root = root.value
        if isinstance(root, cst.Name):
            found[root.value].append(use)
    return found
