"""Which Python environment the project uses: its version and the folders that hold its packages."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from verifier.model import Environment, Problem, ProblemKind
from verifier.world import interpreter
from verifier.world.startup import additions

_VERSION = re.compile(r"(\d+)\.(\d+)")
_LIBRARY = re.compile(r"(?:python|pypy)(\d+)\.(\d+)t?")
_KINDS = ("site-packages", "dist-packages")
_FOR_HOOKS = frozenset({"pre-commit", "prek"})


def find(root: Path, python: str | None, environ: Mapping[str, str]) -> tuple[Environment | None, tuple[Problem, ...]]:
    """Return the environment of the project in root: `python`, VIRTUAL_ENV, `.venv` or `venv`, in this order.

    Only an interpreter that the caller names is ever started; everything else is read as files. A Problem says what was
    tried where a named environment is none; (None, ()) means that the project simply has no environment.
    """
    if python is not None:
        return _result(*_named(root, python, environ))
    tried: list[str] = []
    if (value := environ.get("VIRTUAL_ENV")) and not _made_for_hooks(folder := Path(value)):
        found, why = _folder(folder, f"VIRTUAL_ENV {folder}", environ)
        if found is not None:
            return found, ()
        tried.append(f"VIRTUAL_ENV is {folder}: {why}")
    found, why = inside(root, environ)
    tried += [why] if why else []
    return (found, ()) if found is not None or not tried else _result(None, "; ".join(tried))


def inside(folder: Path, environ: Mapping[str, str], origin: str = "") -> tuple[Environment | None, str]:
    """Return the virtual environment in a project's folder, `.venv` or `venv`; else why what is there is none."""
    tried: list[str] = []
    for name in (".venv", "venv"):
        if (folder / name / "pyvenv.cfg").is_file():
            found, why = _folder(folder / name, f"{origin}{name}", environ)
            if found is not None:
                return found, ""
            tried.append(f"{origin}{name}: {why}")
    return None, "; ".join(tried)


def _result(found: Environment | None, why: str) -> tuple[Environment | None, tuple[Problem, ...]]:
    return found, () if found is not None else (Problem(None, ProblemKind.ENVIRONMENT, why),)


def _made_for_hooks(folder: Path) -> bool:
    """Whether a hook runner made that environment for this program, so that it says nothing about the project."""
    ours = folder.resolve() == Path(sys.prefix).resolve()
    return folder.name.startswith("py_env-") or (ours and not _FOR_HOOKS.isdisjoint(folder.parts))


def _named(root: Path, python: str, environ: Mapping[str, str]) -> tuple[Environment | None, str]:
    """Return the environment that --python names: a folder, an interpreter's file or a command on PATH."""
    place = root / Path(python).expanduser()
    if place.is_dir():
        return _folder(place, f"--python {python}", environ, may_run=True)
    if not place.is_file():
        command = shutil.which(python, path=environ.get("PATH")) if Path(python).name == python else None
        if command is None:
            return None, f"--python {python}: neither {place} nor a command of that name on PATH exists"
        place = Path(command)
    for folder in (place.parent.parent, place.parent):
        if (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir():
            return _folder(folder, f"--python {python}", environ)
    return _run(place, f"--python {python}")


def _folder(
    folder: Path, origin: str, environ: Mapping[str, str], *, may_run: bool = False
) -> tuple[Environment | None, str]:
    """Return the environment in a folder, or why there is none; `may_run` lets an interpreter in it answer."""
    if not folder.is_dir():
        return None, f"{folder} does not exist"
    config = _configuration(folder / "pyvenv.cfg")
    if config is None and not (folder / "conda-meta").is_dir():
        for name in ("bin/python3", "bin/python", "python.exe") if may_run else ():
            if (folder / name).is_file():
                return _run(folder / name, origin)
        return None, f"{folder} is no Python environment: it has neither pyvenv.cfg nor conda-meta"
    version = _version(config or {}) or _conda_version(folder)
    sites = _sites(folder, version)
    if not sites:
        return None, f"{folder} holds no site-packages folder"
    version = version or _folder_version(sites)
    if version is None:
        return None, f"{folder}: pyvenv.cfg does not say which Python it is for"
    if config is not None and config.get("include-system-site-packages", "").lower() == "true":
        system = _system_sites(config, version, environ)
        if not system:
            return None, f"{folder} includes the system's packages, and they are not beside home = {config.get('home')}"
        sites += system
    platform = "win32" if sites[0].parent.name == "Lib" else sys.platform
    return _environment(version, sites, origin, platform), ""


def _run(python: Path, origin: str) -> tuple[Environment | None, str]:
    try:
        told = interpreter.ask(python)
    except interpreter.NoAnswerError as error:
        return None, f"{origin}: {error}"
    return _environment(told.version, [Path(path) for path in told.paths], origin, told.platform), ""


def _environment(version: tuple[int, int], sites: Iterable[Path], origin: str, platform: str) -> Environment:
    paths: dict[Path, None] = {}
    for site in sites:
        paths[site] = None
        paths.update(dict.fromkeys(additions(site).paths))
    return Environment(version, _distinct(paths), f"{origin} (Python {version[0]}.{version[1]})", platform)


def _distinct(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths that exist, each real place once: lib64 is often a link to lib."""
    kept: dict[Path, Path] = {}
    for path in paths:
        if path.exists():
            kept.setdefault(path.resolve(), path)
    return tuple(kept.values())


def _configuration(file: Path) -> Mapping[str, str] | None:
    """Return the keys (lower case) and values of a pyvenv.cfg, None where there is no such file."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _version(config: Mapping[str, str]) -> tuple[int, int] | None:
    for key in ("version_info", "version"):
        if match := _VERSION.match(config.get(key, "")):
            return int(match[1]), int(match[2])
    return None


def _conda_version(folder: Path) -> tuple[int, int] | None:
    """Return the version of the package `python` that conda's own records of the environment name."""
    for record in (folder / "conda-meta").glob("python-[0-9]*.json"):
        if match := _VERSION.match(record.name.removeprefix("python-")):
            return int(match[1]), int(match[2])
    return None


def _folder_version(sites: Iterable[Path]) -> tuple[int, int] | None:
    for site in sites:
        if match := _VERSION.search(site.parent.name):
            return int(match[1]), int(match[2])
    return None


def _sites(prefix: Path, version: tuple[int, int] | None) -> list[Path]:
    """Return the site-packages folders under a prefix; only those for the version where it is known."""
    found = [prefix / "Lib" / "site-packages"] if "Lib" in _names(prefix) else []
    for library in (prefix / "lib", prefix / "lib64"):
        for folder in sorted(_names(library)):
            match = _LIBRARY.fullmatch(folder)
            if match and version in {None, (int(match[1]), int(match[2]))}:
                found.append(library / folder / "site-packages")
    return [site for site in found if site.is_dir()]


def _system_sites(config: Mapping[str, str], version: tuple[int, int], environ: Mapping[str, str]) -> list[Path]:
    """Where the Python below a virtual environment keeps its packages; found by place, never by running it."""
    if not (home := config.get("home")):
        return []
    prefix = Path(home) if (Path(home) / "Lib").is_dir() else Path(home).parent
    name = f"python{version[0]}.{version[1]}"
    bases = [prefix / "lib", prefix / "lib64", prefix / "local" / "lib"]
    places = [base / folder / kind for base in bases for folder in (name, "python3") for kind in _KINDS]
    places.append(prefix / "Lib" / "site-packages")
    found = [place for place in places if place.is_dir()]
    if found and (user := environ.get("HOME")):
        found.append(Path(user) / ".local" / "lib" / name / "site-packages")
    return found


def _names(folder: Path) -> frozenset[str]:
    """Return the entries of a folder exactly as spelled: `Lib` and `lib` are one folder on some systems."""
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except OSError:
        return frozenset()
