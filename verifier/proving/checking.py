"""Proves the rows of one table: reads the releases around each change, judges each row, and writes the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.deprecations import Api, rows_of
from verifier.distributions import Indexes
from verifier.model import Problem, ProblemKind
from verifier.proving.consistency import is_checked_by_hand, problems
from verifier.proving.judging import Verdict, judge
from verifier.proving.looking import Answers, grouped, look_all
from verifier.proving.releases import Release, UnavailableError, stable
from verifier.proving.seeing import Seen
from verifier.proving.steps import needed, steps
from verifier.proving.tables import read, write


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdicts on a table's rows, in order, and what kept others from being judged."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By the row's `api`."""
    problems: tuple[Problem, ...] = ()
    by_hand: tuple[str, ...] = ()
    """The rows that were left alone because a person has checked them, by their `api`."""


def check(
    indexes: Indexes,
    file: Path,
    *,
    every: bool = False,
    jobs: int = 1,
    done: Callable[[Release, Answers], None] = lambda _release, _answers: None,
) -> Checked:
    """Judge the rows of a table file that are not proved in full (`every`: all), and write what was found.

    What a person has checked stays as it is. Raises catalogue.CatalogueError where the file is no table.
    """
    table = read(file)
    rows = list(zip(rows_of(table), table["api"], strict=True))
    by_hand = tuple(api.api for api, row in rows if is_checked_by_hand(row))
    apis = [api for api, row in rows if not is_checked_by_hand(row) and (every or row.get("unproved") or problems(row))]
    if not apis:
        return Checked(by_hand=by_hand)
    try:
        found = stable(indexes, canonicalize_name(table["distribution"]))
    except UnavailableError as why:
        return Checked(problems=(Problem(None, ProblemKind.INDEX, str(why)),), by_hand=by_hand)
    by_version = {each.version: each for each in found}
    versions = list(by_version)
    wanted = [(by_version[version], api) for api in apis for version in needed(api, versions)]
    questions = grouped(wanted)
    answers = look_all(indexes, questions, jobs, done)
    unread = [Problem(None, ProblemKind.INDEX, each) for each in answers.values() if isinstance(each, str)]
    seen = _by_row(questions, answers)
    verdicts: dict[str, Verdict] = {}
    for api in apis:
        mine = seen.get(api.api, {})
        if set(needed(api, versions)) <= mine.keys():
            verdicts[api.api] = judge(api, steps(api, versions), versions[-1], mine)
    write(file, apis, verdicts)
    return Checked(verdicts, tuple(unread), by_hand)


def _by_row(
    questions: Mapping[Release, Sequence[Api]], answers: Mapping[Release, Answers]
) -> dict[str, dict[str, Seen]]:
    """What was seen of each row, by version; without the releases that could not be read."""
    found: dict[str, dict[str, Seen]] = {}
    for release, apis in questions.items():
        said = answers[release]
        if not isinstance(said, str):
            for api, each in zip(apis, said, strict=True):
                found.setdefault(api.api, {})[release.version] = each
    return found
