"""Which words a file must hold for a Semgrep rule to match in it: most rules need not be run on most files."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

Formula = Any
"""True, a word, a pattern behind "text", or a list of formulas behind "and" or "or"; in JSON as it is here."""

_WORD = re.compile(r"\w+")
_LITERAL = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_ASIDE = re.compile(
    r"(?P<docstring>^[ \t]*[rRuU]?(?:\"{3}.*?\"{3}|'{3}.*?'{3})[ \t]*$)"
    r"|(?P<string>'{3}.*?'{3}|\"{3}.*?\"{3}|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")|#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
"""What no pattern matches, and the strings, in which `#` begins no comment."""
_NAME = re.compile(r"\$?(?:\.\.\.)?[^\W\d]\w*")
_OPEN = re.compile(r"\.\.\.|\$|=~|\\\\")
"""What makes the text of a literal in a pattern stand for others."""
_CHOICE = re.compile(r"(?:\(\?s\))?\^\(((?:\w+\|)*\w+)\)\$")
"""A pattern that is a list of words."""


def words(text: str) -> frozenset[str]:
    """The words of a text: identifiers, keywords, numbers, those in strings; not those of comments and docstrings."""
    return frozenset(_WORD.findall(_ASIDE.sub(_kept, text)))


def _kept(found: re.Match[str]) -> str:
    """What remains of a string, a docstring or a comment."""
    return found["string"] or " "


def holds(formula: Formula, text: str, present: frozenset[str]) -> bool:
    """Whether a text, which has these words, can be enough."""
    if isinstance(formula, str):
        return formula in present
    if isinstance(formula, bool):
        return formula
    if formula[0] == "text":
        return re.search(formula[1], text) is not None
    every = (holds(each, text, present) for each in formula[1:])
    return all(every) if formula[0] == "and" else any(every)


def both(formulas: Iterable[Formula]) -> Formula:
    """All of the formulas."""
    kept = [each for each in formulas if each is not True]
    return True if not kept else kept[0] if len(kept) == 1 else ["and", *kept]


def one_of(formulas: Iterable[Formula]) -> Formula:
    """At least one of the formulas."""
    kept = list(formulas)
    return True if True in kept else kept[0] if len(kept) == 1 else ["or", *kept]


def needed(operator: Mapping[str, Any]) -> Formula:
    """What a Semgrep rule, or an operand in it, needs; negations and conditions that name no word need nothing."""
    return both(_part(key, value) for key, value in operator.items())


def pruned(operator: Mapping[str, Any], present: frozenset[str]) -> Mapping[str, Any]:
    """The rule or operand without the alternatives that cannot match where only these words are."""
    return {key: _pruned(key, value, present) for key, value in operator.items()}


def _pruned(key: str, value: Any, present: frozenset[str]) -> Any:
    if key == "patterns":
        return [pruned(each, present) for each in value]
    if key == "pattern-either":
        kept = [pruned(each, present) for each in value if holds(needed(each), "", present)]
        return kept or value[:1]  # an empty list is no list of patterns to semgrep
    return value


def _part(key: str, value: Any) -> Formula:
    match key:
        case "pattern" | "pattern-inside":
            return both(dict.fromkeys(_names(str(value))))
        case "patterns":
            return both(needed(each) for each in value)
        case "pattern-either":
            return one_of(needed(each) for each in value)
        case "metavariable-regex":
            choice = _CHOICE.fullmatch(str(value.get("regex", "")))
            return one_of(choice[1].split("|")) if choice and _is_name(str(value.get("metavariable"))) else True
    return True


def _is_name(metavariable: str) -> bool:
    """Whether a metavariable may stand for a name; what it stands for is then a word of the text."""
    return metavariable.startswith("$") and not metavariable.startswith("$...")


def _names(pattern: str) -> Iterable[str]:
    for literal in _LITERAL.findall(pattern):
        if not _OPEN.search(literal):
            yield from _WORD.findall(literal)
    for found in _NAME.findall(_LITERAL.sub(" ", pattern)):
        if not found.startswith("$") and not keyword.iskeyword(found) and found not in {"match", "case", "type", "f"}:
            yield found.lstrip(".")
