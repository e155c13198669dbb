"""Tables with few rows, which cost nothing to read, and columns with few values, for which an index gains nothing."""

from __future__ import annotations

import re

from verifier.checks.sql_rules.asking import Sql
from verifier.sql.words import Sort, words

_SMALL_TABLES = re.compile(
    r"(^|_)(settings?|configs?|configurations?|options?|preferences|meta(data)?|info|versions?|schema\w*|migrations?"
    r"|roles?|status(es)?|types?|countries|currencies|languages|flags?|state|counters?|sequences?|kv|key_value)$"
)
_FEW_VALUES = re.compile(
    r"^(is|has|was|can|should)_|(^|_)(status|state|type|kind|category|role|gender|sex|level|priority|severity|active"
    r"|enabled|disabled|deleted|done|completed?|archived|published|verified|processed|paid|read|seen|flag|language"
    r"|lang|currency|country|stage|phase|tier|mode|visibility|season|year|month|day|weekday|hour|grade|rating|size"
    r"|color|colour|unit|direction|action|method|source|format|department|dept|region|provider|vendor|platform|env"
    r"|environment|locale|backend|gateway|protocol|plan|team)$"
    r"|(^|_)(team|department|category|status|type|role|plan|queue|bundle|provider)_name$"
)
_TIME = re.compile(
    r"(^|_)(at|on|date|time|datetime|timestamp|ts|created|updated|expires?|expiry|until|since)($|_)|stamp"
)


def small_table(sql: Sql, table: str) -> bool:
    """Whether a table holds few rows by its name, or one by its declaration (`CHECK (id = 1)`)."""
    if _SMALL_TABLES.search(table):
        return True
    made = sql.made.get(table)
    found = [each.key for each in words(made.sql)] if made is not None else []
    return any(
        found[place : place + 2] == ["check", "("]
        and found[place + 3 : place + 6] in (["=", "1", ")"], ["=", "0", ")"])
        for place in range(len(found))
    )


def few_values(sql: Sql, table: str, column: str) -> bool:
    """Whether a column holds few values by its name, its type, its CHECK, or by what the file compares it with."""
    if _FEW_VALUES.search(column):
        return True
    made = sql.made.get(table)
    found = words(made.sql) if made is not None else []
    for place, word in enumerate(found[:-1]):
        if word.named and word.key == column:
            after = found[place + 1]
            if after.sort is Sort.NAME and after.key in {"bool", "boolean", "enum", "bit"}:
                return True
            if after.key == "in" and place > 1 and found[place - 2].key == "check":
                return True
    return column in sql.categories


def about_time(sql: Sql, table: str, column: str) -> bool:
    """Whether a column says when something was, by its name or its type."""
    if _TIME.search(column):
        return True
    made = sql.made.get(table)
    found = words(made.sql) if made is not None else []
    return any(
        word.named and word.key == column and found[place + 1].key in {"date", "datetime", "timestamp", "timestamptz"}
        for place, word in enumerate(found[:-1])
    )
