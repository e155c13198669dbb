"""The question what a package says of a definition, a parameter or a value, and the words that are read out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from agedlib import AGEDLIB
from site_packages import distribute, write

from verifier.model import Environment, Project
from verifier.symbols.ageing.said import said
from verifier.symbols.ageing.texts import replacement, since
from verifier.symbols.modules import World, world_of

MORE = {
    "public/__init__.py": """
import warnings
from agedlib import given, Frame, obsolete, Model
from .old import stale, Old, Base, get
def __getattr__(name):
    if name == "gone":
        warnings.warn("gone is deprecated", DeprecationWarning)
        return 1
    raise AttributeError(name)
""",
    "public/old.py": """
import warnings
from typing_extensions import deprecated
@deprecated("use fresh")
def stale(): ...
class Old:
    def __new__(cls):
        warnings.warn("Old is deprecated", DeprecationWarning)
        return object.__new__(cls)
class Post:
    def __post_init__(self):
        warnings.warn("Post is deprecated", DeprecationWarning)
class Base:
    @deprecated("use run")
    def go(self): ...
    def run(self): ...
class Derived(Base): ...
get = deprecated("use fetch")(stale)
""",
    "public/loud.py": "import warnings\nwarnings.warn('loud is deprecated', DeprecationWarning)\n",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    site = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    for path, text in {**AGEDLIB, **MORE}.items():
        write(site / path, text)
    distribute(site, "agedlib", "1.5", *AGEDLIB)
    distribute(site, "public", "2.0", *MORE)
    root = tmp_path / "project"
    write(root / "pyproject.toml", "")
    return world_of(Project(root, (3, 12), Environment((3, 12), (site,), "the test's environment")), None, "")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("public", "stale"), "use fresh"),
        (("public.old", "stale"), "use fresh"),
        (("public", "old.stale"), "use fresh"),
        (("public", "Old"), "Old is deprecated"),
        (("public.old", "Post"), "Post is deprecated"),
        (("public.old", "Derived.go"), "use run"),
        (("public", "get"), "use fetch"),
        (("public", "gone"), "gone is deprecated"),
        (("public", "loud"), "loud is deprecated"),
        (("public.loud", ""), "loud is deprecated"),
        (("public", "obsolete"), "since 1.1; Use :func:`given` instead"),
        (("public", "given", "old"), "the old parameter is deprecated"),
        (("public", "Frame.sort", "inplace"), "inplace is deprecated"),
        (("public", "Frame.sort", "inplace", "True"), "inplace is deprecated"),
        (("public", "Model", "penalty"), "penalty was deprecated in 1.4"),
        (("agedlib", "value", "method", "lwls"), "lwls is deprecated"),
        (("agedlib", "value", "method", "'lwls'"), "lwls is deprecated"),
        (("agedlib", "flag", "future", "False"), "the old way is deprecated"),
        (("agedlib", "popped", "bw"), "The `bw` parameter is deprecated"),
        (("agedlib", "documented", "quiet"), "Will be removed"),
    ],
)
def test_what_is_said(world: World, question: tuple[str, ...], words: str) -> None:
    assert words in (said(world, *question) or "")


@pytest.mark.parametrize(
    "question",
    [
        ("public", "nothing"),
        ("nowhere", "stale"),
        ("public", ""),
        ("public", "given"),
        ("public", "given", "x"),
        ("public", "given", "old", "None"),
        ("public", "Base"),
        ("public", "Base.run"),
        ("public", "Frame.sort"),
        ("public", "Frame.sort", "by"),
        ("public", "Model"),
        ("public", "Model", "alpha"),
        ("agedlib", "value", "method"),
        ("agedlib", "value", "method", "auto"),
        ("agedlib", "returned", "old"),
        ("agedlib", "named_from", "y"),
        ("agedlib", "until_before", "old"),
        ("agedlib", "partly_documented"),
    ],
)
def test_what_is_not_said(world: World, question: tuple[str, ...]) -> None:
    assert said(world, *question) is None


@pytest.mark.parametrize(
    ("message", "version", "instead"),
    [
        ("since 3.11; use `fresh`", "3.11", "fresh"),
        ("'x' was deprecated in version 1.8 and will be removed in 1.10", "1.8", None),
        ("is deprecated as of SciPy 1.17.0 and will be removed in 1.19.0", "1.17.0", None),
        ("deprecated and will be removed in 1.10", None, None),
        ("`row_stack` alias is deprecated. Use `np.vstack` directly", None, "np.vstack"),
        ("(Deprecated NumPy 2.4)", "2.4", None),
        ("copy is deprecated. Copy-on-Write is active since 3.0", None, None),
        ("Deprecated since version 2.0. Use :meth:`~a.b.Foo.bar` instead.", "2.0", "a.b.Foo.bar"),
        ("old is deprecated, use 'new' instead", None, "new"),
        ("Use pandas.concat(...) instead", None, "pandas.concat(...)"),
        ("This is deprecated; use something else", None, None),
        ("`y_pred` was deprecated in favor of `y_proba` in v1.9", "1.9", "y_proba"),
    ],
)
def test_version_and_replacement_are_read_out_of_the_words(
    message: str, version: str | None, instead: str | None
) -> None:
    assert (since(message), replacement(message)) == (version, instead)
