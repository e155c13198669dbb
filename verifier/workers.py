"""Runs the examination of many files over processes, so that a death or a hang costs one file and not the run."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path

from verifier.checks.places import Flow, Suspect
from verifier.model import Examined, Finding, Problem, ProblemKind, Project, Rule, Source

IN_PROCESS = 3
"""Up to this many files one process is quicker than starting others."""
MOST_FOLLOWED = 12
"""Up to this many files one process is quicker at following values."""
SECONDS_PER_FILE = 60.0
_RECYCLE = 500
"""Files after which a worker process is replaced, so that memory stays flat."""
_SAFE_PATH = "PYTHONSAFEPATH"
_safe_path_before: list[str | None] = []
"""By open pool, the first one's variable as it was."""
_safe_path_lock = threading.Lock()
_shared: dict[str, tuple[Sequence[Rule], Mapping[Path, Project]]] = {}


def examine_all(
    sources: Sequence[Source],
    rules: Sequence[Rule],
    projects: Mapping[Path, Project],
    jobs: int,
    done: Callable[[int], None],
    seconds: float = SECONDS_PER_FILE,
) -> list[Examined]:
    """Examine every source, in order; `done` is told how many are finished."""
    if jobs > 1 and len(sources) > IN_PROCESS:
        return _over_processes(sources, rules, projects, jobs, done, seconds)
    from verifier.examine import examine  # noqa: PLC0415  # libcst loads only when there is work

    results = []
    for number, source in enumerate(sources, 1):
        results.append(examine(source, rules, project_of(source, projects)))
        done(number)
    return results


def project_of(source: Source, projects: Mapping[Path, Project]) -> Project:
    """The project that a source belongs to; the only one where it names none."""
    return projects[source.home] if source.home else next(iter(projects.values()))


def _over_processes(
    sources: Sequence[Source],
    rules: Sequence[Rule],
    projects: Mapping[Path, Project],
    jobs: int,
    done: Callable[[int], None],
    seconds: float,
) -> list[Examined]:
    from pebble import ProcessExpired, ProcessPool  # noqa: PLC0415  # only long runs need it

    results: list[Examined] = []
    with (
        without_own_folder(),
        ProcessPool(
            max_workers=min(jobs, len(sources)),
            max_tasks=_RECYCLE,
            initializer=_share,
            initargs=(rules, projects),
            context=_context(),
        ) as pool,
    ):
        futures = [pool.schedule(_examine, args=[source], timeout=seconds) for source in sources]
        for source, future in zip(sources, futures, strict=True):
            try:
                results.append(future.result())
            except ProcessExpired as death:
                words = (
                    f"the process that checked it ended unexpectedly (exit {death.exitcode}); the file is not checked"
                )
                results.append(Examined(source, (), (Problem(source.path, ProblemKind.ENGINE, words),)))
            except TimeoutError:
                words = f"took longer than {seconds:g} seconds; the file is not checked"
                results.append(Examined(source, (), (Problem(source.path, ProblemKind.LIMIT, words),)))
            done(len(results))
    return results


def follow_all(
    suspects: Sequence[Suspect], flows: Mapping[str, Flow], jobs: int, seconds: float = SECONDS_PER_FILE
) -> Iterator[Finding | Problem]:
    """Follow values through every suspect file, in order; many of them over processes."""
    from verifier.checks import tracing  # noqa: PLC0415  # libcst loads only when there is work

    if jobs <= 1 or len(suspects) <= MOST_FOLLOWED:
        yield from tracing.follow(suspects, flows)
        return
    from pebble import ProcessExpired, ProcessPool  # noqa: PLC0415  # see _over_processes

    pool = ProcessPool(max_workers=min(jobs, len(suspects)), max_tasks=_RECYCLE, context=_context())
    with without_own_folder(), pool:
        tasks = [pool.schedule(tracing.traced, args=[each, flows], timeout=seconds) for each in suspects]
        for suspect, task in zip(suspects, tasks, strict=True):
            try:
                yield from task.result()
            except (ProcessExpired, TimeoutError):
                words = f"values were not followed through this file within {seconds:g} seconds"
                yield Problem(suspect.path, ProblemKind.LIMIT, words)


@contextmanager
def without_own_folder() -> Iterator[None]:
    """Start no interpreter that looks for modules in the folder where it starts: the code under check may lie there.

    Two pools may be open at once; the last one to close puts the variable back.
    """
    with _safe_path_lock:
        if not _safe_path_before:
            _safe_path_before.append(os.environ.get(_SAFE_PATH))
        else:
            _safe_path_before.append(None)
        os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        with _safe_path_lock:
            before = _safe_path_before.pop()
            if not _safe_path_before and before is not None:
                os.environ[_SAFE_PATH] = before
            elif not _safe_path_before:
                del os.environ[_SAFE_PATH]


def _context() -> BaseContext:
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(["verifier.examine", "verifier.workers"])
    return context


def _share(rules: Sequence[Rule], projects: Mapping[Path, Project]) -> None:
    _shared["run"] = (rules, projects)


def _examine(source: Source) -> Examined:
    from verifier.examine import examine  # noqa: PLC0415  # see examine_all

    rules, projects = _shared["run"]
    return examine(source, rules, project_of(source, projects))
