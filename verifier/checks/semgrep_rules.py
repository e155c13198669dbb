"""Our rules as semgrep reads them: bodies with the shared lists filled in, and the files that a rule need not see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from string import Formatter
from typing import Any

import yaml

from verifier.catalogue import table
from verifier.model import Rule, Severity

SEPARATOR = "\x1f"
"""Stands between the values of a message's fields."""
_SHARED = "security/shared"
_LEVELS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def configuration(rules: Iterable[Rule], groups: Iterable[str]) -> str:
    """The JSON that semgrep takes as its rules, for files that lie in folders called as their groups.

    A taint rule whose sources are all shared lists sees only the groups in which one of these lists can match: semgrep
    spends its time on files, not on findings, and most files read nothing from outside.
    """
    known = sorted(groups)
    entries = []
    for rule in rules:
        entry = _entry(rule)
        if needed := _lists(rule.semgrep or ""):
            entry["paths"] = {"include": [each for each in known if _holds(each, needed)] or ["nowhere"]}
        entries.append(entry)
    return json.dumps({"rules": entries})


def group(text: str) -> str:
    """The names of the shared lists whose patterns can match in the text, joined by hyphens."""
    return "-".join(name for name, words in sorted(_words().items()) if words.search(text)) or "plain"


def looked_at(group: str, rules: Iterable[Rule]) -> bool:
    """Whether any of the rules looks at the files of the group."""
    return any(not (needed := _lists(rule.semgrep or "")) or _holds(group, needed) for rule in rules)


def fields(rule: Rule) -> tuple[str, ...]:
    """The names of the places in the rule's message that a match fills."""
    return tuple(field for _, field, _, _ in Formatter().parse(rule.message) if field)


def _holds(group: str, needed: frozenset[str]) -> bool:
    return not needed.isdisjoint(group.split("-"))


def _entry(rule: Rule) -> dict[str, Any]:
    body = yaml.safe_load(rule.semgrep or "")
    return {
        "id": rule.code,
        "languages": ["python"],
        "severity": _LEVELS[rule.severity],
        "message": SEPARATOR.join(f"${field.upper()}" for field in fields(rule)) or rule.name,
        **{key: _expanded(value) for key, value in body.items()},
    }


@cache
def _lists(text: str) -> frozenset[str]:
    """The shared lists that are all of a rule's sources; empty where it has others, or none."""
    sources = yaml.safe_load(text).get("pattern-sources", ())
    names = {source.get("use") for source in sources if "requires" not in source}
    return frozenset(map(str, names)) if names <= _words().keys() else frozenset()


def _expanded(value: Any) -> Any:
    """The value with each list item `use: NAME` replaced by that shared list, whose items get the item's other keys."""
    if isinstance(value, Mapping):
        return {key: _expanded(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items: list[Any] = []
    for item in value:
        match item:
            case {"use": str(name), **added}:
                items += [{**added, **shared} for shared in _shared(name)]
            case _:
                items.append(_expanded(item))
    return items


@cache
def _shared(name: str) -> Sequence[Mapping[str, Any]]:
    items: Sequence[Mapping[str, Any]] = _expanded(yaml.safe_load(table(_SHARED)[name]))
    return items


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(words) for name, words in table(_SHARED)["words"].items()}
