"""Whether an expression is an object of a class that rows name: also a column of a table, which no signature says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import libcst as cst

from verifier import catalogue
from verifier.checks import by_use
from verifier.checks.registry import Parsed, symbols
from verifier.checks.untyped import Place
from verifier.symbols.defined import thing
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.values import ClassValue, without_none


def is_kind(parsed: Parsed, node: cst.BaseExpression, place: Place, kind: str) -> bool:
    """Whether all that is known of an expression says that it is an object of a class, given by its dotted path."""
    file = symbols(parsed)
    values = without_none(evaluate(node, FileFrame(file, place.scope, place.order, place.branch)))
    if values:
        known = thing(file.world, kind)
        return isinstance(known, ClassValue) and all(by_use.is_object(file.world, each, known) for each in values)
    if isinstance(node, cst.Subscript):
        return _is_column(node) and any(
            is_kind(parsed, node.value, place, table) for table, column in _columns().items() if column == kind
        )
    types = parsed.inference.types(node, place.scope, place.order)
    if types:
        return all(each in {kind, "None"} for each in types)
    return isinstance(node, cst.Name) and by_use.is_used_as(parsed, node, place, kind)


def of_kind(kind: str) -> bool:
    """Whether columns of some table are objects of a class."""
    return kind in _columns().values()


def _is_column(node: cst.Subscript) -> bool:
    index = node.slice[0].slice if len(node.slice) == 1 else None
    return isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString)


@cache
def _columns() -> Mapping[str, str]:
    columns: Mapping[str, str] = catalogue.table("api/known")["columns"]
    return columns
