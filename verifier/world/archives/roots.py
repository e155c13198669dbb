"""Where in a source archive the modules lie that its build installs: a judgement by names, since nothing is built."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

_HOMES = ("", "src/", "lib3/", "python3/", "lib/", "python/", "Lib/", "source/")
"""Folders that projects keep their packages in; each is looked into in this order."""
_NO_MODULE = re.compile(
    r"setup|conftest|noxfile|tasks|fabfile|dodo|runtests|run_tests|tests?|ez_setup|distribute_setup|versioneer|make|"
    r"build|release|bootstrap|manage|toxfile|setupbase|configure|waf"
)
_NO_PACKAGE = re.compile(
    r"tests?|testing|docs?|examples?|samples?|demos?|benchmarks?|bench|scripts?|tools?|utils?|ci|misc|notebooks|"
    r"tutorials?|build|dist|debian|packaging|requirements|contrib|build_tools|vendor(?:ed)?|third_party|extern(?:al)?"
)
_METADATA = {"PKG-INFO": "METADATA", "top_level.txt": "top_level.txt", "requires.txt": "requires.txt"}


def importable(paths: Collection[str], texts: Mapping[str, bytes], information: str) -> dict[str, str]:
    """Return which of the files get installed, and where below site-packages, its metadata in the folder of that name.

    Paths begin below the archive's first folder; what no rule knows, such as generated modules, is not among them.
    """
    eggs = sorted((path for path in paths if _is_egg_information(path)), key=lambda path: (path.count("/"), path))
    egg = eggs[0].rpartition("/")[0] if eggs else None
    found = {
        path: f"{information}/{_METADATA[path.rpartition('/')[2]]}"
        for path in paths
        if egg is not None and path.rpartition("/")[0] == egg and path.rpartition("/")[2] in _METADATA
    }
    if "PKG-INFO" in paths:
        # The one at the top is the newer one of the two where they differ.
        found = {path: place for path, place in found.items() if not place.endswith("/METADATA")}
        found["PKG-INFO"] = f"{information}/METADATA"
    own = "" if egg is None else f"{egg.rpartition('/')[0]}/".removeprefix("/")
    tops = _lines(texts.get(f"{egg}/top_level.txt", b"")) if egg is not None else []
    if tops:
        for top in tops:
            home = _home_of(top, paths, (own, *_HOMES))
            if home is not None:
                found |= _below(paths, home, {top})
        return found
    for home in ("src/", "lib3/", "lib/", own, "", "python/"):
        guessed = set(_packages(paths, home))
        if guessed:
            return found | _below(paths, home, guessed)
    return found


def _is_egg_information(path: str) -> bool:
    folder, _, last = path.rpartition("/")
    return folder.endswith(".egg-info") and last in _METADATA


def _lines(text: bytes) -> list[str]:
    names = (line.strip() for line in text.decode("utf-8", errors="replace").splitlines())
    return [name for name in names if name]


def _home_of(top: str, paths: Collection[str], homes: Iterable[str]) -> str | None:
    """Return the folder, as a prefix, in which that top-level module or package lies."""
    for home in homes:
        if any(path.startswith((f"{home}{top}/", f"{home}{top}.")) and _is_code(path) for path in paths):
            return home
    elsewhere = [path.removesuffix(f"{top}/__init__.py") for path in paths if path.endswith(f"/{top}/__init__.py")] + [
        path.removesuffix(f"{top}.py") for path in paths if path.endswith(f"/{top}.py")
    ]
    likely = [home for home in elsewhere if not any(map(_NO_PACKAGE.fullmatch, home.split("/")))]
    return min(likely, key=lambda home: (home.count("/"), home), default=None)


def _packages(paths: Collection[str], home: str) -> Iterable[str]:
    """Top-level names in a folder that look like what a build would install."""
    for path in paths:
        if not path.startswith(home) or not _is_code(path):
            continue
        top, inner, _ = path.removeprefix(home).partition("/")
        if inner and f"{home}{top}/__init__.py" not in paths and not home:
            continue  # at the top a folder without __init__.py is seldom a package
        name = top if inner else top.partition(".")[0]
        if name.isidentifier() and not (_NO_PACKAGE if inner else _NO_MODULE).fullmatch(name.lower()):
            yield name


def _below(paths: Collection[str], home: str, tops: set[str]) -> dict[str, str]:
    found = {}
    for path in paths:
        place = path.removeprefix(home)
        top, inner, _ = place.partition("/")
        if path.startswith(home) and (top if inner else top.partition(".")[0]) in tops and ".egg-info/" not in path:
            found[path] = place
    return found


def _is_code(path: str) -> bool:
    return path.endswith((".py", ".pyi", ".pyx", ".pxd", ".c", ".cpp", ".so", ".pyd"))
