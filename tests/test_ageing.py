"""Deprecations that packages tell of themselves: decorators and warnings, read from their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import worlds
from site_packages import distribute, write

from verifier.config import Config
from verifier.engine import run
from verifier.model import Finding, Severity

OLDLIB = {
    "oldlib/__init__.py": """
import functools
import warnings
from typing import Protocol, overload
from typing_extensions import deprecated
from . import _api

class OldLibDeprecationWarning(DeprecationWarning): ...

@deprecated("use fresh() instead")
def stale(): ...
def fresh(): ...
@_api.deprecated("1.2", alternative="fresh")
def worn(): ...
@deprecated("will be removed in 2.0")
def leaving(): ...
def warned(x):
    '''Say so.'''
    y = x + 1
    warnings.warn(f"warned is deprecated, call {y}", OldLibDeprecationWarning, stacklevel=2)
    return y
def future():
    warnings.warn("changes soon", category=FutureWarning)
def sometimes(x, old=None):
    if old is not None:
        warnings.warn("old is deprecated", DeprecationWarning)
    return x
def early(x):
    if x:
        return x
    warnings.warn("no x is deprecated", DeprecationWarning)
def careful():
    warnings.warn("slow", RuntimeWarning)
def plain():
    warnings.warn("DeprecationWarning")
def lazy():
    for each in range(3):
        yield each
    warnings.warn("too late", DeprecationWarning)
@overload
@deprecated("no text")
def some(x: str) -> str: ...
@overload
def some(x: int) -> int: ...
def some(x): ...
@deprecated("use New")
class Old: ...
class New(Old):
    def __init__(self): ...
    @deprecated("use run")
    def go(self): ...
    def run(self): ...
class Loud:
    def __init__(self):
        warnings.warn("Loud is going away", PendingDeprecationWarning)
class Quiet(Loud):
    def __init__(self):
        pass
@deprecated("2020-01-01", "Use tf.fresh.")
def dated(): ...
@deprecated("0.1.7", alternative="invoke", removal="1.0")
def chained(): ...
@_api.became_legacy_20(":meth:`x.y`", alternative="The method is now available as z")
def legacy(): ...
def worded():
    warnings.warn("worded is deprecated")
def dropping(rows=None):
    warnings.warn("rows without a number will be removed", UserWarning)
def logged(log):
    log.warning("logged is deprecated, use fresh")
class Talker(Protocol):
    @deprecated("no more")
    def talk(self): ...
if functools:
    @deprecated("only here")
    def platform(): ...
else:
    def platform(): ...
""",
    "oldlib/_api.py": "def deprecated(since, alternative=None):\n    def wrap(f):\n        return f\n    return wrap\n",
}


def test_advice_is_information_and_an_announced_removal_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import oldlib\n\noldlib.stale()\noldlib.leaving()\n"
    assert [each.severity for each in checked(tmp_path, code, monkeypatch)] == [Severity.INFO, Severity.WARNING]


def found(root: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    return [(each.span.line, each.message) for each in checked(root, code, monkeypatch)]


def checked(root: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Sequence[Finding]:
    worlds.build(root, {"python": "3.12"})
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    for path, text in OLDLIB.items():
        write(site / path, text)
    distribute(site, "oldlib", "1.5", *OLDLIB)
    monkeypatch.chdir(root)
    (root / "example.py").write_text(code)
    report = run([root / "example.py"], Config(root=root, select=("VER3",), offline=True, no_cache=True), environ={})
    return report.findings


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("oldlib.stale()", "`oldlib.stale` is deprecated in oldlib 1.5: use fresh() instead"),
        ("oldlib.worn()", "is deprecated since oldlib 1.2, you have 1.5: use `fresh`"),
        ("oldlib.warned(1)", "warned is deprecated, call …"),
        ("oldlib.future()", "changes soon"),
        ("oldlib.Old()", "use New"),
        ("oldlib.New().go()", "use run"),
        ("oldlib.dated()", "`oldlib.dated` is deprecated in oldlib 1.5: Use tf.fresh"),
        ("oldlib.chained()", "since oldlib 0.1.7, you have 1.5: use `invoke`; will be removed in 1.0"),
        ("oldlib.legacy()", "`oldlib.legacy` is deprecated in oldlib 1.5: The method is now available as z"),
        ("oldlib.worded()", "worded is deprecated"),
        ("oldlib.logged(1)", "logged is deprecated"),
        ("oldlib.Loud()", "Loud is going away"),
        ("oldlib.some('a')", "no text"),
        ("import datetime; datetime.datetime.utcnow()", "deprecated since Python 3.12"),
    ],
)
def test_what_says_that_it_is_deprecated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, words: str
) -> None:
    result = found(tmp_path, f"import oldlib\n\n{call}\n", monkeypatch)
    assert [line for line, _ in result] == [3]
    assert words in result[0][1]


@pytest.mark.parametrize(
    "call",
    [
        "oldlib.fresh()",
        "oldlib.dropping()",
        "oldlib.dropping(rows=3)",
        "def f(talker: oldlib.Talker): talker.talk()",
        "oldlib.sometimes(1)",
        "oldlib.sometimes(1, old=None)",
        "oldlib.early(0)",
        "oldlib.careful()",
        "oldlib.plain()",
        "oldlib.lazy()",
        "oldlib.some(1)",
        "oldlib.some(*sys.argv)",
        "oldlib.New()",
        "oldlib.New().run()",
        "oldlib.Quiet()",
        "oldlib.platform()",
        "import argparse; argparse.FileType('r')",
        "import asyncio; asyncio.get_event_loop_policy()",
        "oldlib.stale",
        "getattr(oldlib, 'stale')()",
        "if hasattr(oldlib, 'stale'): oldlib.stale()",
        "def stale(): ...\nstale()",
    ],
)
def test_what_does_not_say_so_of_every_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    assert found(tmp_path, f"import oldlib\n\n{call}\n", monkeypatch) == []
