"""Django's query sets as SQL.

https://docs.djangoproject.com/en/stable/ref/models/querysets/
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from verifier.sql.orm.chains import Step
from verifier.sql.orm.django_lookups import condition, keyword, lookup, named
from verifier.sql.orm.query import Query, column

_FILTERS = frozenset({"filter", "get", "exclude", "aget"})
_MAKES = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
_SAME = frozenset(
    {
        *("all", "distinct", "using", "reverse", "select_for_update", "prefetch_related", "[]", "defer", "only"),
        *("select_related", "values", "values_list", "iterator", "dates", "datetimes"),
    }
)
_ADDS = frozenset({"annotate", "alias"})
_NAMES = frozenset({"values", "values_list", "only", "defer", "order_by", "earliest", "latest", "dates", "datetimes"})
_ENDS = frozenset(
    {
        *("first", "last", "exists", "count", "delete", "update", "earliest", "latest", "aggregate", "afirst"),
        *("aexists", "acount", "adelete", "aupdate", "alast", "contains", "in_bulk", "explain", "aaggregate"),
    }
)
NO_ROWS = _ENDS | _MAKES | {"get", "aget", "create", "acreate", "bulk_create", "bulk_update", "get_object_or_404"}
"""Methods whose result is no query set."""
_CREATES = frozenset({"create", "acreate"})


def follow(query: Query, chain: Sequence[Step]) -> None:
    """Take the steps of a chain, one after the other, into the query."""
    for step in chain:
        if step.name in _NAMES and step.call is not None:
            _names(query, step)
        match step.name:
            case name if name in _FILTERS and step.call is not None:
                query.own = True
                filtered(query, step.args, negated=name == "exclude")
                if name.endswith("get"):
                    return
            case name if name in _MAKES and step.call is not None:
                query.own = True
                given = [each for each in step.args if _word(each) not in {"defaults", "create_defaults"}]
                filtered(query, given, negated=False)
                return
            case name if name in _CREATES and step.call is not None:
                query.lost = True
                for each in step.args:
                    keyword(query, each)
                return
            case "order_by" if step.call is not None:
                query.own = True
                _ordered(query, step.args)
            case name if name in _ADDS:
                added = [_word(each) for each in step.args]
                query.added |= {each for each in added if each}
                query.open = query.open or "" in added
            case "update" | "aupdate":
                for each in step.args:
                    keyword(query, each)
                return
            case name if name in _ENDS:
                return
            case name if name not in _SAME:
                query.lost = query.open = True
                return


def filtered(query: Query, args: Sequence[cst.Arg], *, negated: bool) -> None:
    """Add the conditions of `filter(...)`, `exclude(...)` or `get(...)`."""
    found: list[str] = []
    for each in args:
        made: str | None = None
        if each.star == "" and each.keyword is not None:
            made = lookup(query, each.keyword, each.keyword.value, each.value)
        elif each.star == "":
            made = condition(query, each.value)
        if made is None:
            query.lost = True
        else:
            found.append(made)
    if negated and found:
        query.wheres.append(f"NOT ({' AND '.join(found)})")
    else:
        query.wheres += found


def _names(query: Query, step: Step) -> None:
    """Look at the names of columns that a method is given as strings."""
    for each in step.args:
        if isinstance(each.value, cst.SimpleString) and each.keyword is None:
            text = each.value.evaluated_value
            if isinstance(text, str):
                named(query, each.value, text.lstrip("-+"))
            if step.name in {"dates", "datetimes"}:
                break
        elif each.keyword is not None and step.name in {"values", "values_list"}:
            query.added.add(each.keyword.value)


def _ordered(query: Query, args: Sequence[cst.Arg]) -> None:
    made: list[str] = []
    for each in args:
        text = each.value.evaluated_value if isinstance(each.value, cst.SimpleString) else None
        name = text.lstrip("-") if isinstance(text, str) else ""
        found = query.tables[0].fields.get(name)
        if found is None or not found.column or not isinstance(text, str):
            return
        made.append(column(query.tables[0], found) + (" DESC" if text.startswith("-") else ""))
    query.orders = made


def _word(each: cst.Arg) -> str:
    return each.keyword.value if each.keyword is not None else ""
