"""Opens distributions that nothing installed: picks version and file, reads the archive's list, keeps what failed."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from verifier.distributions import DistributionFile, Locked, Releases
from verifier.model import Environment, Selection
from verifier.world import archives, files, target
from verifier.world.files import AnyPath
from verifier.world.index.releases import releases

_THREADS = 8
_SECONDS = 40.0
"""All that is fetched for one file under check takes at most so long; a worker is stopped after 60 seconds."""
_BUILT_FROM = (".pyx", ".pxd", ".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".rs", ".in", ".src", ".proto", ".i", ".tmpl")
"""Endings of what a build turns into modules."""
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


@dataclass(frozen=True, slots=True)
class Provided:
    """A distribution that can be read: its version, and the folder that stands for site-packages."""

    name: str
    version: str
    root: AnyPath
    tops: frozenset[str]
    """What can be imported from it, at the top."""
    requires: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """By normalised name: what it needs for the target, and what it would need for any of its extras."""


@dataclass(slots=True, eq=False)
class Opened:
    """What this process opened for one environment so far, what it could not open and why, and what was asked."""

    environment: Environment
    selection: Selection
    distributions: dict[str, Provided | None] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, ...], tuple[Provided, ...]] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    """What may provide something that the code imports; that others cannot be read is no loss."""
    oldest: float = 0.0
    """How many seconds ago the index gave the oldest answer that was used."""


@dataclass(slots=True, eq=False)
class Present:
    """The file that this process checks now, whichever environment is its: archives may be shared by several."""

    end: float = 0.0
    """When, by the monotonic clock, fetching for it has to end."""
    names: tuple[str, ...] = ()
    """What it uses (`pandas.read_csv`): the likeliest members of their archives are fetched together."""
    unread: dict[str, str] = field(default_factory=dict)
    """The distributions of which members could not be read for it, and why."""

    def begin(self, names: Iterable[str]) -> None:
        """Give the next file its time."""
        self.end = time.monotonic() + _SECONDS
        self.names = tuple(names)
        self.unread.clear()


present = Present()


class _UnavailableError(Exception):
    """Why a distribution cannot be read; the text is for people."""


def open_all(opened: Opened, names: Iterable[str]) -> None:
    """Open several distributions at once."""
    missing = [name for name in dict.fromkeys(names) if name not in opened.distributions]
    if len(missing) > 1:
        with ThreadPoolExecutor(min(_THREADS, len(missing))) as pool:
            list(pool.map(lambda name: open_one(opened, name), missing))
    elif missing:
        open_one(opened, missing[0])


def open_one(opened: Opened, name: str) -> Provided | None:
    """The distribution of that normalised name, at the version that is meant; None where there is none, or no way."""
    if name not in opened.distributions:
        found: Provided | None = None
        try:
            found = _local(opened, name) or _opened(opened, name)
        except _UnavailableError as why:
            opened.unread[name] = str(why)
        opened.distributions[name] = found
    return opened.distributions[name]


def asked_for(opened: Opened, name: str) -> bool:
    """Whether --with, the lock file or the project names the distribution."""
    selection = opened.selection
    return name in selection.overrides or name in selection.locked or name in selection.declared


def required(opened: Opened, name: str) -> list[Requirement]:
    """What the distributions that are open ask of another one, their wanted extras included."""
    found: list[Requirement] = []
    for each in list(opened.distributions.values()):
        needs = each.requires.get(name, ()) if each is not None else ()
        if each is not None and needs:
            variables = target.markers(opened.environment.python, opened.environment.platform)
            extras = _extras(opened, each.name)
            found += [need for need in needs if _holds(need, variables, extras)]
    return found


def _extras(opened: Opened, name: str) -> frozenset[str]:
    """The extras of a distribution that the project, or another distribution, asks for."""
    selection = opened.selection
    asked = [table[name].extras for table in (selection.overrides, selection.declared) if name in table]
    others = [each.requires.get(name, ()) for each in list(opened.distributions.values()) if each is not None]
    needed = [canonicalize_name(extra) for needs in others for need in needs for extra in need.extras]
    return frozenset((*(extra for extras in asked for extra in extras), *needed))


def _local(opened: Opened, name: str) -> Provided | None:
    """A member of the same workspace, or any other folder that a lock file takes a distribution from."""
    locked = opened.selection.locked.get(name)
    if locked is None or not locked.local or name in opened.selection.overrides:
        return None
    folder = Path(locked.local)
    if not folder.is_dir():
        raise _UnavailableError(f"{locked.origin} takes it from {locked.local}, which was not read")
    root = next((each for each in (folder / "src", folder / "lib") if each.is_dir()), folder)
    return Provided(name, locked.version, root, frozenset(each.partition(".")[0] for each in files.entries(root)))


def _opened(opened: Opened, name: str) -> Provided | None:
    file = _file(opened, name)
    if file is None:
        return None
    environment, indexes = opened.environment, opened.selection.indexes
    try:
        fresh = not archives.was_opened(indexes, file)
        archive = archives.load(indexes, file, end=present.end)
        tops = archives.top_levels(archive)
        # Guesses come with the first fetch only: what they add to an archive in use may never be asked for.
        likely = _likely(archive, tops, present.names) if fresh else []
        archives.prefetch(archive, [*_about(archive.members), *likely], end=present.end)
        metadata = archives.metadata(indexes, file, end=present.end)
    except archives.UnreadableError as why:
        raise _UnavailableError(str(why)) from why

    def read(members: Collection[str]) -> Mapping[str, bytes]:
        try:
            return archives.read(archive, members, end=present.end)
        except archives.UnreadableError as why:
            present.unread[name] = str(why)
            raise

    opaque = None
    if not archive.complete and any(member.endswith(_BUILT_FROM) for member in archive.members):
        opaque = f"{file.name} is a source archive, and building it makes modules"
    states = {key: (each.size, each.crc) for key, each in archive.members.items()}
    root = files.mount(file.name, states, read, opaque)
    variables = target.markers(environment.python, environment.platform)
    needs: dict[str, tuple[Requirement, ...]] = {}
    for need in _possible(metadata.requires, variables):
        needs[canonicalize_name(need.name)] = (*needs.get(canonicalize_name(need.name), ()), need)
    return Provided(name, metadata.version or file.version, root, tops, needs)


def _about(members: Iterable[str]) -> list[str]:
    """The members in which a distribution says what it needs."""
    return [name for name in members if name.endswith((".dist-info/METADATA", ".dist-info/requires.txt"))]


def _likely(archive: archives.Archive, tops: frozenset[str], names: Iterable[str]) -> list[str]:
    """The members that questions about the names will most likely lead to."""
    mine = [name for name in names if name.partition(".")[0] in tops]
    return archives.suggest(archive, mine) if mine else []


def _file(opened: Opened, name: str) -> DistributionFile | None:
    """The file to read; None where no index has the distribution."""
    selection, environment = opened.selection, opened.environment
    locked = None if name in selection.overrides else selection.locked.get(name)
    need = selection.overrides.get(name) or selection.declared.get(name)
    if locked is None and need is not None and need.url:
        return DistributionFile(need.url.partition("#")[0].rpartition("/")[2], need.url, "")
    choice = _locked_file(locked, environment) if locked is not None else None
    if choice is not None:
        return choice
    found = releases(selection.indexes, name, end=present.end)
    if not isinstance(found, Releases):
        if locked is None and need is None:
            return None  # whether it exists is another question
        raise _UnavailableError(found.why)
    specifier = _specifier(opened, name, locked)
    opened.oldest = max(opened.oldest, found.age)
    version = archives.newest(found.files, specifier, python=environment.python)
    if version is None and (locked is not None or need is not None):
        # Whoever asks for a version means it, even where it was not made for the target's Python.
        version = archives.newest([replace(file, requires_python="") for file in found.files], specifier, python=(3, 0))
    if version is None:
        raise _UnavailableError(f"no index has a release that fits {specifier or 'the target'}")
    spellings = {text for text in {file.version for file in found.files} if _same(text, version)}
    fitting: Sequence[DistributionFile] = [file for file in found.files if file.version in spellings]
    fitting = _as_locked(fitting, locked, found.index) if locked is not None else fitting
    return archives.choose(fitting, python=environment.python, platform=environment.platform)


def _locked_file(locked: Locked, environment: Environment) -> DistributionFile | None:
    """The file that the lock file itself gives an address for."""
    known = [file for file in locked.files if file.url]
    return archives.choose(known, python=environment.python, platform=environment.platform) if known else None


def _as_locked(files: Sequence[DistributionFile], locked: Locked, index: str) -> Sequence[DistributionFile]:
    """The files with a digest that the lock file names; all where there is nothing to compare."""
    digests = {digest for file in locked.files for digest in file.hashes}
    kinds = {digest.partition(":")[0] for digest in digests}
    known = [file for file in files if not kinds.isdisjoint(digest.partition(":")[0] for digest in file.hashes)]
    right = [file for file in known if not digests.isdisjoint(file.hashes)]
    if known and not right:
        raise _UnavailableError(f"no file of {index} has a digest that {locked.origin} names")
    return right or files


def _specifier(opened: Opened, name: str, locked: Locked | None) -> str:
    """What the version must fit: --with, the lock file, the project's own range, or those of what is open."""
    if locked is not None:
        return f"=={locked.version}"
    need = opened.selection.overrides.get(name) or opened.selection.declared.get(name)
    if need is None:
        return ",".join(str(each.specifier) for each in required(opened, name) if each.specifier)
    return need.specifier


def _possible(requires: Iterable[str], variables: Mapping[str, str]) -> Iterator[Requirement]:
    """The requirements that hold for the target, at least for one of the distribution's extras."""
    for text in requires:
        try:
            need = Requirement(text)
        except InvalidRequirement:
            continue
        if _holds(need, variables, _EXTRA.findall(text)):
            yield need


def _holds(need: Requirement, variables: Mapping[str, str], extras: Iterable[str]) -> bool:
    """Whether a requirement counts when these extras are wanted."""
    if need.marker is None:
        return True
    try:
        return any(need.marker.evaluate({**variables, "extra": extra}) for extra in ("", *extras))
    except UndefinedEnvironmentName:
        return True


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other
