"""A batch of questions to several indexes: from the cache where it may be believed, else asked in parallel, in time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from queue import Empty, SimpleQueue

from verifier.distributions import Index, Indexes
from verifier.world import store
from verifier.world.addresses import shown
from verifier.world.file_urls import path_of
from verifier.world.index import names as name_lists
from verifier.world.index.asking import Question, Told, answers_at_all, ask, decoded, key

_THREADS = 8
_ALL = ""
"""The name that stands for the whole of a flat list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The index has the name, as its full list of names said that many seconds ago; its files are not known."""

    age: float


Answer = Told | Listed | str
"""What one index says; a text is why it said nothing."""

_Heard = dict[tuple[Index, str], Answer]

_RUNS = 4
_heard: deque[tuple[Indexes, _Heard]] = deque(maxlen=_RUNS)
"""What was heard lately, by the very object of the settings: one such object stands for one run."""


def _heard_with(indexes: Indexes) -> _Heard:
    for known, answers_ in list(_heard):
        if known is indexes:
            return answers_
    new: _Heard = {}
    _heard.append((indexes, new))
    return new


def answers(
    indexes: Indexes, names: Collection[str], end: float, most_age: float
) -> list[tuple[Index, dict[str, Answer]]]:
    """Return what each index says of those of the (normalised) names that it may be asked for.

    What one object of settings was told once, also that there is no answer, is not asked for again with it.
    """
    heard = _heard_with(indexes)
    plans: list[tuple[Index, dict[str, Answer], dict[str, Question]]] = []
    for index in indexes.indexes:
        mine = [name for name in names if _allowed(indexes, index, name)]
        asked = [_ALL] if index.find_links and mine else mine
        known = {name: heard[index, name] for name in asked if _still_good(heard.get((index, name)), most_age)}
        stored, questions = _remembered(indexes, index, [name for name in asked if name not in known], most_age)
        known |= stored
        plans.append((index, known, questions))
    every = [question for _, _, questions in plans for question in questions.values()]
    told = _ask_all(indexes, every, end)
    late = {question for question in every if question not in told}
    told |= {question: f"{shown(question.index.url)} did not answer in time" for question in late}
    for index, known, questions in plans:
        new = _doubted(indexes, index, known, {name: told[each] for name, each in questions.items()}, end)
        kept = {name: one.page for name, one in new.items() if isinstance(one, Told) and one.page is not None}
        store.keep(indexes.cache, key(index), kept)
        known |= {name: _or_older(questions[name], one) for name, one in new.items()}
        heard |= {(index, name): one for name, one in known.items() if questions.get(name) not in late}
    return [(index, known) for index, known, _ in plans]


def _allowed(indexes: Indexes, index: Index, name: str) -> bool:
    if index.names and name not in index.names:
        return False
    return not (index.public and is_private(indexes, name))


def is_private(indexes: Indexes, name: str) -> bool:
    """Whether the name (normalised) is one that no public index may hear of."""
    return any(fnmatchcase(name, pattern) for pattern in indexes.private)


def _still_good(heard: Answer | None, most_age: float) -> bool:
    old = isinstance(heard, Told) and heard.page is not None and heard.page.age > most_age
    return heard is not None and not old


def _remembered(
    indexes: Indexes, index: Index, names: Iterable[str], most_age: float
) -> tuple[dict[str, Answer], dict[str, Question]]:
    """Return the answers that need nobody, and the questions that remain; offline only files remain to be asked."""
    here = path_of(index.url) is not None
    names = list(names)
    pages = {} if here or not names else store.recall(indexes.cache, key(index), names)
    known: dict[str, Answer] = {}
    questions: dict[str, Question] = {}
    for name in names:
        page = pages.get(name)
        if page is not None and (
            not _outdated(indexes, index, page) if indexes.offline else page.fresh and page.age <= most_age
        ):
            try:
                known[name] = Told(decoded(page), page)
                continue
            except ValueError:
                page = None
        if indexes.offline and not here:
            known[name] = _from_list(indexes, index, name)
        else:
            questions[name] = Question(index, name, page)
    return known, questions


def _outdated(indexes: Indexes, index: Index, page: store.Page) -> bool:
    """Whether a later list of names knows better than a page that was not there."""
    listed = store.name_list(indexes.cache, key(index)) if page.data is None else None
    return listed is not None and listed.at > page.at


def _from_list(indexes: Indexes, index: Index, name: str) -> Answer:
    """Return what the index's full list of names says offline, if there is one."""
    if name != _ALL and (found := name_lists.known(indexes, index, name)) is not None:
        return Listed(found.age) if found.exists else Told(None, store.Page(None, time.time() - found.age))
    return f"offline, and {shown(index.url)} was not asked before"


def _or_older(question: Question, told: Answer) -> Answer:
    """Return what the index once had, where it cannot be asked now; that it once had nothing proves nothing now."""
    if isinstance(told, str) and question.known is not None and question.known.data is not None:
        try:
            return Told(decoded(question.known), question.known)
        except ValueError:
            return told
    return told


def _doubted(
    indexes: Indexes, index: Index, known: Mapping[str, Answer], told: Mapping[str, Answer], end: float
) -> Mapping[str, Answer]:
    """Return the answers of an address that never had anything, without its "no" where it is itself no index."""
    every = [*known.values(), *told.values()]
    if index.public or index.find_links or path_of(index.url) is not None:
        return told
    if any(isinstance(one, Told) and one.releases is not None for one in every):
        return told
    no = [name for name, one in told.items() if isinstance(one, Told)]
    if not no or store.found_names(indexes.cache, key(index), limit=1) or answers_at_all(indexes, index, end):
        return told
    return {**told, **dict.fromkeys(no, f"{shown(index.url)} does not answer as a package index")}


def _ask_all(indexes: Indexes, questions: Collection[Question], end: float) -> dict[Question, Answer]:
    """Ask everything in parallel; what is not answered at the end (monotonic clock) is left out.

    The threads are daemons, so that nobody who interrupts the program waits for a server.
    """
    waiting: SimpleQueue[Question] = SimpleQueue()
    results: SimpleQueue[tuple[Question, Told | str]] = SimpleQueue()
    for question in questions:
        waiting.put(question)

    def work() -> None:
        while time.monotonic() < end:
            try:
                question = waiting.get_nowait()
            except Empty:
                return
            results.put((question, ask(indexes, question, end)))

    for _ in range(min(_THREADS, len(questions))):
        threading.Thread(target=work, daemon=True).start()
    told: dict[Question, Answer] = {}
    while len(told) < len(questions):
        try:
            question, answer = results.get(timeout=max(end - time.monotonic(), 0))
        except Empty:
            break
        told[question] = answer
    return told
