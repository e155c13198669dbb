"""Packages that import their parts when they are first asked for, by the two wide-spread recipes for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from verifier.symbols.bodies import walk
from verifier.symbols.model import Fallback, Import
from verifier.symbols.strings import strings
from verifier.symbols.texts import last_part


@dataclass(slots=True)
class Lazy:
    """What such a recipe gives the package."""

    names: list[Import] = field(default_factory=list)
    exports: tuple[str, ...] | None = None
    fallback: Fallback | None = None
    understood: set[int] = field(default_factory=set)
    """Ids of the nodes that need no other explanation."""


def find(tree: ast.Module, text: str, module: str) -> Lazy:
    """What lazy imports a package declares."""
    found = Lazy()
    if "attach" in text:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                _attached(node, node.value, module, found)
    if "_LazyModule" in text:
        _structured(tree, module, found)
    return found


def _attached(node: ast.Assign, call: ast.Call, module: str, found: Lazy) -> None:
    """`__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, …)` (the lazy_loader package)."""
    target = node.targets[0]
    name = last_part(call.func)
    if name not in {"attach", "attach_stub"} or not isinstance(target, ast.Tuple) or not call.args:
        return
    if not (isinstance(call.args[0], ast.Name) and call.args[0].id == "__name__"):
        return
    if name == "attach_stub":
        found.fallback = Fallback(closed=True)
        return
    given = dict(zip(("", "submodules", "submod_attrs"), call.args, strict=False))
    given.update({each.arg: each.value for each in call.keywords if each.arg})
    modules, attributes = given.get("submodules"), given.get("submod_attrs")
    names = () if _nothing(modules) else strings(modules, {}) if modules is not None else ()
    table = {} if _nothing(attributes) else _table(attributes)
    if names is None or table is None:
        found.fallback = Fallback()
        return
    _declare(node.lineno, module, names, table, found)
    found.fallback = Fallback(closed=True)
    found.exports = tuple(sorted({each.name for each in found.names}))


def _nothing(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _table(node: ast.expr | None) -> dict[str, tuple[str, ...]] | None:
    """A literal dictionary from sub-modules to lists of names."""
    if not isinstance(node, ast.Dict):
        return None
    found: dict[str, tuple[str, ...]] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        names = strings(value, {})
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)) or names is None:
            return None
        found[key.value] = names
    return found


def _declare(line: int, module: str, modules: tuple[str, ...], table: dict[str, tuple[str, ...]], found: Lazy) -> None:
    found.names += [Import(each, line, module, each) for each in modules]
    for part, names in table.items():
        first = part.partition(".")[0]
        found.names.append(Import(first, line, module, first))
        found.names += [Import(each, line, f"{module}.{part}", each) for each in names]


def _structured(tree: ast.Module, module: str, found: Lazy) -> None:
    """`sys.modules[__name__] = _LazyModule(__name__, file, _import_structure, …)` (transformers and its kin)."""
    for place in walk(*tree.body):
        match place:
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Name(id="__name__")) as target],
                value=ast.Call(func=callee, args=[_, _, ast.Name(id=name), *_]),
            ) if last_part(callee) == "_LazyModule":
                steps = list(_steps(tree, name))
                if steps and None not in steps:
                    for step in steps:
                        _declare(place.lineno, module, (), step or {}, found)
                    found.understood |= {id(target), id(place)}


def _steps(tree: ast.Module, name: str) -> Iterator[dict[str, tuple[str, ...]] | None]:
    """What each statement puts into the table of that name; None for one that cannot be read."""
    for node in walk(*tree.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield _table(value)
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=target), slice=ast.Constant(value=str(key)))], value=value
            ) if target == name:
                names = strings(value, {})
                yield None if names is None else {key: names}
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Subscript(value=ast.Name(id=target), slice=ast.Constant(value=str(key))), attr=method
                ),
                args=[argument],
            ) if target == name:
                names = strings(argument if method == "extend" else ast.List(elts=[argument]), {})
                yield None if names is None else {key: names}
            case ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="update"), args=[argument]) if (
                target == name
            ):
                yield _table(argument)
            case ast.AugAssign(target=target_node) if name in {
                each.id for each in ast.walk(target_node) if isinstance(each, ast.Name)
            }:
                yield None
