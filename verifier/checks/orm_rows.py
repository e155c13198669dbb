"""Queries through models of which every row is fetched and less is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Sql
from verifier.checks.sql_rules.rows import ALCHEMY, DJANGO, Style, told
from verifier.checks.sql_rules.used import Used, uses
from verifier.model import Finding
from verifier.semantics.model import Facts
from verifier.sql.model import Dialect, Statement
from verifier.sql.orm.asking import Asked
from verifier.sql.orm.model import Family

Fetched = tuple[Statement, Style]
"""A query whose call gives every row, and what to write instead."""


def fetched(facts: Facts, queries: Sequence[Asked], dialect: Dialect) -> list[Fetched]:
    """The queries that give every row of one table, where not every row is used."""
    every = [each for each in queries if each.rows and len(each.query.tables) == 1]
    found = uses(facts, [each.call for each in every]) if every else None
    return [
        (
            Statement(each.query.text(), dialect, each.call),
            DJANGO if each.query.tables[0].family is Family.DJANGO else ALCHEMY,
        )
        for each in every
        if found is not None and found.of(facts, each.call) is not Used.MORE
    ]


def fetched_for_less(sql: Sql, rules: Rules, found: Sequence[Fetched]) -> Iterator[Finding]:
    """A finding for each of these queries that may give many rows."""
    styles = {id(statement): style for statement, style in found}
    asked = [each for each in sql.asked if id(each.statement) in styles]
    yield from told(sql, rules, [(each.statement.call, each, styles[id(each.statement)]) for each in asked])
