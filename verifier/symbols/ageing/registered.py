"""Names that a module answers out of a table of deprecations: `__getattr__ = deprecation_getattr(__name__, table)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from verifier.symbols.ageing.table import names
from verifier.symbols.ageing.texts import one_line, text
from verifier.symbols.bodies import walk
from verifier.symbols.model import Aged, Fallback, Function, Parameter, Table
from verifier.symbols.texts import last_part


def given(module: Table, tree: ast.Module, source: str) -> Table:
    """A module with what its table answers: names that warn, and, where the table has no value, those that are gone."""
    if "__getattr__" not in source or (entries := _entries(tree)) is None:
        return module
    aged = tuple(Aged("name", message, (repr(name),)) for name, message, gone in entries if not gone)
    answered = frozenset(name for name, _, gone in entries if not gone)
    asked = Function("__getattr__", 1, (Parameter("name"),), aged=aged)
    fallback = Fallback(tuple(sorted(answered)), tuple(name for name, _, gone in entries if gone), closed=True)
    return replace(module, names={**module.names, "__getattr__": (asked,)}, fallback=fallback)


def _entries(tree: ast.Module) -> list[tuple[str, str, bool]] | None:
    """Name, message, and whether it is gone; None where there is no such table, or not all of it is written there."""
    calls = [each for each in walk(*tree.body) if isinstance(each, ast.Assign) and _answers(each)]
    match calls:
        case [ast.Assign(value=ast.Call(args=[_, ast.Name(id=table) as given]))]:
            uses = [each for each in walk(*tree.body) if isinstance(each, ast.Name) and each.id == table]
            written = [each for each in tree.body if isinstance(each, ast.Assign) and uses[:1] == each.targets]
            if uses[1:] == [given] and written and isinstance(written[0].value, ast.Dict):
                found = list(_read(written[0].value))
                return None if None in found else [each for each in found if each is not None]
    return None


def _answers(node: ast.Assign) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="__getattr__")], value=ast.Call(func=function)):
            return (last_part(function) or "").lstrip("_") in names().answering
        case _:
            return False


def _read(table: ast.Dict) -> Iterator[tuple[str, str, bool] | None]:
    for key, value in zip(table.keys, table.values, strict=True):
        match key, value:
            case ast.Constant(value=str(name)), ast.Tuple(elts=[message, what]):
                yield name, one_line(text(message, {})), isinstance(what, ast.Constant) and what.value is None
            case _:
                yield None
