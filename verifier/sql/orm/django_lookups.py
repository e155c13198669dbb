"""Django's field lookups, `author__name__iexact="x"` and Q objects, as SQL.

https://docs.djangoproject.com/en/stable/ref/models/querysets/#field-lookups
"""

from __future__ import annotations

import libcst as cst

from verifier.sql.orm.model import Family, Field, Model
from verifier.sql.orm.models import leads_to, reverse_names
from verifier.sql.orm.query import Invented, Query, column, plain, value

_SIGNS = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT = frozenset({"iexact", "icontains", "contains", "startswith", "istartswith", "endswith", "iendswith"})
_LOOKUPS = frozenset({*_SIGNS, *_TEXT, "in", "isnull", "range", "regex", "iregex", "search"})
_PARTS = frozenset(
    {"date", "time", "month", "day", "week", "week_day", "quarter", "hour", "minute", "second", "iso_year"}
)
_TEXTUAL = frozenset({"iexact", "icontains", "istartswith", "iendswith", "iregex", "regex"})
"""Lookups that no relation takes, and after which no field is called."""


def lookup(query: Query, node: cst.CSTNode, key: str, given: cst.BaseExpression | None) -> str | None:
    """The condition of one keyword; None where it is not understood."""
    parts = key.split("__")
    if parts[0] in query.added:
        return None
    model = query.tables[0]
    while True:
        found = _field(model, parts[0])
        if found is None:
            _unknown(query, node, model, parts, given)
            return None
        rest = parts[1:]
        if not found.column:
            return None
        if not rest or not (found.target or found.table):
            return _ended(column(model, found), rest, given) if _here(query, model) else None
        target = leads_to(query.models, found)
        if rest[0] in _LOOKUPS:
            return _ended(column(model, found), rest, given)
        if target is None or target.family is not Family.DJANGO or target is model:
            return None
        keys = target.keys()
        if rest[0] == "pk" or (len(keys) == 1 and rest[0] == keys[0].name):
            return _ended(column(model, found), rest[1:], given) if _here(query, model) else None
        if not _here(query, target):
            if len(keys) != 1:
                return None
            query.add(target, f"{column(model, found)} = {column(target, keys[0])}")
        model, parts = target, rest


def _here(query: Query, model: Model) -> bool:
    return any(each is model for each in query.tables)


def _field(model: Model, name: str) -> Field | None:
    """The field of a name in a lookup: its own, its column's (`author_id`), or `pk`."""
    if name == "pk":
        keys = model.keys()
        return keys[0] if len(keys) == 1 else None
    found = model.fields.get(name)
    if found is None and name.endswith("_id"):
        relation = model.fields.get(name.removesuffix("_id"))
        found = relation if relation is not None and relation.target else None
    return found


def _ended(side: str, rest: list[str], given: cst.BaseExpression | None) -> str | None:
    """A column with the transforms and the lookup behind it."""
    match rest:
        case []:
            return _compared(side, "exact", given)
        case [name] if name in _LOOKUPS:
            return _compared(side, name, given)
        case ["year", *more] if more in ([], ["exact"]):
            return f"{side} BETWEEN ? AND ?"  # Django does not call a function for a year
        case ["year", sign] if sign in _SIGNS:
            return f"{side} {_SIGNS[sign]} ?"
        case ["date", *more] if not more or (len(more) == 1 and more[0] in _SIGNS):
            return f"date({side}) {_SIGNS[more[0]] if more else '='} ?"
        case [name, *more] if name in _PARTS and (not more or (len(more) == 1 and more[0] in _SIGNS)):
            return f"{name}_of({side}) {_SIGNS[more[0]] if more else '='} ?"
        case _:
            return None


def _compared(side: str, name: str, given: cst.BaseExpression | None) -> str | None:
    right = value(given) if given is not None else "?"
    if _expression(given):
        return None
    match name:
        case "exact" if right == "NULL":
            return f"{side} IS NULL"
        case "in":
            inside = [value(each.value) for each in given.elements] if isinstance(given, cst.List | cst.Tuple) else []
            return f"{side} IN ({', '.join(inside[:8]) or '?'})"
        case "isnull":
            return f"{side} IS {'NOT ' if right == '0' else ''}NULL"
        case "range":
            return f"{side} BETWEEN ? AND ?"
        case "iexact":
            return f"upper({side}) = ?"
        case "startswith":
            return f"{side} >= ?"
        case "contains" | "endswith":
            return f"{side} LIKE '%…'"
        case "icontains" | "istartswith" | "iendswith":
            return f"upper({side}) LIKE '%…'"
        case _ if name in _SIGNS:
            return f"{side} {_SIGNS[name]} {right}"
        case _:
            return None


def _expression(given: cst.BaseExpression | None) -> bool:
    """Whether a value is worked out by the database: `F("price")`, `OuterRef("pk")`."""
    match given:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name in {"F", "OuterRef", "Subquery", "Value", "Case", "Now", "Lower", "Upper", "Exists", "Concat"}
        case cst.BinaryOperation(left=left, right=right):
            return _expression(left) or _expression(right)
        case _:
            return False


def condition(query: Query, node: cst.BaseExpression) -> str | None:
    """A positional condition: Q objects, put together with `&`, `|` and `~`."""
    match node:
        case cst.BinaryOperation(operator=cst.BitAnd() | cst.BitOr() as operator, left=left, right=right):
            first, second = condition(query, left), condition(query, right)
            word = "AND" if isinstance(operator, cst.BitAnd) else "OR"
            return f"({first} {word} {second})" if first is not None and second is not None else None
        case cst.UnaryOperation(operator=cst.BitInvert(), expression=inner):
            found = condition(query, inner)
            return f"NOT ({found})" if found is not None else None
        case cst.Call(func=cst.Name(value="Q") | cst.Attribute(attr=cst.Name(value="Q")), args=args) if args:
            made = [
                lookup(query, each.keyword, each.keyword.value, each.value)
                if each.keyword is not None
                else condition(query, each.value)
                if not each.star
                else None
                for each in args
            ]
            known = [each for each in made if each is not None]
            return f"({' AND '.join(known)})" if len(known) == len(made) else None
        case _:
            return None


def named(query: Query, node: cst.CSTNode, key: str) -> None:
    """Look at a name that `order_by`, `values` or `only` is given."""
    parts = key.split("__")
    if parts[0] in query.added or parts[0] in {"?", ""}:
        return
    model = query.tables[0]
    if _field(model, parts[0]) is None:
        _unknown(query, node, model, parts, None)


def keyword(query: Query, given: cst.Arg) -> None:
    """Look at a keyword of `create(...)`, `update(...)` or of the class itself."""
    model = query.tables[0]
    if given.keyword is None or given.star or not model.constructor:
        return
    name = given.keyword.value
    if _field(model, name) is None and name not in query.added:
        _unknown(query, given.keyword, model, [name], given.value)


def _unknown(query: Query, node: cst.CSTNode, model: Model, parts: list[str], given: cst.BaseExpression | None) -> None:
    """Note a name that the model does not have; where it may be a relation of another file, it is not sure."""
    name = parts[0]
    if query.open or not model.closed or name in model.names or not name.isidentifier() or name.startswith("_"):
        return
    if name in reverse_names(query.models, model):
        return
    textual = len(parts) == 2 and parts[1] in _TEXTUAL
    query.invented.append(Invented(node, model, name, sure=textual or (len(parts) == 1 and plain(name, given))))
