"""Why a file does not parse: cut off, a Markdown fence, prose, or plain bad syntax."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst

from verifier.model import Finding, Rule, Span
from verifier.source import lines

_AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_FENCE = re.compile(r"^\s*(```|~~~)")
_STATEMENT = re.compile(r"^\s*(def|class|import|from|return|if|for|while|with|try|async|@\w|[\w.]+\s*=[^=])")
_SENTENCE = re.compile(r"^\s*(?:[-*]\s+|\d+[.)]\s+)?[A-Z][\w'\u2019-]*(?:[ ,;:!]+[\w'\u2019()`-]+){3,}\s*[.:!?]?\s*$")
_CODE_WORDS = re.compile(r"[=\[\]{}]|\b(def|class|import|return|print|lambda)\b")
_OPEN = ("was never closed", "unterminated triple-quoted", "unexpected EOF")
_AT_END = (*_OPEN, "expected an indented block", "expected 'except'", "unterminated string", "unterminated f-string")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Which rule a syntax error belongs to, where it is and what its message says."""

    rule: str
    span: Span
    fields: Mapping[str, str]


def diagnose(text: str, error: cst.ParserSyntaxError) -> Diagnosis | None:
    """What is wrong with a text that libcst refused; None where CPython takes it, so that nothing is wrong with it."""
    all_lines = lines(text)
    place = _place(text, error)
    if place is None:
        return None
    line, column, expected = place
    line = min(max(line, 1), len(all_lines))
    for number, content in enumerate(all_lines, 1):
        if _FENCE.match(content) and (number <= line or line == 1):
            return Diagnosis("markdown-fence", _line_span(number, content), {"text": content.strip()})
    content = all_lines[line - 1]
    if _prose(content):
        return Diagnosis("prose-in-code", _line_span(line, content), {"text": content.strip()[:60]})
    column = min(max(column, 1), len(content) + 1)
    span = Span(line, column, line, column + 1)
    rule = "truncated-code" if _truncated(all_lines, line, column, expected) else "invalid-syntax"
    return Diagnosis(rule, span, {"expected": expected})


def finding(rules: Mapping[str, Rule], path: str, diagnosis: Diagnosis) -> Finding | None:
    """The finding of a diagnosis, or None where its rule is not selected."""
    rule = rules.get(diagnosis.rule)
    if rule is None:
        return None
    message = rule.message.format(**diagnosis.fields)
    return Finding(rule.code, path, diagnosis.span, message, rule.severity, evidence=dict(diagnosis.fields))


def _place(text: str, error: cst.ParserSyntaxError) -> tuple[int, int, str] | None:
    """Line, column and what was expected, in CPython's words; None where CPython takes the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as said:
        return said.lineno or 1, said.offset or 1, said.msg
    except (ValueError, RecursionError, MemoryError):
        if match := _AT.search(error.message):
            return int(match[1]), int(match[2]), match[3]
        return error.raw_line, error.raw_column + 1, error.message
    return None


def _truncated(all_lines: list[str], line: int, column: int, expected: str) -> bool:
    """Whether the text ends inside something that the error opened."""
    last = max((number for number, content in enumerate(all_lines, 1) if content.strip()), default=1)
    if line >= last and column > len(all_lines[last - 1].rstrip()):
        return True  # nothing stands behind the place where something is missing
    if line >= last and (expected.startswith(_AT_END) or any(words in expected for words in _AT_END)):
        return True
    if not any(words in expected for words in _OPEN):
        return False
    indent = len(all_lines[line - 1]) - len(all_lines[line - 1].lstrip())
    after = [content for content in all_lines[line:] if content.strip()]
    return not any(_STATEMENT.match(content) and len(content) - len(content.lstrip()) <= indent for content in after)


def _prose(content: str) -> bool:
    return bool(_SENTENCE.match(content)) and not _CODE_WORDS.search(content)


def _line_span(number: int, content: str) -> Span:
    start = len(content) - len(content.lstrip()) + 1
    return Span(number, start, number, max(len(content.rstrip()) + 1, start + 1))
