"""Which tables a statement names, what it calls them, and which of them it makes itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.sql.words import Word, closing

_CLAUSES = frozenset(
    {
        *("where", "on", "using", "join", "inner", "left", "right", "full", "outer", "cross", "natural", "group"),
        *("order", "limit", "offset", "set", "union", "except", "intersect", "having", "values", "select", "window"),
        *("indexed", "not", "default", "returning", "for", "lateral", "straight_join", "force", "use", "with"),
    }
)

_BEGIN_BODY = frozenset({"(", "materialized", "not"})
_NEAR_START = 64
"""Words after which no WITH of a statement's own begins: `INSERT INTO t (...) WITH ...` is the longest start."""


def aliases(found: Sequence[Word]) -> dict[str, str]:
    """The table that each name in FROM, JOIN, UPDATE and INTO stands for; one that stands for two is left out."""
    pairs: list[tuple[str, str]] = []
    for place, word in enumerate(found):
        if word.key in {"from", "join", "update", "into"} or (word.text == "," and _in_from(found, place)):
            pairs.extend(_table(found, place + 1))
    tables: dict[str, set[str]] = {}
    for alias, table in pairs:
        tables.setdefault(alias, set()).add(table)
    return {alias: next(iter(names)) for alias, names in tables.items() if len(names) == 1}


def derived(found: Sequence[Word]) -> frozenset[str]:
    """The names that a statement itself makes with WITH, lists of their columns included."""
    if not any(each.key == "with" for each in found[:_NEAR_START]):
        return frozenset()
    made: set[str] = set()
    for place, word in enumerate(found[:-1]):
        if word.named and place and (found[place - 1].key in {"with", "recursive"} or found[place - 1].text == ","):
            after = closing(found, place + 1) + 1 if found[place + 1].text == "(" else place + 1
            if after + 1 < len(found) and found[after].key == "as" and found[after + 1].key in _BEGIN_BODY:
                made.add(word.key)
    return frozenset(made)


def _table(found: Sequence[Word], at: int) -> Iterator[tuple[str, str]]:
    while at < len(found) and found[at].key in {"only", "or", "ignore", "replace", "abort", "fail", "rollback"}:
        at += 1
    if at >= len(found) or not found[at].named or found[at].key in {"select", "set"}:
        return
    if at + 2 < len(found) and found[at + 1].text == ".":
        return  # of another schema
    name = found[at].key
    at += 1
    if at < len(found) and found[at].key == "as":
        at += 1
    if at < len(found) and found[at].named and found[at].key not in _CLAUSES:
        yield found[at].key, name
    else:
        yield name, name


def _in_from(found: Sequence[Word], place: int) -> bool:
    """Whether a comma stands between the tables of a FROM."""
    for each in range(place - 1, max(-1, place - 12), -1):
        if found[each].key == "from":
            return True
        if found[each].text in {"(", ")"} or found[each].key in _CLAUSES | {"by", "and"}:
            return False
    return False
