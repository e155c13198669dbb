"""Where each text of a TOML document stands: tomllib tells what a document says, but not where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Keys: TypeAlias = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' + r"|'''.*?'''(?:'{0,2})" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'", re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OTHER = re.compile(r"[^,\]}#\n]+")
"""A number, a date or a boolean."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text: the keys and list positions that lead to it, its value, and its literal with the quotes."""

    keys: Keys
    value: str
    start: int
    """Offset of the opening quote."""
    end: int
    """Offset after the closing quote."""
    key: int
    """Offset of the last key that leads to it."""


def texts(document: str) -> list[Text]:
    """Return every text of a document in order; empty where it is no TOML."""
    try:
        tomllib.loads(document)
        return list(_Scan(document).document())
    except (ValueError, RecursionError, _UnexpectedError):
        return []


class _UnexpectedError(Exception):
    """Something that a valid document has not at this place."""


@dataclass(slots=True)
class _Scan:
    """A pass over a valid document."""

    source: str
    at: int = 0
    tables: dict[Keys, int] = field(default_factory=dict)
    """How many tables each array of tables has so far."""

    def document(self) -> Iterator[Text]:
        table: Keys = ()
        self.take(_GAP)
        while self.at < len(self.source):
            if self.source.startswith("[[", self.at):
                table = self.header(double=True)
            elif self.source.startswith("[", self.at):
                table = self.header(double=False)
            else:
                yield from self.pair(table)
            self.take(_GAP)

    def header(self, *, double: bool) -> Keys:
        self.at += 1 + double
        self.take(_SPACE)
        parts, _ = self.key()
        self.expect("]]" if double else "]")
        keys: Keys = ()
        for number, part in enumerate(parts, start=1):
            keys += (part,)
            if double and number == len(parts):
                self.tables[keys] = self.tables.get(keys, 0) + 1
            if keys in self.tables:
                keys += (self.tables[keys] - 1,)
        return keys

    def key(self) -> tuple[list[str], int]:
        """Return the parts of a dotted key, and where its last part starts."""
        parts: list[str] = []
        while True:
            start = self.at
            if bare := _BARE_KEY.match(self.source, self.at):
                self.at = bare.end()
                parts.append(bare[0])
            else:
                parts.append(_value(self.take(_TEXT)))
            self.take(_SPACE)
            if not self.source.startswith(".", self.at):
                return parts, start
            self.at += 1
            self.take(_SPACE)

    def pair(self, table: Keys) -> Iterator[Text]:
        parts, start = self.key()
        self.expect("=")
        self.take(_SPACE)
        yield from self.value((*table, *parts), start)

    def value(self, keys: Keys, key: int) -> Iterator[Text]:
        start = self.at
        match self.source[start : start + 1]:
            case '"' | "'":
                literal = self.take(_TEXT)
                yield Text(keys, _value(literal), start, self.at, key)
            case "[":
                self.at += 1
                count = 0
                while not self.closed("]"):
                    yield from self.value((*keys, count), key)
                    count += 1
            case "{":
                self.at += 1
                while not self.closed("}"):
                    yield from self.pair(keys)
            case _:
                self.take(_OTHER)

    def closed(self, mark: str) -> bool:
        """Whether the array or inline table ends here; passes over the comma before its next item."""
        self.take(_GAP)
        if self.source.startswith(",", self.at):
            self.at += 1
            self.take(_GAP)
        if self.source.startswith(mark, self.at):
            self.at += 1
            return True
        return False

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.source, self.at)
        if found is None:
            raise _UnexpectedError
        self.at = found.end()
        return found[0]

    def expect(self, mark: str) -> None:
        if not self.source.startswith(mark, self.at):
            raise _UnexpectedError
        self.at += len(mark)


def _value(literal: str) -> str:
    return str(tomllib.loads(f"text = {literal}")["text"])
