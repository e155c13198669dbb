"""The indexes and the table that the `Meta` of a Django model names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from verifier.sql.orm.model import Field, Index
from verifier.sql.orm.modules import bare

_EXPRESSIONS = {"Upper": "upper", "Lower": "lower"}


@dataclass(slots=True)
class Meta:
    """What one `Meta` says."""

    fields: Mapping[str, Field]
    """Those of the model, which its indexes name."""
    indexes: list[Index] = field(default_factory=list)
    unindexed: bool = False
    vague: bool = False
    abstract: bool = False
    table: str = ""
    label: str = ""
    """The name of the app."""


def read_meta(node: ast.ClassDef, fields: Mapping[str, Field]) -> Meta:
    """What a class `Meta` says about a model with these fields."""
    draft = Meta(fields, unindexed=bool(node.bases))
    for statement in map(bare, node.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id="abstract")], value=ast.Constant(value=value)):
                draft.abstract = bool(value)
            case ast.Assign(targets=[ast.Name(id="managed" | "proxy" as name)], value=ast.Constant(value=value)):
                draft.vague = draft.vague or bool(value) is (name == "proxy")
            case ast.Assign(targets=[ast.Name(id="db_table")], value=ast.Constant(value=str() as table)):
                draft.table = table
            case ast.Assign(targets=[ast.Name(id="app_label")], value=ast.Constant(value=str() as label)):
                draft.label = label
            case ast.Assign(targets=[ast.Name(id="unique_together" | "index_together" as name)], value=value):
                rows = list(_together(value))
                draft.unindexed = draft.unindexed or not rows
                for row in rows:
                    _add(draft, row, unique=name == "unique_together")
            case ast.Assign(targets=[ast.Name(id="indexes" | "constraints")], value=ast.List() | ast.Tuple() as value):
                for each in value.elts:
                    _index(draft, each)
            case ast.Assign(targets=[ast.Name(id="indexes" | "constraints")]):
                draft.unindexed = True
            case _:
                pass
    return draft


def _together(value: ast.expr) -> Iterator[list[ast.expr]]:
    """The rows of `unique_together`, which may be one row alone."""
    if isinstance(value, ast.Tuple | ast.List | ast.Set) and value.elts:
        rows = [value] if isinstance(value.elts[0], ast.Constant) else value.elts
        for row in rows:
            yield row.elts if isinstance(row, ast.Tuple | ast.List) else [row]


def _add(draft: Meta, nodes: list[ast.expr], *, unique: bool) -> None:
    """Add an index over what the elements name, as far as the columns are known."""
    found: list[str] = []
    for each in nodes:
        match each:
            case ast.Constant(value=str() as name):
                known = draft.fields.get(name.lstrip("-"))
                if known is None or not known.column:
                    unique = False
                    break
                found.append(known.column)
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function), args=[ast.Constant(value=str() as name)]
            ) if function in _EXPRESSIONS and name in draft.fields:
                found.append(f"{_EXPRESSIONS[function]}({draft.fields[name].column})")
            case _:
                draft.unindexed = True
                return
    draft.unindexed = draft.unindexed or not nodes
    if found:
        draft.indexes.append(Index(tuple(found), unique))


def _index(draft: Meta, node: ast.expr) -> None:
    if not isinstance(node, ast.Call):
        draft.unindexed = True
        return
    kind = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if kind in {"CheckConstraint", "ExclusionConstraint"}:
        return
    terms: list[ast.expr] = list(node.args)
    for keyword in node.keywords:
        if keyword.arg == "fields" and isinstance(keyword.value, ast.List | ast.Tuple):
            terms = keyword.value.elts
    partial = any(each.arg == "condition" for each in node.keywords)
    _add(draft, terms, unique=kind == "UniqueConstraint" and not partial)
