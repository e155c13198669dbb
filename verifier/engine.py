"""One run: files to sources, sources through every check, then merged, suppressed and sorted into a report."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pathspec

from verifier import catalogue, dependencies, suppress
from verifier.checks import semgrep, semgrep_user, suppressions
from verifier.checks.semgrep_user import UserRule
from verifier.config import Config
from verifier.discover import discover, is_declaration
from verifier.merge import merge
from verifier.model import Examined, Finding, Problem, ProblemKind, Project, Report, Rule, Source
from verifier.workers import examine_all, follow_all
from verifier.world import project as project_of
from verifier.world import store
from verifier.world.index.releases import ago

Progress = Callable[[int, int], None]
Projects = Mapping[Path, Project]


def run(
    paths: Sequence[Path],
    config: Config,
    *,
    standard_input: tuple[str, bytes] | None = None,
    texts: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
    environ: Mapping[str, str] | None = None,
) -> Report:
    """Check files and folders, and the (name, bytes) of standard input; never raises for what the code is like.

    `texts` are further files, by path, with the bytes that count in place of their own.
    """
    begun = time.perf_counter()
    environ = os.environ if environ is None else environ
    given = dict(texts or {}) | dict([standard_input] if standard_input else ())
    sources, problems = _sources(paths, config, given)
    rules = selected(config)
    sources = [replace(each, home=project_of.home_of(each.file or Path.cwd())) for each in sources]
    projects, unread = project_of.load_all(sources, paths, config, environ)
    problems += unread
    user, misread = semgrep_user.load(config.semgrep_rules, config.root)
    problems += misread
    results, others, age = _check(sources, paths, rules, user, projects, config, progress)
    problems += dependencies.unread(results, others)
    findings = [each for result in results for each in result.findings]
    problems += [each for result in results for each in result.problems]
    for each in others:
        if isinstance(each, Finding):
            findings.append(each)
        else:
            problems.append(each)
    problems = _without_echoes(problems, findings)
    own = [each.rule for each in user]
    by_code = {rule.code: rule for rule in (*rules, *own)}
    findings = _per_file(merge(findings, by_code), config)
    applied = suppress.apply(findings, [each for result in results for each in result.source.suppressions], _same)
    written = suppressions.check([result.source for result in results], applied, by_code)
    kept = sorted((*applied.kept, *_per_file(list(written), config)), key=lambda each: each.sort_key)
    return Report(
        findings=tuple(kept),
        suppressed=tuple(sorted(applied.silenced, key=lambda each: each.sort_key)),
        problems=tuple(sorted(problems, key=lambda each: (each.path or "", each.kind, each.text))),
        files=len(sources) + sum(map(is_declaration, paths)),
        rules=(*catalogue.load(), *own),
        seconds=time.perf_counter() - begun,
        environment=project_of.words(projects, [result.source for result in results])
        + (f"; offline, with what indexes said {ago(age)}" if config.offline and age else ""),
        not_checked=not_checked(problems),
    )


def selected(config: Config) -> tuple[Rule, ...]:
    """The rules of a run; without a selection, all but those that only repeat another engine's noise."""
    rules = catalogue.load()
    if config.select:
        codes = catalogue.select(rules, config.select)
    else:
        codes = frozenset(rule.code for rule in rules if catalogue.on_by_default(rule))
    if not config.future:  # a prefix means what concerns the version in use; the rule's own name or code still works
        named = {key.lower() for key in config.select}
        codes -= {
            each.code for each in rules if "future" in each.tags and named.isdisjoint({each.code.lower(), each.name})
        }
    ignored = catalogue.select(rules, config.ignore)
    return tuple(rule for rule in rules if rule.code in codes - ignored)


def _sources(paths: Sequence[Path], config: Config, given: Mapping[str, bytes]) -> tuple[list[Source], list[Problem]]:
    sources: list[Source] = []
    problems: list[Problem] = []
    code = [path for path in paths if not is_declaration(path)]
    for each in discover(code, root=config.root, exclude=config.exclude, force_exclude=config.force_exclude):
        if isinstance(each, Problem):
            problems.append(each)
        else:
            path, file = each
            sources.append(Source(path, file, "pyi" if file.suffix == ".pyi" else "py"))
    for name, data in given.items():
        sources.append(Source(name, Path(name).absolute(), "pyi" if name.endswith(".pyi") else "py", data))
    return sources, problems


def _check(
    sources: Sequence[Source],
    paths: Sequence[Path],
    rules: Sequence[Rule],
    user: Sequence[UserRule],
    projects: Projects,
    config: Config,
    progress: Progress | None,
) -> tuple[list[Examined], list[Finding | Problem], float]:
    """Semgrep in its own process, the files in theirs, both at once; then what needs all files.

    The number is the age in seconds of the oldest answer of a package index.
    """
    jobs = config.jobs or os.cpu_count() or 1
    total = len(sources)

    def done(number: int) -> None:
        if progress:
            progress(number, total)

    with ThreadPoolExecutor(max_workers=1) as pool, _on_disk(sources) as files:
        patterns = [rule for rule in rules if rule.check == "semgrep"]
        running = pool.submit(lambda: _semgrep(files, patterns, user, config, jobs))
        results = examine_all(sources, rules, projects, jobs, done)
        others, age = dependencies.check([result.source for result in results], paths, rules, projects)
        others += running.result()
    return results, others, max([age, *(result.index_age for result in results)])


def _semgrep(
    files: Sequence[tuple[str, Path]],
    rules: Sequence[Rule],
    user: Sequence[UserRule],
    config: Config,
    jobs: int,
) -> list[Finding | Problem]:
    cache = None if config.no_cache else store.folder(None)
    follow = partial(follow_all, jobs=jobs)
    return list(semgrep.check(files, rules, cache=cache, user=user, follow=follow))


@contextmanager
def _on_disk(sources: Sequence[Source]) -> Iterator[list[tuple[str, Path]]]:
    """Path and file of every source; what has bytes of its own lies in a temporary file meanwhile."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        files = []
        for number, source in enumerate(sources):
            file = source.file
            if source.data is not None:
                file = Path(folder) / f"{number}.py"
                file.write_bytes(source.data)
            if file is not None:
                files.append((source.path, file))
        yield files


def _per_file(findings: list[Finding], config: Config) -> list[Finding]:
    """Without what [tool.verify] per-file-ignores leaves out."""
    if not config.per_file_ignores:
        return findings
    rules = catalogue.load()
    matchers = [
        (pathspec.GitIgnoreSpec.from_lines([pattern]), catalogue.select(rules, keys))
        for pattern, keys in config.per_file_ignores.items()
    ]
    root = config.root.resolve()

    def ignored(finding: Finding) -> bool:
        relative = os.path.relpath(Path(finding.path).resolve(), root).replace(os.sep, "/")
        return any(finding.code in codes and spec.match_file(relative) for spec, codes in matchers)

    return [finding for finding in findings if not ignored(finding)]


def _without_echoes(problems: Sequence[Problem], findings: Sequence[Finding]) -> list[Problem]:
    """One sentence per cause: the engines also fail on a file that does not parse or could not be read."""
    broken = {finding.path for finding in findings if finding.code.startswith("VER70")}
    ours = {ProblemKind.LIMIT, ProblemKind.ENCODING, ProblemKind.IO, ProblemKind.SYNTAX}
    unread = {each.path for each in problems if each.path and each.kind in ours}
    return [
        each
        for each in dict.fromkeys(problems)
        if not (each.kind is ProblemKind.ENGINE and each.path is not None and each.path in broken | unread)
    ]


def _same(written: str, code: str) -> bool:
    """Whether a code, prefix or name as somebody wrote it means the rule of this code."""
    if code.upper() == written.upper():
        return True
    rules = catalogue.load()
    if all(rule.code != code for rule in rules):  # a rule of the project's own, whose id may have a path before it
        return written == suppress.OWN or code.rpartition(".")[2].lower() == written.lower()
    if code.upper().startswith(written.upper()):
        # A whole code means its rule alone, though longer codes may begin like it.
        return all(rule.code != written.upper() for rule in rules)
    return any(rule.code == code and rule.name == written.lower() for rule in rules)


def not_checked(problems: Sequence[Problem]) -> int:
    """Files that nothing is known about, and each run-wide thing that stayed unverified."""
    return len({each.path for each in problems if each.path}) + sum(each.path is None for each in problems)
