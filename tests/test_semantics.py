"""What the walk says of names, types and positions, by example and for any program."""

from __future__ import annotations

import ast
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable

import hypothesmith
import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings
from libcst.metadata import MetadataWrapper, PositionProvider

from verifier import catalogue
from verifier.semantics.infer import Inference
from verifier.semantics.model import Facts
from verifier.semantics.names import normal, qualify
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read

RETURNS = catalogue.table("semantics/returns")["returns"]


def facts_of(text: str, python: tuple[int, int] = (3, 12)) -> Facts:
    return read(cst.parse_module(textwrap.dedent(text)), "example.py", python)


def callee(text: str) -> tuple[str, ...]:
    """What the call of `probe`'s argument, or the last call, is qualified as."""
    facts = facts_of(text)
    call = facts.calls[-1]
    return qualify(facts, call.node.func, call.scope, call.order)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("import numpy as np\nnp.float(1)", ("numpy.float",)),
        ("import numpy\nnumpy.random.rand(1)", ("numpy.random.rand",)),
        ("import os.path\nos.path.join('a')", ("os.path.join",)),
        ("import os.path as p\np.join('a')", ("os.path.join",)),
        ("from numpy import float64 as f\nf(1)", ("numpy.float64",)),
        ("from . import views\nviews.index()", (".views.index",)),
        ("from ..core.api import get\nget()", ("..core.api.get",)),
        ("import numpy as np\nfloat_ = np.float\nfloat_(1)", ("numpy.float",)),
        ("import numpy as np\nn = np\nn = n\nn.float(1)", ("numpy.float",)),
        (
            "try:\n    import ujson as json\nexcept ImportError:\n    import json\njson.loads('')",
            ("ujson.loads", "json.loads"),
        ),
        ("import a\nimport b as a\na.f()", ("b.f",)),
        ("def f():\n    import a\n    a.g()", ("a.g",)),
        ("import a\ndef f(a):\n    a.g()", ()),
        ("import a\ndef f():\n    a = 1\n    a.g()", ()),
        ("import a\nclass C:\n    a = 1\n    def f(self):\n        a.g()", ("a.g",)),
        ("import a\nclass C:\n    def a(self): pass\n    x = a()", ("<local>.a",)),
        ("import a\n[a.g() for x in y]", ("a.g",)),
        ("import a\n[a.g() for a in y]", ()),
        ("import a\nlambda a: a.g()", ()),
        ("import a\ndef f():\n    global a\n    a.g()", ("a.g",)),
        ("print(1)", ("builtins.print",)),
        ("def print(x): pass\nprint(1)", ("<local>.print",)),
        ("from m import *\nthing()", ()),
        ("import a\nwith a.b() as a:\n    a.c()", ()),
        ("import a\nfor a in x:\n    a.c()", ()),
        ("import a\nif (a := 3):\n    a.c()", ()),
        ("import a\ndef f[a](x: a):\n    a.c()", ()),
        ("import a\nmatch x:\n    case {'k': a}:\n        a.c()", ()),
        ("unknown.c()", ()),
        ("import a as \ufb01\nfi.c()", ("a.c",)),
    ],
)
def test_qualified_names(text: str, paths: tuple[str, ...]) -> None:
    assert set(callee(text)) == set(paths)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("x = []\nx", ("builtins.list",)),
        ("x = [] if a else ()\nx", ("builtins.list", "builtins.tuple")),
        ("x = set(y)\nx", ("builtins.set",)),
        ("from collections import deque\nx = deque([1])\nx", ("collections.deque",)),
        ("import collections\nx = collections.deque()\nx", ("collections.deque",)),
        ("def f(x: list[int]):\n    x", ("builtins.list",)),
        ("from typing import List\ndef f(x: List[int]):\n    x", ("builtins.list",)),
        ("from typing import Optional, Set\ndef f(x: Optional[Set[int]] = None):\n    x", ("builtins.set", "None")),
        ("def f(x: 'dict[str, int]'):\n    x", ("builtins.dict",)),
        ("def f(x: list[int] | None):\n    x", ("builtins.list", "None")),
        ("def f(x):\n    x", ()),
        ("def f(x=None):\n    x", ()),
        ("x = []\nx = {}\nx", ("builtins.dict",)),
        ("x = []\nif a:\n    x = {}\nx", ("builtins.list", "builtins.dict")),
        ("x = []\nfor i in y:\n    x\n    x = {}", ("builtins.list", "builtins.dict")),
        ("x = []\nx = unknown()\nx", ()),
        ("x = []\nif a:\n    x = unknown()\nx", ()),
        ("x = 'a,b'.split(',')\nx", ("builtins.list",)),
        ("x = sorted(y)\nx", ("builtins.list",)),
        ("x = sorted(y)[1:]\nx", ("builtins.list",)),
        ("x = [0] * 3\nx", ("builtins.list",)),
        ("x = 'a' + y\nx", ("builtins.str",)),
        ("x = f'{y}'\nx", ("builtins.str",)),
        (
            "class C:\n    def __init__(self):\n        self.q = []\n    def f(self):\n        x = self.q\n        x",
            ("builtins.list",),
        ),
        ("class C:\n    def f(self):\n        x = self.q\n        x", ()),
        ("def list(y): pass\nx = list(y)\nx", ()),
        ("import pandas as pd\nx = pd.DataFrame()\nx", ("pandas.DataFrame",)),
        ("class Thing: pass\nx = Thing()\nx", ("<local>.Thing",)),
        ("class Thing:\n    def f(x):\n        x", ("<local>.Thing",)),
        ("class Thing:\n    @staticmethod\n    def f(x):\n        x", ()),
        ("import pandas as pd\nx = pd.DataFrame()\nfor i in y:\n    x = x.merge(i)\nx", ("pandas.DataFrame",)),
        ("x: list[int]\nx", ("builtins.list",)),
        ("for x in range(3):\n    x", ("builtins.int",)),
    ],
)
def test_types(text: str, types: tuple[str, ...]) -> None:
    facts = facts_of(text)
    uses = [each for each in facts.names if isinstance(each.node, cst.Name) and each.node.value == "x"]
    use = uses[0] if "in y:" in text else uses[-1]
    found = Inference(facts, RETURNS).types(use.node, use.scope, use.order)
    assert set(found) == set(types)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("import x", set()),
        ("try:\n    import x\nexcept ImportError:\n    x = None", {"optional"}),
        ("try:\n    import x\nexcept (ImportError, OSError):\n    x = None", {"optional"}),
        ("try:\n    import x\nexcept ValueError:\n    x = None", set()),
        ("try:\n    pass\nexcept ImportError:\n    import x", {"optional"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import x", {"typing_only"}),
        ("import sys\nif sys.version_info < (3, 8):\n    import x", {"unreachable"}),
        ("import sys\nif sys.version_info >= (3, 8):\n    import x", set()),
        ("import sys\nif sys.version_info >= (3, 8):\n    pass\nelse:\n    import x", {"unreachable"}),
        ("import sys\nif sys.version_info[0] == 2:\n    import x", {"unreachable"}),
        ("import sys\nif sys.version_info.major > 2:\n    import x", set()),
        ("import sys\nif not sys.version_info >= (3,):\n    import x", {"unreachable"}),
        ("import sys\nif sys.platform == 'win32':\n    import x", {"optional"}),
        ("import importlib.util\nif importlib.util.find_spec('x'):\n    import x", {"optional"}),
        ("if HAS_X:\n    import x", {"optional"}),
        ("import sys\nif sys.version_info[:2] < (3, 8):\n    import x", {"unreachable"}),
        ("import sys\nif sys.version_info >= (3, 14) and not lazy:\n    import x", {"unreachable"}),
        ("import sys\nif sys.version_info < (3, 14) and not lazy:\n    import x", set()),
        ("import sys\nif sys.version_info < (3, 8) or old:\n    import x", set()),
        ("import sys\nif sys.version_info[:2] < (3, 14):\n    pass\nelse:\n    import x", {"unreachable"}),
        ("if TYPE_CHECKING and a:\n    import x", {"typing_only"}),
        ("if debug:\n    import x", set()),
        ("def f():\n    import x", set()),
        ("try:\n    def f():\n        import x\nexcept ImportError:\n    pass", {"optional"}),
    ],
)
def test_guards_of_imports(text: str, flags: set[str]) -> None:
    record = next(site.record for site in facts_of(text).imports if site.record.module == "x")
    assert {name for name in ("optional", "typing_only", "unreachable") if getattr(record, name)} == flags


def test_loops_nest_within_a_function() -> None:
    facts = facts_of(
        """
        for a in x:
            while b:
                [c for c in y for d in z]
            def f():
                for e in w:
                    pass
        """
    )
    kinds = [(loop.kind, loop.parent.kind if loop.parent else None) for loop in facts.loops]
    assert kinds == [
        ("for", None),
        ("while", "for"),
        ("comprehension", "while"),
        ("comprehension", "comprehension"),
        ("for", None),
    ]


def deep(work: Callable[[], None]) -> None:
    """Run on a stack for deep trees, as the program does."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # raised again below
            failures.append(error)

    before, limit = threading.stack_size(64 * 1024 * 1024), sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    threading.stack_size(before)
    sys.setrecursionlimit(limit)
    if failures:
        raise failures[0]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(hypothesmith.from_grammar())
def test_any_program_is_walked_and_placed(text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
        tree = cst.parse_module(text)
    except (SyntaxError, ValueError, cst.ParserSyntaxError):
        return

    def work() -> None:
        facts = read(tree, "any.py", (3, 12))
        inference = Inference(facts, RETURNS)
        positions = Positions(tree, text)
        ranges = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
        for use in (*facts.names, *facts.attributes):
            qualify(facts, use.node, use.scope, use.order)
            inference.types(use.node, use.scope, use.order)
            span, known = positions.span(use.node), ranges[use.node]
            assert (span.line, span.column) == (known.start.line, known.start.column + 1)
            assert (span.end_line, span.end_column) == (known.end.line, known.end.column + 1)

    deep(work)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(hypothesmith.from_grammar())
def test_every_name_read_is_met_once(text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = ast.parse(text)
        tree = cst.parse_module(text)
    except (SyntaxError, ValueError, cst.ParserSyntaxError):
        return

    def work() -> None:
        facts = read(tree, "any.py", (3, 12))
        read_names = sorted(normal(use.node.value) for use in facts.names if isinstance(use.node, cst.Name))
        loads = sorted(
            node.id for node in ast.walk(known) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )
        constants = {"None", "True", "False", "__debug__"}
        assert set(loads) - constants <= set(read_names)
        assert len(facts.calls) == sum(isinstance(node, ast.Call) for node in ast.walk(known))

    deep(work)
