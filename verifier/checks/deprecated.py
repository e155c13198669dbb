"""Uses of APIs that the installed version deprecates or no longer has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from verifier import deprecations
from verifier.checks.ageing import calls as ageing
from verifier.checks.guards import chosen
from verifier.checks.matching import Matched, matches
from verifier.checks.registry import Parsed, Rules, finding, per_file
from verifier.checks.wording import shortened
from verifier.deprecations import Api
from verifier.model import Finding, Problem, Span
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
    listed: dict[tuple[str, Span], Finding] = {}
    imported: set[str] = set()
    for matched in matches(parsed):
        api = matched.api
        version = version_of(parsed.project, api.distribution)
        rule = rules.get(_RULES.get(_state(api, version) or "", ""))
        if rule is None or (matched.site is None and chosen(parsed, matched.node)):
            continue
        made = _finding(parsed, rules, rule.name, matched, version)
        listed.setdefault((api.api, made.span), made)
        if matched.site is not None:
            imported.add(api.path.rpartition(".")[2])
    yield from _one_each(list(listed.values()), ageing.check(parsed, rules, imported))


def _one_each(listed: Sequence[Finding], harvested: Iterable[Finding]) -> Iterator[Finding]:
    """What the table and the package say of one place, as one finding: the table's, with the package's own words."""
    quotes: dict[int, Finding] = {}
    for each in harvested:
        same = [index for index, one in enumerate(listed) if _is_same(one, each)]
        quotes.update(dict.fromkeys(same, each))
        if not same and not _conditional(each.symbol or ""):
            yield each
    for index, one in enumerate(listed):
        says = quotes[index].evidence if index in quotes else None
        words = shortened(str((says or {}).get("says") or ""))
        if not words:
            yield one
            continue
        message = one.message if one.code != quotes[index].code else f"{one.message}; its own warning: {words}"
        yield replace(one, message=message, evidence={**(one.evidence or {}), "says": words})


def _conditional(symbol: str) -> bool:
    """Whether the table knows of a parameter when it is deprecated, which the package's statement does not show."""
    path, _, parameter = symbol.rstrip(")").partition("(")
    top, last = path.partition(".")[0], path.rpartition(".")[2]
    rows = deprecations.index(frozenset({top})).callees.get(last, ())
    return any(row.parameter == parameter and row.beside and row.path.partition(".")[0] == top for row in rows)


def _is_same(listed: Finding, harvested: Finding) -> bool:
    if listed.span == harvested.span:
        return True
    names = [(each.symbol or "").partition("(")[0].rpartition(".")[2] for each in (listed, harvested)]
    return listed.span.line == harvested.span.line and names[0] == names[1]


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
    made = finding(rules[rule], parsed, matched.node, symbol=api.api, evidence=evidence, **fields)
    if api.fix is None:
        return made
    from verifier.checks.rewrites.fixes import fix  # noqa: PLC0415  # libcst's matchers take 0.1 s to load

    return replace(made, fix=fix(parsed, api, matched))


def _since(api: Api, owner: str, version: str | None) -> str:
    """From which version on the row complains; where none is known, also what the later ones do."""
    since = f" since {owner} {api.deprecated}" if api.deprecated else ""
    if version is None and api.removed:
        since += f", and gone since {'' if since else f'{owner} '}{api.removed}"
    return since
