"""From bytes to text and from text to a libcst tree, and why either may fail."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import libcst as cst

from verifier.limits import excess
from verifier.model import Problem, ProblemKind


class Unreadable(Exception):  # noqa: N818  # it carries a Problem and is no error of ours
    """A text that cannot be had or must not be parsed; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


_NEWLINE = re.compile(r"\r\n|\r|\n")


def decode(data: bytes, path: str) -> str:
    """The text of a Python file by its byte order mark and coding line (PEP 263); raises Unreadable."""
    for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            raise Unreadable(Problem(path, ProblemKind.ENCODING, "UTF-16 or UTF-32 text, which Python does not read"))
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        text = f"NUL byte on line {line}: a binary file, or text that Python does not read"
        raise Unreadable(Problem(path, ProblemKind.ENCODING, text))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except SyntaxError as error:
        raise Unreadable(Problem(path, ProblemKind.ENCODING, str(error))) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"line {line}: byte 0x{data[error.start]:02x} is not {error.encoding}"
        raise Unreadable(Problem(path, ProblemKind.ENCODING, text)) from error


def parse(text: str, path: str) -> cst.Module:
    """The tree of a text; raises libcst.ParserSyntaxError, or Unreadable where the parser would crash or crawl."""
    if found := excess(text):
        words = f"line {found.line}: {found.text}: not parsed"
        raise Unreadable(Problem(path, ProblemKind.LIMIT, words))
    return cst.parse_module(text)


def lines(text: str) -> list[str]:
    """The lines as Python counts them, without their ends."""
    return _NEWLINE.split(text)


class Lines:
    """The lines of reported paths, each file read once; texts given instead of a file take precedence."""

    __slots__ = ("_cache", "_given")

    def __init__(self, given: Mapping[str, bytes]) -> None:
        self._given = given
        self._cache: dict[str, list[str]] = {}

    def __call__(self, path: str) -> list[str]:
        """The lines of a path as Python counts them; none when it cannot be read any more."""
        if path not in self._cache:
            try:
                data = self._given[path] if path in self._given else Path(path).read_bytes()
                self._cache[path] = lines(decode(data, path))
            except (OSError, Unreadable):
                self._cache[path] = []
        return self._cache[path]


@lru_cache(maxsize=1)
def python_tree(text: str) -> ast.Module | None:
    """Python's own tree of a text, kept for the next who asks and not to be changed; None where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
