"""Modules that a package makes as it runs, out of a table: `add({"old": {"Name": "package.new.Name"}}, __name__)`."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from verifier.symbols.model import Aged, Fallback, Function, Parameter, Table
from verifier.symbols.texts import last_part

if TYPE_CHECKING:
    from verifier.symbols.modules import Loaded

Made: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""By the name of the module inside the package (an empty one: the package itself): its names, and what they lead to."""
_DEPRECATING = re.compile("deprecat", re.IGNORECASE)
_ANY = "*"
"""The name that stands for all of another module's."""
_TARGET = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")


def find(tree: ast.Module) -> tuple[Made, bool]:
    """The modules that a package's statements make, and whether what makes them is called after deprecations."""
    made: dict[str, tuple[tuple[str, str], ...]] = {}
    deprecating = True
    tables: dict[str, Made] = {}
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as value)
            ):
                if (found := _table(value)) is not None:
                    tables[name] = found
            case ast.Expr(value=ast.Call(func=function) as call) if _given_own_name(call):
                for each in _tables(call, tables):
                    made |= each
                    deprecating = deprecating and bool(_DEPRECATING.search(last_part(function) or ""))
    return made, bool(made) and deprecating


def table(package: Table, name: str) -> Table:
    """What the module of that name has, which a package's file makes."""
    names = package.made[name]
    homes = dict.fromkeys(target if each == _ANY else target.rpartition(".")[0] for each, target in names)
    return Table(
        module=f"{package.module}.{name}",
        file=package.file,
        stub=package.stub,
        package=False,
        names={},
        fallback=_fallback(package, name),
        deprecated=f"use {' and '.join(f'`{each}`' for each in homes)}" if package.makes_deprecated else None,
    )


def loaded(package: Loaded, name: str) -> Loaded | None:
    """The module of that name where the package makes one."""
    tables = tuple(table(each, name) for each in package.tables if name in each.made)
    same = dataclasses.replace(package, module=f"{package.module}.{name}", tables=tables, package=False)
    return dataclasses.replace(same, folders=(), rest=(), opaque=None) if tables else None


def given(package: Table) -> Table:
    """A module with what such a table gives to itself, which no `__getattr__` of its own answers then."""
    if "" not in package.made:
        return package
    aged = tuple(Aged("name", f"use `{target}`", (repr(each),)) for each, target in package.made[""] if each != _ANY)
    asked = Function("__getattr__", 1, (Parameter("name"),), aged=aged if package.makes_deprecated else ())
    return replace(package, names={**package.names, "__getattr__": (asked,)}, fallback=_fallback(package, ""))


def _fallback(package: Table, name: str) -> Fallback:
    """The names that are answered; where the table may be for something else, there may be others."""
    names = package.made[name]
    listed = tuple(each for each, _ in names if each != _ANY)
    return Fallback(listed, closed=package.makes_deprecated and len(listed) == len(names))


def _given_own_name(call: ast.Call) -> bool:
    given = (*call.args, *(each.value for each in call.keywords))
    return any(isinstance(each, ast.Name) and each.id == "__name__" for each in given)


def _tables(call: ast.Call, known: Mapping[str, Made]) -> Iterator[Made]:
    """The tables among the arguments of a call; the first only, the others may say something about it."""
    for each in (*call.args, *(each.value for each in call.keywords)):
        match each:
            case ast.Name(id=name) if name in known:
                yield known[name]
                return
            case ast.Dict() if (found := _table(each)) is not None:
                yield found
                return


def _table(node: ast.Dict) -> Made | None:
    """A dictionary of modules with the dotted paths that their names lead to; None for any other."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        names = _names(value)
        match key:
            case ast.Constant(value=str(name)) if names and name.isidentifier():
                found[name] = names
            case ast.Name(id="__name__") if names:
                found[""] = names
            case _:
                return None
    return found or None


def _names(node: ast.expr) -> tuple[tuple[str, str], ...]:
    if not isinstance(node, ast.Dict):
        return ()
    found: list[tuple[str, str]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        match key, value:
            case ast.Constant(value=str(name)), ast.Constant(value=str(target)) if _TARGET.fullmatch(target):
                found.append((name, target))
            case _:
                return ()
    return tuple(found)
