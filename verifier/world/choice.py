"""Which versions count for a folder: what is installed, else what a lock file chose, else what is declared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement as Written
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from verifier.config import Config
from verifier.distributions import Indexes, Locked
from verifier.model import Environment, Problem, ProblemKind, Requirement, Selection
from verifier.world import declared, environment, local, locks
from verifier.world.locks.lock import Lock
from verifier.world.target import holds, markers

_NEWEST = 15
"""The newest minor version of Python 3 that a project is taken to target."""


def environment_for(
    home: Path, config: Config, environ: Mapping[str, str], needs: Iterable[Requirement], indexes: Indexes
) -> tuple[Environment, tuple[Problem, ...]]:
    """What the code will run with: what is installed, else what a lock file chose, else what is declared."""
    selection = Selection(
        declared=by_name(needs, local.find_root(home)),
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


def by_name(needs: Iterable[Requirement], root: Path) -> dict[str, Requirement]:
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


def upwards(folder: Path, last: Path) -> list[Path]:
    """A folder and those above it up to the last one; the folder alone where it does not lie in that."""
    above = [each for each in (folder, *folder.parents) if each.is_relative_to(last)]
    return above or [folder]


def _nearest(
    home: Path, config: Config, environ: Mapping[str, str]
) -> tuple[Environment | None, Lock | None, tuple[Problem, ...]]:
    """The installed environment or the lock file that is nearest to a folder, in it or above it.

    What a folder of a project pins, such as its tests, is added to what is locked for the project.
    """
    found, problems = environment.find(home, config.python, environ)
    root, pins = local.find_root(home), list[Lock]()
    for folder in upwards(home, _top(root)) if found is None else ():
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


def _top(root: Path) -> Path:
    """The folder of the repository that a project lies in; the project's own where there is none."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
