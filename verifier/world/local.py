"""Which imports the project itself answers: its modules, by folders alone."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.model import Project
from verifier.world import pyproject, search_path, setup_files
from verifier.world.declared import own_name
from verifier.world.files import entries

_MARKS = ("pyproject.toml", "setup.cfg", "setup.py", ".git")
_CODE = (".py", ".pyi", ".so", ".pyd", ".pyx", ".c", ".cpp")
"""Endings of modules and of what extension modules are built from."""
_GENERATED = ("_pb2", "_pb2_grpc", "_version")
"""Endings of the modules that protocol compilers and version tools write at build time."""
_BUILDS = ("Cargo.toml", "meson.build", "CMakeLists.txt")
"""Files of build tools whose extension modules have names of their own."""


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above start that marks a project, else start's own folder."""
    start = start.resolve()
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _MARKS):
            return candidate
    return folder


@lru_cache(maxsize=64)
def source_roots(root: Path) -> tuple[Path, ...]:
    """Return the folders of the project from which modules are imported: root, src, lib, and those its files name."""
    places = [root, root / "src", root / "lib", *(root / name for name in _configured_roots(root))]
    for pattern in _members(root):
        with suppress(ValueError, NotImplementedError):  # an empty or absolute pattern stands for no folder
            for member in sorted(root.glob(pattern)):
                places += [member, member / "src"]
    return tuple(dict.fromkeys(place for place in places if place.is_dir()))


def provides(project: Project, file: Path | None, module: str, level: int) -> bool:
    """Whether the project itself holds the module, imported from that file (None: from standard input).

    With a level (a relative import) the answer is whether the named module lies where the dots point.
    """
    if level:
        built = any(name in entries(project.root) for name in _BUILDS)
        return file is None or built or _relative(file.resolve(), module, level)
    top = module.split(".", maxsplit=1)[0]
    if top == "conftest" or module.endswith(_GENERATED) or canonicalize_name(top) == _own_name(project.root):
        return True
    parts = module.split(".")
    if any(_holds(folder, parts) for folder in _starts(project, file)):
        return True
    if any(_holds_package(project.root / name, top) for name in _inner_folders(project.root)):
        return True
    return file is not None and search_path.brings(file.resolve(), project.root.resolve(), module)


def holders(project: Project, file: Path | None, name: str) -> tuple[Path, ...]:
    """Return the folders of the project that hold a top-level module of that name for the file, nearest first."""
    found = [folder for folder in _starts(project, file) if _holds(folder, [name])]
    if not found:
        folders = [project.root / inner for inner in _inner_folders(project.root)]
        found = [folder for folder in folders if _holds_package(folder, name)]
    return tuple(dict.fromkeys(folder.resolve() for folder in found))


def _starts(project: Project, file: Path | None) -> Iterator[Path]:
    """Return the folders that may be on the path when the file is imported or run, nearest first."""
    root = project.root.resolve()
    if file is not None:
        file = file.resolve()
        yield file.parent
        if file.is_relative_to(root):
            for folder in file.parents:
                yield from (folder, folder / "src", folder / "lib")
                if folder == root:
                    break
        else:
            # A file of another project: up to the folder that holds its outermost package.
            folder = file.parent
            while "__init__.py" in entries(folder) and folder != folder.parent:
                folder = folder.parent
                yield folder
        yield from search_path.folders(file, root)
    yield from project.source_roots or source_roots(root)


def _relative(file: Path, module: str, level: int) -> bool:
    folder = file.parent
    for _ in range(level - 1):
        folder = folder.parent
    return not module or module.endswith(_GENERATED) or _holds(folder, module.split("."), whole=True)


def _holds(folder: Path, parts: list[str], *, whole: bool = False) -> bool:
    """Whether the module lies in the folder; below a package with `__init__.py` only `whole` looks further."""
    names = entries(folder)
    name, rest = parts[0], parts[1:]
    if _is_module(folder, name) and not (whole and rest):
        return True
    if not names.get(name):
        return False
    inside = folder / name
    if any(init.startswith("__init__.") for init in entries(inside)):
        return not rest or not whole or _holds(inside, rest, whole=whole)
    return _holds(inside, rest, whole=whole) if rest else _has_code(inside)


def _is_module(folder: Path, name: str) -> bool:
    return any(entry.startswith(f"{name}.") and entry.endswith(_CODE) for entry in entries(folder))


def _has_code(folder: Path, depth: int = 3) -> bool:
    """Whether a folder without `__init__.py` holds any module, up to some folders down."""
    names = entries(folder)
    if any(name.endswith(_CODE) for name in names):
        return True
    return depth > 0 and any(_has_code(folder / name, depth - 1) for name, inner in names.items() if inner)


def _holds_package(folder: Path, name: str) -> bool:
    """Whether a folder holds a module or a package with `__init__.py` of that name."""
    return _is_module(folder, name) or "__init__.py" in entries(folder / name)


def _inner_folders(root: Path) -> list[str]:
    """Return the folders directly in root that may be a source root of their own: a service, a back end, the tests."""
    names = [name for name, is_folder in entries(root).items() if is_folder and not name.startswith((".", "__"))]
    return [name for name in names if name != "node_modules" and not _is_environment(root / name)]


def _is_environment(folder: Path) -> bool:
    return not {"pyvenv.cfg", "conda-meta", "site-packages"}.isdisjoint(entries(folder))


@lru_cache(maxsize=64)
def _own_name(root: Path) -> str | None:
    return own_name(root)


def _configured_roots(root: Path) -> Iterator[str]:
    """Source folders that the configuration of setuptools, hatch, poetry or pytest names outright."""
    data = pyproject.load(root)
    setuptools = pyproject.at(data, "tool", "setuptools")
    folders = pyproject.at(setuptools, "package-dir")
    for package, folder in folders.items() if isinstance(folders, dict) else ():
        yield str(Path(str(folder)).parent if package else folder)
    yield from _texts(pyproject.at(setuptools, "packages", "find", "where"))
    hatch = pyproject.at(data, "tool", "hatch", "build")
    yield from _texts(pyproject.at(hatch, "sources"))
    for table in (hatch, pyproject.at(hatch, "targets", "wheel")):
        yield from (str(Path(package).parent) for package in _texts(pyproject.at(table, "packages")))
    packages = pyproject.at(data, "tool", "poetry", "packages")
    for package in packages if isinstance(packages, list) else ():
        yield from _texts(pyproject.at(package, "from"))
    yield from _texts(pyproject.at(data, "tool", "pytest", "ini_options", "pythonpath"))
    parser = setup_files.configuration(root)
    if isinstance(parser, ConfigParser):
        for line in parser.get("options", "package_dir", fallback="").splitlines():
            if "=" in line:
                yield line.partition("=")[2].strip()
        yield parser.get("options.packages.find", "where", fallback="").strip()


def _members(root: Path) -> list[str]:
    return _texts(pyproject.at(pyproject.load(root), "tool", "uv", "workspace", "members"))


def _texts(value: object) -> list[str]:
    """Return the texts in a text, a list, or the keys of a table: the ways in which tools write folders."""
    match value:
        case str():
            return [value]
        case list():
            return [item for item in value if isinstance(item, str)]
        case dict():
            return [item for item in value if isinstance(item, str)]
    return []
