"""Uses of APIs that the installed version deprecates or no longer has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.checks import ageing
from verifier.checks.matching import Matched, matches
from verifier.checks.registry import Parsed, Rules, finding, per_file
from verifier.deprecations import Api
from verifier.model import Finding, Problem
from verifier.world import provision
from verifier.world.versions import version_of

_RULES = {
    "removed": "removed-api",
    "deprecated": "deprecated-api",
    "unknown": "deprecated-api",
    "later": "removed-later",
}


@per_file("deprecated")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """Every use of a row's name, method or parameter whose version range the project's version lies in."""
    seen: set[tuple[str, int]] = set()
    for matched in matches(parsed):
        api = matched.api
        version = version_of(parsed.project, api.distribution)
        rule = rules.get(_RULES.get(_state(api, version) or "", ""))
        if rule is None:
            continue
        made = _finding(parsed, rules, rule.name, matched, version)
        if (api.api, made.span.line) not in seen:
            seen.add((api.api, made.span.line))
            yield made
    told = {name.partition("(")[0].rpartition(".")[2] for name, _ in seen}
    yield from ageing.check(parsed, rules, told)


def _state(api: Api, version: str | None) -> str | None:
    """How the version stands to a row; `later` where it has no complaint and a newer one no longer has the API."""
    state = api.state(version)
    if state == "unknown" and api.reintroduced:
        return None
    if state is None and api.removed and not api.reintroduced:
        return "later"
    return state


def _finding(parsed: Parsed, rules: Rules, rule: str, matched: Matched, version: str | None) -> Finding:
    api = matched.api
    owner = "Python" if api.distribution == "python" else api.distribution
    newest = provision.is_newest(parsed.project.environment, api.distribution)
    have = f", {'the newest release is' if newest else 'you have'} {version}"
    if version is None:
        have = "; which version the project has is not known"
    fields: dict[str, Any] = {
        "api": api.api,
        "distribution": owner,
        "since": _since(api, owner, version),
        "removed": api.removed,
        "have": have,
        "use": f"; use {api.replacement}" if api.replacement else "",
    }
    evidence = {
        "deprecated": api.deprecated,
        "removed": api.removed,
        "version": version,
        "note": api.note,
        "reference": api.reference,
    }
    return finding(rules[rule], parsed, matched.node, symbol=api.api, evidence=evidence, **fields)


def _since(api: Api, owner: str, version: str | None) -> str:
    """From which version on the row complains; where none is known, also what the later ones do."""
    since = f" since {owner} {api.deprecated}" if api.deprecated else ""
    if version is None and api.removed:
        since += f", and gone since {'' if since else f'{owner} '}{api.removed}"
    return since
