"""One file's SQL as its checks see it: each statement with its words, its tables and SQLite's answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from verifier.checks.registry import Parsed
from verifier.checks.sql_rules.repeating import looped
from verifier.semantics.model import Loop
from verifier.sql import dialects
from verifier.sql.conditions import Comparison, category, comparisons
from verifier.sql.model import Definition, Dialect, Kind, Plan, Refusal, Statement, Why
from verifier.sql.naming import aliases
from verifier.sql.plan import Database
from verifier.sql.reading import Read, read
from verifier.sql.words import Word, words

_TESTS = re.compile(r"(^|/)(tests?|testing)/|(^|/)(conftest|test_[^/]*|[^/]*_test)\.py$")
_NO_SCHEMA = Refusal(Why.OTHER, "no table is declared")
_ASKS = frozenset({"select", "insert", "update", "delete", "with", "replace"})


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A statement that reads or changes rows, all of whose text is known, and what SQLite says of it."""

    statement: Statement
    words: tuple[Word, ...]
    tables: dict[str, str]
    """What each name in it stands for, aliases included."""
    comparisons: tuple[Comparison, ...]
    answer: Plan | Refusal
    translated: bool = False
    """Whether SQLite was asked in its own words, because it did not take those of the file."""


@dataclass(slots=True)
class Sql:
    """One file's SQL, with the schema in an SQLite database in memory."""

    parsed: Parsed
    read: Read
    database: Database
    unknown: frozenset[str]
    """Tables that are declared, but not in a way that anything may be said of."""
    asked: tuple[Asked, ...] = ()
    made: dict[str, Definition] = field(default_factory=dict)
    """The CREATE TABLE of each table."""
    categories: frozenset[str] = frozenset()
    """Columns that some statement compares with a word or a number that is written out."""
    looped: dict[str, Loop] = field(default_factory=dict)
    """The loop that calls each function again and again, by its name."""
    lines: list[str] = field(default_factory=list)
    """The lines of the file, once somebody has asked for them."""

    def close(self) -> None:
        """Give the database back."""
        self.database.close()

    @property
    def test(self) -> bool:
        """Whether the file is a test, whose tables hold few rows."""
        return bool(_TESTS.search(self.parsed.source.path.replace("\\", "/")))


def open_sql(parsed: Parsed) -> Sql | None:
    """The SQL of a file; None where it has none."""
    found = read(parsed.facts, parsed.inference, parsed.text, parsed.source.file, parsed.project.schemas)
    return judge(parsed, found) if found is not None and found.statements else None


def judge(parsed: Parsed, found: Read) -> Sql:
    """What a file says in SQL, with SQLite's answers."""
    database = Database(found.schema.definitions)
    made = {each.table: each for each in reversed(found.schema.definitions) if each.kind is Kind.TABLE}
    sql = Sql(parsed, found, database, found.schema.vague | database.failed, made=made)
    sql.looped = looped(parsed.facts)
    sql.asked = tuple(asked for each in found.statements if (asked := _ask(sql, each)) is not None)
    sql.categories = frozenset(each.column for asked in sql.asked for each in asked.comparisons if category(each))
    return sql


def _ask(sql: Sql, statement: Statement) -> Asked | None:
    found = words(statement.text)
    if statement.dynamic or not found or found[0].key not in _ASKS:
        return None
    answer: Plan | Refusal = _NO_SCHEMA
    translated = False
    if sql.database.columns:
        answer = sql.database.explain(statement.text)
        if isinstance(answer, Refusal) and answer.why is Why.SYNTAX:
            answer, translated = explain(sql, statement, statement.text), True
    return Asked(statement, found, aliases(found), tuple(comparisons(found)), answer, translated)


def explain(sql: Sql, statement: Statement, text: str) -> Plan | Refusal:
    """SQLite's answer to a text, put into its own words where it is another database's."""
    answer = sql.database.explain(text)
    if isinstance(answer, Refusal) and answer.why is Why.SYNTAX and statement.dialect is not Dialect.SQLITE:
        translated = dialects.query(text, statement.dialect)
        if translated is not None:
            return sql.database.explain(translated)
    return answer
