"""Which files a run looks at: those that were named, and the Python files of the folders that were."""
# ruff: noqa: PTH100, PTH109, PTH112, PTH114, PTH116, PTH118, PTH120, PTH206
# A tree has thousands of names, and os.path works on them as the system gives them.

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from verifier.folders import SKIPPED, python_files
from verifier.model import Problem, ProblemKind


@dataclass(frozen=True, slots=True)
class _Exclusions:
    """The patterns of what is left out, and the folder that they are relative to."""

    root: str
    patterns: pathspec.GitIgnoreSpec

    def match(self, path: str, named: str) -> bool:
        """Whether a pattern matches; a path outside the root is seen from the folder that was named."""
        if not self.patterns.patterns:
            return False
        name = os.path.relpath(path, self.root if _inside(path, self.root) else named)
        return self.patterns.match_file(name.replace(os.sep, "/") + "/" * os.path.isdir(path))


@dataclass(slots=True)
class _Found:
    """What was found: for each real file the path by which it was reached, and what could not be looked at."""

    files: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)

    def take(self, path: str) -> bool:
        """Take a file, by its real path if both lead to it; false where there is none."""
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self.fail(path, _reason(path, error))
            return False
        if not stat.S_ISREG(mode):
            self.fail(path, "neither a regular file nor a folder")
            return False
        real = self._real(path)
        self.files[real] = min(self.files.get(real, path), path, key=lambda each: (each != real, each))
        return True

    def fail(self, path: str, text: str) -> None:
        """Note that something could not be looked at."""
        self.problems.append(Problem(reported(path), ProblemKind.IO, text))

    def _real(self, path: str) -> str:
        if os.path.islink(path):
            return os.path.realpath(path)
        folder, name = os.path.split(path)
        if folder not in self.folders:  # one look-up for each folder and not for each of its files
            self.folders[folder] = os.path.realpath(folder)
        return os.path.join(self.folders[folder], name)


def discover(
    paths: Sequence[Path], *, root: Path, exclude: Sequence[str], force_exclude: bool
) -> Iterator[tuple[str, Path] | Problem]:
    """Yield (path as reported, file) for each real file to check, once and in order, then what could not be looked at.

    A named file is taken whatever its suffix is. Of a named folder the .py and .pyi files are, unless git ignores
    them, `exclude` (gitignore patterns relative to `root`) matches them, or they lie in a virtual environment or in a
    tool's own folder. With `force_exclude` the exclusions hold for what was named too.
    """
    exclusions = _Exclusions(os.path.abspath(root), pathspec.GitIgnoreSpec.from_lines(exclude))
    found = _Found()
    for path in map(os.path.abspath, paths):
        if force_exclude and _is_excluded(path, exclusions):
            continue
        if os.path.isdir(path):
            _take_folder(path, exclusions, found)
        else:
            found.take(path)
    yield from sorted((reported(path), Path(path)) for path in found.files.values())
    yield from sorted(found.problems, key=lambda problem: (problem.path or "", problem.text))


def is_declaration(path: Path) -> bool:
    """Whether a named file holds no code and declares what a project needs."""
    if path.name == "pyproject.toml":
        return path.is_file()
    texts = path.suffix in {".txt", ".in"} and ("requirements" in path.name or path.parent.name == "requirements")
    return texts and path.is_file()


def reported(path: str) -> str:
    """Return a path as reports say it: relative to the working directory, or absolute outside it, with `/`.

    Bytes of a name that are not UTF-8 become backslash escapes, so that every report can be written.
    """
    here = os.getcwd()
    shown = os.path.relpath(path, here) if _inside(path, here) else path
    return os.fsencode(shown).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def _take_folder(named: str, exclusions: _Exclusions, found: _Found) -> None:
    """Take the Python files of a folder, and say so where it has none."""
    anything = False
    for path in python_files(named, lambda folder: exclusions.match(folder, named)):
        if isinstance(path, OSError):
            found.fail(str(path.filename), _reason(str(path.filename), path))
            anything = True
        elif os.path.isdir(path) or not os.path.lexists(path) or exclusions.match(path, named):
            continue  # a link to a folder, a file deleted since git noted it, an excluded one
        else:
            found.take(path)
            anything = True
    if not anything:
        found.fail(named, "no Python file to check in this folder")


def _is_excluded(path: str, exclusions: _Exclusions) -> bool:
    below = _inside(path, exclusions.root) and path != exclusions.root
    if below and not SKIPPED.isdisjoint(os.path.relpath(path, exclusions.root).split(os.sep)):
        return True
    return path != exclusions.root and exclusions.match(path, os.path.dirname(path))


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _reason(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "the symbolic link leads nowhere" if os.path.lexists(path) else "the path does not exist"
    return error.strerror or str(error)
