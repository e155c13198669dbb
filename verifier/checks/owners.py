"""Which rows of the table an expression reaches: by its dotted path, what it stands for, or the class of a receiver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from verifier.checks import by_use
from verifier.checks.kinds import is_kind, of_kind
from verifier.checks.receivers import bases, meanings
from verifier.checks.registry import Parsed, symbols
from verifier.checks.untyped import Place
from verifier.deprecations import Api
from verifier.semantics.model import Scope, ScopeKind
from verifier.semantics.names import local, qualify
from verifier.symbols.bases import Base, lineage
from verifier.symbols.defined import thing
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.modules import OWN, World
from verifier.symbols.values import ClassValue, FunctionValue, Instance, ModuleValue, Value, path, without_none

Found = tuple[Api, ...]


def reached(parsed: Parsed, candidates: Sequence[Api], node: cst.BaseExpression, place: Place) -> Found:
    """The rows among the candidates that every value which an expression may have is in: one that is not refutes it."""
    if not candidates:
        return ()
    paths = qualify(parsed.facts, node, place.scope, place.order)
    if any(local(each) for each in paths) and not isinstance(node, cst.Attribute):
        return ()
    world = symbols(parsed).world
    found = [_by_path(world, candidates, each) for each in paths]
    if not paths or not all(found):
        known = _by_receiver(parsed, candidates, node, place)
        found = known or found
    return found[0] if found and all(found) else ()


def _by_path(world: World, candidates: Sequence[Api], dotted: str) -> Found:
    same = tuple(row for row in candidates if row.path == dotted)  # verify: ignore[VER507] an expression has few paths
    # of a name that moved, only the old path is deprecated; a parameter is the function's, whatever path leads to it
    return same or tuple(row for row in candidates if row.parameter and _same_thing(world, row.path, dotted))


def _same_thing(world: World, left: str, right: str) -> bool:
    """Whether two paths of one package lead to the same function or class."""
    if left.partition(".")[0] != right.partition(".")[0]:
        return False
    found = thing(world, left)
    return isinstance(found, FunctionValue | ClassValue) and found == thing(world, right)


def _by_receiver(parsed: Parsed, candidates: Sequence[Api], node: cst.BaseExpression, place: Place) -> list[Found]:
    """For each value that an attribute may be taken from, the rows of its classes; empty where nothing is known."""
    file = symbols(parsed)
    frame = FileFrame(file, place.scope, place.order, place.branch)
    if not isinstance(node, cst.Attribute):
        some = without_none(evaluate(node, frame))
        return [_same_value(parsed, candidates, each) for each in some]
    receivers = without_none(evaluate(node.value, frame)) or _own_class(node.value, place.scope)
    if receivers:
        return [_of_receiver(parsed, candidates, each, node.attr.value) for each in receivers]
    inferred = meanings(parsed, node, place.scope, place.order)
    if inferred:
        return [tuple(row for row in candidates if row.path in each) for each in inferred]
    used = tuple(by_use.fitting(parsed, candidates, node, place))
    return [used or tuple(row for row in candidates if _of_kind(parsed, row, node, place))]


def _of_kind(parsed: Parsed, row: Api, node: cst.Attribute, place: Place) -> bool:
    """Whether an attribute is that of a column, or of what a class calls an accessor (`series.dt.week`)."""
    owner, _, name = row.path.rpartition(".")
    if name != node.attr.value:
        return False
    if of_kind(owner) and is_kind(parsed, node.value, place, owner):
        return True
    kind, _, accessor = owner.rpartition(".")
    inner = node.value
    return (
        isinstance(inner, cst.Attribute)
        and inner.attr.value == accessor
        and kind.rpartition(".")[2][:1].isupper()
        and is_kind(parsed, inner.value, place, kind)
    )


def _own_class(node: cst.BaseExpression, scope: Scope) -> tuple[Value, ...]:
    """The class that the first parameter of a class method stands for."""
    function = scope.function
    if function is None or function.parent is None or not isinstance(function.node, cst.FunctionDef):
        return ()
    params = function.node.params.params
    decorators = {getattr(each.decorator, "value", None) for each in function.node.decorators}
    if not params or not isinstance(node, cst.Name) or params[0].name.value != node.value:
        return ()
    plain = function.parent.kind is ScopeKind.CLASS and "classmethod" in decorators
    return (ClassValue(OWN, function.parent.name, exact=False),) if plain else ()


def _same_value(parsed: Parsed, candidates: Sequence[Api], value: Value) -> Found:
    world = symbols(parsed).world
    if isinstance(value, FunctionValue) and value.receiver is not None:
        return _of_receiver(parsed, candidates, value.receiver, value.name.rpartition(".")[2])
    # `numpy.int` was the builtin: what another package only passes on is not that package's when it is used directly
    top = path(value).partition(".")[0]
    near = [row for row in candidates if row.parameter and row.path.partition(".")[0] == top]
    return tuple(row for row in near if path(value) == row.path or thing(world, row.path) == value)


def _of_receiver(parsed: Parsed, candidates: Sequence[Api], value: Value, name: str) -> Found:
    world = symbols(parsed).world
    match value:
        case ModuleValue():
            return _by_path(world, candidates, f"{value.name}.{name}")
        case ClassValue() | Instance():
            for base in lineage(world, value.module, value.name).bases:
                found = tuple(_owned(world, candidates, base, name))
                if found or base.values(name):
                    return found
            # bases that nobody can read are still known by their names
            outside = bases(parsed, f"<local>.{value.name}", name) if value.module == OWN else ()
            paths = {f"{base}.{name}" for base in outside}
            return tuple(row for row in candidates if row.path in paths)
        case _:
            return ()


def _owned(world: World, candidates: Iterable[Api], base: Base, name: str) -> Iterator[Api]:
    """The rows whose path is that of an attribute of a class, by whatever module its path goes."""
    for row in candidates:
        owner, _, last = row.path.rpartition(".")
        if last != name or owner.rpartition(".")[2] != base.name.rpartition(".")[2]:
            continue
        if owner == f"{base.module}.{base.name}":
            yield row
            continue
        if owner.partition(".")[0] != base.module.partition(".")[0]:
            continue
        known = thing(world, owner)
        if isinstance(known, ClassValue) and (known.module, known.name) == (base.module, base.name):
            yield row
