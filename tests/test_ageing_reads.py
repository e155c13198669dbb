"""Modules, names, properties and distributions that say themselves that they are deprecated."""

from __future__ import annotations

from pathlib import Path

import pytest
import worlds
from site_packages import distribute, write

from verifier.config import Config
from verifier.engine import run

PLAIN = """
import functools
import sys
import warnings
from ._api import deprecated

def _old(): ...
def fresh(): ...
get_map = deprecated("1.2", alternative="fresh")(_old)
_made = deprecated("1.3", _old)
alias = _old
_deprecated_names = ("TABLE", "OTHER")

def __getattr__(name):
    if name == "gone":
        warnings.warn("`gone` is deprecated, use `fresh`", DeprecationWarning)
        return 1
    if name in _deprecated_names:
        warnings.warn(f"{name} is deprecated", DeprecationWarning)
        return 2
    if name == "quiet":
        return 3
    raise AttributeError(name)

class Thing:
    @property
    @deprecated("1.4", alternative="size")
    def length(self): return 1
    @property
    def warned(self):
        warnings.warn("warned is deprecated", DeprecationWarning)
        return 2
    @property
    def sometimes(self):
        if self.size:
            warnings.warn("sometimes is deprecated", DeprecationWarning)
        return 2
    @property
    def size(self): return 1
    @deprecated("1.4")
    def method(self): ...
"""
FILES = {
    "plain/__init__.py": PLAIN,
    "plain/_api.py": "def deprecated(*a, **k):\n    return lambda f: f\ndef caching_module_getattr(c): return c\n",
    "plain/warning.py": 'import warnings\nwarnings.warn("plain.warning is deprecated", DeprecationWarning)\nx = 1\n',
    "plain/guarded.py": (
        "import sys, warnings\nif sys.version_info < (3, 8):\n"
        '    warnings.warn("Python 3.7 is deprecated", DeprecationWarning)\nx = 1\n'
    ),
    "plain/shim.py": (
        "from plain._api import _sub_module_deprecation\n__all__ = ['x']\n"
        "def __getattr__(name):\n"
        "    return _sub_module_deprecation(sub_package='signal', module='shim', all=__all__, attribute=name)\n"
    ),
    "plain/listed.py": (
        "import warnings\n__all__ = ['one', 'two']\ndef three(): ...\n"
        "def __getattr__(name):\n"
        "    if name not in __all__:\n        raise AttributeError(name)\n"
        "    warnings.warn(f'{name} has moved', DeprecationWarning)\n    return name\n"
    ),
    "plain/pep562.py": (
        "from plain._api import caching_module_getattr, deprecated\n"
        "@caching_module_getattr\nclass __getattr__:\n"
        "    @property\n    @deprecated('3.1', alternative='fresh')\n    def worn(self): return 1\n"
        "    @property\n    def kept(self): return 1\n"
    ),
    "whole/__init__.py": (
        "import warnings\nimport textwrap\n"
        'warnings.warn(textwrap.dedent("""\n  All support for `whole` has ended.\n"""), FutureWarning)\n'
        "def use(): ...\n"
    ),
    "whole/part.py": "def use(): ...\n",
    "inactive/__init__.py": "",
    "renamed/__init__.py": "",
    "decorating/__init__.py": "",
}
METADATA = {
    "inactive": "Summary: Does things.\nClassifier: Development Status :: 7 - Inactive\n",
    "renamed": "Summary: deprecated renamed package, use plain instead\n",
    "decorating": "Summary: Python @deprecated decorator to deprecate old classes.\n",
}


def found(root: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    worlds.build(root, {"python": "3.12"})
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    for path, text in FILES.items():
        write(site / path, text)
    for name in ("plain", "whole", *METADATA):
        distribute(site, name, "1.5", *(path for path in FILES if path.startswith(f"{name}/")))
        about = site / f"{name}-1.5.dist-info" / "METADATA"
        about.write_text(about.read_text() + METADATA.get(name, ""))
    monkeypatch.chdir(root)
    (root / "example.py").write_text(f"{code}\n")
    report = run([root / "example.py"], Config(root=root, select=("VER3",), offline=True, no_cache=True), environ={})
    return [(each.span.line, each.message) for each in report.findings]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import plain\nplain.get_map()", "`plain.get_map` is deprecated since plain 1.2, you have 1.5: use `fresh`"),
        ("import plain\nprint(plain.get_map)", "since plain 1.2"),
        ("import plain as p\n\np.gone", "`p.gone` is deprecated in plain 1.5: `gone` is deprecated, use `fresh`"),
        ("import plain\nplain.TABLE", "TABLE is deprecated"),
        ("from plain import gone", "`plain.gone` is deprecated in plain 1.5: `gone` is deprecated"),
        ("from plain import get_map", "`plain.get_map` is deprecated since plain 1.2"),
        ("import plain\nplain.Thing().length", "`plain.Thing().length` is deprecated since plain 1.4"),
        ("import plain\nprint(plain.Thing().warned + 1)", "warned is deprecated"),
        ("import plain\ndef f(thing: plain.Thing):\n    return thing.length.real", "`thing.length` is deprecated"),
        ("import plain.warning", "`plain.warning` is deprecated in plain 1.5: plain.warning is deprecated"),
        ("from plain import warning", "`plain.warning` is deprecated"),
        ("from plain.warning import x\nimport plain.warning", "`plain.warning` is deprecated"),
        ("from plain.shim import x", "the `scipy.signal.shim` namespace is deprecated"),
        ("from plain.listed import two, three", "`plain.listed.two` is deprecated in plain 1.5: two has moved"),
        ("import plain.pep562\nplain.pep562.worn", "`plain.pep562.worn` is deprecated since plain 3.1"),
        (
            "import whole\nwhole.use()\nwhole.use()",
            "`whole` is deprecated in whole 1.5: All support for `whole` has ended.",
        ),
        ("import whole.part", "`whole` is deprecated"),
        ("import inactive", "metadata say `Development Status :: 7 - Inactive`"),
        ("import renamed", "use plain instead"),
    ],
)
def test_what_warns_when_it_is_imported_or_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    result = found(tmp_path, code, monkeypatch)
    assert len(result) == 1
    assert words in result[0][1]


@pytest.mark.parametrize(
    "code",
    [
        "import plain\nplain.fresh()",
        "import plain\nplain.alias()",
        "import plain\nplain.quiet",
        "import plain\nplain.Thing().size",
        "import plain\nplain.Thing().sometimes",
        "import plain\nplain.Thing.length",
        "import plain\nplain.Thing().method",
        "import plain.guarded",
        "import plain.pep562\nplain.pep562.kept",
        "from plain import pep562, guarded",
        "import decorating",
        "try:\n    import whole\nexcept ImportError:\n    whole = None",
        "import plain\nif hasattr(plain, 'gone'):\n    plain.gone",
        "import typing\nif typing.TYPE_CHECKING:\n    import whole",
        "class Thing:\n    length = 1\nThing().length",
        "gone = 1\nprint(gone)",
    ],
)
def test_what_warns_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    assert found(tmp_path, code, monkeypatch) == []
