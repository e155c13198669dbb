"""Reads releases one by one, each once for all questions about it, over processes where there are several."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from verifier.deprecations import Api
from verifier.distributions import Indexes
from verifier.proving import releases
from verifier.proving.releases import Release
from verifier.proving.seeing import Seen, see
from verifier.symbols.modules import flush

_RECYCLE = 4
"""Releases after which a process is replaced: the texts of large packages stay in memory."""
Answers = tuple[Seen, ...] | str
"""What a release says of each API in order; a text is why it could not be read."""


def look(indexes: Indexes, release: Release, apis: Sequence[Api]) -> Answers:
    """What one release says of several APIs, or why it cannot be read now."""
    with tempfile.TemporaryDirectory(prefix="verify-rules-") as folder:
        world = releases.world_at(indexes, release, Path(folder))
        paths = [each.path for each in apis]
        try:
            releases.begin(world, {path.partition(".")[0] for path in paths}, paths)
            found = tuple(see(world, api) for api in apis)
        except OSError as error:  # a part of the archive that cannot be fetched
            return f"{release.distribution} {release.version}: {error}"
        flush(world)
        flush(releases.with_stubs(world))
        flush(releases.trusting(world))
        why = releases.unread(world, release.distribution)
        return found if why is None else f"{release.distribution} {release.version}: {why}"


def look_all(
    indexes: Indexes,
    questions: Mapping[Release, Sequence[Api]],
    jobs: int,
    done: Callable[[Release, Answers], None],
) -> dict[Release, Answers]:
    """What each release says, read by that many processes; `done` is told of each as it comes."""
    found: dict[Release, Answers] = {}
    for release, answers in _answers(indexes, questions, jobs):
        found[release] = answers
        done(release, answers)
    return found


def _answers(
    indexes: Indexes, questions: Mapping[Release, Sequence[Api]], jobs: int
) -> Iterator[tuple[Release, Answers]]:
    if jobs <= 1 or len(questions) <= 1:
        for release, apis in questions.items():
            yield release, look(indexes, release, apis)
        return
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    with ProcessPool(max_workers=min(jobs, len(questions)), max_tasks=_RECYCLE, context=context) as pool:
        running = [(release, pool.schedule(look, args=(indexes, release, apis))) for release, apis in questions.items()]
        for release, answer in running:
            try:
                yield release, answer.result()
            except ProcessExpired as died:
                yield release, f"{release.distribution} {release.version}: the process that read it died: {died}"


def grouped(wanted: Iterable[tuple[Release, Api]]) -> dict[Release, list[Api]]:
    """Questions by the release that answers them."""
    found: dict[Release, list[Api]] = {}
    for release, api in wanted:
        asked = found.setdefault(release, [])
        if api not in asked:
            asked.append(api)
    return found
