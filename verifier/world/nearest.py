"""Which folder's declarations, lock files and environment count for a file: in a monorepo the nearest."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from verifier.world import locks, pyproject, setup_files

_TOOLS = ("poetry", "pdm", "hatch", "uv", "flit", "setuptools")
_FILES = ("setup.py", "Pipfile", "environment.yml", "environment.yaml", ".venv/pyvenv.cfg", "venv/pyvenv.cfg")
_LISTS = ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in")


def nearest(file: Path, top: Path) -> Path:
    """Return the nearest folder at or above a file, and not above `top`, that says itself what its code needs.

    `top` where none does, and the file's own folder for a file that does not lie in it.
    """
    folder = file if file.is_dir() else file.parent
    if not folder.is_relative_to(top):
        return folder
    for each in (folder, *folder.parents):
        if each == top or _says(each):
            return each
    return top


@lru_cache(maxsize=4096)
def _says(folder: Path) -> bool:
    """Whether a folder has an environment, a lock file or declarations; a pyproject.toml of settings has none."""
    if locks.find(folder) is not None or any((folder / name).is_file() for name in _FILES):
        return True
    if any(file.is_file() for pattern in _LISTS for file in folder.glob(pattern)):
        return True
    match pyproject.load(folder):
        case Mapping() as data:
            tools = pyproject.at(data, "tool")
            if not {"project", "build-system", "dependency-groups"}.isdisjoint(data):
                return True
            if isinstance(tools, dict) and not tools.keys().isdisjoint(_TOOLS):
                return True
    settings = setup_files.configuration(folder)
    return isinstance(settings, configparser.ConfigParser) and not {"metadata", "options"}.isdisjoint(settings)
