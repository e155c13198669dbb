"""One defect, one finding: what two engines say of the same weakness at the same place becomes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from verifier import catalogue
from verifier.model import Finding, Related, Rule, Severity

_LONGEST = 12
"""Lines of one call; what is longer holds other statements too."""


def merge(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """Findings with doubles folded into the most precise one; the others stay under its `related`."""
    kept: list[Finding] = []
    by_line: dict[tuple[str, int], list[int]] = {}
    for finding in sorted(findings, key=lambda each: _preference(each, rules)):
        lines = [(finding.path, line) for line in _lines(finding)]
        places = dict.fromkeys(place for line in lines for place in by_line.get(line, ()))
        double = next((place for place in places if _same_weakness(kept[place], finding, rules)), None)
        if double is None:
            for line in lines:
                by_line.setdefault(line, []).append(len(kept))
            kept.append(finding)
            continue
        first = kept[double]
        told = Related(finding.path, finding.span, finding.message, finding.code)
        severity = max(first.severity, finding.severity, key=lambda each: each.rank)
        kept[double] = replace(first, related=(*first.related, told), severity=severity)
    return kept


def _lines(finding: Finding) -> range:
    """The lines that a finding is about; of a long one those where it begins."""
    return range(finding.span.line, min(finding.span.end_line, finding.span.line + _LONGEST) + 1)


def _same_weakness(one: Finding, other: Finding, rules: Mapping[str, Rule]) -> bool:
    first, second = rules[one.code], rules[other.code]
    if one.code == other.code:
        return one.span == other.span
    if {first.family, second.family} == {"deprecated", "api"}:
        # what a version lost is both gone and not there: the table knows what replaced it
        return _last(one.symbol) == _last(other.symbol) != ""
    if {first.family, second.family} == {"deprecated", "imports"}:
        # a module that a version lost is both gone and not there: the table knows what replaced it
        return bool(one.symbol and other.symbol) and _within(one.symbol or "", other.symbol or "")
    if not (first.cwe and second.cwe) or first.family != "security" or second.family != "security":
        return False
    return bool(_weaknesses(first.cwe) & _weaknesses(second.cwe))


def _last(symbol: str | None) -> str:
    """The last name of a dotted path, without the parameter that a row of the table may name."""
    return (symbol or "").partition("(")[0].removesuffix(".__init__").rpartition(".")[2]


def _within(one: str, other: str) -> bool:
    """Whether one dotted path is the other or lies in it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _preference(finding: Finding, rules: Mapping[str, Rule]) -> tuple[int, int, int, int, tuple[object, ...]]:
    """Our rules before Bandit's and the tables' before absences, then the more precise, then the more severe."""
    rule = rules[finding.code]
    return (
        rule.engine == "bandit",
        rule.family != "deprecated",
        catalogue.PRECISIONS.index(rule.precision),
        -Severity(finding.severity).rank,
        finding.sort_key,
    )


def _weaknesses(cwe: Sequence[str]) -> frozenset[str]:
    """The weaknesses that CWE entries stand for, close relatives under one name."""
    groups = _groups()
    return frozenset(groups.get(each, each) for each in cwe)


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, str]:
    groups: Mapping[str, Sequence[str]] = catalogue.table("security/weaknesses")["same"]
    return {each: name for name, members in groups.items() for each in members}
