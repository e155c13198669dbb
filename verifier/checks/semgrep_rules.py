"""Our rules as semgrep reads them: shared lists filled in, taint rules taken apart into places to find."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from verifier.catalogue import table
from verifier.checks.semgrep_words import Formula, both, holds, needed, one_of, pruned
from verifier.model import Rule, Severity
from verifier.values.marks import BUILT_IN

SEPARATOR = "\x1f"
"""Stands between the values of a message's fields."""
SINK, SOURCE, CLEAN, SHARED = "sink", "source", "clean", "shared"
"""What a part of a taint rule looks for; SHARED are the sources of a list that several rules use."""
_FORMAT = 2
"""Of the stored form; another one is compiled anew."""
_SHARED = "security/shared"
_LEVELS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}
_TAINT_ONLY = frozenset({"by-side-effect", "exact", "label", "requires", "control"})
"""Keys of an item of a taint rule that are no part of its pattern."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The compiled one, where PyYAML has it: ten times as fast."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A selection of rules for semgrep."""

    entries: Sequence[Mapping[str, Any]]
    """By rule its search, or of a taint rule those for its places; then the shared lists of sources."""
    needs: Mapping[str, Formula]
    """By code or shared list, the words that a file must hold for it to match there."""
    flows: Mapping[str, Sequence[Sequence[str]]]
    """By code of a taint rule: the kinds of origin that it follows, the marks that make a value harmless for it."""


def compiled(rules: Sequence[Rule], cache: Path | None) -> Compiled:
    """Compile the rules, or read what an earlier run stored for this selection in the cache folder (None: no cache)."""
    if cache is None:
        return _compile(rules)
    words = json.dumps(
        [_FORMAT, [(rule.code, rule.severity, rule.message, rule.semgrep, rule.needs) for rule in rules]]
    )
    words += json.dumps(table(_SHARED), sort_keys=True)
    file = cache / "semgrep" / f"{hashlib.sha256(words.encode()).hexdigest()[:24]}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(file.read_text("utf-8"))
        return Compiled(data["entries"], data["needs"], data["flows"])
    made = _compile(rules)
    with suppress(OSError):
        _store(file, json.dumps({"entries": made.entries, "needs": made.needs, "flows": made.flows}))
    return made


def _store(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as part:
        part.write(text)
    Path(name).replace(file)


def group(rules: Compiled, text: str, present: frozenset[str]) -> frozenset[str]:
    """The ids of the entries that can match in a text that has these words: semgrep spends its time on files."""
    able = {name for name, formula in rules.needs.items() if holds(formula, text, present)}
    lists = {kind for code in able & rules.flows.keys() for kind in rules.flows[code][0]}
    wanted = {name for name in able if name[:1].isupper() or name in lists}
    return frozenset(each["id"] for each in rules.entries if _name(each["id"]) in wanted)


def configuration(
    rules: Compiled,
    groups: Mapping[frozenset[str], str],
    present: frozenset[str],
    more: Iterable[Mapping[str, Any]] = (),
) -> str:
    """The JSON that semgrep takes as its rules; `groups` are the folders of files by the entries that they need.

    `present` are the words of all files: alternatives of a rule that need others are left out. `more` are further
    entries, for all files.
    """
    entries: list[Mapping[str, Any]] = []
    for entry in rules.entries:
        include = [folder for ids, folder in groups.items() if entry["id"] in ids]
        if include:
            small = pruned(entry, present)
            entries.append(small if len(include) == len(groups) else {**small, "paths": {"include": include}})
    return json.dumps({"rules": [*entries, *more]})


def fields(rule: Rule) -> tuple[str, ...]:
    """The names of the places in the rule's message that a match fills."""
    return tuple(field for _, field, _, _ in Formatter().parse(rule.message) if field)


def _name(entry: str) -> str:
    """The code of the rule, or the shared list, that an entry belongs to."""
    return entry.partition("-")[0]


def _compile(rules: Iterable[Rule]) -> Compiled:
    entries: list[Mapping[str, Any]] = []
    needs: dict[str, Formula] = {}
    flows: dict[str, list[list[str]]] = {}
    for rule in rules:
        try:
            body = yaml.load(rule.semgrep or "", _LOADER)  # noqa: S506  # verify: ignore[B506] see _LOADER
        except yaml.YAMLError:
            body = {"pattern": rule.semgrep}  # semgrep says what is wrong with it
        if body.get("mode") != "taint":
            whole = _expanded(body)
            entries.append({**_head(rule.code, _LEVELS[rule.severity], _message(rule)), **whole})
            needs[rule.code] = both([needed(whole), *_said(rule)])
            continue
        kinds = {str(each.get("use", rule.code)) for each in body["pattern-sources"]}
        marks = {str(each["use"]) for each in body.get("pattern-sanitizers", ()) if each.get("use") in BUILT_IN}
        flows[rule.code] = [sorted(kinds), sorted({rule.code, *marks})]
        entries += _parts(rule, body)
        sinks = one_of(needed(each) for each in _expanded(body["pattern-sinks"]))
        sources = one_of(
            _needed_by_list(each["use"]) if "use" in each else needed(each) for each in body["pattern-sources"]
        )
        needs[rule.code] = both([sinks, sources, *_said(rule)])
    for name in sorted({kind for kinds, _ in flows.values() for kind in kinds} - flows.keys()):
        entries.append(_search(f"{name}-{SHARED}", [{"use": name}], "$SOURCE"))
        needs[name] = _needed_by_list(name)
    return Compiled(entries, needs, flows)


@cache
def _needed_by_list(name: str) -> Formula:
    """What a text must hold for a shared list to be found in it."""
    said = table(_SHARED).get("needs", {}).get(name)
    return both([one_of(needed(each) for each in _shared(name)), *([["text", said]] if said else [])])


def _said(rule: Rule) -> Sequence[Formula]:
    """What the rule itself says that a text must match."""
    return [["text", rule.needs]] if rule.needs else []


def _parts(rule: Rule, body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """A taint rule as searches for its sinks, its own sources and its own sanitizers."""
    own = [each for each in body["pattern-sources"] if "use" not in each]
    clean = [each for each in body.get("pattern-sanitizers", ()) if each.get("use") not in BUILT_IN]
    for role, items in ((SINK, body["pattern-sinks"]), (SOURCE, own), (CLEAN, clean)):
        if items:
            yield _search(f"{rule.code}-{role}", items, _message(rule))


def _search(name: str, items: Sequence[Any], message: str) -> Mapping[str, Any]:
    operands = [_operand(each) for each in _expanded(list(items))]
    return {**_head(name, "INFO", message), "patterns": [{"pattern-either": operands}]}


def _head(name: str, level: str, message: str) -> Mapping[str, Any]:
    return {"id": name, "languages": ["python"], "severity": level, "message": message}


def _operand(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """One item of a list of sources, sanitizers or sinks as an operand of `pattern-either`."""
    kept = {key: value for key, value in item.items() if key not in _TAINT_ONLY}
    return kept if len(kept) == 1 else {"patterns": [{key: value} for key, value in kept.items()]}


def _message(rule: Rule) -> str:
    return SEPARATOR.join(f"${field.upper()}" for field in fields(rule)) or rule.name


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
    items: Sequence[Mapping[str, Any]] = _expanded(yaml.load(table(_SHARED)[name], _LOADER))  # noqa: S506  # verify: ignore[B506] as above
    return items
