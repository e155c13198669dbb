"""Files and folders that code is read from: on disk, or inside an archive that nobody unpacked.

A folder is read once until it changes; an import looks at the same few folders again and again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias


class Packed(PurePosixPath):
    """A file or folder in a mounted archive: the archive's name, then the path inside it."""

    # Every PurePosixPath has slots, and a subclass without them would give each path a dictionary.
    __slots__ = ()


AnyPath: TypeAlias = Path | Packed
Reader: TypeAlias = Callable[[Collection[str]], Mapping[str, bytes]]
"""Gives the contents of some members, without those that can never be read; raises OSError where it fails for now."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What an archive holds: its folders, the size and checksum of each file, and how to read some of them."""

    folders: Mapping[str, Mapping[str, bool]]
    """By folder (`""` is the top): its names, and whether each is a folder."""
    states: Mapping[str, tuple[int, int]]
    read: Reader
    opaque: str | None


_mounted: dict[str, Tree] = {}


def mount(name: str, members: Mapping[str, tuple[int, int]], read: Reader, opaque: str | None = None) -> Packed:
    """Make the members (path, then size and checksum) of an archive readable below the path that is returned.

    `opaque` says why there may be more modules than the members show.
    """
    folders: dict[str, dict[str, bool]] = {"": {}}
    for member in members:
        parent, _, last = member.rpartition("/")
        folders.setdefault(parent, {})[last] = False
        while parent:
            above, _, last = parent.rpartition("/")
            names = folders.setdefault(above, {})
            if last in names:
                break
            names[last] = True
            parent = above
    _mounted[name] = Tree(folders, members, read, opaque)
    return Packed(name)


def parse(text: str) -> AnyPath:
    """Return the file whose text this is: one in a mounted archive, else one on disk."""
    packed = Packed(text)
    return packed if packed.parts and packed.parts[0] in _mounted else Path(text)


def entries(folder: AnyPath) -> Mapping[str, bool]:
    """Each name in the folder, exactly as spelled, and whether it is a folder; empty where it cannot be read."""
    if isinstance(folder, Packed):
        tree, inside = _inside(folder)
        return tree.folders.get(inside, {})
    try:
        return _entries(folder, folder.stat().st_mtime_ns)
    except OSError:
        return {}


def readable(folder: AnyPath) -> bool:
    """Whether `entries` of that folder tells all: an empty answer for a folder without permission proves nothing."""
    return isinstance(folder, Packed) or not folder.is_dir() or os.access(folder, os.R_OK | os.X_OK)


def opaque(folder: AnyPath) -> str | None:
    """Why a folder may come to have more modules than can be seen: it lies in a source archive that nobody built."""
    return _inside(folder)[0].opaque if isinstance(folder, Packed) else None


def is_dir(file: AnyPath) -> bool:
    """Whether that is a folder."""
    if isinstance(file, Packed):
        tree, inside = _inside(file)
        return inside in tree.folders
    return file.is_dir()


def exists(file: AnyPath) -> bool:
    """Whether that is a file or a folder."""
    if isinstance(file, Packed):
        tree, inside = _inside(file)
        return inside in tree.folders or inside in tree.states
    return file.exists()


def state(file: AnyPath) -> tuple[int, int]:
    """Size in bytes and what changes with the contents: time of the last change, or checksum; raises OSError."""
    if isinstance(file, Packed):
        tree, inside = _inside(file)
        if inside not in tree.states:
            raise FileNotFoundError(f"{file} does not exist")
        return tree.states[inside]
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def read(file: AnyPath) -> bytes:
    """The contents of a file; raises OSError, also where an archive cannot be reached."""
    if isinstance(file, Packed):
        for _, data in read_all([file]):
            return data
        raise FileNotFoundError(f"{file} cannot be read")
    return file.read_bytes()


def text(file: AnyPath) -> str:
    """The contents of a file as UTF-8, what is none replaced; raises OSError."""
    return read(file).decode("utf-8-sig", errors="replace")


def read_all(files: Sequence[AnyPath]) -> Iterator[tuple[AnyPath, bytes]]:
    """Files with their contents, those of one archive fetched together; one that cannot be read is left out."""
    wanted: dict[str, list[str]] = {}
    for file in files:
        if isinstance(file, Packed):
            wanted.setdefault(file.parts[0], []).append(_inside(file)[1])
    fetched = {name: _mounted[name].read(members) for name, members in wanted.items()}
    for file in files:
        if isinstance(file, Packed):
            data = fetched[file.parts[0]].get(_inside(file)[1])
            if data is not None:
                yield file, data
            continue
        try:
            yield file, file.read_bytes()
        except OSError:
            continue


def below(folder: AnyPath, suffixes: tuple[str, ...] = (".py", ".pyi")) -> list[AnyPath]:
    """The files with these endings in a folder and in those inside it, in order."""
    if isinstance(folder, Packed):
        tree, inside = _inside(folder)
        start = f"{inside}/" if inside else ""
        root = Packed(folder.parts[0])
        return [root / each for each in sorted(tree.states) if each.startswith(start) and each.endswith(suffixes)]
    return sorted(file for file in folder.rglob("*.py*") if file.suffix in suffixes)


def _inside(file: Packed) -> tuple[Tree, str]:
    """The archive that a path begins with, and the rest of the path."""
    return _mounted[file.parts[0]], "/".join(file.parts[1:])


@lru_cache(maxsize=4096)
def _entries(folder: Path, _changed: int) -> dict[str, bool]:
    with os.scandir(folder) as found:
        return {entry.name: _is_folder(entry) for entry in found}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
