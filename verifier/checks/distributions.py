"""Whether the distributions that code imports and projects declare exist, fit, and are those that were meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from verifier.checks import lookalikes, satisfiable, suspicion
from verifier.checks.registry import Rules
from verifier.distributions import Releases
from verifier.model import Finding, Import, Problem, ProblemKind, Rule, Severity, Span
from verifier.world import stdlib
from verifier.world.addresses import cause
from verifier.world.advisories import Advisory
from verifier.world.advisories import Told as Published
from verifier.world.index.releases import Absent, Outcome, Unverified
from verifier.world.places import Place

Ask = Callable[[Collection[str]], Mapping[str, Outcome]]
Advise = Callable[[Mapping[str, str]], Mapping[str, Published]]
Imported = tuple[Import, Sequence[str]]
"""An import that nothing installed or locked provides, and the normalised distributions that may, likeliest first."""


def check(
    imported: Iterable[Imported],
    places: Iterable[Place],
    rules: Rules,
    ask: Ask,
    *,
    advise: Advise | None = None,
    settled: Mapping[str, str] | None = None,
    private: Sequence[str] = (),
    in_house: Collection[str] = (),
    python: tuple[int, int] | None = None,
    platform: str = "linux",
    today: date | None = None,
) -> Iterator[Finding | Problem]:
    """Judge imports and declared requirements with one batch of questions to the indexes.

    `advise` tells what is published against versions; None: nobody asks. `settled`: versions by name of what is
    installed or locked, which nobody asks about while they fit. `private`: patterns of names, and `in_house`:
    addresses of indexes, whose distributions nobody suspects. `python`: the target, None where it is only guessed.
    `today`: in UTC.
    """
    settled = settled or {}
    own = [place for place in places if not place.elsewhere]
    wanted = [place for place in own if not _kept(place, settled)]
    declared = {place.name for place in wanted} | settled.keys()
    foreign = [(record, names) for record, names in imported if declared.isdisjoint(names)]
    asked = sorted({place.name for place in wanted} | {name for _, names in foreign for name in names})
    answers = ask(asked) if asked else {}
    unverified: dict[str, str] = {}
    for place in wanted:
        yield from _declared(place, answers.get(place.name), rules, settled, python, platform, unverified)
    yield from _open("could not verify that these requirements can be satisfied", unverified)
    if rule := rules.get("suspicious-package"):
        trusted = {name for name in asked if name in settled or any(fnmatchcase(name, each) for each in private)}
        known = {
            name: answer
            for name, answer in answers.items()
            if isinstance(answer, Releases) and name not in trusted and answer.index not in in_house
        }
        # Where markers choose among pins, the first is judged, which is also where a finding stands.
        versions = {place.name: version for place in reversed(own) if (version := _version_of(place, settled))}
        published = advise(versions) if advise and versions else {}
        yield from _suspicious(foreign, own, known, versions, published, rule, today or datetime.now(UTC).date())
        silent = {name: each.why for name, each in published.items() if isinstance(each, Unverified)}
        yield from _open("could not ask for known vulnerabilities of these", silent)


def _open(words: str, unverified: Mapping[str, str]) -> Iterator[Problem]:
    if unverified:
        reasons = "; ".join(sorted(set(map(cause, unverified.values()))))
        yield Problem(None, ProblemKind.INDEX, f"{words}: {', '.join(sorted(unverified))} ({reasons})")


def _version_of(place: Place, settled: Mapping[str, str]) -> str | None:
    """The version that a declared distribution has or, by its requirement alone, must have."""
    return settled.get(place.name) or satisfiable.pinned(place.specifier)


def _kept(place: Place, settled: Mapping[str, str]) -> bool:
    """Whether the version that is installed or locked is one that the requirement asks for."""
    version = settled.get(place.name)
    try:
        return version is not None and SpecifierSet(place.specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, ValueError):  # a version that no specifier can be compared with was chosen all the same
        return True


def _declared(
    place: Place,
    answer: Outcome | None,
    rules: Rules,
    settled: Mapping[str, str],
    python: tuple[int, int] | None,
    platform: str,
    unverified: dict[str, str],
) -> Iterator[Finding]:
    """What the indexes' answer says of one requirement; `unverified` takes what it leaves open."""
    match answer:
        case Absent(why) if place.name not in settled:
            if rule := rules.get("unknown-requirement"):
                fields = {"name": place.name, "suggestion": _suggestion(place.name)}
                yield _finding(rule, _site(place), place.name, fields, {"asked": why})
        case Releases():
            if answer.incomplete:
                unverified[place.name] = answer.incomplete
            found = satisfiable.conflict(place, answer, python, platform)
            if found and (rule := rules.get("unsatisfiable-requirement")):
                fields = {"requirement": place.requirement, "reason": found.reason}
                evidence = {"index": answer.index, **found.evidence}
                yield _finding(rule, _site(place), place.name, fields, evidence, found.severity)
        case Unverified(why):
            unverified[place.name] = why


def _suspicious(
    imported: Iterable[Imported],
    places: Iterable[Place],
    known: Mapping[str, Releases],
    versions: Mapping[str, str],
    published: Mapping[str, Published],
    rule: Rule,
    today: date,
) -> Iterator[Finding]:
    """One finding for each distribution and file, at its first requirement or import there."""
    sites: dict[tuple[str, str], tuple[tuple[str, Span], bool]] = {}
    for place in places:
        sites.setdefault((place.path, place.name), (_site(place), False))
    for record, names in imported:
        if name := next((each for each in names if each in known), None):
            sites.setdefault((record.path, name), ((record.path, record.span), record.optional or record.typing_only))
    for (_, name), (site, guarded) in sites.items():
        found = list(suspicion.signals(name, known[name], today)) if name in known else []
        told = published.get(name, ())
        against: tuple[Advisory, ...] = () if isinstance(told, Unverified) else told
        if signal := suspicion.vulnerable(versions.get(name, ""), against):
            found.append(signal)
        if (severity := suspicion.severity(found)) is not None:
            fields = {"name": name, "signals": "; ".join(each.text for each in found)}
            evidence = _evidence(found, known.get(name), against)
            # Code that runs on without the package does not fail, and the package may not even be installed.
            yield _finding(rule, site, name, fields, evidence, Severity.INFO if guarded else severity)


def _evidence(
    found: Sequence[suspicion.Signal], releases: Releases | None, advisories: Sequence[Advisory]
) -> dict[str, object]:
    evidence: dict[str, object] = {"signals": [str(each.sign) for each in found]}
    if releases is not None:
        first = suspicion.first_release(releases.files)
        evidence |= {"index": releases.index, "files": len(releases.files)}
        evidence |= {"first release": first.isoformat() if first else None}
    if advisories:
        evidence["advisories"] = [{"id": each.id, "aliases": list(each.aliases)} for each in advisories]
    return evidence


def _suggestion(name: str) -> str:
    if stdlib.versions(name.replace("-", "_")) is not None:
        return "; the standard library has a module of that name, which needs no distribution"
    right = lookalikes.suggested(name)
    return f"; did you mean `{right}`?" if right else ""


def _site(place: Place) -> tuple[str, Span]:
    return place.path, Span(place.line, place.column, place.line, place.end_column)


def _finding(
    rule: Rule,
    site: tuple[str, Span],
    symbol: str,
    fields: Mapping[str, object],
    evidence: Mapping[str, object],
    severity: Severity | None = None,
) -> Finding:
    message = rule.message.format(**fields)
    return Finding(rule.code, *site, message, severity or rule.severity, symbol=symbol, evidence=evidence)
