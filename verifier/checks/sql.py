"""SQL in Python files, judged by SQLite's own query plan and by the schema that the file declares."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks import orm
from verifier.checks.registry import Parsed, Rules, per_file
from verifier.checks.sql_rules import defeats, names, rows, scans, sorts, syntax, values
from verifier.checks.sql_rules.asking import open_sql
from verifier.model import Finding, Problem


@per_file("sql")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """All SQL rules over one file."""
    found = open_sql(parsed)
    yield from orm.findings(parsed, rules, found)
    if found is None:
        return
    try:
        yield from scans.scans(found, rules)
        yield from sorts.sorts(found, rules)
        yield from defeats.defeats(found, rules)
        yield from names.names(found, rules)
        yield from values.values(found, rules)
        yield from syntax.syntax(found, rules)
        yield from rows.rows(found, rules)
    finally:
        found.close()
