"""Suppressions that silence nothing, or that say too little to be suppressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from verifier import catalogue
from verifier.model import Finding, Rule, Source, Suppression
from verifier.suppress import Applied


def check(sources: Sequence[Source], applied: Applied, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Unused suppressions of rules that ran, and `verify: ignore` comments without a code or with an unknown one."""
    unused, invalid = rules.get("VER901"), rules.get("VER903")
    unknown: dict[int, set[str]] = {}
    for source in sources:
        for each in source.suppressions:
            if each.engine != "verifier":
                continue
            reason = _invalid(each)
            if reason is not None:
                unknown[id(each)] = set(each.codes)
                if invalid:
                    yield _finding(invalid, each, reason=reason)
    for each, codes in applied.unused:
        ran = [code for code in codes if code not in unknown.get(id(each), ()) and _ran(code, rules, each)]
        if ran and unused:
            yield _finding(unused, each, codes=", ".join(ran))


def _invalid(each: Suppression) -> str | None:
    if not each.codes:
        return "a suppression names the rules that it silences: `# verify: ignore[CODE] reason`"
    rules = catalogue.load()
    for code in each.codes:
        try:
            catalogue.select(rules, [code])
        except catalogue.CatalogueError as error:
            return str(error)
    return None


def _ran(code: str, rules: Mapping[str, Rule], each: Suppression) -> bool:
    """Whether every rule that a code means was part of the run: only then is silence a fact."""
    known = catalogue.load()
    if each.engine == "semgrep" and not any(code.upper() == rule.code or code == rule.name for rule in known):
        return False
    try:
        meant = catalogue.select(known, [code])
    except catalogue.CatalogueError:
        return False
    return all(one in rules for one in meant)


def _finding(rule: Rule, each: Suppression, **fields: str) -> Finding:
    return Finding(rule.code, each.path, each.span, rule.message.format(**fields), rule.severity)
