"""What a run's files import and its projects declare, judged project by project with one batch of questions each."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.discover import is_declaration, reported
from verifier.distributions import Releases
from verifier.model import Examined, Finding, Problem, ProblemKind, Project, Rule, Source
from verifier.world.addresses import SILENT, cause

if TYPE_CHECKING:
    from verifier.checks.distributions import Advise, Ask
    from verifier.world.advisories import Told
    from verifier.world.index.releases import Outcome
    from verifier.world.places import Place

_CANNOT_BE_INSTALLED = frozenset({"VER109", "VER110"})
_CHECKS = frozenset({"imports", "distributions"})


def check(
    sources: Sequence[Source], paths: Sequence[Path], rules: Sequence[Rule], projects: Mapping[Path, Project]
) -> tuple[list[Finding | Problem], float]:
    """Return what is wrong with what is imported and declared, and the age in seconds of the oldest answer used."""
    chosen = {rule.name: rule for rule in rules if rule.check in _CHECKS}
    declares = any(rule.check == "distributions" for rule in chosen.values())
    found: list[Finding | Problem] = []
    age = 0.0
    for home, project in projects.items() if chosen else ():
        mine = [source for source in sources if source.home == home]
        places = list(_places(mine, paths, home)) if declares else []
        if places or any(source.imports for source in mine):
            from verifier.checks import imports  # noqa: PLC0415  # it is loaded in the workers, and here only if asked

            answers: dict[str, Outcome] = {}
            importing = [source for source in mine if source.imports]
            ask, advise = _asking(project, answers), _advising(project)
            found += imports.check(importing, places, chosen, project, ask, advise)
            age = max([age, *(each.age for each in answers.values() if isinstance(each, Releases))])
    return found, age


def unread(results: Sequence[Examined], found: Sequence[Finding | Problem]) -> list[Problem]:
    """Return one sentence for each cause that kept distributions from being read, if it was not found to be wrong."""
    wrong = {each.symbol for each in found if isinstance(each, Finding) and each.code in _CANNOT_BE_INSTALLED}
    causes: dict[str, set[str]] = {}
    for result in results:
        for name, why in result.unread.items():
            if name not in wrong:
                causes.setdefault(cause(why), set()).add(name)
    for late in [why for why in causes if why.endswith(SILENT)]:
        host = late.partition(" ")[0]
        first = next((why for why in causes if why != late and host in why), None)
        if first is not None:
            causes[first] |= causes.pop(late)
    words = "could not be read, so nothing that the code uses of it was checked"
    return [
        Problem(None, ProblemKind.INDEX, f"{words}: {', '.join(sorted(names))} ({why})")
        for why, names in causes.items()
    ]


def _asking(project: Project, answers: dict[str, Outcome]) -> Ask:
    """A function that asks the project's indexes, about each name once; `answers` takes what they say."""

    def ask(names: Collection[str]) -> Mapping[str, Outcome]:
        from verifier.world.index.releases import releases_of  # noqa: PLC0415  # only where there is something to ask

        answers.update(releases_of(project.indexes, sorted(set(names) - answers.keys())))
        return {name: answers[name] for name in names}

    return ask


def _advising(project: Project) -> Advise:
    """A function that asks the project's indexes for advisories about versions."""

    def advise(versions: Mapping[str, str]) -> Mapping[str, Told]:
        from verifier.world.advisories import advisories  # noqa: PLC0415  # only where there is something to ask
        from verifier.world.index.releases import Unverified  # noqa: PLC0415  # likewise

        told = advisories(project.indexes, versions)
        # Who works offline knows that nobody is asked for news.
        offline = project.indexes.offline
        return {name: each for name, each in told.items() if not (offline and isinstance(each, Unverified))}

    return advise


def _places(sources: Sequence[Source], paths: Sequence[Path], home: Path) -> Iterator[Place]:
    """Where requirements are declared: in scripts under check, and in the files of the project that are under check."""
    from verifier.world.places import declared_in, inline_places  # noqa: PLC0415  # see check

    for source in sources:
        if source.declared:
            data = source.data if source.data is not None or source.file is None else source.file.read_bytes()
            yield from inline_places((data or b"").decode("utf-8", errors="replace"), source.path)
    named = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  # links stay, as in discover
    if any(home.is_relative_to(path.resolve()) or is_declaration(path) for path in named):
        for place in declared_in(home):
            file = home / place.path
            if any(file.is_relative_to(path.resolve()) for path in named):
                yield replace(place, path=reported(str(file)))
