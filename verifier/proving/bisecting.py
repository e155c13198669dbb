"""In which release an API began to warn, and in which it was gone: found by halving the releases in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.deprecations import Api
from verifier.distributions import Indexes
from verifier.proving.looking import Answers, grouped, look_all
from verifier.proving.proof import GONE
from verifier.proving.releases import Release
from verifier.proving.seeing import Seen

Told = Callable[[Release, Answers], None]


@dataclass(slots=True)
class History:
    """What releases (oldest first) said of APIs so far, and why some of them could not be read."""

    indexes: Indexes
    releases: Sequence[Release]
    jobs: int
    done: Told
    seen: dict[str, dict[str, Seen]] = field(default_factory=dict)
    """By row and version."""
    unread: dict[str, None] = field(default_factory=dict)


def ask(history: History, wanted: Sequence[tuple[Release, Api]]) -> None:
    """Read what is not known yet, each release once."""
    questions = grouped(
        (release, api) for release, api in wanted if release.version not in history.seen.get(api.api, {})
    )
    for release, answers in look_all(history.indexes, questions, history.jobs, history.done).items():
        if isinstance(answers, str):
            history.unread[answers] = None
        for number, api in enumerate(questions[release]):
            said = Seen(None, why=answers) if isinstance(answers, str) else answers[number]
            history.seen.setdefault(api.api, {})[release.version] = said


def gone(seen: Seen) -> bool | None:
    """Whether a release lacks the API; None where that cannot be told."""
    return None if seen.word is None else seen.word in GONE


def warned(seen: Seen) -> bool | None:
    """Whether a release warns of the API, or lacks it."""
    return None if seen.word is None else seen.word != "present"


def first(history: History, apis: Sequence[Api], test: Callable[[Seen], bool | None]) -> Mapping[str, int | None]:
    """By row: the index of the first release that passes, which the last one does and the first does not.

    None where a release on the way does not tell; a row that the first release passes has index 0.
    """
    ends = (history.releases[0], history.releases[-1])
    ask(history, [(release, api) for release in ends for api in apis])
    bounds: dict[str, tuple[int, int]] = {}
    found: dict[str, int | None] = {}
    for api in apis:
        start, end = (test(history.seen[api.api][each.version]) for each in ends)
        if start is None or not end:
            found[api.api] = None
        elif start:
            found[api.api] = 0
        else:
            bounds[api.api] = (0, len(history.releases) - 1)
    while open_ := [api for api in apis if api.api in bounds and bounds[api.api][1] - bounds[api.api][0] > 1]:
        middle = {api.api: history.releases[sum(bounds[api.api]) // 2] for api in open_}
        ask(history, [(middle[api.api], api) for api in open_])
        for api in open_:
            low, high = bounds[api.api]
            half = (low + high) // 2
            passes = test(history.seen[api.api][middle[api.api].version])
            if passes is None:
                found[api.api] = None
                del bounds[api.api]
            else:
                bounds[api.api] = (low, half) if passes else (half, high)
    return found | {key: high for key, (_, high) in bounds.items()}
