"""The rules: reads every file of rules/, and is the only module that knows their format."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from verifier.model import Rule, Severity, Taint

_REQUIRED = frozenset(
    {
        "code",
        "name",
        "family",
        "summary",
        "message",
        "severity",
        "precision",
        "check",
        "why",
        "instead",
        "bad",
        "good",
        "measured",
    }
)
_OPTIONAL = frozenset({"cwe", "tags", "references", "since", "semgrep", "needs", "taint", "world"})
_ASIDE = re.compile(
    r"""^(?:(?:before|after)[ ]=[ ](?:\"{3}.*?\"{3}|'{3}.*?'{3})
    |proof[ ]=[ ]\[(?:\n.*?^\]|[^\n]*\])
    |unproved[ ]=[ ][^\n]*)$\n?""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
"""What `bare_table` leaves out, as the tables write it: in lines of its own."""
PRECISIONS = ("very-high", "high", "medium", "low")


class CatalogueError(ValueError):
    """A file in rules/ breaks the format, or a selector names no rule."""


def folder() -> Path:
    """Where rules/ lies: inside the package when installed, beside it in a checkout or an editable install."""
    inside = Path(__file__).parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "rules"


@lru_cache(maxsize=1)
def load() -> tuple[Rule, ...]:
    """Every rule, by code; raises CatalogueError where a file breaks the format."""
    rules = [_rule(path, _read(path)) for path in sorted(folder().rglob("*.toml")) if _is_rule(path)]
    seen: dict[str, str] = {}
    for rule in rules:
        for key in (rule.code, rule.name):
            if key in seen:
                raise CatalogueError(f"{key} is used by two rules: {seen[key]} and {rule.name}")
            seen[key] = rule.name
    return tuple(sorted(rules, key=lambda rule: rule.code))


def _is_rule(path: Path) -> bool:
    """Whether a file begins as a rule does, with its code; tables are large, and parsed when something needs them."""
    with path.open(encoding="utf-8") as file:
        return next((line for line in file if line.strip() and not line.startswith("#")), "").startswith("code")


def table(name: str) -> Mapping[str, Any]:
    """The data of one table file, such as `imports/names` (a path in rules/ without its suffix)."""
    return _read(folder() / f"{name}.toml")


def bare_table(name: str) -> Mapping[str, Any]:
    """The data of a table without examples and proofs, which only tests read: parsing them takes most of the time."""
    path = folder() / f"{name}.toml"
    return _parsed(path, _ASIDE.sub("", path.read_text(encoding="utf-8")))


def tables(group: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Name and data of each file in a folder of rules/ that is a table and no rule."""
    for path in sorted((folder() / group).glob("*.toml")):
        if not _is_rule(path):
            yield path.stem, _read(path)


def heads(group: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Name and data before the first `[` line of each table in a folder of rules/: reading the rest takes longer."""
    for path in sorted((folder() / group).glob("*.toml")):
        with path.open(encoding="utf-8") as file:
            head = "".join(takewhile(lambda line: not line.startswith("["), file))
        if not head.startswith("code"):
            yield path.stem, tomllib.loads(head)


def find(rules: Iterable[Rule], key: str) -> Rule:
    """The rule of that code or name; raises CatalogueError with the nearest name when there is none."""
    known: dict[str, Rule] = {}
    for rule in rules:
        known[rule.code.upper()] = rule
        known[rule.name] = rule
    if rule_ := known.get(key.upper()) or known.get(key.lower()):
        return rule_
    raise CatalogueError(f"no rule is called {key!r}{_nearest(key, known)}")


def select(rules: Iterable[Rule], keys: Iterable[str]) -> frozenset[str]:
    """The codes that names, codes, code prefixes, families, tags or ALL stand for; raises CatalogueError on others."""
    rules = tuple(rules)
    chosen: set[str] = set()
    codes = {rule.code for rule in rules}
    for key in keys:
        # A whole code means its rule alone, though longer codes may begin like it.
        whole = key.upper() in codes
        matched = {key.upper()} if whole else {rule.code for rule in rules if key and _matches(rule, key)}
        if not matched:
            words = {word for rule in rules for word in (rule.code, rule.name, rule.family, *rule.tags)}
            raise CatalogueError(f"no rule, prefix, family or tag is called {key!r}{_nearest(key, words)}")
        chosen |= matched
    return frozenset(chosen)


def _matches(rule: Rule, key: str) -> bool:
    if key.upper() == "ALL":
        return True
    low = key.lower()
    return rule.code.startswith(key.upper()) or low in {rule.name, rule.family} or low in rule.tags


def _nearest(key: str, words: Iterable[str]) -> str:
    near = get_close_matches(key.lower(), {word.lower(): word for word in words}, n=1, cutoff=0.6)
    if not near:
        return ""
    return f"; did you mean {next(word for word in words if word.lower() == near[0])!r}?"


@cache
def _read(path: Path) -> Mapping[str, Any]:
    return _parsed(path, path.read_text(encoding="utf-8"))


def _parsed(path: Path, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _rule(path: Path, data: Mapping[str, Any]) -> Rule:
    if missing := _REQUIRED - data.keys():
        raise CatalogueError(f"{path.name}: {', '.join(sorted(missing))} missing")
    if unknown := data.keys() - _REQUIRED - _OPTIONAL:
        raise CatalogueError(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    if data["precision"] not in PRECISIONS:
        raise CatalogueError(f"{path.name}: precision must be one of {', '.join(PRECISIONS)}")
    if path.stem != data["name"]:
        raise CatalogueError(f"{path.name}: the file is not called as the rule is, {data['name']}")
    lists: dict[str, Any] = {key: tuple(data.get(key, ())) for key in ("bad", "good", "cwe", "tags", "references")}
    texts = {key: data[key].strip() for key in ("summary", "message", "why", "instead", "measured")}
    return Rule(
        code=data["code"],
        name=data["name"],
        family=data["family"],
        severity=Severity(data["severity"]),
        precision=data["precision"],
        check=data["check"],
        since=data.get("since", "0.1.0"),
        semgrep=data.get("semgrep"),
        needs=data.get("needs"),
        taint=_taint(path, data.get("taint", {})),
        world=data.get("world", {}),
        **lists,
        **texts,
    )


def _taint(path: Path, data: Mapping[str, Any]) -> Taint:
    try:
        after = re.compile(data["harmless_after"]) if "harmless_after" in data else None
    except re.error as error:
        raise CatalogueError(f"{path.name}: harmless_after: {error}") from error
    if unknown := data.keys() - {"harmless_after", "only_as_part"}:
        raise CatalogueError(f"{path.name}: unknown key {', '.join(sorted(unknown))} in [taint]")
    return Taint(after, bool(data.get("only_as_part")))


def on_by_default(rule: Rule) -> bool:
    """Whether a rule runs without being selected; what Bandit says at level info is noise only `--select` wants."""
    return not (rule.engine == "bandit" and rule.severity is Severity.INFO)
