"""Proposes rows: what a release offered and a later one lacks or deprecates, dated by the releases in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from verifier.deprecations import Api, rows_of
from verifier.distributions import Indexes
from verifier.model import Problem, ProblemKind
from verifier.proving.bisecting import History, Told, ask, first, gone, warned
from verifier.proving.judging import judge
from verifier.proving.releases import Release, stable
from verifier.proving.seeing import Seen
from verifier.proving.steps import steps
from verifier.proving.surface import Offer, surface, top_levels
from verifier.symbols.ageing.texts import replacement

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Derived:
    """Proposed rows, what was found and could not be dated, and what could not be read."""

    rows: tuple[Row, ...] = ()
    undated: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def derive(
    indexes: Indexes,
    distribution: str,
    span: tuple[str, str],
    *,
    modules: Sequence[str] = (),
    jobs: int = 1,
    done: Told = lambda _release, _answers: None,
) -> Derived:
    """Compare two releases (old, new) and propose rows for what is gone or deprecated in the new one.

    Raises ValueError where one of them is no stable release.
    """
    name = canonicalize_name(distribution)
    try:
        between = _between(stable(indexes, name), span)
        tops = modules or top_levels(indexes, between[0])
        old = surface(indexes, between[0], modules, tops)
        new = surface(indexes, between[-1], modules, tops)
    except OSError as why:
        return Derived(problems=(Problem(None, ProblemKind.INDEX, str(why)),))
    candidates = {each.api: each for each in (*_lost(old, new), *_aged(old, new))}
    apis = _apis(name, candidates.values())
    history = History(indexes, between, jobs, done)
    last_word = first(history, apis, gone)
    first_word = first(history, apis, warned)
    rows: list[Row] = []
    undated: list[str] = []
    for api in apis:
        start, end = first_word[api.api], last_word[api.api]
        if not start and not end:
            undated.append(api.api)
            continue
        seen = history.seen[api.api]
        rows.append(_row(api, between, start, end, seen))
    _prove(history, name, rows)
    problems = tuple(Problem(None, ProblemKind.INDEX, each) for each in history.unread)
    return Derived(tuple(_judged(history, name, row) for row in rows), tuple(undated), problems)


def written(derived: Derived) -> str:
    """The rows in the format of the tables."""
    document = tomlkit.document()
    listed = tomlkit.aot()
    for row in derived.rows:
        table = tomlkit.table()
        for key, value in row.items():
            if isinstance(value, list):
                lines = tomlkit.array().multiline(multiline=True)
                lines.extend(value)
                table[key] = lines
            else:
                table[key] = value
        table.add(tomlkit.nl())
        listed.append(table)
    if derived.rows:
        document["api"] = listed
    return tomlkit.dumps(document)


def _between(found: Sequence[Release], span: tuple[str, str]) -> list[Release]:
    try:
        old, new = (Version(each) for each in span)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
    between = [each for each in found if old <= Version(each.version) <= new]
    ends = {Version(each.version) for each in between}
    if not {old, new} <= ends or old >= new:
        known = ", ".join(each.version for each in found[-12:])
        raise ValueError(f"{span[0]} and {span[1]} are no two stable releases, older first; among them are {known}")
    return between


def _lost(old: Iterable[Offer], new: Iterable[Offer]) -> Iterator[Offer]:
    """What the new release does not offer any more, or only to raise, once for each thing and nothing below it."""
    there = {each.api: each for each in new}
    lost = {each.api: each for each in old if each.api not in there}
    seen: set[str] = set()
    for each in sorted(lost.values(), key=lambda one: (one.api.count("."), len(one.api))):
        path = each.api.partition("(")[0]
        above = path if path != each.api else path.rpartition(".")[0]
        if _within(above, lost) or each.thing in seen:
            continue
        seen.add(each.thing)
        yield each
    raising = {each.api for each in old if each.raises}
    yield from (each for each in there.values() if each.raises and each.api not in raising)


def _within(path: str, lost: Mapping[str, Offer]) -> bool:
    """Whether something at or above a path is lost as well."""
    while path:
        if path in lost:
            return True
        path = path.rpartition(".")[0]
    return False


def _aged(old: Iterable[Offer], new: Iterable[Offer]) -> Iterator[Offer]:
    """What both offer and only the new one says is deprecated, once for each thing."""
    before = {each.api: each for each in old}
    seen: set[str] = set()
    for each in sorted(new, key=lambda one: (one.api.count("."), len(one.api))):
        was = before.get(each.api)
        if each.says is not None and was is not None and was.says is None and each.thing not in seen:
            seen.add(each.thing)
            yield each


def _apis(distribution: str, offers: Iterable[Offer]) -> tuple[Api, ...]:
    rows = [{"api": each.api, "kind": each.kind} for each in offers]
    return rows_of({"distribution": distribution, "api": rows})


def _row(api: Api, between: Sequence[Release], start: int | None, end: int | None, seen: Mapping[str, Seen]) -> Row:
    """The row of an API that began to warn in one release and was gone in another, as far as these are known."""
    row: dict[str, Any] = {"api": api.api, "kind": api.kind}
    if start and start != end:
        row["deprecated"] = between[start].version
    if end:
        row["removed"] = between[end].version
    messages = [each.says for each in seen.values() if each.says]
    use = next((text for each in messages if (text := replacement(each))), None)
    if use is not None:
        row["replacement"] = use if "`" in use or " " in use else f"`{use}`"
    return row


def _prove(history: History, distribution: str, rows: Iterable[Row]) -> None:
    """Read the releases on both sides of each change that halving did not pass."""
    versions = [each.version for each in history.releases]
    by_version = {each.version: each for each in history.releases}
    wanted = [
        (by_version[version], api)
        for api in rows_of({"distribution": distribution, "api": list(rows)})
        for step in steps(api, versions)
        for version in (step.before, step.at)
        if version is not None
    ]
    ask(history, wanted)


def _judged(history: History, distribution: str, row: Row) -> Row:
    (api,) = rows_of({"distribution": distribution, "api": [row]})
    versions = [each.version for each in history.releases]
    verdict = judge(api, steps(api, versions), None, history.seen[api.api])
    proof: dict[str, Any] = {"proof": [str(each) for each in verdict.proof]} if verdict.proof else {}
    return {**row, **proof, **({"unproved": verdict.unproved} if verdict.unproved else {})}
