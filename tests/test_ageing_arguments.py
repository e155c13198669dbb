"""Parameters and values that packages say are deprecated, read from packages that the test writes."""

from __future__ import annotations

from pathlib import Path

import pytest
import worlds
from agedlib import AGEDLIB
from site_packages import distribute, write

from verifier.config import Config
from verifier.engine import run
from verifier.model import Severity


def found(root: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Severity]]:
    worlds.build(root, {"python": "3.12"})
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    for path, text in AGEDLIB.items():
        write(site / path, text)
    distribute(site, "agedlib", "1.5", *AGEDLIB)
    monkeypatch.chdir(root)
    (root / "example.py").write_text(f"import functools\nimport agedlib\n\n{code}\n")
    report = run([root / "example.py"], Config(root=root, select=("VER3",), offline=True, no_cache=True), environ={})
    return [(each.message, each.severity) for each in report.findings]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            "agedlib.given(1, old=2)",
            "`agedlib.given(old)` is deprecated in agedlib 1.5: the old parameter is deprecated",
        ),
        ("agedlib.given(1, 2)", "agedlib.given(old)"),
        ("agedlib.given(1, old=[])", "agedlib.given(old)"),
        ("agedlib.sentinel(1, inplace=False)", "inplace is deprecated and will be removed"),
        ("agedlib.sentinel(1, inplace=None)", "inplace is deprecated and will be removed"),
        ("def f(flag): agedlib.sentinel(1, inplace=flag)", "inplace is deprecated"),
        ("agedlib.unlike(1, method='other')", "`agedlib.unlike(method)` is deprecated since agedlib 1.3, you have 1.5"),
        ("agedlib.value(1, method='lwls')", "`agedlib.value(method='lwls')` is deprecated in agedlib 1.5: lwls is"),
        ("agedlib.value(1, 'lwls')", "lwls is deprecated"),
        ("agedlib.value(1, method='two')", "one and two are deprecated"),
        ("agedlib.flag(1, future=False)", "agedlib.flag(future=False)"),
        ("agedlib.truthy(1, verbose=True)", "verbose is deprecated"),
        ("agedlib.popped(1, bw=2)", "The `bw` parameter is deprecated; use `width`=…."),
        ("agedlib.popped(1, kernel='gau')", "kernel is deprecated"),
        ("agedlib.popped(1, shade=None)", "shade is deprecated"),
        ("agedlib.popped(1, seen=3)", "seen is deprecated"),
        ("agedlib.paired(1, palette='Set2')", "palette without hue"),
        ("agedlib.paired(1, hue=None, palette='Set2')", "palette without hue"),
        ("agedlib.either(two=1)", "agedlib.either(two)"),
        ("agedlib.only_default(1, y=2)", "`agedlib.only_default(y)` is deprecated in agedlib 1.5"),
        ("agedlib.asked(1, inplace=True)", "`agedlib.asked(inplace)` is deprecated in agedlib 1.5: inplace in … is"),
        ("agedlib.asked(1, ci=95)", "`agedlib.asked(ci)` is deprecated in agedlib 1.5: ci is deprecated"),
        ("agedlib.Frame().sort('a', inplace=True)", "inplace is deprecated and will be removed"),
        ("agedlib.Frame().sort('a', True)", "inplace is deprecated and will be removed"),
        ("agedlib.Frame.build(1, old=2)", "old is deprecated"),
        ("agedlib.Model(penalty='l1')", "`agedlib.Model(penalty)` is deprecated since agedlib 1.4"),
        ("agedlib.Model(jobs=3)", "jobs has no effect"),
        (
            "agedlib.Model(loud=True)",
            "`agedlib.Model(loud)` is deprecated since agedlib 1.4, you have 1.5: `loud` will",
        ),
        ("agedlib.Made(1, old=2)", "old is deprecated"),
        ("agedlib.Derived(1, 2)", "old is deprecated"),
        ("agedlib.kwarg(cols=1)", "use `columns`"),
        ("agedlib.kwarg_by_place(cols=1)", "use `columns`"),
        ("agedlib.renamed(bad=1)", "`agedlib.renamed(bad)` is deprecated since agedlib 1.2, you have 1.5: use `good`"),
        ("agedlib.deleted(1, unused=1)", "since agedlib 1.2"),
        ("agedlib.deleted(1, 1)", "since agedlib 1.2"),
        ("agedlib.named_from(1, 2)", "passing `y` by position is deprecated"),
        ("agedlib.named_from(1, 2, 3)", "passing `y` by position is deprecated"),
        ("agedlib.named_only(1, 2)", "passing `y` by position is deprecated"),
        ("agedlib.named_but(1, 2)", "passing `y` by position is deprecated"),
        ("agedlib.by_keyword(order=True)", "since agedlib 1.1, you have 1.5: order is for one database"),
        ("agedlib.several(two=3)", "use other"),
        ("agedlib.value_of(keep=False)", "agedlib.value_of(keep=False)"),
        ("agedlib.from_list(a_min=1)", "since agedlib 1.4, you have 1.5: use `min`"),
        ("agedlib.dims(dims='x')", "use `dim`"),
        ("agedlib.until_later(old=1)", "use `new`"),
        ("agedlib.documented(1, quiet=True)", "since agedlib 1.1, you have 1.5: Will be removed"),
        ("agedlib.obsolete(1)", "`agedlib.obsolete` is deprecated since agedlib 1.1, you have 1.5: Use"),
        ("functools.partial(agedlib.given, old=1)", "`agedlib.given(old)`"),
        ("from functools import partial\npartial(agedlib.given, 1, 2)", "`agedlib.given(old)`"),
    ],
)
def test_an_argument_that_every_such_call_warns_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, words: str
) -> None:
    result = found(tmp_path, call, monkeypatch)
    assert len(result) == 1
    assert words in result[0][0]


@pytest.mark.parametrize(
    "call",
    [
        "agedlib.given(1)",
        "agedlib.given(1, old=None)",
        "def f(old=None): agedlib.given(1, old=old)",
        "agedlib.given(1, old=None if functools else 1)",
        "agedlib.given(*functools.args)",
        "agedlib.given(1, **functools.kwargs)",
        "agedlib.sentinel(1)",
        "agedlib.sentinel(1, inplace=agedlib.no_default)",
        "agedlib.unlike(1, method='auto')",
        "agedlib.unlike(1, method=functools.method)",
        "agedlib.value(1, method='other')",
        "agedlib.value(1, method=functools.method)",
        "agedlib.flag(1, future=True)",
        "agedlib.flag(1, future=functools.future)",
        "agedlib.truthy(1, verbose=False)",
        "agedlib.truthy(1, verbose=functools.verbose)",
        "agedlib.popped(1, bw=None)",
        "agedlib.popped(1, width=2)",
        "agedlib.paired(1, palette=None)",
        "agedlib.paired(1, hue='a', palette='Set2')",
        "agedlib.paired(1, palette='Set2', **functools.more)",
        "agedlib.either()",
        "agedlib.either(one='deprecated')",
        "agedlib.only_default(1)",
        "agedlib.asked(1)",
        "agedlib.asked(1, ci=None)",
        "agedlib.Frame().sort('a')",
        "class My(agedlib.Frame):\n    def sort(self, *by): ...\ndef f(x: agedlib.Frame): x.sort(1, inplace=1)",
        "agedlib.Model(alpha=2)",
        "agedlib.Model(kind='b')",
        "agedlib.Model(penalty='deprecated', jobs=None)",
        "agedlib.Made(1)",
        "agedlib.kwarg(columns=1)",
        "agedlib.renamed(good=1)",
        "agedlib.deleted(1)",
        "agedlib.named_from(1, y=2)",
        "agedlib.named_only(1, y=2)",
        "agedlib.named_but(1, y=2)",
        "agedlib.by_keyword()",
        "agedlib.several(three=3)",
        "agedlib.value_of(keep=True)",
        "agedlib.from_list(min=1)",
        "agedlib.silently(mode=1)",
        "agedlib.dims(dim='x')",
        "agedlib.until_before(old=1)",
        "agedlib.rebound(1, old=2)",
        "agedlib.both(1, old=2)",
        "agedlib.returned(1, old=2)",
        "agedlib.on_new_python(1, old=2)",
        "agedlib.rarely(1, old=2)",
        "agedlib.other_warning(1, old=2)",
        "agedlib.plainly(1, ax=2)",
        "agedlib.changing(1)",
        "agedlib.changing(1, method='auto')",
        "agedlib.documented(1)",
        "agedlib.partly_documented(1, quiet='b')",
        "functools.partial(agedlib.given, 1)",
        "try:\n    agedlib.given(1, old=2)\nexcept TypeError:\n    agedlib.given(1)",
    ],
)
def test_an_argument_that_nothing_is_said_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    assert found(tmp_path, call, monkeypatch) == []


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        ("agedlib.sentinel(1, inplace=True)", Severity.WARNING),
        ("agedlib.given(1, old=1)", Severity.INFO),
        ("agedlib.documented(1, quiet=True)", Severity.INFO),
        ("agedlib.obsolete(1)", Severity.INFO),
    ],
)
def test_only_an_announced_removal_is_a_warning_and_documentation_never_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, severity: Severity
) -> None:
    assert [each for _, each in found(tmp_path, call, monkeypatch)] == [severity]
