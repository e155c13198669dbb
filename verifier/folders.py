"""What Python files a folder holds: those that git knows there, or else those of a walk that honours .gitignore."""
# ruff: noqa: PTH110, PTH112, PTH113, PTH114, PTH118, PTH119, PTH120, PTH123
# A tree has thousands of names, and os.path works on them as the system gives them.

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pathspec

SUFFIXES = (".py", ".pyi")
SKIPPED = frozenset(
    {
        *(".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d"),
        *(".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", "__pycache__"),
        *("__pypackages__", "buck-out", "node_modules", "site-packages"),
    }
)
"""Folders of tools and of installed packages, which are never looked into unless they are named."""
_BUILT = frozenset({"build", "dist", "_build"})
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
_GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
_Specs = tuple[tuple[str, pathspec.GitIgnoreSpec], ...]


def python_files(folder: str, pruned: Callable[[str], bool]) -> Iterator[str | OSError]:
    """Yield the paths of the .py and .pyi files under a folder, and an error for each folder that cannot be read.

    A path that git lists may be gone. Symbolic links to folders are not followed, virtual environments and the
    folders in SKIPPED not entered, nor in a walk those for which `pruned` is true and results of builds.
    """
    listed = _listed(folder)
    if listed is None or (not listed and _git_ignores(folder)):
        yield from _walked(folder, pruned)
        return
    wanted = {"": True}
    for name in listed:
        path = os.path.join(folder, name)
        if not _wanted(folder, os.path.dirname(name.rstrip("/")), wanted):
            continue
        if os.path.isdir(path) and not os.path.islink(path):  # a repository inside, which git does not enter
            if _wanted(folder, name.rstrip("/"), wanted):
                yield from python_files(path.rstrip("/"), pruned)
        elif name.endswith(SUFFIXES):
            yield path


def _listed(folder: str) -> list[str] | None:
    """Return the files in and below a folder that git tracks or does not ignore; None where git cannot tell."""
    done = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if done is None or done.returncode or done.stderr:  # it only warns of a folder that it cannot read
        return None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _git_ignores(folder: str) -> bool:
    done = _git(os.path.dirname(folder), "check-ignore", "--quiet", "--", os.path.basename(folder))
    return done is not None and done.returncode == 0


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in a folder such that no setting of the repository can start a program; None where it does not run."""
    environ = {name: value for name, value in os.environ.items() if name not in _GIT_PLACES}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    try:
        return subprocess.run(
            [*_GIT, *arguments], cwd=folder, env=environ, capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _wanted(folder: str, name: str, known: dict[str, bool]) -> bool:
    """Whether a folder below `folder` is one to look into, and so are all between the two."""
    if name not in known:
        above, last = os.path.split(name)
        usable = last not in SKIPPED and not os.path.isfile(os.path.join(folder, name, "pyvenv.cfg"))
        known[name] = usable and _wanted(folder, above, known)
    return known[name]


def _walked(folder: str, pruned: Callable[[str], bool]) -> Iterator[str | OSError]:
    above = _specs_above(folder)
    pending: list[tuple[str, _Specs]] = [(folder, () if _ignored(folder, above, is_folder=True) else above)]
    while pending:
        here, specs = pending.pop()
        specs = (*specs, *_spec(here, os.path.join(here, ".gitignore")))
        try:
            with os.scandir(here) as entries:
                found = list(entries)
        except OSError as error:
            yield error
            continue
        for entry in found:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not (is_folder or entry.name.endswith(SUFFIXES)) or _ignored(entry.path, specs, is_folder=is_folder):
                continue
            if not is_folder:
                yield entry.path
            elif not _left_out(entry) and not pruned(entry.path):
                pending.append((entry.path, specs))


def _left_out(entry: os.DirEntry[str]) -> bool:
    if entry.name in SKIPPED or os.path.isfile(os.path.join(entry.path, "pyvenv.cfg")):
        return True
    return entry.name in _BUILT and not os.path.isfile(os.path.join(entry.path, "__init__.py"))


def _specs_above(folder: str) -> _Specs:
    """Return what the repository's ignore files above a folder say, the outermost first."""
    specs: _Specs = ()
    here = folder
    while not os.path.exists(os.path.join(here, ".git")):
        if here == (here := os.path.dirname(here)):
            return ()
        specs = (*_spec(here, os.path.join(here, ".gitignore")), *specs)
    return (*_spec(here, os.path.join(here, ".git", "info", "exclude")), *specs)


def _spec(base: str, file: str) -> _Specs:
    """Return the patterns of an ignore file; like git, pass over bad lines and files that cannot be read."""
    if not os.path.isfile(file):
        return ()
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as opened:
            lines = opened.read().splitlines()
    except OSError:
        return ()
    return ((base, pathspec.GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))),)


def _is_pattern(line: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _ignored(path: str, specs: _Specs, *, is_folder: bool) -> bool:
    """Whether the innermost ignore file that speaks of a path leaves it out."""
    for base, spec in reversed(specs):
        name = os.path.relpath(path, base).replace(os.sep, "/") + "/" * is_folder
        if (answer := spec.check_file(name).include) is not None:
            return answer
    return False
