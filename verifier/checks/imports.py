"""Whether each import can work: standard library, local, installed, declared, or at least on the package index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from verifier import catalogue
from verifier.checks.registry import Rules
from verifier.model import Finding, Import, Problem, ProblemKind, Project, Rule, Source
from verifier.semantics.model import Facts
from verifier.semantics.positions import Positions
from verifier.world import installed, local, stdlib

_STUB_ONLY = frozenset({"_typeshed", "__future__", "__main__"})


if TYPE_CHECKING:
    from verifier.world.index import Answer


@dataclass(frozen=True, slots=True)
class Question:
    """An import that only the package index can judge, with the distributions that might provide it."""

    record: Import
    distributions: tuple[str, ...]


def foreign(facts: Facts, positions: Positions, source: Source, project: Project) -> tuple[Import, ...]:
    """The imports of a file that are neither in the target's standard library nor part of the project."""
    found: list[Import] = []
    for site in facts.imports:
        record = site.record
        if record.level or record.unreachable or not record.module or _top(record.module) in _STUB_ONLY:
            continue
        if _in_standard_library(record.module, project.python):
            continue
        if local.provides(project, source.file, record.module, 0):
            continue
        node = getattr(site.node, "name", None) or site.node
        module = getattr(site.statement, "module", None)
        found.append(replace(record, span=positions.span(module or node)))
    return tuple(found)


def check(sources: Sequence[Source], rules: Rules, project: Project) -> Iterator[Finding | Problem]:
    """Judge the imports of a whole run, with one batch of questions to the package index."""
    questions: list[Question] = []
    unseen: set[str] = set()
    for source in sources:
        for record in source.imports:
            answer = _without_index(record, rules, project, source)
            if isinstance(answer, Question):
                questions.append(answer)
            elif isinstance(answer, Finding):
                yield answer
            elif answer is not None:
                unseen.add(answer)
    if questions:
        yield from _from_index(questions, rules, project, unseen)
    if unseen:
        words = "their distributions are not installed, so nobody looked whether they have these modules"
        yield Problem(None, ProblemKind.ENVIRONMENT, f"{words}: {', '.join(sorted(unseen))}")


def _in_standard_library(module: str, python: tuple[int, int]) -> bool:
    return stdlib.exists(module, python) is not False and stdlib.versions(_top(module)) is not None


def _without_index(record: Import, rules: Rules, project: Project, source: Source) -> Finding | Question | str | None:
    """What can be said of an import without asking anybody.

    A question where only the index knows; the module's name where its distribution is declared and cannot be read.
    """
    module, top = _module(record), _top(record.module)
    span = stdlib.versions(module) or stdlib.versions(top)
    if project.environment is not None:
        found = installed.locate(project.environment, module)
        if not isinstance(found, installed.Missing):
            return None
        if found.distribution is not None:
            return _no_such_module(record, rules, found)
    if span is not None:
        return _not_in_standard_library(record, rules, project, span)
    if (right := _right_name(module)) and not record.optional and (rule := rules.get("wrong-import-name")):
        fields = {"module": module, "distribution": right[0], "right": right[1]}
        return _finding(rule, record, fields, {"reason": "the distribution's import name differs", **fields})
    candidates = _candidates(module)
    declared = {each.name for each in project.declared} | {each.name for each in source.declared}
    if declared.intersection(candidates):
        return _unread(record)
    if (new := _python2().get(module) or _python2().get(top)) and (rule := rules.get("python2-module")):
        return None if record.optional else _finding(rule, record, {"module": module, "right": new}, None)
    return Question(record, candidates)


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
        new = catalogue.table("imports/successors")["successors"].get(_top(record.module))
        removed = f"{last[0]}.{last[1] + 1}"
        fields = {"module": record.module, "removed": removed, "suggestion": f"; use {new}" if new else ""}
        return _finding(rule, record, fields, evidence) if rule else None
    rule = rules.get("unknown-module")
    suggestion = f"; it came with Python {first[0]}.{first[1]}" if first > project.python else ""
    fields = {"distribution": "Python", "version": target, "module": record.module, "suggestion": suggestion}
    return _finding(rule, record, fields, evidence) if rule else None


def _unread(record: Import) -> str | None:
    """The module inside a distribution that only its files could confirm; None for a top-level or curated name."""
    module = _module(record)
    return None if module == _top(module) or module in _names() or record.optional else module


def _from_index(
    questions: Sequence[Question], rules: Rules, project: Project, unseen: set[str]
) -> Iterator[Finding | Problem]:
    """Verdicts that the index decides; `unseen` takes the modules of distributions that exist and were not read."""
    from verifier.world import index  # noqa: PLC0415  # requests is loaded only when there is something to ask

    names = sorted({name for question in questions for name in question.distributions})
    answers = index.lookup(
        names, url=project.index_url, offline=project.offline, cache=project.cache, no_cache=project.no_cache
    )
    unverified: dict[str, str] = {}
    for question in questions:
        record = question.record
        said = [answers[name] for name in question.distributions]
        exists = next((each.name for each in said if each.exists), None)
        unsure = next((each.why for each in said if each.exists is None), None)
        if exists is not None:
            undeclared = list(_undeclared(record, exists, rules, project))
            yield from undeclared
            if not undeclared and (module := _unread(record)):
                unseen.add(module)
        elif unsure is not None:
            unverified[record.module] = unsure
        elif _top(record.module) in _namespaces() and _top(record.module) != record.module:
            unverified[record.module] = "it lies in a namespace that many distributions share"
        else:
            yield from _unknown(record, said, rules, project)
    if unverified:
        modules = ", ".join(sorted(unverified))
        reasons = "; ".join(sorted(set(unverified.values())))
        yield Problem(None, ProblemKind.INDEX, f"could not verify that these exist: {modules} ({reasons})")


def _undeclared(record: Import, distribution: str, rules: Rules, project: Project) -> Iterator[Finding]:
    rule = rules.get("undeclared-package")
    known_world = project.declared or project.environment is not None
    if rule and known_world and not record.optional and not record.typing_only:
        fields = {"module": record.module, "distribution": distribution}
        yield _finding(rule, record, fields, {"index": "exists", "installed": False, "declared": False})


def _unknown(record: Import, said: Sequence[Answer], rules: Rules, project: Project) -> Iterator[Finding]:
    rule = rules.get("unknown-optional-package" if record.optional or record.typing_only else "unknown-package")
    if rule:
        own = {_top(record.module).lower(), *(each.name for each in said)}
        others = [name for name in _known_names() if name not in own]
        near = get_close_matches(_top(record.module).lower(), others, n=1, cutoff=0.8)
        fields = {"module": record.module, "suggestion": _did_you_mean(near)}
        where = project.index_url or "the default index"
        asked = {each.name: each.why for each in said}
        yield _finding(rule, record, fields, {"index": _without_userinfo(where), "asked": asked})


def _finding(
    rule: Rule, record: Import, fields: Mapping[str, object], evidence: Mapping[str, object] | None
) -> Finding:
    message = rule.message.format(**fields)
    return Finding(rule.code, record.path, record.span, message, rule.severity, symbol=record.module, evidence=evidence)


def _candidates(module: str) -> tuple[str, ...]:
    """The distributions that may provide a module, curated ones first and longest prefix first."""
    names = _names()
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if curated := names.get(".".join(parts[:length])):
            return tuple(curated)
    if parts[0] in _namespaces():
        return tuple(canonicalize_name("-".join(parts[:length])) for length in range(len(parts), 1, -1)) or (parts[0],)
    return (canonicalize_name(parts[0]),)


def _right_name(module: str) -> tuple[str, str] | None:
    """Distribution and import name when somebody imports a distribution's name that is no import name."""
    top = _top(module)
    names = _names()
    if top in names or any(name.split(".", 1)[0] == top for name in names):
        return None
    wanted = canonicalize_name(top)
    right = sorted(
        (name for name, all_ in names.items() if wanted == all_[0]), key=lambda name: (name.count("."), name)
    )
    return (wanted, right[0]) if right else None


def _module(record: Import) -> str:
    """The module that an import needs: with the imported name where that is a package of its own (`google.cloud`)."""
    path = f"{record.module}.{record.name}"
    return path if record.name and path in _names() else record.module


def _did_you_mean(near: Iterable[str]) -> str:
    first = next(iter(near), None)
    return f"; did you mean `{first}`?" if first else ""


def _top(module: str) -> str:
    return module.split(".", 1)[0]


def _without_userinfo(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rsplit('@', 1)[-1]}{slash}{path}" if mark else url


@lru_cache(maxsize=1)
def _names() -> Mapping[str, Sequence[str]]:
    names: Mapping[str, Sequence[str]] = catalogue.table("imports/names")["names"]
    return names


@lru_cache(maxsize=1)
def _python2() -> Mapping[str, str]:
    modules: Mapping[str, str] = catalogue.table("imports/names")["python2"]
    return modules


@lru_cache(maxsize=1)
def _namespaces() -> frozenset[str]:
    """Top-level packages that several distributions fill, such as `google`."""
    return frozenset(name.split(".", 1)[0] for name in _names() if "." in name)


@lru_cache(maxsize=1)
def _known_names() -> Sequence[str]:
    return sorted({*_names(), *catalogue.table("imports/names")["known"]["names"]})
