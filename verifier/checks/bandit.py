"""Bandit's tests on one file, inside this process: its judgements become findings, its failures problems.

Its walk, its `nosec` handling and its catch-all are not used: they cost most of its time and hide what went wrong.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

from verifier.checks import assumed
from verifier.model import Finding, Problem, ProblemKind, Rule, Severity, Span

_NEWLINE = re.compile(r"\r\n|\r|\n")
_NAME = "./source.py"
"""Bandit looks for the package around a file, which no test uses: with this name no file system is asked."""
_PARENT = "_bandit_parent"
"""Where Bandit's tests look for the parent of a node."""
_SHARED = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
"""Nodes of which Python keeps one for all trees; no test looks at them."""
_LISTS = "B001"
"""The one test that reports under all the ids of Bandit's lists of calls (B3xx) and imports (B4xx)."""
_ALL = "tests"
"""Stands for every test, where Bandit failed before it reached one."""
_ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a test raises on code that its author did not think of, such as a missing argument."""


@dataclass(frozen=True, slots=True)
class _Tests:
    """Bandit's tests by the kind of node that they look at, each with its id and settings, and every id."""

    by_kind: Mapping[str, tuple[tuple[str, Callable[..., Any], tuple[Any, ...]], ...]]
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Judgement:
    """One issue of Bandit's, the node that it is about (None: the whole file) and the name that is called there."""

    issue: Any
    node: Any
    symbol: str | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the tests said of one file, and by test on which lines it failed and how."""

    judgements: list[_Judgement] = field(default_factory=list)
    failures: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def check(path: str, data: bytes, rules: Sequence[Rule], target_python: tuple[int, int]) -> Iterator[Finding | Problem]:
    """Yield what Bandit finds in one file under the given rules, in any order; `nosec` comments change nothing."""
    wanted = {rule.code: rule for rule in rules if rule.check == "bandit"}
    if not wanted:
        return
    try:
        tree, text = _parse(data)
    except (RecursionError, MemoryError):
        yield Problem(path, ProblemKind.LIMIT, "Bandit cannot read this file: it is nested too deeply")
        return
    except (SyntaxError, ValueError) as error:
        yield Problem(path, ProblemKind.ENGINE, _unreadable(error, target_python))
        return
    if missing := wanted.keys() - registered():
        names = ", ".join(sorted(missing))
        yield Problem(None, ProblemKind.ENGINE, f"the installed Bandit has no test {names}: install a newer one")
    outcome = _run(tree, text, data)
    lines = _NEWLINE.split(text)
    for judgement in outcome.judgements:
        rule = wanted.get(judgement.issue.test_id)
        if rule and not _outdated(judgement, target_python):
            yield _finding(path, judgement, rule, lines, text)
    for test, failures in outcome.failures.items():
        if test in wanted or test in {_LISTS, _ALL}:
            yield Problem(path, ProblemKind.ENGINE, _failed(test, failures))


def registered() -> frozenset[str]:
    """Every id under which the installed Bandit reports."""
    return _tests().ids


def _parse(data: bytes) -> tuple[ast.Module, str]:
    with warnings.catch_warnings():
        # The compiler warns of an invalid escape in the code under check, on stderr.
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return tree, data.decode(encoding)


def _unreadable(error: SyntaxError | ValueError, target: tuple[int, int]) -> str:
    ours = ".".join(map(str, sys.version_info[:2]))
    why = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
    if target > sys.version_info[:2]:
        theirs = ".".join(map(str, target))
        return f"Bandit reads Python {ours}, which runs it, and this is for {theirs}: run verify on {theirs} ({why})"
    return f"Bandit, which reads Python {ours}, cannot parse this file ({why})"


def _failed(test: str, failures: Sequence[tuple[int, str]]) -> str:
    line, said = failures[0]
    what = {_LISTS: "lists of calls and imports", _ALL: "tests"}.get(test, f"test {test}")
    more = f" and {len(failures) - 1} more" if len(failures) > 1 else ""
    return f"Bandit's {what} failed on line {line}{more}: {said}"


def _said(error: Exception) -> str:
    """Return what the error says; the error itself would hold the whole tree by its traceback."""
    return f"{type(error).__name__}: {error}"


@cache
def _tests() -> _Tests:
    formatter = warnings.formatwarning
    # Bandit prints about plugins of others that do not load; if one of its own does not, its rule has no test.
    with redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Bandit's plugin loader is called in a deprecated way
        from bandit.core import config, extension_loader, test_set  # noqa: PLC0415  # 0.1 s, and often not needed
    warnings.formatwarning = formatter  # importing Bandit replaces it for the whole process
    by_kind = {
        kind: tuple(_marked(test) for test in tests if test.__module__.startswith("bandit."))
        for kind, tests in test_set.BanditTestSet(config.BanditConfig()).tests.items()
    }
    manager = extension_loader.MANAGER
    return _Tests(by_kind, frozenset(manager.plugins_by_id) | frozenset(manager.blacklist_by_id))


def _marked(test: Callable[..., Any]) -> tuple[str, Callable[..., Any], tuple[Any, ...]]:
    marks = vars(test)
    return marks["_test_id"], test, (marks["_config"],) if "_config" in marks else ()


def _run(tree: ast.Module, text: str, data: bytes) -> _Outcome:
    """Drive Bandit's visitor over the nodes that some test looks at, in the order of the text."""
    tests = _tests()
    from bandit.core import context, node_visitor  # noqa: PLC0415  # see _tests

    outcome = _Outcome()

    def run_tests(raw: dict[str, Any], kind: str) -> None:
        seen = context.Context(raw)
        for code, test, settings in tests.by_kind.get(kind, ()):
            try:
                issue = test(seen, *settings)
            except _ERRORS as error:
                outcome.failures.setdefault(code, []).append((raw["lineno"], _said(error)))
                continue
            if issue is not None:
                issue.test_id = issue.test_id or code
                issue.lineno = issue.lineno or raw["lineno"]
                outcome.judgements.append(_Judgement(issue, _whole(raw.get("node")), raw.get("qualname")))

    visitor = node_visitor.BanditNodeVisitor(_NAME, io.BytesIO(data), None, None, False, {}, None)
    visitor.tester = SimpleNamespace(run_tests=run_tests)
    visitor.update_scores = lambda _: None
    visitor.import_aliases |= assumed.paths(text)
    kinds = tests.by_kind.keys() | {"FunctionDef", "Call", "Import", "ImportFrom"}
    for node in _walk(tree):
        if isinstance(node, ast.Constant):
            _visit_literal(visitor, node)
        elif type(node).__name__ in kinds:
            visitor.pre_visit(node)
            try:
                visitor.visit(node)
            except RecursionError as error:  # the name of a call with a thousand dots
                outcome.failures.setdefault(_ALL, []).append((node.lineno, _said(error)))
            visitor.namespace = ""  # it would grow with every function, and no test reads it
    if not text.isascii():
        run_tests({"file_data": visitor.fdata, "filename": _NAME, "lineno": 1}, "File")
    return outcome


def _visit_literal(visitor: Any, node: ast.Constant) -> None:
    """Do as Bandit, but do not list the lines of the parent for each string, quadratic in a table of strings."""
    if isinstance(node.value, str | bytes) and not isinstance(getattr(node, _PARENT), ast.Expr):
        visitor.pre_visit(node)
        kind = "Str" if isinstance(node.value, str) else "Bytes"
        visitor.context[kind.lower()] = node.value
        visitor.tester.run_tests(visitor.context, kind)


def _walk(tree: ast.Module) -> Iterator[Any]:
    """Every node below the module in the order of the text; while it runs, nodes have the parents that tests follow."""
    linked = []
    stack = _children(tree)
    while stack:
        node = stack.pop()
        linked.append(node)
        yield node
        stack += _children(node)
    for node in linked:
        delattr(node, _PARENT)  # a cycle, which would outlive the file


def _children(node: ast.AST) -> list[ast.AST]:
    """Link the nodes in this one to it and return them, last first."""
    children = []
    for name in node._fields:
        value = getattr(node, name, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST) and not isinstance(child, _SHARED):
                setattr(child, _PARENT, node)
                children.append(child)
    children.reverse()
    return children


def _outdated(judgement: _Judgement, target: tuple[int, int]) -> bool:
    """Since Python 3.14 `extractall` refuses dangerous members unless a filter says otherwise (PEP 706)."""
    if judgement.issue.test_id != "B202" or target < (3, 14):
        return False
    return all(word.arg != "filter" for word in judgement.node.keywords)


def _makes_a_parser(judgement: _Judgement) -> bool:
    """Whether a parser is made, which what it is given to parse may still make a defect, and nothing parsed yet."""
    return judgement.issue.test_id == "B317" and str(judgement.symbol).endswith("make_parser")


def _finding(path: str, judgement: _Judgement, rule: Rule, lines: Sequence[str], text: str) -> Finding:
    issue = judgement.issue
    # Bandit says LOW where the same call is no danger, such as a constant command for a shell.
    severity = Severity.INFO if issue.severity == "LOW" or _makes_a_parser(judgement) else rule.severity
    return Finding(
        code=rule.code,
        path=path,
        span=_span(issue, judgement.node, lines) if judgement.node else _character(issue, text),
        message=rule.message,
        severity=severity,
        symbol=judgement.symbol or None,
        evidence={"bandit_severity": issue.severity, "bandit_confidence": issue.confidence},
    )


def _whole(node: Any) -> Any:
    """Return the f-string for a part of one, as parts have places of their own since Python 3.12 only."""
    parent = getattr(node, _PARENT, None)
    return parent if isinstance(parent, ast.JoinedStr) else node


def _span(issue: Any, node: Any, lines: Sequence[str]) -> Span:
    """Where the node is, but of a function its head, and of a long call the arguments on the line of the issue."""
    first = last = node
    if isinstance(node, ast.FunctionDef):
        last = max(ast.walk(node.args), key=_end)
    elif issue.lineno != node.lineno:
        words = [word for word in getattr(node, "keywords", ()) if word.value.lineno == issue.lineno]
        if words:
            first, last = (words[0] if words[0].lineno == issue.lineno else words[0].value), words[-1]
    return Span(
        first.lineno,
        _column(lines, first.lineno, first.col_offset),
        last.end_lineno,
        _column(lines, last.end_lineno, last.end_col_offset),
    )


def _end(node: Any) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _column(lines: Sequence[str], line: int, offset: int) -> int:
    """Turn an offset in the UTF-8 bytes of a line, as `ast` counts, into a 1-based column in code points."""
    text = lines[line - 1]
    return offset + 1 if text.isascii() else len(text.encode()[:offset].decode()) + 1


def _character(issue: Any, text: str) -> Span:
    """Place one character, which B613 gives by its line as `str.splitlines` counts and a 1-based column."""
    before = "".join(text.splitlines(keepends=True)[: issue.lineno - 1])
    start = _NEWLINE.split(text[: len(before) + issue.col_offset - 1])
    return Span(len(start), len(start[-1]) + 1, len(start), len(start[-1]) + 2)
