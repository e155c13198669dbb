"""Conditions in SQLAlchemy's expression language as SQL.

https://docs.sqlalchemy.org/en/20/core/operators.html
"""

from __future__ import annotations

import libcst as cst

from verifier.sql.orm.model import Family, Field, Model
from verifier.sql.orm.models import alone, leads_to, reverse_names, way_back
from verifier.sql.orm.query import Invented, Query, column, plain, value

_SIGNS: dict[type[cst.BaseCompOp], str] = {
    cst.Equal: "=",
    cst.NotEqual: "<>",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_FUNCTIONS = frozenset({"lower", "upper", "date", "trim", "length", "coalesce", "strftime", "substr", "abs", "round"})
_OF_CLASS = frozenset({"c", "columns", "__table__"})
_BOTH = {"and_": " AND ", "or_": " OR "}


def condition(query: Query, node: cst.BaseExpression) -> str | None:
    """A condition as SQL; None where it is not understood."""
    match node:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            sign = _SIGNS.get(type(operator))
            return _compared(query, left, sign, right) if sign else None
        case cst.BinaryOperation(operator=cst.BitAnd() | cst.BitOr() as operator, left=left, right=right):
            word = " AND " if isinstance(operator, cst.BitAnd) else " OR "
            return _all(word, [condition(query, left), condition(query, right)])
        case cst.UnaryOperation(operator=cst.BitInvert(), expression=inner):
            return _negated(condition(query, inner))
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), args=args) if name in _BOTH:
            return _all(_BOTH[name], [None if each.star else condition(query, each.value) for each in args])
        case cst.Call(func=cst.Name(value="not_") | cst.Attribute(attr=cst.Name(value="not_")), args=[one]):
            return _negated(condition(query, one.value))
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=name)), args=args):
            side = operand(query, owner)
            return _method(side, name, [each.value for each in args if not each.star]) if side else None
        case cst.Attribute():
            return operand(query, node)
        case _:
            return None


def operand(query: Query, node: cst.BaseExpression) -> str | None:
    """A column, or a function of one, as SQL."""
    match node:
        case cst.Attribute(attr=cst.Name(value=name)):
            model = owner_of(query, node)
            if model is None:
                return None
            found = model.fields.get(name) or _by_column(model, node, name) or way_back(query.models, model, name)
            if found is None:
                _invented(query, node.attr, model, name)
                return None
            found = _as_column(query, model, found)
            if found is None or not any(each is model for each in query.tables):
                return None
            return column(model, found)
        case cst.Call(func=cst.Attribute(value=cst.Name(value="func"), attr=cst.Name(value=name)), args=[one, *rest]):
            inner = operand(query, one.value)
            simple = all(isinstance(each.value, cst.SimpleString | cst.Integer) for each in rest)
            if inner is None or name.lower() not in _FUNCTIONS or not simple:
                return None
            return f"{name.lower()}({', '.join([inner, *(value(each.value) for each in rest)])})"
        case _:
            return None


def owner_of(query: Query, node: cst.Attribute) -> Model | None:
    """The model of `User.email`, `users.c.email` or `User.__table__.c.email`."""
    inner = node.value
    table = False
    while isinstance(inner, cst.Attribute) and inner.attr.value in _OF_CLASS:
        inner, table = inner.value, True
    model = query.models.model(inner, query.scope, query.order)
    if model is None or model.family is not Family.ALCHEMY:
        return None
    core = model.name == model.table or not model.names - model.fields.keys()
    return model if table or not core or model.name[:1].isupper() else None


def _by_column(model: Model, node: cst.Attribute, name: str) -> Field | None:
    """The field of a column's own name, which `User.__table__.c` goes by."""
    if not isinstance(node.value, cst.Attribute) or node.value.attr.value not in _OF_CLASS:
        return None
    return next((each for each in model.fields.values() if each.column == name), None)


def _as_column(query: Query, model: Model, found: Field) -> Field | None:
    """The column of a field; a relation's is its one foreign key."""
    if found.column:
        return found
    target = leads_to(query.models, found)
    if target is None or found.many:
        return None
    keys = [
        each
        for each in model.fields.values()
        if each.column and (each.table or each.target) and leads_to(query.models, each) is target
    ]
    return keys[0] if len(keys) == 1 else None


def _invented(
    query: Query, node: cst.CSTNode, model: Model, name: str, given: cst.BaseExpression | None = None
) -> None:
    known = model.names | reverse_names(query.models, model)
    if not model.closed or name in known or "?" in known or name.startswith("_"):
        return
    sure = alone(query.models, model) or plain(name, given)
    if sure or f"{name}_id" not in known:  # which another file's `backref` may give
        query.invented.append(Invented(node, model, name, sure=sure))


def keyword(query: Query, model: Model, given: cst.Arg) -> str | None:
    """The condition of one keyword of `filter_by`."""
    assert given.keyword is not None  # noqa: S101  # the caller's choice
    name = given.keyword.value
    found = model.fields.get(name) or way_back(query.models, model, name)
    if found is None:
        _invented(query, given.keyword, model, name, given.value)
        return None
    found = _as_column(query, model, found)
    return _equal(column(model, found), "=", value(given.value)) if found is not None else None


def _compared(query: Query, left: cst.BaseExpression, sign: str, right: cst.BaseExpression) -> str | None:
    first, second = operand(query, left), operand(query, right)
    for side, known in ((left, first), (right, second)):
        if known is None and isinstance(side, cst.Attribute) and owner_of(query, side) is not None:
            return None  # of a table outside
    if first is not None:
        return _equal(first, sign, second or value(right))
    return _equal(second, _TURNED.get(sign, sign), value(left)) if second is not None else None


def _equal(left: str, sign: str, right: str) -> str:
    if right == "NULL":
        return f"{left} IS {'NOT ' if sign == '<>' else ''}NULL"
    return f"{left} {sign} {right}"


def _method(side: str, name: str, given: list[cst.BaseExpression]) -> str | None:
    """The condition of a column's method."""
    first = given[0] if given else None
    match name:
        case "in_" if first is not None:
            return f"{side} IN ({_listed(first)})"
        case "not_in" | "notin_":
            return f"{side} NOT IN (?)"
        case "is_" | "is_not" | "isnot" if first is not None:
            right = value(first)
            return f"{side} IS {'' if name == 'is_' else 'NOT '}{right}"
        case "between" if len(given) >= 2:
            return f"{side} BETWEEN ? AND ?"
        case "like" if first is not None:
            return f"{side} LIKE {_pattern(first)}"
        case "ilike" if first is not None:
            pattern = _pattern(first)
            return f"lower({side}) {'=' if pattern == '?' else 'LIKE'} {pattern}"
        case "startswith":
            return f"{side} >= ?"
        case "endswith" | "contains":
            return f"{side} LIKE '%…'"
        case "icontains" | "istartswith" | "iendswith":
            return f"lower({side}) LIKE '%…'"
        case _:
            return None


def _pattern(node: cst.BaseExpression) -> str:
    """A pattern, of which it is only asked whether it begins with a wildcard."""
    match node:
        case cst.FormattedString(parts=[cst.FormattedStringText(value=text), *_]) if text[:1] in {"%", "_"}:
            return "'%…'"
        case cst.BinaryOperation(left=inner, operator=cst.Add() | cst.Modulo()):
            return _pattern(inner)
        case cst.SimpleString() as literal:
            text = str(literal.evaluated_value)
            return "'%…'" if text[:1] in {"%", "_"} and text[:2] not in {"%s", "%("} else "?"
        case _:
            return "?"


def _listed(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.List | cst.Tuple | cst.Set) and node.elements:
        return ", ".join(value(each.value) for each in node.elements[:8])
    return "?"


def _all(word: str, parts: list[str | None]) -> str | None:
    known = [each for each in parts if each is not None]
    return f"({word.join(known)})" if known and len(known) == len(parts) else None


def _negated(inner: str | None) -> str | None:
    return f"NOT ({inner})" if inner is not None else None
