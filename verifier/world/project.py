"""The project around the code, put together from its environment, its declarations and its folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from packaging.requirements import Requirement as Written
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from verifier.config import Config
from verifier.distributions import Indexes, Locked
from verifier.model import Environment, Problem, ProblemKind, Project, Requirement, Selection, Source
from verifier.world import declared, environment, local, locks, store
from verifier.world.index import configuration
from verifier.world.locks.lock import Lock
from verifier.world.nearest import nearest
from verifier.world.target import holds, markers

_NEWEST = 15
"""The newest minor version of Python 3 that a project is taken to target."""


def load_all(
    sources: Sequence[Source], paths: Sequence[Path], config: Config, environ: Mapping[str, str]
) -> tuple[dict[Path, Project], tuple[Problem, ...]]:
    """The project of each source and named path, by its folder: the nearest one; and what could not be read."""
    problems: dict[Problem, None] = {}
    projects: dict[Path, Project] = {}
    named = [home_of(path.absolute()) for path in paths if path.exists()]
    for home in dict.fromkeys([*(each.home for each in sources if each.home), *named]) or [home_of(Path.cwd())]:
        projects[home], unread = load(home, config, environ)
        problems.update(dict.fromkeys(unread))
    return projects, tuple(problems)


def home_of(file: Path) -> Path:
    """The nearest folder at or above a file or folder that says what the code in it needs."""
    file = file.resolve()
    root = local.find_root(file)
    return nearest(file, root)


def load(home: Path, config: Config, environ: Mapping[str, str]) -> tuple[Project, tuple[Problem, ...]]:
    """The project that a folder belongs to, as the code in that folder sees it, and what of it could not be read."""
    cache = None if config.no_cache else store.folder(None)
    root = local.find_root(home)
    indexes, misread = configuration.read(
        root,
        environ,
        index_url=config.index_url,
        private=config.private,
        offline=config.offline,
        cache=cache,
    )
    indexes = replace(indexes, most_bytes=config.max_download * 1_000_000)
    needs: tuple[Requirement, ...] = ()
    for folder in _upwards(home, root):
        found, unread = declared.read(folder)
        needs, misread = (*needs, *found), (*misread, *unread)
    chosen, problems = _environment(home, config, environ, needs, indexes)
    own = declared.own_name(root)
    project = Project(
        root=root,
        python=chosen.python,
        environment=chosen,
        declared=(*needs, Requirement(canonicalize_name(own), "", "the project itself")) if own else needs,
        source_roots=local.source_roots(root),
        indexes=indexes,
    )
    return project, (*problems, *misread)


def _environment(
    home: Path, config: Config, environ: Mapping[str, str], needs: Iterable[Requirement], indexes: Indexes
) -> tuple[Environment, tuple[Problem, ...]]:
    """What the code will run with: what is installed, else what a lock file chose, else what is declared."""
    selection = Selection(
        declared=_by_name(needs, local.find_root(home)),
        fixed=config.python_version is not None,
        indexes=indexes,
    )
    found, lock, problems = _nearest(home, config, environ)
    wishes = (lock.requires_python if lock else None) or declared.requires_python(local.find_root(home))
    python = config.python_version or (found.python if found else target(wishes))
    selection = replace(selection, overrides=_overrides(config.with_, python))
    if found is not None:
        chosen = replace(found, python=python, selection=selection)
    elif lock is not None:
        locked = locks.choose(lock.packages, python=python, platform=sys.platform)
        locked = {name: _placed(each, home) for name, each in locked.items()}
        # A requirements file may pin what the project names and leave out what that needs; a compiled one has digests.
        closed = lock.complete and (lock.path.suffix != ".txt" or all(each.files for each in locked.values()))
        selection = replace(selection, locked=locked, closed=closed, open=not closed)
        chosen = Environment(python, (), lock.origin, sys.platform, selection)
    else:
        selection = replace(selection, open=True)
        origin = "the newest releases that the declared requirements allow" if selection.declared else ""
        chosen = Environment(python, (), origin or "nothing is declared: newest releases", sys.platform, selection)
    if config.python_version is not None or not found:
        chosen = replace(chosen, origin=f"{chosen.origin} (Python {python[0]}.{python[1]})")
    if config.with_:
        chosen = replace(chosen, origin=f"{chosen.origin}, with {', '.join(config.with_)}")
    return chosen, problems


def _nearest(
    home: Path, config: Config, environ: Mapping[str, str]
) -> tuple[Environment | None, Lock | None, tuple[Problem, ...]]:
    """The installed environment or the lock file that is nearest to a folder, in it or above it.

    What a folder of a project pins, such as its tests, is added to what is locked for the project.
    """
    found, problems = environment.find(home, config.python, environ)
    root, pins = local.find_root(home), list[Lock]()
    for folder in _upwards(home, _top(root)) if found is None else ():
        above = "" if folder == home else os.path.relpath(folder, home).replace(os.sep, "/") + "/"
        if above:
            found, why = environment.inside(folder, environ, above)
            problems += (Problem(None, ProblemKind.ENVIRONMENT, why),) if why else ()
        if found is not None:
            return found, None, problems
        lock, unread = locks.read(folder, home)
        problems += unread
        if lock is not None:
            pins.append(replace(lock, origin=f"{above}{lock.path.name}") if above else lock)
            if folder == root or not folder.is_relative_to(root):
                break
    return found, _joined(pins), problems


def _joined(pins: Sequence[Lock]) -> Lock | None:
    """Several locks, the nearest first, as one that lets the nearest count for a name."""
    if len(pins) < 2:
        return pins[0] if pins else None
    packages: list[Locked] = []
    for lock in pins:
        known = {each.name for each in packages}
        packages += [each for each in lock.packages if each.name not in known]
    complete = all(lock.complete for lock in pins)
    return replace(
        pins[-1], origin=", ".join(lock.origin for lock in pins), packages=tuple(packages), complete=complete
    )


def _upwards(folder: Path, last: Path) -> list[Path]:
    """A folder and those above it up to the last one; the folder alone where it does not lie in that."""
    above = [each for each in (folder, *folder.parents) if each.is_relative_to(last)]
    return above or [folder]


def for_script(
    project: Project, file: Path | None, needs: tuple[Requirement, ...], requires_python: str | None
) -> Project:
    """The project as a script with its own requirements (PEP 723) sees it; a lock file beside the script counts."""
    if not needs and not requires_python:
        return project
    return _for_script(project, file, needs, requires_python)


@lru_cache(maxsize=256)
def _for_script(
    project: Project, file: Path | None, needs: tuple[Requirement, ...], requires_python: str | None
) -> Project:
    before = project.environment
    if before is None or before.selection is None:
        return project
    selection = before.selection
    if before.paths or selection.locked:
        merged = {**selection.declared, **_by_name(needs, project.root)}
        return replace(project, environment=replace(before, selection=replace(selection, declared=merged)))
    python = project.python if selection.fixed else target(requires_python)
    lock, _ = locks.for_script(file) if file else (None, ())
    origin = f"{lock.origin if lock else 'what the script itself requires'} (Python {python[0]}.{python[1]})"
    selection = replace(selection, declared=_by_name(needs, project.root))
    if lock is not None:
        locked = locks.choose(lock.packages, python=python, platform=sys.platform)
        selection = replace(selection, locked=locked, closed=True, open=False)
    return replace(
        project, python=python, environment=replace(before, python=python, origin=origin, selection=selection)
    )


def target(requires_python: str | None) -> tuple[int, int]:
    """The Python that code without an environment is judged for: ours if the specifier allows it, else the nearest."""
    ours = sys.version_info[:2]
    try:
        allowed = SpecifierSet(requires_python or "")
    except InvalidSpecifier:
        return ours
    versions = [minor for minor in range(_NEWEST + 1) if allowed.contains(f"3.{minor}.99", prereleases=True)]
    if not versions:
        return ours
    return (3, min(versions, key=lambda minor: abs(minor - ours[1])))


def words(projects: Mapping[Path, Project], sources: Sequence[Source]) -> str:
    """Which environments the code was judged against, for a person."""
    origins: dict[str, str] = {}
    for source in sources:
        if source.home is not None:
            seen = for_script(projects[source.home], source.file, source.declared, source.requires_python)
            own = seen is not projects[source.home]
            if seen.environment is not None:
                origins.setdefault(seen.environment.origin, source.path if own else _shown(source.home))
    for home, project in projects.items() if not sources else ():
        origins.setdefault(project.environment.origin if project.environment else "", _shown(home))
    if len(origins) == 1:
        return next(iter(origins))
    return "; ".join(f"{place}: {origin}" for origin, place in origins.items())


def _shown(root: Path) -> str:
    here = Path.cwd()
    return root.relative_to(here).as_posix() if root.is_relative_to(here) else str(root)


def _placed(locked: Locked, root: Path) -> Locked:
    """The same with the folder that it is taken from, if any, as an absolute path."""
    if not locked.local or "://" in locked.local or "+" in locked.local.partition(":")[0]:
        return locked
    return replace(locked, local=str((root / locked.local).resolve()))


def _overrides(texts: Iterable[str], python: tuple[int, int]) -> dict[str, Requirement]:
    """What --with asks for, where its markers hold for the target."""
    variables = markers(python, sys.platform)
    found: dict[str, Requirement] = {}
    for text in texts:
        written = Written(text)
        if holds(str(written.marker or ""), variables):
            name = canonicalize_name(written.name)
            extras = tuple(sorted(canonicalize_name(each) for each in written.extras))
            found[name] = Requirement(name, str(written.specifier), "--with", written.url or "", extras)
    return found


def _by_name(needs: Iterable[Requirement], root: Path) -> dict[str, Requirement]:
    """The requirements by name, several of one name joined; without those that the project itself fulfils."""
    own = declared.own_name(root)
    found: dict[str, Requirement] = {}
    for need in needs:
        if need.name == own:
            continue
        if (before := found.get(need.name)) is None:
            found[need.name] = need
        else:
            specifiers = dict.fromkeys(each for each in (before.specifier, need.specifier) if each)
            extras = tuple(dict.fromkeys((*before.extras, *need.extras)))
            url = before.url or need.url
            found[need.name] = replace(before, specifier=",".join(specifiers), url=url, extras=extras)
    return found


def _top(root: Path) -> Path:
    """The folder of the repository that a project lies in; the project's own where there is none."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
