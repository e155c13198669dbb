"""SQLite's answers, read: the lines of a query plan, and the words of an error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from verifier.sql.model import Access, Plan, Refusal, Way, Why

_ACCESS = re.compile(
    r"(?P<way>SCAN|SEARCH) (?:TABLE )?(?P<name>\S+)(?: AS (?P<alias>\S+))?"
    r"(?P<rest>[^()]*)(?:\((?P<terms>.*)\))?"
)
_INDEX = re.compile(r"USING (?P<automatic>AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?INDEX ?(?P<name>[^\s(]*)")
_KEY = re.compile(r"USING (?:INTEGER )?PRIMARY KEY")
_TERM = re.compile(r"(\w+|<expr>)(=|<|>| IN)")
_REFUSALS = (
    (Why.TABLE, re.compile(r"no such table: (?P<name>.+)")),
    (Why.COLUMN, re.compile(r"no such column: (?P<name>.+)")),
    (Why.COLUMN, re.compile(r"table \S+ has no column named (?P<name>.+)")),
    (Why.FUNCTION, re.compile(r"no such function: (?P<name>.+)")),
    (Why.VALUES, re.compile(r"\d+ values for \d+ columns|table (?P<name>\S+) has \d+ columns but \d+ values")),
    (Why.SYNTAX, re.compile(r'near "(?P<name>.*)": syntax error|incomplete input|unrecognized token: "(?P<token>.*)"')),
)


def refusal_of(said: str) -> Refusal:
    """What an error's words say is missing or wrong."""
    for why, pattern in _REFUSALS:
        if found := pattern.match(said):
            groups = found.groupdict()
            return Refusal(why, said, (groups.get("name") or groups.get("token") or "").strip())
    return Refusal(Why.OTHER, said)


def plan_of(lines: Sequence[str]) -> Plan:
    """The plan that the lines of EXPLAIN QUERY PLAN describe."""
    return Plan(
        tuple(access for line in lines if (access := access_of(line)) is not None),
        tuple(line for line in lines if line.startswith("USE TEMP B-TREE")),
    )


def access_of(line: str) -> Access | None:
    """One line of a plan, in the words of any SQLite since 3.24 (https://www.sqlite.org/eqp.html)."""
    found = _ACCESS.match(line)
    if found is None or found["name"] in {"CONSTANT", "SUBQUERY"}:
        return None
    rest = found["rest"]
    index = _INDEX.search(rest)
    terms = _TERM.findall(found["terms"] or "") if index or _KEY.search(rest) else []
    by_index = index is not None or _KEY.search(rest) is not None
    return Access(
        # of min() and max() SQLite says SEARCH where it reads all rows
        way=Way.SEARCH if found["way"] == "SEARCH" and by_index else Way.SCAN,
        name=(found["alias"] or found["name"]).lower(),
        line=line,
        index=(index["name"] or "automatic") if index else "PRIMARY KEY" if _KEY.search(rest) else "",
        automatic=bool(index and index["automatic"]),
        equal=tuple(name.lower() for name, sign in terms if sign in {"=", " IN"}),
        ranged=tuple(dict.fromkeys(name.lower() for name, sign in terms if sign in {"<", ">"})),
    )
