"""SQLAlchemy's query chains, of either style, as SQL.

https://docs.sqlalchemy.org/en/20/orm/queryguide/select.html
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from verifier.sql.orm.alchemy_conditions import condition, keyword, operand, owner_of
from verifier.sql.orm.chains import Step
from verifier.sql.orm.model import Family, Model
from verifier.sql.orm.models import leads_to
from verifier.sql.orm.query import Query

STARTS = frozenset({"query", "select", "update", "delete"})
_SAME = frozenset(
    {
        *("options", "limit", "offset", "distinct", "with_for_update", "execution_options", "populate_existing"),
        *("yield_per", "group_by", "having", "with_entities", "add_columns", "values", "returning", "[]", "slice"),
        *("enable_eagerloads", "with_only_columns", "prefix_with", "autoflush", "enable_assertions", "add_entity"),
    }
)
_ENDS = frozenset(
    {
        *("all", "first", "one", "one_or_none", "scalar", "scalars", "count", "delete", "update", "get", "exists"),
        *("first_or_404", "one_or_404", "get_or_404", "paginate", "scalar_one", "scalar_one_or_none", "mappings"),
        *("unique", "fetchall", "fetchone", "subquery", "scalar_subquery", "cte", "label", "alias", "__iter__"),
        *("filter_text", "as_scalar"),
    }
)
_LESS = frozenset({"limit", "slice", "[]", "with_entities", "with_only_columns", "add_columns", "values", "yield_per"})
"""Steps after which a query gives few rows, or others than those of its tables."""
ALL_ROWS = frozenset({"all", "fetchall", "scalars", "mappings", "unique"})
"""Steps at the end of a chain that give every row."""
_NOT_PLANNED = frozenset({"subquery", "scalar_subquery", "cte", "label", "alias", "exists", "as_scalar"})
_DEEPEST_ENTITY = 3


def entities(query: Query, args: Sequence[cst.Arg]) -> bool:
    """Begin a query with what `query(...)`, `select(...)`, `update(...)` are given; whether all of it is known."""
    for each in args:
        if each.star or each.keyword is not None:
            return False
        query.few = query.few or isinstance(each.value, cst.Call)  # `func.count(User.id)` gives one row
        model = _entity(query, each.value, 0)
        if model is None:
            return False
        if not any(other is model for other in query.tables):
            query.add(model)
    return bool(query.tables)


def _entity(query: Query, node: cst.BaseExpression, depth: int) -> Model | None:
    """The model of `User`, `User.id`, `func.count(User.id)` or `User.id.label("x")`."""
    model = query.models.model(node, query.scope, query.order)
    if model is not None:
        return model if model.family is Family.ALCHEMY else None
    if depth > _DEEPEST_ENTITY:
        return None
    match node:
        case cst.Attribute():
            return owner_of(query, node)
        case cst.Call(args=[one, *_], func=func) if not one.star:
            inner = _entity(query, one.value, depth + 1)
            if inner is None and isinstance(func, cst.Attribute):
                return _entity(query, func.value, depth + 1)
            return inner
        case cst.Call(func=cst.Attribute(value=inner)):
            return _entity(query, inner, depth + 1)
        case _:
            return None


def follow(query: Query, chain: Sequence[Step]) -> None:
    """Take the steps of a chain, one after the other, into the query."""
    for place, step in enumerate(chain):
        match step.name:
            case "filter" | "where" | "filter_by" if step.call is not None:
                query.own = True
                for each in step.args:
                    _filtered(query, step.name, each)
            case "join" | "outerjoin" if step.call is not None:
                query.own = True
                _joined(query, step)
            case "select_from" if step.args:
                model = query.models.model(step.args[0].value, query.scope, query.order)
                if model is None:
                    query.lost = True
                elif not any(each is model for each in query.tables):
                    query.add(model)
            case "order_by" if step.call is not None:
                query.own = True
                _ordered(query, step.args)
            case name if name in _ENDS:
                query.lost = query.lost or name in _NOT_PLANNED
                query.few = query.few or not ALL_ROWS.issuperset(each.name for each in chain[place:])
                return
            case name if name not in _SAME:
                query.lost = True
            case name if name in _LESS:
                query.few = True


def _filtered(query: Query, method: str, given: cst.Arg) -> None:
    made: str | None = None
    if not given.star and given.keyword is not None and method == "filter_by":
        made = keyword(query, query.model, given)
    elif not given.star and given.keyword is None and method != "filter_by":
        made = condition(query, given.value)
    if made is None:
        query.lost = True
    else:
        query.wheres.append(made)


def _joined(query: Query, step: Step) -> None:
    places = [each.value for each in step.args if each.keyword is None and not each.star]
    words = {each.keyword.value: each.value for each in step.args if each.keyword is not None}
    outer = step.name == "outerjoin" or "isouter" in words or "full" in words
    on = places[1] if len(places) > 1 else words.get("onclause")
    if not places or len(places) > 2:
        query.lost = True
        return
    target = query.models.model(places[0], query.scope, query.order)
    if target is None and isinstance(places[0], cst.Attribute):
        target = _related(query, places[0])
    if target is None or any(each is target for each in query.tables):
        query.lost = True
        return
    made: str | None = None
    if on is None or (isinstance(on, cst.Attribute) and _related(query, on) is target):
        links = [link for each in query.tables if (link := query.link(each, target)) is not None]
        made = links[0] if len(links) == 1 else None
        query.add(target, made or "1", outer=outer)
    else:
        here = len(query.tables)
        query.tables.append(target)
        made = condition(query, on)
        del query.tables[here:]
        query.add(target, made or "1", outer=outer)
    query.lost = query.lost or made is None


def _related(query: Query, node: cst.Attribute) -> Model | None:
    """The model that `User.orders` leads to, by a foreign key of either side."""
    owner = owner_of(query, node)
    if owner is None:
        return None
    found = owner.fields.get(node.attr.value)
    if found is not None and not found.many:
        return leads_to(query.models, found)
    if found is None:
        behind = [
            other
            for other in query.models.all()
            for each in other.fields.values()
            if each.related == node.attr.value and each.target == owner.name and not each.many
        ]
        return behind[0] if len(behind) == 1 else None
    return None


def _ordered(query: Query, args: Sequence[cst.Arg]) -> None:
    made: list[str] = []
    for each in args:
        node, down = each.value, ""
        match node:
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="desc" | "asc" as word)), args=[]):
                node, down = inner, " DESC" if word == "desc" else ""
            case cst.Call(
                func=cst.Name(value="desc" | "asc" as word)
                | cst.Attribute(attr=cst.Name(value="desc" | "asc" as word)),
                args=[one],
            ):
                node, down = one.value, " DESC" if word == "desc" else ""
            case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
                node, down = inner, " DESC"
            case _:
                pass
        side = operand(query, node)
        if side is None:
            return  # by an expression: no index would hold it
        made.append(side + down)
    query.orders = [*query.orders, *made]
