"""The conditions that a statement sets on columns, and what it compares them with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from verifier.sql.words import Sort, Word, closing

_OPERATORS = frozenset({"=", "==", "<", ">", "<=", ">=", "<>", "!=", "is", "in", "like", "ilike", "glob", "between"})
_ENDS = frozenset({"group", "order", "limit", "returning", "union", "except", "intersect", "set", "values", "select"})
_STARTS = frozenset({"where", "on", "having", "when"})
_NO_FUNCTIONS = _ENDS | _STARTS | _OPERATORS | {"and", "or", "not", "exists", "any", "all"}
_NO_COLUMNS = _ENDS | _STARTS | {"and", "or", "not", "end"}


class Against(StrEnum):
    """What a column is compared with."""

    VALUE = "value"
    LITERAL = "literal"
    COLUMN = "column"
    QUERY = "query"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition on a column: `users.name = ?`, `lower(name) = ?`, `name LIKE '%x'`."""

    qualifier: str
    """The table or alias before the dot, empty where there is none."""
    column: str
    operator: str
    against: Against
    literal: str = ""
    """The other side, where it is a string or a number."""
    function: str = ""
    """The function around the column."""
    negated: bool = False
    start: int = 0
    """Where the column's side stands in the text, with the function around it."""
    end: int = 0
    column_text: str = ""
    """The column as it is written."""
    right: int = 0
    """Where the other side begins, for `LIKE`."""


def comparisons(found: Sequence[Word]) -> list[Comparison]:
    """The conditions after WHERE, ON and HAVING; assignments of SET are none."""
    made: list[Comparison] = []
    stack: list[bool] = [False]
    for place, word in enumerate(found):
        if word.text == "(":
            stack.append(stack[-1])
        elif word.text == ")":
            if len(stack) > 1:
                stack.pop()
        elif word.sort is Sort.NAME and word.key in _STARTS:
            stack[-1] = not (word.key == "on" and place + 1 < len(found) and found[place + 1].key == "conflict")
        elif word.sort is Sort.NAME and word.key in _ENDS:
            stack[-1] = False
        if stack[-1] and word.key in _OPERATORS and word.sort in {Sort.NAME, Sort.SIGN}:
            made.extend(_comparison(found, place))
    return made


def _comparison(found: Sequence[Word], place: int) -> Iterator[Comparison]:
    negated = place > 0 and found[place - 1].key == "not"
    left_end = place - 1 - negated
    right = place + 1
    operator = found[place].key
    if right < len(found) and found[right].key == "not":
        negated, right = True, right + 1
    left, other = _side_before(found, left_end), _against(found, right)
    negated = negated or operator in {"<>", "!="}
    if left is not None and other is not None:
        made = _made(found, left, operator, other, negated)
        yield replace(made, right=found[right].start)
    if operator in {"=", "=="} and other is not None and other[0] is Against.COLUMN and left is not None:
        # `a.x = b.y` is a condition on both
        side = _side_after(found, right)
        if side is not None:
            yield _made(found, side, operator, (Against.COLUMN, ""), negated)
    elif operator not in {"in", "like", "ilike", "between", "is"} and left is None and left_end >= 0:
        side = _side_after(found, right)
        before = found[left_end]
        if side is not None and before.sort in {Sort.MARK, Sort.STRING, Sort.NUMBER}:
            kind = Against.VALUE if before.sort is Sort.MARK else Against.LITERAL
            yield _made(found, side, operator, (kind, before.text), negated)


_Side = tuple[int, int, int, str]
"""First and last word, the place of the column's name, and the function around it."""


def _made(found: Sequence[Word], side: _Side, operator: str, other: tuple[Against, str], negated: bool) -> Comparison:
    first, last, column, function = side
    qualified = column > 1 and found[column - 1].text == "." and column - 2 >= first
    start = column - 2 if qualified else column
    return Comparison(
        qualifier=found[column - 2].key if qualified else "",
        column=found[column].key,
        operator=operator,
        against=other[0],
        literal=other[1],
        function=function,
        negated=negated,
        start=found[first].start,
        end=found[last].end,
        column_text="".join(each.text for each in found[start : column + 1]),
    )


def _side_before(found: Sequence[Word], last: int) -> _Side | None:
    """The column, or the function of one column, that ends at a place."""
    if last < 0:
        return None
    if found[last].named and found[last].key not in _NO_COLUMNS:
        dotted = last > 1 and found[last - 1].text == "."
        return last - 2 if dotted else last, last, last, ""
    if found[last].text != ")":
        return None
    depth = 0
    for place in range(last, -1, -1):
        depth += (found[place].text == ")") - (found[place].text == "(")
        if depth == 0:
            return _function(found, place, last)
    return None


def _function(found: Sequence[Word], opening: int, last: int) -> _Side | None:
    """`lower(name)`, `strftime('%Y', made)`, `CAST(x AS TEXT)`: a function that has one column among its arguments."""
    if opening < 1 or found[opening - 1].sort is not Sort.NAME or found[opening - 1].key in _NO_FUNCTIONS:
        return None
    inside = found[opening + 1 : last]
    if any(each.text in {"(", "select"} or each.key == "select" for each in inside):
        return None
    columns = [
        place
        for place in range(opening + 1, last)
        if found[place].named
        and found[place].key not in {"as", "from", "collate"}
        and not (place + 1 < last and found[place + 1].text == ".")
        and not (place > opening + 1 and found[place - 1].key in {"as", "collate"})
    ]
    if len(columns) != 1:
        return None
    return opening - 1, last, columns[0], found[opening - 1].key


def _side_after(found: Sequence[Word], first: int) -> _Side | None:
    if first >= len(found) or not found[first].named:
        return None
    if first + 1 < len(found) and found[first + 1].text == "(":
        end = closing(found, first + 1)
        return _function(found, first + 1, end) if end < len(found) else None
    if first + 2 < len(found) and found[first + 1].text == "." and found[first + 2].named:
        return first, first + 2, first + 2, ""
    return first, first, first, ""


def _against(found: Sequence[Word], right: int) -> tuple[Against, str] | None:
    """What stands on the right of an operator."""
    if right >= len(found):
        return None
    word = found[right]
    after = found[right + 1] if right + 1 < len(found) else None
    grows = after is not None and after.text in {"+", "-", "*", "/", "||", "::", "->", "->>"}
    if word.sort is Sort.MARK:
        return (Against.EXPRESSION if grows else Against.VALUE), ""
    if word.sort in {Sort.STRING, Sort.NUMBER}:
        return (Against.EXPRESSION if grows and word.sort is Sort.NUMBER else Against.LITERAL), word.text
    if word.text == "(":
        inner = found[right + 1 : right + 3]
        if inner and inner[0].key == "select":
            return Against.QUERY, ""
        return _against(found, right + 1)
    if word.named:
        if word.key in {"null", "true", "false", "current_timestamp", "current_date"}:
            return Against.LITERAL, word.key
        if after is not None and after.text == "(":
            return Against.EXPRESSION, ""
        return Against.COLUMN, ""
    return Against.EXPRESSION, ""


_PLAIN = re.compile(r"^'[A-Za-z_ -]*'$|^[0-9.]+$|^(true|false)$")


def category(comparison: Comparison) -> bool:
    """Whether a column is compared with a word or a number that is written out, as one with few values is."""
    if comparison.against is not Against.LITERAL or comparison.operator not in {"=", "==", "in", "<>", "!=", "is"}:
        return False
    of_key = comparison.column.endswith("_id") and comparison.literal.isdecimal()
    return bool(_PLAIN.match(comparison.literal)) and not of_key
