"""Which holes of an SQL text are values, and the text that SQLite gets in their place."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.sql.words import HOLE, Sort, Word

_BEFORE_VALUE = frozenset(
    {
        *("=", "==", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "||"),
        *("like", "ilike", "glob", "between", "limit", "offset", "then", "else", "is"),
    }
)
_LISTS = frozenset({"in", "values", ",", "any"})
_JOINED = frozenset({".", "(", "::"})


def filled(found: Sequence[Word]) -> tuple[str, bool]:
    """The text with every value as `?`, and whether a hole that is no value was left out of it."""
    dynamic = False
    parts: list[str] = []
    end = 0
    for place, word in enumerate(found):
        parts.append(" " * (word.start - end))
        end = word.end
        if HOLE in word.text and not (word.sort is Sort.STRING or _value(found, place)):
            dynamic = True
        written = _written(word)
        # psycopg and SQLAlchemy put a whole tuple in the place of one value
        listed = place > 0 and found[place - 1].key == "in" and written == "?" and word.text[0] != "?"
        parts.append("(?)" if listed else written)
    return "".join(parts), dynamic


def _written(word: Word) -> str:
    """A word as SQLite gets it: as long as it was where that is possible, so that places stay true."""
    if HOLE in word.text:
        # `'%…'` keeps its wildcard; of anything else nobody knows how it begins
        return word.text.replace(HOLE, "_") if word.text.startswith("'%") else "?"
    return "?" if word.sort is Sort.MARK else word.text


def _value(found: Sequence[Word], place: int) -> bool:
    """Whether a bare hole stands where SQL wants a value: after an operator, in the list of IN or VALUES."""
    word = found[place]
    before = found[place - 1] if place else None
    after = found[place + 1] if place + 1 < len(found) else None
    if before is None or (after is not None and (after.text in _JOINED or after.sort is Sort.HOLE)):
        return False
    touching = (after is not None and after.start == word.end and after.named) or (
        before.end == word.start and (before.named or before.text == ".")
    )
    if touching:
        return False
    if before.key in _BEFORE_VALUE:
        return True
    if before.key == "in":
        return True
    if before.key == "and":
        return place > 2 and any(each.key == "between" for each in found[max(0, place - 4) : place - 1])
    if before.text in {"(", ","}:
        opening = _opening(found, place)
        return opening > 0 and found[opening - 1].key in _LISTS
    return False


def _opening(found: Sequence[Word], place: int) -> int:
    """The place of the bracket around a word, -1 where there is none."""
    depth = 0
    for each in range(place - 1, -1, -1):
        depth += (found[each].text == "(") - (found[each].text == ")")
        if depth > 0:
            return each
    return -1
