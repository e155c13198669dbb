"""The stable releases of a distribution, and each as a world in which nothing but it (and what it needs) is there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from verifier.distributions import DistributionFile, Indexes, Releases
from verifier.model import Environment, Project, Requirement, Selection
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.modules import World, world_of
from verifier.world import provision
from verifier.world.archives.paths import is_source
from verifier.world.index.releases import releases_of
from verifier.world.opening import present

NEWEST_PYTHON = (3, 14)
"""The newest Python that is released; typeshed knows the next one in part."""
OLDEST_PYTHON = (3, 10)
"""The oldest Python for which typeshed still says what only later ones have."""
_OLDEST_MINOR = 3
_PLATFORM = "linux"
SECONDS = 900.0
"""How long reading one release may take."""


class UnavailableError(OSError):
    """Why the releases of a distribution are not known, or one of them cannot be read now; for people."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release as it is to be read: the newest Python that it was made for decides what its branches mean."""

    distribution: str
    version: str
    python: tuple[int, int]


def stable(indexes: Indexes, distribution: str) -> tuple[Release, ...]:
    """The stable releases that can be read, oldest first; raises UnavailableError where the index does not say."""
    if distribution == STANDARD:
        minors = range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1)
        return tuple(Release(STANDARD, f"3.{minor}", (3, minor)) for minor in minors)
    found = releases_of(indexes, [distribution])[distribution]
    if not isinstance(found, Releases):
        raise UnavailableError(f"{distribution}: {found.why}")
    by_version: dict[Version, list[DistributionFile]] = {}
    for file in found.files:
        version = _version(file.version)
        if version is None or version.is_prerelease or file.yanked is not None:
            continue
        if file.name.endswith((".whl", ".egg")) or is_source(file.name):
            by_version.setdefault(version, []).append(file)
    if not by_version:
        raise UnavailableError(f"{distribution}: no stable release has a wheel or a source archive")
    return tuple(
        Release(distribution, by_version[version][0].version, python_of(by_version[version]))
        for version in sorted(by_version)
    )


def python_of(files: Sequence[DistributionFile]) -> tuple[int, int]:
    """The newest Python that a wheel of the release, else its source archive, was made for."""
    pythons = [(3, minor) for minor in range(NEWEST_PYTHON[1], _OLDEST_MINOR - 1, -1)]
    wheels = [file for file in files if file.name.endswith(".whl")]
    for some in (wheels, [file for file in files if not file.name.endswith(".whl")]):
        for python in pythons:
            if any(_made_for(file, python) for file in some):
                return python
    # Made for Python 2 alone; typeshed and our parser start at Python 3.
    return (3, _OLDEST_MINOR)


def world_at(indexes: Indexes, release: Release, root: Path) -> World:
    """A world in which the release is installed and everything else is the newest that it allows; sources count."""
    needed = Requirement(release.distribution, f"=={release.version}", "verify rules")
    overrides = {} if release.distribution == STANDARD else {needed.name: needed}
    selection = Selection(overrides=overrides, open=release.distribution != STANDARD, fixed=True, indexes=indexes)
    environment = Environment(release.python, (), f"{release.distribution} {release.version}", _PLATFORM, selection)
    world = world_of(Project(root, release.python, environment, indexes=indexes), None)
    world.proving = world.without_stubs = True
    return world


def with_stubs(world: World) -> World:
    """The same release as its stubs have it: only they tell of what is compiled."""
    return _other(world, "with stubs", trusting=False, without_stubs=False)


def trusting(world: World) -> World:
    """The same release, its packages taken to pass on what the modules that they import by a star list."""
    return _other(world, "trusting", trusting=True, without_stubs=True)


def _other(world: World, name: str, *, trusting: bool, without_stubs: bool) -> World:
    key = ("the same release", name)
    if key not in world.memo:
        other = world.memo[key] = world_of(world.project, None)
        other.proving, other.trusting, other.without_stubs = True, trusting, without_stubs
    found: World = world.memo[key]
    return found


def begin(world: World, modules: Iterable[str], names: Iterable[str]) -> None:
    """Open the release for questions about these modules and dotted names: its archive is fetched in few requests."""
    environment, modules = world.project.environment, frozenset(modules)
    if environment is None:
        return
    present.begin((*modules, *names))
    present.end = time.monotonic() + SECONDS
    for module in modules:
        provision.provided(environment, module)  # opened here, because `prepare` has no more than a check's time
    provision.prepare(environment, modules)
    present.end = time.monotonic() + SECONDS


def unread(world: World, distribution: str) -> str | None:
    """Why the release, or a part of it, could not be read."""
    return provision.unread(world.project.environment).get(distribution)


def _made_for(file: DistributionFile, python: tuple[int, int]) -> bool:
    try:
        if file.requires_python and not any(
            SpecifierSet(file.requires_python).contains(f"{python[0]}.{python[1]}.{patch}") for patch in (0, 99)
        ):
            return False
    except InvalidSpecifier:
        pass
    if not file.name.endswith(".whl"):
        return True
    try:
        tags = parse_wheel_filename(file.name)[3]
    except (InvalidWheelFilename, InvalidVersion):
        return False
    return any(_tagged_for(tag, python) for tag in tags)


def _tagged_for(tag: Tag, python: tuple[int, int]) -> bool:
    major, minor = python
    interpreter, number = tag.interpreter[:2], tag.interpreter[2:]
    if interpreter not in {"cp", "py"} or not number.isdigit():
        return False
    if number == str(major):
        return True
    same = number == f"{major}{minor}"
    older = number[0] == str(major) and number[1:] != "" and int(number[1:]) <= minor
    return same or (older and (interpreter == "py" or tag.abi == "abi3"))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
