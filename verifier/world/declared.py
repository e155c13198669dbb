"""What the project says it needs: its requirements, its own name and the Python versions it supports."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.model import Problem, ProblemKind, Requirement
from verifier.world import poetry, pyproject, requirement_files, setup_files

# The pattern that the specification gives for inline script metadata (PEP 723).
_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
_SCRIPT = "script metadata"
_PIP_SECTION = re.compile(r"^(\s*)-\s+pip:\s*(?:#.*)?$")
_ITEM = re.compile(r"^(\s*)-\s+(.*?)\s*$")


def read(root: Path) -> tuple[tuple[Requirement, ...], tuple[Problem, ...]]:
    """Every distribution that a file directly in root (or included by one) declares, and what could not be read.

    Dynamic parts are never run; where they hide what is declared, a Problem says so.
    """
    requirements: dict[Requirement, None] = {}
    problems: dict[Problem, None] = {}
    for item in chain(pyproject.read(root), setup_files.read(root), requirement_files.read(root), _conda(root)):
        if isinstance(item, Requirement):
            requirements[item] = None
        else:
            problems[item] = None
    return tuple(requirements), tuple(problems)


def inline(text: str) -> tuple[tuple[Requirement, ...], str | None, tuple[str, ...]]:
    """Return the requirements and requires-python of a script's metadata block (PEP 723), and its errors."""
    found = blocks(text)
    if not found:
        return (), None, ()
    if len(found) > 1:
        return (), None, (f"{len(found)} script blocks: only one is allowed",)
    try:
        data = tomllib.loads(found[0][0])
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or a number of thousands of digits
        return (), None, (f"the script block is no TOML: {error}",)
    errors: list[str] = []
    requirements: list[Requirement] = []
    listed = data.get("dependencies", [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        errors.append("dependencies in the script block is no list of texts")
        listed = []
    for item in chain.from_iterable(requirement_files.parse(text, _SCRIPT) for text in listed):
        if isinstance(item, Requirement):
            requirements.append(item)
        else:
            errors.append(item.text)
    python = data.get("requires-python")
    if python is not None and not isinstance(python, str):
        errors.append("requires-python in the script block is no text")
        python = None
    return tuple(requirements), python, tuple(errors)


def blocks(text: str) -> tuple[tuple[str, int], ...]:
    """Return the TOML text of each script block (PEP 723), and the line of the script on which that text begins."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return tuple(
        ("\n".join(line[2:] for line in match["content"].splitlines()), text.count("\n", 0, match.start("content")) + 1)
        for match in _BLOCK.finditer(text + "\n")
        if match["type"] == "script"
    )


def own_name(root: Path) -> str | None:
    """Return the normalised name of the project's own distribution, None where no file says it."""
    data = pyproject.load(root)
    named = [pyproject.at(data, "project", "name"), pyproject.at(data, "tool", "poetry", "name")]
    named += [_configured(root, "metadata", "name"), setup_files.keyword(root, "name")]
    return next((str(canonicalize_name(name)) for name in named if isinstance(name, str) and name), None)


def requires_python(root: Path) -> str | None:
    """Return the specifier of the Python versions that the project supports, None where no file says it."""
    data = pyproject.load(root)
    told = [pyproject.at(data, "project", "requires-python")]
    if (python := pyproject.at(data, "tool", "poetry", "dependencies", "python")) is not None:
        told.append(poetry.specifier(python))
    told += [_configured(root, "options", "python_requires"), setup_files.keyword(root, "python_requires")]
    return next((text for text in told if isinstance(text, str) and text), None)


def _configured(root: Path, section: str, key: str) -> str | None:
    parser = setup_files.configuration(root)
    return parser.get(section, key, fallback=None) if isinstance(parser, configparser.ConfigParser) else None


def _conda(root: Path) -> Iterator[Requirement | Problem]:
    """Return the pip part of a conda environment file; conda's own names belong to another index."""
    for name in ("environment.yml", "environment.yaml"):
        try:
            lines = (root / name).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(name, ProblemKind.IO, f"{name} cannot be read: {error}")
            continue
        margin: int | None = None
        for line in lines:
            if section := _PIP_SECTION.match(line):
                margin = len(section[1])
            elif (item := _ITEM.match(line)) and margin is not None and len(item[1]) > margin:
                yield from requirement_files.parse(item[2].split(" #")[0].strip("'\""), name)
            elif line.strip() and not line.lstrip().startswith("#"):
                margin = None
