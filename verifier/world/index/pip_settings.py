"""Package indexes as pip is told of them: its variables, its configuration files, and options in requirements files."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from verifier.model import Problem, ProblemKind
from verifier.world.index.settings import Gathered, Settings, index, indexes

_SYSTEM = Path("/etc")
_SECTIONS = ("global", "install")
"""Of a configuration file, weakest first: a section for one command goes before the one for all."""
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_OPTION = re.compile(
    r"(?P<name>-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--pypi-url)(?:\s*=\s*|\s+|$)(?P<value>\S*)"
)
_SHORT = {"-i": "index-url", "-f": "find-links", "--pypi-url": "index-url"}
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_PATTERNS = ("requirements*.txt", "requirements*.in")


def read(root: Path, environ: Mapping[str, str]) -> tuple[Settings, tuple[Problem, ...]]:
    """Return what pip's variables and files say, as pip orders them, and a Problem for each file that is broken."""
    problems: list[Problem] = []
    options: dict[str, str] = {}
    for file in _files(root, environ):
        match _configuration(file):
            case Problem() as problem:
                problems.append(problem)
            case found:
                options |= found
    options |= {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("PIP_") and value
    }
    default = index(options.get("index-url", "") or options.get("pypi-url", ""), root)
    extra = tuple(indexes(options.get("extra-index-url", ""), root))
    flat = tuple(indexes(options.get("find-links", ""), root, flat=True))
    no_index = options.get("no-index", "").strip().lower() in _TRUE
    return Settings(default, extra, flat, no_index, options.get("cert")), tuple(problems)


def in_requirements(root: Path, environ: Mapping[str, str]) -> Settings:
    """Return what options in the requirements files of root say; lines that are requirements are read elsewhere."""
    found = Gathered()
    for pattern in _PATTERNS:
        for file in sorted(root.glob(pattern)):
            for name, value in _options(file, environ):
                match name:
                    case "index-url":
                        found.default = found.default or index(value, file.parent)
                    case "extra-index-url":
                        found.extra += indexes(value, file.parent)
                    case "find-links":
                        found.flat += indexes(value, file.parent, flat=True)
                    case _:
                        found.no_index = True
    return found.settings()


def _options(file: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").replace("\\\n", " ").splitlines()
    except (OSError, ValueError):
        return  # the reader of requirements says so
    for line in lines:
        text = _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], line.strip())
        if text.startswith("-"):
            for match in _OPTION.finditer(re.split(r"(?:^|\s)#", text)[0]):
                yield _SHORT.get(match["name"], match["name"].removeprefix("--")), match["value"].strip("'\"")


def _files(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Return pip's configuration files, weakest first (pip's documentation, topics/configuration)."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    yield from _global_files(environ, name)
    if not (named and Path(named).exists()):
        yield home / ("pip" if sys.platform == "win32" else ".pip") / name
        yield _user_folder(home, environ) / "pip" / name
    environments = [environ["VIRTUAL_ENV"]] if environ.get("VIRTUAL_ENV") else [".venv", "venv"]
    yield from (root / folder / name for folder in environments)
    if named:
        yield Path(named)


def _global_files(environ: Mapping[str, str], name: str) -> Iterator[Path]:
    match sys.platform:
        case "win32":
            yield Path(environ.get("PROGRAMDATA", "C:\\ProgramData")) / "pip" / name
        case "darwin":
            yield Path("/Library/Application Support/pip") / name
        case _:
            for folder in reversed((environ.get("XDG_CONFIG_DIRS") or str(_SYSTEM / "xdg")).split(os.pathsep)):
                yield Path(folder) / "pip" / name
            yield _SYSTEM / name


def _user_folder(home: Path, environ: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    if sys.platform == "darwin" and (folder := home / "Library" / "Application Support").joinpath("pip").is_dir():
        return folder
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _configuration(file: Path) -> dict[str, str] | Problem:
    """Return the options of one configuration file by their long names; none where there is no such file."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        return Problem(str(file), ProblemKind.IO, f"{file} cannot be read: {type(error).__name__}")
    except configparser.Error as error:
        # The error's own text quotes lines, which may hold passwords.
        return Problem(str(file), ProblemKind.SYNTAX, f"{file} is no configuration of pip: {type(error).__name__}")
    options: dict[str, str] = {}
    for section in _SECTIONS:
        if parser.has_section(section):
            found = {name.lower().replace("_", "-").removeprefix("--"): text for name, text in parser.items(section)}
            options |= {name: text for name, text in found.items() if text}
    return options
