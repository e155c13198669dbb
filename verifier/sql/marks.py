"""The placeholders of a text as one driver reads them, and the values that an INSERT names and gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.sql.words import Sort, Word, closing, words

_PERCENT = re.compile(r"%(?:%|\((?P<name>[^()]*)\)[sbt]|(?P<place>[sbt])|(?P<other>.?))", re.DOTALL)
_PERCENT_STYLE = frozenset({"psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql", "aiomysql", "aiopg"})
_QUESTION_STYLE = frozenset({"sqlite3", "aiosqlite"})


@dataclass(frozen=True, slots=True)
class Marks:
    """What a driver wants bound: so many values by place, or these names."""

    count: int
    names: frozenset[str] = frozenset()
    sign: str = "?"


def marks(text: str, sites: Sequence[str]) -> Marks | None:
    """The placeholders of a text; None where the drivers disagree, or the text mixes styles.

    Styles are those of PEP 249, with what https://docs.python.org/3/library/sqlite3.html,
    https://www.psycopg.org/docs/usage.html and https://magicstack.github.io/asyncpg/ say of each driver.
    """
    if sites and set(sites) <= _QUESTION_STYLE:
        return _question(words(text))
    if sites and set(sites) <= _PERCENT_STYLE:
        return _percent(text)
    if set(sites) == {"asyncpg"}:
        found = [int(each.text[1:]) for each in words(text) if each.sort is Sort.MARK and each.text[1:].isdecimal()]
        return Marks(max(found, default=0), sign="$1")
    return None


def _question(found: Sequence[Word]) -> Marks | None:
    taken = [each.text for each in found if each.sort is Sort.MARK and not each.text.startswith("%")]
    plain = [each for each in taken if each.startswith("?")]
    names = frozenset(each[1:] for each in taken if not each.startswith("?"))
    if plain and names:
        return None
    if names:
        return Marks(len(names), names, ":name")
    numbers = [int(each[1:]) for each in plain if len(each) > 1]
    if numbers and len(numbers) != len(plain):
        return None
    return Marks(max(numbers) if numbers else len(plain))


def _percent(text: str) -> Marks | None:
    places = 0
    names: set[str] = set()
    for found in _PERCENT.finditer(text):
        if found["other"] is not None:
            return None
        places += found["place"] is not None
        if found["name"] is not None:
            names.add(found["name"])
    if places and names:
        return None
    return Marks(len(names) or places, frozenset(names), "%(name)s" if names else "%s")


def inserted(found: Sequence[Word]) -> tuple[int, int] | None:
    """How many columns an INSERT names and how many values its first row gives, where both are written out."""
    keys = [each.key for each in found[:12]]
    if not keys or keys[0] not in {"insert", "replace"} or "into" not in keys:
        return None
    at = keys.index("into") + 2
    while at + 1 < len(found) and found[at].text == ".":
        at += 2
    if at >= len(found) or found[at].text != "(":
        return None
    end = closing(found, at)
    if end + 2 >= len(found) or found[end + 1].key != "values" or found[end + 2].text != "(":
        return None
    last = closing(found, end + 2)
    if last >= len(found):
        return None
    return _items(found[at + 1 : end]), _items(found[end + 3 : last])


def _items(found: Sequence[Word]) -> int:
    """How many items a list has, by the commas outside of brackets."""
    depth = 0
    count = 1 if found else 0
    for word in found:
        depth += (word.text == "(") - (word.text == ")")
        count += word.text == "," and not depth
    return count
