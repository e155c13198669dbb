"""The indexes and constraints of an SQLAlchemy table: `__table_args__`, `Index(...)`, `UniqueConstraint(...)`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from verifier.sql.orm.alchemy_columns import called
from verifier.sql.orm.model import Field, Index
from verifier.sql.orm.modules import Module

_NO_INDEX = frozenset({"CheckConstraint", "ForeignKeyConstraint", "ExcludeConstraint"})


@dataclass(slots=True)
class Arguments:
    """What the arguments of one table declare."""

    fields: dict[str, Field]
    indexes: list[Index] = field(default_factory=list)
    unindexed: bool = False
    """Whether there may be indexes that nobody could read."""


def read_arguments(module: Module, value: ast.expr, fields: dict[str, Field]) -> Arguments:
    """`__table_args__`: a tuple of constraints and indexes, with a dictionary at its end, or that alone."""
    draft = Arguments(fields)
    match value:
        case ast.Tuple(elts=elements):
            for each in elements:
                _constraint(draft, module, each)
        case ast.Dict():
            pass
        case _:
            draft.unindexed = True
    return draft


def _constraint(draft: Arguments, module: Module, node: ast.expr) -> None:
    kind = called(module, node)
    if isinstance(node, ast.Dict) or kind in _NO_INDEX:
        return
    if kind not in {"Index", "UniqueConstraint", "PrimaryKeyConstraint"} or not isinstance(node, ast.Call):
        draft.unindexed = True
        return
    index = index_of(node, draft.fields, kind)
    if index is None:
        draft.unindexed = True
    else:
        draft.indexes.append(index)


def index_of(call: ast.Call, fields: dict[str, Field], kind: str) -> Index | None:
    """The index that a call of `Index` or a constraint makes over columns of a table; None where it cannot be read."""
    given = call.args[1:] if kind == "Index" else call.args
    columns = {each.column.lower(): each.column for each in fields.values() if each.column}
    terms = [_term(each, fields, columns) for each in given]
    if not terms or not all(terms) or any(each.arg is None for each in call.keywords):
        return None
    partial = any((each.arg or "").endswith("_where") for each in call.keywords)
    unique = kind != "Index" or any(each.arg == "unique" for each in call.keywords)
    return Index(tuple(terms), unique and not partial)


def _term(node: ast.expr, fields: dict[str, Field], columns: dict[str, str]) -> str:
    """A column or `func.lower(column)`, as SQL; empty where it is something else."""
    match node:
        case ast.Constant(value=str() as name):
            return columns.get(name.lower(), "")
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in fields:
            return fields[name].column
        case ast.Call(func=ast.Attribute(value=value, attr="desc" | "asc"), args=[]):
            return _term(value, fields, columns)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="func"), attr=function), args=[inner]):
            term = _term(inner, fields, columns)
            return f"{function}({term})" if term else ""
        case _:
            return ""
