"""Where the code of a file itself lets Python look for modules: `sys.path` in scripts, tests and their fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from verifier.limits import MAX_BYTES
from verifier.world.files import entries, state, text
from verifier.world.path_changes import SIGNS, Unit, read


def folders(file: Path, root: Path) -> tuple[Path, ...]:
    """The folders that the file, or a conftest.py that pytest reads before it, puts on the path, if they exist.

    A relative one is taken to be meant from the file's folder, else from the root.
    """
    found: list[Path] = []
    for each in (file, *_before(file, root)):
        for unit in _changes(each):
            for added in unit.added:
                found += _existing(added, each, root) if added is not None else ()
    return tuple(dict.fromkeys(found))


def brings(file: Path, root: Path, module: str) -> bool:
    """Whether a module may be there only for the tests that import it, in a folder that nobody can work out.

    True where every import of it in a test file stands in a function that changes the path, or that a fixture changes
    it for: `tmp_path` and what a test writes into it exist only while it runs. Imports outside functions are not meant,
    nor files that are no tests: scripts often put a folder on the path in vain.
    """
    if not _is_test(file):
        return False
    given: set[str] = set()
    for each in reversed(_before(file, root)):  # the outermost first: those further in build on its fixtures
        changing = _changing(_changes(each), given, each, root)
        given |= {unit.fixture for unit in _changes(each) if unit.fixture and unit in changing}
    units = _units(file) if given else _changes(file)
    importing = [each for each in units if any(f"{name}.".startswith(f"{module}.") for name in each.imports)]
    return bool(importing) and all(each.name and each in _changing(units, given, file, root) for each in importing)


def _changing(units: tuple[Unit, ...], given: set[str], file: Path, root: Path) -> list[Unit]:
    """The units that put unknown folders on the path, or that use a fixture or function which does."""
    names = set(given)
    found: dict[Unit, None] = {}
    while True:
        more = [
            each
            for each in units
            if each.name and each not in found and (_adds_unknown(each, file, root) or not names.isdisjoint(each.uses))
        ]
        if not more:
            return list(found)
        found |= dict.fromkeys(more)
        names |= {name for each in more for name in (each.name, each.fixture) if name}


def _adds_unknown(unit: Unit, file: Path, root: Path) -> bool:
    return any(each is None or not _existing(each, file, root) for each in unit.added)


def _existing(added: str, file: Path, root: Path) -> list[Path]:
    """The folder that a path means: a relative one is taken from the file's folder, else from the root."""
    places = (Path(os.path.normpath(each / added)) for each in (file.parent, root))
    return next(([place] for place in places if _is_folder(place)), [])


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except (OSError, ValueError):  # a name too long, or with a null character
        return False


def _is_test(file: Path) -> bool:
    """Whether pytest takes the file for tests or fixtures, by its name."""
    return file.name == "conftest.py" or file.stem.startswith("test_") or file.stem.endswith("_test")


def _before(file: Path, root: Path) -> list[Path]:
    """The conftest.py of the folders from a test's own to the root, nearest first."""
    if not _is_test(file) or not file.is_relative_to(root):
        return []
    found = [folder / "conftest.py" for folder in _upward(file, root) if "conftest.py" in entries(folder)]
    return [each for each in found if each != file]


def _upward(file: Path, root: Path) -> Iterator[Path]:
    for folder in file.parents:
        yield folder
        if folder == root:
            return


def _changes(file: Path) -> tuple[Unit, ...]:
    """The units of a file that has a word for the path; none for any other."""
    return _read(file, *_state(file), all_of_it=False)


def _units(file: Path) -> tuple[Unit, ...]:
    return _read(file, *_state(file), all_of_it=True)


def _state(file: Path) -> tuple[int, int]:
    try:
        return state(file)
    except OSError:
        return -1, -1


@lru_cache(maxsize=512)
def _read(file: Path, size: int, _changed: int, *, all_of_it: bool) -> tuple[Unit, ...]:
    if not 0 < size <= MAX_BYTES:
        return ()
    try:
        found = text(file)
    except OSError:
        return ()
    return read(found, str(file)) if all_of_it or SIGNS.search(found) else ()
