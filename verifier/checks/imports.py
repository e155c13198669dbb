"""Whether each import can work: standard library, local, installed, locked, declared, or at least on the index."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePath
from typing import TypedDict

from packaging.utils import canonicalize_name

from verifier import catalogue
from verifier.checks import distributions
from verifier.checks.distributions import Advise, Ask
from verifier.checks.foreign import module_of
from verifier.checks.registry import Rules
from verifier.model import Finding, Import, Problem, ProblemKind, Project, Rule, Source
from verifier.world import installed, provision, stdlib
from verifier.world.addresses import cause
from verifier.world.distributions import distributions as installed_versions
from verifier.world.import_names import candidates, curated, is_generic, namespaces, top
from verifier.world.index import Answer, answer
from verifier.world.places import Place
from verifier.world.project import for_script


@dataclass(frozen=True, slots=True)
class Question:
    """An import that only the package index can judge, with the distributions that might provide it."""

    record: Import
    distributions: tuple[str, ...]
    known_world: bool
    """Whether anything says what the project needs, so that what it leaves out is missing."""


def check(
    sources: Sequence[Source], places: Iterable[Place], rules: Rules, project: Project, ask: Ask, advise: Advise
) -> Iterator[Finding | Problem]:
    """Judge the imports of one project's files and its declared requirements; each name is asked about once."""
    questions: list[Question] = []
    for source in sources:
        seen = for_script(project, source.file, source.declared, source.requires_python)
        provision.prepare(seen.environment, [module_of(each) for each in source.imports])
        for record in source.imports:
            answer = _without_index(record, rules, seen)
            if isinstance(answer, Question):
                questions.append(answer)
            elif answer is not None:
                yield answer
    if questions:
        yield from _from_index(questions, rules, ask)
    foreign = ((each.record, each.distributions) for each in questions if not is_generic(each.record.module))
    yield from distributions.check(foreign, places, rules, ask, advise=advise, **_situation(project))


class _Situation(TypedDict):
    """What is known of a project's distributions before anybody is asked."""

    settled: Mapping[str, str]
    private: Sequence[str]
    in_house: Collection[str]
    python: tuple[int, int] | None
    platform: str


def _situation(project: Project) -> _Situation:
    environment, indexes = project.environment, project.indexes
    selection = environment.selection if environment else None
    settled = dict(installed_versions(environment)) if environment and environment.paths else {}
    locked = selection.locked if selection else {}
    # A pin in a requirements file that somebody wrote by hand is what is judged here, and no proof that it exists.
    settled |= {name: each.version for name, each in locked.items() if each.files or not each.origin.endswith(".txt")}
    # The one index that is configured may mirror the public one; others beside that one are somebody's own.
    public = any(index.public for index in indexes.indexes)
    return _Situation(
        settled=settled,
        private=indexes.private,
        in_house=[index.url for index in indexes.indexes if public and not index.public],
        python=project.python if settled or (selection and selection.fixed) else None,
        platform=environment.platform if environment else sys.platform,
    )


def _without_index(record: Import, rules: Rules, project: Project) -> Finding | Question | None:
    """What can be said of an import without asking whether a distribution exists; a question where only that helps."""
    module, environment = module_of(record), project.environment
    span = stdlib.versions(module) or stdlib.versions(top(module))
    if environment is not None:
        found = installed.locate(environment, module)
        newest = bool(provision.provided(environment, module)) and not provision.asks_for(environment, module)
        unread = isinstance(found, installed.Unknown) and provision.why_unread(environment, module) is not None
        if not isinstance(found, installed.Missing) and not newest and not unread:
            return None
        if isinstance(found, installed.Missing) and found.distribution is not None and not _right_name(module):
            return _no_such_module(record, rules, found)
    if span is not None:
        return _not_in_standard_library(record, rules, project, span)
    if (right := _right_name(module)) and not record.optional and (rule := rules.get("wrong-import-name")):
        fields = {"module": module, "distribution": right[0], "right": right[1]}
        return _finding(rule, record, fields, {"reason": "the distribution's import name differs", **fields})
    names = candidates(module)
    selection = environment.selection if environment else None
    declared = {each.name for each in project.declared} | set(selection.declared if selection else ())
    if declared.intersection(names):
        return None  # what it provides could not be read, which is said once for the whole run
    if (new := _python2().get(module) or _python2().get(top(module))) and (rule := rules.get("python2-module")):
        return None if record.optional else _finding(rule, record, {"module": module, "right": new}, None)
    locked = selection.locked if selection else {}
    if not locked.keys().isdisjoint(names):
        return None  # likewise
    return Question(record, names, bool(declared or locked or (environment and environment.paths)))


def _no_such_module(record: Import, rules: Rules, found: installed.Missing) -> Finding | None:
    rule = rules.get("unknown-module")
    if rule is None or record.optional:
        return None
    fields = {
        "distribution": found.distribution,
        "version": found.version or "",
        "module": record.module,
        "suggestion": _did_you_mean(found.nearest),
    }
    return _finding(rule, record, fields, {"looked": found.evidence})


def _not_in_standard_library(
    record: Import,
    rules: Rules,
    project: Project,
    span: tuple[tuple[int, int], tuple[int, int] | None],
) -> Finding | None:
    """A module of the standard library that the target Python no longer has, does not have yet, or never had."""
    if record.optional or record.typing_only:
        return None
    first, last = span
    target = ".".join(map(str, project.python))
    evidence = {"python": target, "first": list(first), "last": list(last) if last else None}
    if last is not None and last < project.python:
        rule = rules.get("removed-stdlib-module")
        new = catalogue.table("imports/successors")["successors"].get(top(record.module))
        removed = f"{last[0]}.{last[1] + 1}"
        fields = {"module": record.module, "removed": removed, "suggestion": f"; use {new}" if new else ""}
        return _finding(rule, record, fields, evidence) if rule else None
    rule = rules.get("unknown-module")
    suggestion = f"; it came with Python {first[0]}.{first[1]}" if first > project.python else ""
    fields = {"distribution": "Python", "version": target, "module": record.module, "suggestion": suggestion}
    return _finding(rule, record, fields, evidence) if rule else None


def _from_index(questions: Sequence[Question], rules: Rules, ask: Ask) -> Iterator[Finding | Problem]:
    """Verdicts that the index decides."""
    outcomes = ask({name for question in questions for name in question.distributions})
    answers = {name: answer(name, outcome) for name, outcome in outcomes.items()}
    unverified: dict[str, str] = {}
    for question in questions:
        record = question.record
        said = [answers[name] for name in question.distributions]
        exists = next((each.name for each in said if each.exists), None)
        unsure = next((each.why for each in said if each.exists is None), None)
        if exists is not None:
            if question.known_world:
                yield from _undeclared(record, exists, rules)
        elif unsure is not None:
            unverified[record.module] = unsure
        elif top(record.module) in namespaces() and top(record.module) != record.module:
            unverified[record.module] = "it lies in a namespace that many distributions share"
        else:
            yield from _unknown(record, said, rules)
    if unverified:
        modules = ", ".join(sorted(unverified))
        reasons = "; ".join(sorted(set(map(cause, unverified.values()))))
        yield Problem(None, ProblemKind.INDEX, f"could not verify that these exist: {modules} ({reasons})")


def _undeclared(record: Import, distribution: str, rules: Rules) -> Iterator[Finding]:
    rule = rules.get("undeclared-package")
    if distribution == "setuptools" and PurePath(record.path).name == "setup.py":
        return  # whoever runs that file has it
    if rule and not record.optional and not record.typing_only:
        fields = {"module": record.module, "distribution": distribution}
        yield _finding(rule, record, fields, {"index": "exists", "installed": False, "declared": False})


def _unknown(record: Import, said: Sequence[Answer], rules: Rules) -> Iterator[Finding]:
    rule = rules.get("unknown-optional-package" if record.optional or record.typing_only else "unknown-package")
    if rule:
        own = {top(record.module).lower(), *(each.name for each in said)}
        others = [name for name in _known_names() if name not in own]
        near = get_close_matches(top(record.module).lower(), others, n=1, cutoff=0.8)
        fields = {"module": record.module, "suggestion": _did_you_mean(near)}
        yield _finding(rule, record, fields, {"asked": {each.name: each.why for each in said}})


def _finding(
    rule: Rule, record: Import, fields: Mapping[str, object], evidence: Mapping[str, object] | None
) -> Finding:
    message = rule.message.format(**fields)
    return Finding(rule.code, record.path, record.span, message, rule.severity, symbol=record.module, evidence=evidence)


def _right_name(module: str) -> tuple[str, str] | None:
    """Distribution and import name when somebody imports a distribution's name that is no import name."""
    first, names = top(module), curated()
    if first in names or any(top(name) == first for name in names):
        return None
    wanted = canonicalize_name(first)
    right = sorted(
        (name for name, all_ in names.items() if wanted == all_[0]), key=lambda name: (name.count("."), name)
    )
    return (wanted, right[0]) if right else None


def _did_you_mean(near: Iterable[str]) -> str:
    first = next(iter(near), None)
    return f"; did you mean `{first}`?" if first else ""


@lru_cache(maxsize=1)
def _python2() -> Mapping[str, str]:
    modules: Mapping[str, str] = catalogue.table("imports/names")["python2"]
    return modules


@lru_cache(maxsize=1)
def _known_names() -> Sequence[str]:
    return sorted({*curated(), *catalogue.table("imports/names")["known"]["names"]})
