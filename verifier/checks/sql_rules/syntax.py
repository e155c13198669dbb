"""Texts that the database of the file's driver does not take: SQLite asked itself, others by words they do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from verifier.checks.registry import Rules
from verifier.checks.sql_rules.asking import Sql
from verifier.checks.sql_rules.expecting import expected
from verifier.checks.sql_rules.reporting import report
from verifier.model import Finding
from verifier.sql.model import Dialect, Refusal, Statement, Why
from verifier.sql.words import Sort, Word, words

_NEWER = frozenset({"order", "limit", "->", "->>", "right", "full", "strict", "returning", "materialized", "nulls"})
"""Words at which an older SQLite stops, or one that was built without an option."""
_FOREIGN_FUNCTIONS = frozenset(
    {
        *("now", "curdate", "curtime", "getdate", "sysdate", "date_format", "date_add", "date_sub", "datediff"),
        *("timestampdiff", "str_to_date", "to_char", "to_date", "to_timestamp", "nvl", "locate", "charindex"),
        *("find_in_set", "unix_timestamp", "from_unixtime", "rand", "greatest", "least", "regexp_replace"),
        *("gen_random_uuid", "uuid", "year", "month", "day", "hour", "date_trunc", "date_part", "split_part"),
        *("initcap", "lpad", "rpad", "array_agg", "json_agg", "jsonb_build_object", "isnull", "len", "convert"),
        *("substring_index", "to_tsvector", "dateadd", "getutcdate", "newid", "last_insert_id"),
    }
)
"""Functions of other databases that no release of SQLite has (https://www.sqlite.org/lang_corefunc.html)."""
_FOREIGN = {
    Dialect.POSTGRES: ("autoincrement", "auto_increment", "insert or", "on duplicate", "replace into", "engine ="),
    Dialect.MYSQL: ("autoincrement", "insert or", "on conflict", "ilike", "::"),
}
"""What is a syntax error in a database: https://www.postgresql.org/docs/current/sql.html,
https://dev.mysql.com/doc/refman/en/sql-statements.html."""
_OWN_FUNCTIONS = re.compile(r"create_function|create_scalar_function|load_extension|createscalarfunction")


def syntax(sql: Sql, rules: Rules) -> Iterator[Finding]:
    """A finding for each text that a driver's own method gets and its database cannot parse."""
    rule = rules.get("invalid-sql")
    if rule is None:
        return
    own = bool(_OWN_FUNCTIONS.search(sql.parsed.text))
    for statement in sql.read.statements:
        if not statement.driver or not statement.raw or statement.dynamic:
            continue
        wrong = _wrong(sql, statement, own=own)
        if wrong is not None and not expected(statement.call):
            name = {Dialect.SQLITE: "SQLite", Dialect.POSTGRES: "PostgreSQL", Dialect.MYSQL: "MySQL"}
            yield report(
                sql,
                rule,
                statement.call,
                evidence={"statement": statement.raw.strip()[:200]},
                wrong=wrong,
                dialect=name[statement.dialect],
            )


def _wrong(sql: Sql, statement: Statement, *, own: bool) -> str | None:
    found = words(statement.text)
    match statement.dialect:
        case Dialect.SQLITE:
            answer = sql.database.explain(statement.text)
            if isinstance(answer, Refusal) and answer.why is Why.SYNTAX and answer.name.lower() not in _NEWER:
                return answer.words
            return None if own else _foreign_function(found)
        case Dialect.POSTGRES | Dialect.MYSQL:
            keys = " ".join(each.key for each in found if each.sort in {Sort.NAME, Sort.SIGN})
            quote = statement.dialect is Dialect.POSTGRES and any(each.text.startswith("`") for each in found)
            near = (
                "`"
                if quote
                else next((each for each in _FOREIGN[statement.dialect] if f" {each} " in f" {keys} "), None)
            )
            return f'syntax error near "{near}"' if near is not None else None
        case _:
            return None


def _foreign_function(found: Sequence[Word]) -> str | None:
    for word, after in pairwise(found):
        if word.sort is Sort.NAME and after.text == "(" and word.key in _FOREIGN_FUNCTIONS:
            return f"no such function: {word.text}"
    return None
