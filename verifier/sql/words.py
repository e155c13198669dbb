"""The words of an SQL text: names, literals, placeholders and holes, and where one statement ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

HOLE = "\ufffc"
"""Stands in a text for what nobody can know before the program runs."""
_WORD = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>'[^']*(?:''[^']*)*'?)
    |(?P<quoted>"[^"]*(?:""[^"]*)*"?|`[^`]*`?|\[[^\]'"?]{0,128}\])
    |(?P<hole>\ufffc)
    |(?P<mark>\?[0-9]*|%\([^()%]*\)s|%s|(?<![:\w]):[^\W\d]\w*|@[^\W\d]\w*|\$\w+)
    |(?P<number>[0-9][\w.]*)
    |(?P<name>[^\W\d][\w$]*)
    |(?P<sign><>|!=|<=|>=|==|\|\||::|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)


class Sort(StrEnum):
    """The kinds of word."""

    STRING = "string"
    QUOTED = "quoted"
    HOLE = "hole"
    MARK = "mark"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"


_SORTS = {each.value: each for each in Sort}


@dataclass(frozen=True, slots=True)
class Word:
    """One word with where it stands in its text."""

    sort: Sort
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    @property
    def key(self) -> str:
        """The word as SQL compares it: in lower case, an identifier without its quotes."""
        text = self.text[1:-1] if self.sort is Sort.QUOTED and len(self.text) > 1 else self.text
        return text.lower()

    @property
    def named(self) -> bool:
        """Whether it may name a table or a column."""
        return self.sort in {Sort.NAME, Sort.QUOTED}


@lru_cache(maxsize=512)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text, without white space and comments; a quote that nobody closes ends with the text."""
    return tuple(_words(text))


def _words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        if found.lastgroup != "space":
            yield Word(_SORTS[found.lastgroup or "sign"], found[0], found.start())


@lru_cache(maxsize=128)
def statements(text: str) -> tuple[tuple[str, tuple[Word, ...]], ...]:
    """Each statement of a script with its words, whose places count within that statement; triggers stay whole."""
    made: list[tuple[str, tuple[Word, ...]]] = []
    begun: list[Word] = []
    for word in _words(text):
        if word.text == ";" and not _inside_trigger(begun):
            if begun:
                made.append(_cut(text, begun))
            begun = []
        else:
            begun.append(word)
    if begun:
        made.append(_cut(text, begun))
    return tuple(made)


def _cut(text: str, found: Sequence[Word]) -> tuple[str, tuple[Word, ...]]:
    start = found[0].start
    return text[start : found[-1].end], tuple(Word(each.sort, each.text, each.start - start) for each in found)


def _inside_trigger(begun: Sequence[Word]) -> bool:
    """Whether the words so far are a CREATE TRIGGER whose END has not come."""
    head = [each.key for each in begun[:4]]
    return head[:1] == ["create"] and "trigger" in head and begun[-1].key != "end"


def closing(found: Sequence[Word], opening: int) -> int:
    """The place of the bracket that closes the one at `opening`, or the number of words."""
    depth = 0
    for place in range(opening, len(found)):
        depth += (found[place].text == "(") - (found[place].text == ")")
        if depth == 0:
            return place
    return len(found)
