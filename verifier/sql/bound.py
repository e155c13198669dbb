"""How many values, or which names, a call binds beside its text; None wherever that is not written out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from verifier.semantics.infer import Inference
from verifier.semantics.model import BindingKind, Call, Scope
from verifier.semantics.names import reaching
from verifier.sql.model import Bound
from verifier.sql.scalars import SCALARS, scalar
from verifier.sql.texts import Reader

_SEQUENCES = re.compile(
    r"(^|_)(params?|parameters|args?|arguments|values?|vals?|data|rows?|records?|bindings?|tuple|t)$|s$"
)


def bound(
    reader: Reader, inference: Inference, call: Call, args: Sequence[cst.Arg], driver: str, sites: tuple[str, ...]
) -> Bound | None:
    """The values of one run of a driver's method, which gets these arguments."""
    if not driver or driver == "executescript" or any(each.star for each in args):
        return None
    if sites == ("asyncpg",):
        if driver == "executemany" or any(each.keyword is not None for each in args):
            return None
        return Bound(count=len(args) - 1)
    named = [each for each in args if each.keyword is not None]
    if named:
        return None
    if len(args) == 1:
        return Bound(count=0) if driver == "execute" else None
    if len(args) > 2:
        return None
    values = args[1].value
    if driver == "execute":
        if _scalar(reader, inference, values, call):
            return Bound(scalar=True)
        return _values(reader, values, call.scope, call.order)
    return _rows(reader, values, call.scope, call.order)


def _scalar(reader: Reader, inference: Inference, node: cst.BaseExpression, call: Call) -> bool:
    """Whether one value is given where a sequence is wanted: by its type, or `(name)` where `(name,)` was meant."""
    types = inference.types(node, call.scope, call.order)
    if types:
        return set(types) <= SCALARS
    if not isinstance(node, cst.Name) or not node.lpar:
        return False
    bindings = reaching(reader.facts, node.value, call.scope, call.order) or ()
    kinds = {each.kind for each in bindings}
    if kinds == {BindingKind.ASSIGNMENT}:
        return all(
            each.value is not None and scalar(reader.facts, inference, each.value, each.scope, each.order)
            for each in bindings
        )
    if _SEQUENCES.search(node.value):
        return False
    return kinds == {BindingKind.PARAMETER} and not _given_sequence(reader, node.value, call.scope)


def _given_sequence(reader: Reader, name: str, scope: Scope) -> bool:
    """Whether a call in the file gives a parameter a tuple or a list."""
    function = scope.function
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return True
    params = [each.name.value for each in (*function.node.params.posonly_params, *function.node.params.params)]
    own = params[:1] == ["self"] or params[:1] == ["cls"]
    place = params.index(name) - own if name in params else -1
    for call in reader.calls.get(function.name, ()):
        named = [each.value for each in call.args if each.keyword is not None and each.keyword.value == name]
        placed = [each.value for each in call.args[place : place + 1] if each.keyword is None] if place >= 0 else []
        if any(isinstance(each, cst.Tuple | cst.List) for each in (*named, *placed)):
            return True
    return False


def _values(reader: Reader, node: cst.BaseExpression, scope: Scope, order: int, *, rows: bool = False) -> Bound | None:
    """The values of a display, or of a name that is bound to one only and not added to."""
    match node:
        case cst.Tuple() | cst.List():
            return Bound(_count(node.elements), rows=rows)
        case cst.Dict():
            return Bound(names=_keys(node), rows=rows)
        case cst.Name(value="None"):
            return Bound(count=0)
        case cst.Name():
            found = _display(reader, node, scope, order)
            return _values(reader, found[0], found[1], found[2], rows=rows) if found else None
        case _:
            return None


def _rows(reader: Reader, node: cst.BaseExpression, scope: Scope, order: int) -> Bound | None:
    """The values of each row of `executemany`, where all rows are written alike."""
    match node:
        case cst.List() | cst.Tuple():
            found = {_values(reader, each.value, scope, order, rows=True) for each in node.elements}
            one = found.pop() if len(found) == 1 else None
            return one if one is not None and one.rows else None
        case cst.ListComp(elt=elt) | cst.GeneratorExp(elt=elt):
            return _values(reader, elt, scope, order, rows=True) if isinstance(elt, cst.Tuple | cst.List) else None
        case cst.Name():
            found_ = _display(reader, node, scope, order)
            return _rows(reader, *found_) if found_ else None
        case _:
            return None


def _display(reader: Reader, node: cst.Name, scope: Scope, order: int) -> tuple[cst.BaseExpression, Scope, int] | None:
    """The display that a name stands for, with where it is written."""
    bindings = reaching(reader.facts, node.value, scope, order) or ()
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
        return None
    value = bindings[0].value
    if not isinstance(value, cst.Tuple | cst.List | cst.Dict | cst.ListComp | cst.GeneratorExp):
        return None
    mutable = isinstance(value, cst.List | cst.Dict | cst.ListComp)
    if mutable and node.value in reader.changed:
        return None
    return value, bindings[0].scope, bindings[0].order


def _count(elements: Sequence[cst.BaseElement]) -> int | None:
    return None if any(isinstance(each, cst.StarredElement) for each in elements) else len(elements)


def _keys(node: cst.Dict) -> frozenset[str] | None:
    found: set[str] = set()
    for each in node.elements:
        match each:
            case cst.DictElement(key=cst.SimpleString() as key) if isinstance(key.evaluated_value, str):
                found.add(key.evaluated_value)
            case _:
                return None
    return frozenset(found)
