"""The queries that a file makes through its models, each with the call that says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from verifier.semantics.model import Call, Facts, Scope
from verifier.sql.orm import alchemy_queries, django_queries
from verifier.sql.orm.chains import Step, Uses, bound_once, open_uses, receiver, steps, unwrapped
from verifier.sql.orm.model import Family, Model
from verifier.sql.orm.models import Models
from verifier.sql.orm.query import Query

EXECUTES = frozenset(
    {"execute", "scalars", "scalar", "exec", "stream", "stream_scalars", "fetch_all", "fetch_one", "exists"}
)
_FETCHES = frozenset({"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"})
_TAKES = frozenset({*EXECUTES, *_FETCHES, "list", "len", "bool", "sorted", "set", "tuple", "any", "print", "render"})
"""Calls that take a query as it is."""
_REFINES = frozenset(
    {
        *("filter", "filter_by", "where", "exclude", "get", "aget", "join", "outerjoin", "select_from", "having"),
        *("get_or_create", "update_or_create", "union", "union_all", "intersect", "except_", "difference", "extra"),
    }
)
_OPEN = ("get_queryset", "get_query", "_queryset", "_query", "base_")
"""What functions are called whose callers go on refining what they return."""
_DEEPEST = 6


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One query with the call that a finding points at; `judged` says whether it is whole."""

    query: Query
    call: Call
    judged: bool
    rows: bool = False
    """Whether the call gives every row, and the query is understood."""


@dataclass(slots=True)
class Asking:
    """One file while its queries are read."""

    facts: Facts
    models: Models
    uses: Uses
    given: dict[int, cst.Call]
    """The call of each argument, by the identity of the argument."""
    inner: set[int] = field(default_factory=set)
    """Calls that are part of a longer chain, by the identity of the node."""


def asked(facts: Facts, models: Models) -> Iterator[Asked]:
    """Each query of a file, in the order of the calls."""
    asking = Asking(
        facts, models, open_uses(facts), {id(arg): each.node for each in facts.calls for arg in each.node.args}
    )
    for call in facts.calls:
        within = receiver(call.node)
        if within is not None:
            asking.inner.add(id(within))
        name = _name(call.node)
        if name in EXECUTES | _FETCHES and call.node.args:
            given = unwrapped(call.node.args[0].value)
            asking.inner.add(id(given))
    for call in facts.calls:
        if id(call.node) in asking.inner:
            continue
        chain = steps(call.node)
        query = _read(asking, chain, call.scope, call.order, 0) if chain else None
        if query is not None:
            known = not query.lost and _whole(asking, call)
            yield Asked(query, call, query.own and known, known and not query.few and _every(query, call))


def _every(query: Query, call: Call) -> bool:
    """Whether a call gives every row of its query: the last method says so, or the query set itself is a list."""
    if query.tables[0].family is Family.DJANGO:
        return _name(call.node) not in django_queries.NO_ROWS
    return _name(call.node) in {"all", "fetchall"}


def _read(asking: Asking, chain: list[Step], scope: Scope, order: int, depth: int) -> Query | None:
    """The query of a chain; None where it is none."""
    if depth > _DEEPEST:
        return None
    query = Query(asking.models, asking.facts, scope, order)
    for place, step in enumerate(chain[:4]):
        if step.call is None and step.name != "[]":
            model = asking.models.model(step.node, scope, order)
            if model is not None:
                return _of_model(query, model, chain[place + 1 :])
        elif step.name in alchemy_queries.STARTS and step.call is not None:
            if alchemy_queries.entities(query, step.args):
                alchemy_queries.follow(query, chain[place + 1 :])
                return query
            return None
        elif step.name in _FETCHES and step.args:
            return _fetched(asking, query, step, depth)
        elif step.name in EXECUTES and step.args:
            found = _of(asking, step.args[0].value, scope, order, depth)
            if found is not None:
                rest = [each.name for each in chain[place + 1 :]]
                found.few = found.few or not alchemy_queries.ALL_ROWS.issuperset(rest)
            return found
    bound = bound_once(asking.facts, chain[0].name, scope, order) if chain[0].call is None else None
    if bound is None or bound.value is None or len(chain) < 2:
        return None
    found = _of(asking, bound.value, bound.scope, bound.order, depth)
    return _followed(found, chain[1:], scope, order) if found is not None else None


def _of(asking: Asking, node: cst.BaseExpression, scope: Scope, order: int, depth: int) -> Query | None:
    """The query that an expression holds, a name that is bound to one included."""
    chain = steps(node)
    if not chain:
        return None
    if len(chain) > 1 or chain[0].call is not None:
        return _read(asking, chain, scope, order, depth + 1)
    bound = bound_once(asking.facts, chain[0].name, scope, order)
    if bound is None or bound.value is None or depth > _DEEPEST:
        return None
    found = _of(asking, bound.value, bound.scope, bound.order, depth + 1)
    if found is not None:
        found.own = False
        found.invented = []
    return found


def _of_model(query: Query, model: Model, rest: list[Step]) -> Query | None:
    """The query that begins with a class: `User.objects`, `User.query`, `users.select()`."""
    if not rest:
        return None
    first = rest[0]
    if model.family is Family.DJANGO:
        if first.name not in model.managers or first.call is not None:
            return None
        query.add(model)
        django_queries.follow(query, rest[1:])
        return query
    starts = first.name == "query" and first.call is None
    if starts or (first.name in alchemy_queries.STARTS and first.call is not None and model.name not in model.names):
        query.add(model)
        alchemy_queries.follow(query, rest[1:])
        return query
    return None


def _fetched(asking: Asking, query: Query, step: Step, depth: int) -> Query | None:
    """`get_object_or_404(User, email=x)`, which takes a class, a manager or a query set."""
    first = step.args[0].value
    model = asking.models.model(first, query.scope, query.order)
    if model is not None and model.family is Family.DJANGO:
        query.add(model)
    elif (inner := _of(asking, first, query.scope, query.order, depth)) is not None:
        query = inner
    elif (found := _manager(asking, query, first)) is not None:
        query.add(found)
    else:
        return None
    query.own = True
    django_queries.filtered(query, step.args[1:], negated=False)
    return query


def _manager(asking: Asking, query: Query, node: cst.BaseExpression) -> Model | None:
    match node:
        case cst.Attribute(value=owner, attr=cst.Name(value=name)):
            model = asking.models.model(owner, query.scope, query.order)
            return model if model is not None and name in model.managers else None
        case _:
            return None


def _followed(query: Query, chain: list[Step], scope: Scope, order: int) -> Query:
    """What a name's query becomes by the steps after the name."""
    query.scope, query.order, query.own, query.invented = scope, order, False, []
    if query.tables and query.tables[0].family is Family.DJANGO:
        django_queries.follow(query, chain)
    else:
        alchemy_queries.follow(query, chain)
    return query


def _whole(asking: Asking, call: Call) -> bool:
    """Whether nothing is added to a query after the call that makes it."""
    bound = asking.uses.bound.get(id(call.node))
    if bound is None:
        returned = isinstance(call.statement, cst.Return) and unwrapped(call.statement.value) is call.node
        return not (returned and _open(call.scope))
    for node, parent, _ in asking.uses.of(bound):
        if isinstance(parent, cst.Attribute) and parent.value is node and parent.attr.value in _REFINES:
            return False
        if isinstance(parent, cst.Arg) and not _taken(asking, parent):
            return False
        if isinstance(parent, cst.Return) and _open(bound.scope):
            return False
    return True


def _open(scope: Scope) -> bool:
    """Whether what a function returns is meant to be refined by its callers."""
    return scope.function is not None and any(each in scope.function.name for each in _OPEN)


def _taken(asking: Asking, arg: cst.Arg) -> bool:
    """Whether the call that gets an argument takes a query as it is."""
    call = asking.given.get(id(arg))
    return call is not None and _name(call) in _TAKES


def _name(call: cst.Call) -> str:
    match call.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return ""
