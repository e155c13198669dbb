"""What the rules about frames know of a name, and what their fixes make of a file."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from verifier import catalogue
from verifier.costs.frames.evidence import Kind
from verifier.costs.frames.known import kind, open_frames
from verifier.costs.frames.rows import few
from verifier.costs.model import Costs
from verifier.costs.opening import open_costs
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.model import Project, Source
from verifier.semantics.infer import Inference
from verifier.semantics.walk import read

RULES = [rule for rule in catalogue.load() if rule.code in {"VER522", "VER523", "VER524", "VER525", "VER526"}]
FILE = Path("nowhere/example.py").absolute()
HEAD = "import numpy as np\nimport pandas as pd\n"


def opened(text: str) -> Costs:
    facts = read(cst.parse_module(text), "example.py", (3, 12))
    return open_costs(facts, Inference(facts, catalogue.table("semantics/returns")["returns"]))


def last(text: str) -> tuple[Kind | None, bool]:
    """What is known of the name `x` in `use(x)`, the last call of a file."""
    costs = opened(HEAD + text)
    frames = open_frames(costs)
    assert frames is not None
    call = next(each for each in reversed(costs.facts.calls) if isinstance(each.node.func, cst.Name))
    value = call.node.args[0].value
    return kind(frames, value, call.scope, call.order), few(frames, value, call.scope, call.order)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = pd.read_csv(p)\nuse(x)", Kind.FRAME),
        ("x = pd.read_csv(p)\nx = x.dropna()\nx = x[x['a'] > 1]\nuse(x)", Kind.FRAME),
        ("x = pd.read_csv(p)\nfor i in range(9):\n    x = x.dropna()\nuse(x)", Kind.FRAME),
        ("df = pd.read_csv(p)\nuse(df['a'])", Kind.SERIES),
        ("df = pd.read_csv(p)\nuse(df.a)", Kind.SERIES),
        ("df = pd.read_csv(p)\nuse(df.loc)", None),
        ("df = pd.read_csv(p)\nuse(df[['a', 'b']])", Kind.FRAME),
        ("df = pd.read_csv(p)\nuse(df['a'].values)", Kind.ARRAY),
        ("x = pd.concat(parts)\nuse(x)", Kind.FRAME),
        ("x = np.zeros(n)\nuse(x)", Kind.ARRAY),
        ("x = np.zeros(n)\nuse(x[1:])", Kind.ARRAY),
        ("x = np.zeros(n)\nuse(x[1])", None),
        ("def f(x: pd.DataFrame): use(x)", Kind.FRAME),
        ("def f(x: pd.DataFrame | None): use(x)", Kind.FRAME),
        ("def f(x: np.ndarray): use(x)", Kind.ARRAY),
        ("def f(x): use(x)", None),
        ("def f(x):\n    x.iterrows()\n    use(x)", Kind.FRAME),
        ("def f(x):\n    x[x['a'] == 1]\n    use(x)", Kind.FRAME),
        ("def f(x):\n    x.shape\n    use(x)", Kind.ARRAY),
        ("x = pd.read_csv(p) if p else []\nuse(x)", None),
        ("x = pd.read_csv(p)\nif q:\n    x = make()\nuse(x)", None),
    ],
)
def test_kinds(text: str, expected: Kind | None) -> None:
    assert last(text)[0] is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = pd.DataFrame({'a': [1, 2]})\nuse(x)", True),
        ("data = {'a': [1, 2]}\nx = pd.DataFrame(data)\nuse(x)", True),
        ("x = pd.DataFrame({'a': values})\nuse(x)", False),
        ("x = pd.DataFrame(rows)\nuse(x)", False),
        ("x = pd.read_csv(p)\nuse(x.head(10))", True),
        ("x = pd.read_csv(p)\nuse(x.dropna())", False),
        ("x = np.array([1, 2, 3])\nuse(x)", True),
        ("x = np.zeros((3, 3))\nuse(x)", True),
        ("x = np.zeros((n, 3))\nuse(x)", False),
    ],
)
def test_few_rows(text: str, expected: bool) -> None:
    assert last(text)[1] is expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            (
                "def load(paths):\n"
                "    df = pd.DataFrame()\n"
                "    for path in paths:\n"
                "        part = pd.read_csv(path)\n"
                "        df = pd.concat([df, part], ignore_index=True)\n"
                "    return df\n"
            ),
            (
                "def load(paths):\n"
                "    df_parts = [pd.DataFrame()]\n"
                "    for path in paths:\n"
                "        part = pd.read_csv(path)\n"
                "        df_parts.append(part)\n"
                "    df = pd.concat(df_parts, ignore_index=True)\n"
                "    return df\n"
            ),
        ),
        (
            "def add(df: pd.DataFrame):\n    df['c'] = df.apply(lambda row: row['a'] * 2 + row['b'], axis=1)\n",
            "def add(df: pd.DataFrame):\n    df['c'] = df['a'] * 2 + df['b']\n",
        ),
        (
            "def add(df: pd.DataFrame):\n    return df['a'].apply(lambda x: x / 100).sum()\n",
            "def add(df: pd.DataFrame):\n    return (df['a'] / 100).sum()\n",
        ),
        # reads the frame on the way, so that nothing but a person can tell what it needs
        (
            (
                "def load(paths):\n"
                "    df = pd.DataFrame()\n"
                "    for path in paths:\n"
                "        print(len(df))\n"
                "        df = pd.concat([df, pd.read_csv(path)])\n"
                "    return df\n"
            ),
            None,
        ),
        ("clip = np.vectorize(lambda x: x * 2)\n", None),
        ("def add(df: pd.DataFrame):\n    return df['a'].apply(lambda x: 1 if x > 2 else 0)\n", None),
    ],
)
def test_fixes(before: str, after: str | None) -> None:
    data = (HEAD + before).encode()
    source = Source("example.py", FILE, data=data)
    findings = examine(source, RULES, Project(Path("nowhere").absolute(), (3, 12))).findings
    assert findings
    assert apply(data, findings, unsafe=False).data == data
    assert apply(data, findings, unsafe=True).data.decode() == HEAD + (before if after is None else after)
