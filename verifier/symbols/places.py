"""The files of a module in a folder: its stub, its source, and whether it may have more than these say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from verifier.world.files import AnyPath, entries, read, state

_BUILT = (".so", ".pyd", ".dll", ".pyc", ".pyx", ".c", ".cpp")
"""Endings of what is a module, or becomes one, and cannot be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a module lies: the files that tell of it (stub before source), and the folders of its sub-modules."""

    files: tuple[AnyPath, ...]
    folders: tuple[AnyPath, ...] = ()
    package: bool = False
    opaque: str | None = None
    """Why the module may have more than its files say."""
    distribution: str | None = None
    version: str | None = None
    local: bool = False


def at(folders: tuple[AnyPath, ...], parts: list[str]) -> Place | None:
    """The module of that dotted name below the folders."""
    place = _in(folders, parts[0])
    for part in parts[1:]:
        place = _in(place.folders, part) if place else None
    return place


def _in(folders: tuple[AnyPath, ...], name: str) -> Place | None:
    """The module of that name in the folders, in Python's order: package, module, folders without `__init__.py`."""
    portions: list[AnyPath] = []
    for folder in folders:
        names = entries(folder)
        inside = entries(folder / name) if names.get(name) else {}
        is_file = any(_is_module(each, name) for each in names)
        if any(_is_module(each, "__init__") for each in inside if not is_file or not each.endswith(".pyi")):
            return beside(folder / name, "__init__")
        if is_file:
            return beside(folder, name)
        if names.get(name):
            portions.append(folder / name)
    return Place((), tuple(portions), package=True) if portions else None


def _is_module(entry: str, name: str) -> bool:
    return entry.startswith(f"{name}.") and entry.endswith((".py", ".pyi", *_BUILT))


def beside(folder: AnyPath, stem: str) -> Place:
    """The module made of the files of that stem in a folder; the stem of a package is `__init__`."""
    names = entries(folder)
    files = tuple(folder / f"{stem}{suffix}" for suffix in (".pyi", ".py") if f"{stem}{suffix}" in names)
    opaque = None
    if not files and (built := next((name for name in names if _is_module(name, stem)), None)):
        opaque = f"{folder / built} is compiled and has no stub of its own"
    if stem == "__init__":
        return Place(files, (folder,), package=True, opaque=opaque)
    if f"{stem}.pyi" not in names and "__init__.pyi" in entries(folder / stem):
        # A compiled module that makes its sub-modules itself, with a folder of stubs that tells of some.
        return Place((folder / stem / "__init__.pyi", *files), (folder / stem,), package=True, opaque=opaque)
    return Place(files, opaque=opaque)


def joined(places: list[Place]) -> Place:
    """Several places as one, the first of them the most likely; what any of them has the module has."""
    return replace(
        places[0],
        files=tuple(dict.fromkeys(file for place in places for file in place.files)),
        folders=tuple(dict.fromkeys(folder for place in places for folder in place.folders)),
        package=any(place.package for place in places),
        opaque=next((place.opaque for place in places if place.opaque), None),
    )


def same(left: Place, right: Place) -> bool:
    """Whether the last file of both is one file, or a copy of it."""
    if not left.files or not right.files or left.files[-1].suffix != right.files[-1].suffix:
        return False
    one, other = left.files[-1], right.files[-1]
    try:
        return one == other or (state(one)[0] == state(other)[0] and read(one) == read(other))
    except OSError:
        return False
