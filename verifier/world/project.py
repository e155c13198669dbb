"""The project around the code, put together from its environment, its declarations and its folders."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.config import Config
from verifier.model import Problem, ProblemKind, Project, Requirement, Source
from verifier.sql.files import unreadable
from verifier.world import declared, local, locks, store
from verifier.world.choice import by_name, environment_for, target, upwards
from verifier.world.index import configuration
from verifier.world.nearest import nearest


def load_all(
    sources: Sequence[Source], paths: Sequence[Path], config: Config, environ: Mapping[str, str]
) -> tuple[dict[Path, Project], tuple[Problem, ...]]:
    """The project of each source and named path, by its folder: the nearest one; and what could not be read."""
    problems: dict[Problem, None] = {}
    projects: dict[Path, Project] = {}
    named = [home_of(path.absolute()) for path in paths if path.exists()]
    for home in dict.fromkeys([*(each.home for each in sources if each.home), *named]) or [home_of(Path.cwd())]:
        projects[home], unread = load(home, config, environ)
        problems.update(dict.fromkeys(unread))
    return projects, tuple(problems)


def home_of(file: Path) -> Path:
    """The nearest folder at or above a file or folder that says what the code in it needs."""
    file = file.resolve()
    root = local.find_root(file)
    return nearest(file, root)


def load(home: Path, config: Config, environ: Mapping[str, str]) -> tuple[Project, tuple[Problem, ...]]:
    """The project that a folder belongs to, as the code in that folder sees it, and what of it could not be read."""
    cache = None if config.no_cache else store.folder(None)
    root = local.find_root(home)
    indexes, misread = configuration.read(
        root,
        environ,
        index_url=config.index_url,
        private=config.private,
        offline=config.offline,
        cache=cache,
    )
    indexes = replace(indexes, most_bytes=config.max_download * 1_000_000)
    needs: tuple[Requirement, ...] = ()
    for folder in upwards(home, root):
        found, unread = declared.read(folder)
        needs, misread = (*needs, *found), (*misread, *unread)
    chosen, problems = environment_for(home, config, environ, needs, indexes)
    own = declared.own_name(root)
    schemas, missing = schema_files(config)
    project = Project(
        root=root,
        python=chosen.python,
        environment=chosen,
        declared=(*needs, Requirement(canonicalize_name(own), "", "the project itself")) if own else needs,
        source_roots=local.source_roots(root),
        schemas=schemas,
        indexes=indexes,
    )
    return project, (*problems, *misread, *missing)


def schema_files(config: Config) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The SQL files that the option `schema` names, and what of it names none."""
    files: dict[Path, None] = {}
    problems: list[Problem] = []
    for pattern in config.schema:
        found = sorted(config.root.glob(pattern)) if not Path(pattern).is_absolute() else [Path(pattern)]
        found = [each for each in found if each.is_file()]
        if not found:
            words = f"schema: no file is called {pattern!r} below {config.root}"
            problems.append(Problem(None, ProblemKind.IO, words))
        for file in found:
            if wrong := unreadable(file):
                problems.append(Problem(None, ProblemKind.IO, f"schema: {file}: {wrong}"))
            else:
                files[file] = None
    return tuple(files), tuple(problems)


def for_script(
    project: Project, file: Path | None, needs: tuple[Requirement, ...], requires_python: str | None
) -> Project:
    """The project as a script with its own requirements (PEP 723) sees it; a lock file beside the script counts."""
    if not needs and not requires_python:
        return project
    return _for_script(project, file, needs, requires_python)


@lru_cache(maxsize=256)
def _for_script(
    project: Project, file: Path | None, needs: tuple[Requirement, ...], requires_python: str | None
) -> Project:
    before = project.environment
    if before is None or before.selection is None:
        return project
    selection = before.selection
    if before.paths or selection.locked:
        merged = {**selection.declared, **by_name(needs, project.root)}
        return replace(project, environment=replace(before, selection=replace(selection, declared=merged)))
    python = project.python if selection.fixed else target(requires_python)
    lock, _ = locks.for_script(file) if file else (None, ())
    origin = f"{lock.origin if lock else 'what the script itself requires'} (Python {python[0]}.{python[1]})"
    selection = replace(selection, declared=by_name(needs, project.root))
    if lock is not None:
        locked = locks.choose(lock.packages, python=python, platform=sys.platform)
        selection = replace(selection, locked=locked, closed=True, open=False)
    return replace(
        project, python=python, environment=replace(before, python=python, origin=origin, selection=selection)
    )


def words(projects: Mapping[Path, Project], sources: Sequence[Source]) -> str:
    """Which environments the code was judged against, for a person."""
    origins: dict[str, str] = {}
    for source in sources:
        if source.home is not None:
            seen = for_script(projects[source.home], source.file, source.declared, source.requires_python)
            own = seen is not projects[source.home]
            if seen.environment is not None:
                origins.setdefault(seen.environment.origin, source.path if own else _shown(source.home))
    for home, project in projects.items() if not sources else ():
        origins.setdefault(project.environment.origin if project.environment else "", _shown(home))
    if len(origins) == 1:
        return next(iter(origins))
    return "; ".join(f"{place}: {origin}" for origin, place in origins.items())


def _shown(root: Path) -> str:
    here = Path.cwd()
    return root.relative_to(here).as_posix() if root.is_relative_to(here) else str(root)
