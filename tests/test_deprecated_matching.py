"""Which uses are a row's: through re-exports, subclasses, places, constants, `partial`, and untyped variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_packages import distribute, write

from verifier.config import Config
from verifier.engine import run
from verifier.model import Finding, Severity

PANDAS = {
    "pandas/__init__.py": "from pandas.core.api import DataFrame, Series, Index, concat, date_range, read_csv\n",
    "pandas/core/__init__.py": "",
    "pandas/core/api.py": """
from pandas.core.frame import DataFrame
from pandas.core.series import Series, Index
def read_csv(path, sep=",", delim_whitespace=False) -> DataFrame: ...
def date_range(start=None, end=None, periods=None, freq=None): ...
def concat(frames): ...
""",
    "pandas/core/generic.py": """
class NDFrame:
    def copy(self): ...
    def describe(self): ...
""",
    "pandas/core/frame.py": """
from pandas.core.generic import NDFrame
class DataFrame(NDFrame):
    def __init__(self, data=None, columns=None): ...
    def applymap(self, func) -> "DataFrame": ...
    def groupby(self, by): ...
    def merge(self, other) -> "DataFrame": ...
    def pivot_table(self): ...
    def resample(self, rule, axis=0): ...
    def select_dtypes(self, include=None): ...
    def sort_values(self, by, axis=0, ascending=True, inplace=False): ...
    def swapaxes(self, one, two): ...
""",
    "pandas/core/series.py": """
from pandas.core.generic import NDFrame
class Series(NDFrame):
    def groupby(self, by): ...
    def sort_values(self, ascending=True, inplace=False): ...
    def tolist(self): ...
class Index:
    def groupby(self, by): ...
    def tolist(self): ...
""",
}
FRAME = 'import pandas as pd\nframe = pd.DataFrame({"a": [1]})\n'


def found(root: Path, code: str, version: str | None = "3.1.1", *, future: bool = False) -> list[Finding]:
    """The findings of VER3 on a file of a project that has this pandas, or one of unknown version."""
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True, exist_ok=True)
    write(root / ".venv" / "pyvenv.cfg", "version = 3.12.0\n")
    if version is not None:
        for path, text in PANDAS.items():
            write(site / path, text)
        distribute(site, "pandas", version, *PANDAS)
    write(root / "code.py", code)
    config = Config(root=root, select=("VER3",), offline=True, no_cache=True, jobs=1, future=future)
    return list(run([root / "code.py"], config, environ={}).findings)


def symbols(root: Path, code: str) -> list[tuple[int, str | None]]:
    return [(each.span.line, each.symbol) for each in found(root, code)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (FRAME + "frame.applymap(str)\n", (3, "pandas.DataFrame.applymap")),
        (FRAME + "loud = True\nframe.applymap(str) if loud else frame\n", (4, "pandas.DataFrame.applymap")),
        (FRAME + "change = frame.applymap\nchange(str)\n", (3, "pandas.DataFrame.applymap")),
        (FRAME + 'pd.read_csv("a").merge(frame).applymap(str)\n', (3, "pandas.DataFrame.applymap")),
        ('from pandas.core.api import read_csv\nread_csv("a").applymap(str)\n', (2, "pandas.DataFrame.applymap")),
        (
            'from pandas.core.api import read_csv as load\nload("a", delim_whitespace=True)\n',
            (2, "pandas.read_csv(delim_whitespace=True)"),
        ),
        (
            'import pandas as pd\nload = pd.read_csv\nload("a", delim_whitespace=True)\n',
            (3, "pandas.read_csv(delim_whitespace=True)"),
        ),
        ('import pandas as pd\npd.read_csv("a", " ", True)\n', (2, "pandas.read_csv(delim_whitespace=True)")),
        (
            "from functools import partial\nimport pandas as pd\nload = partial(pd.read_csv, delim_whitespace=True)\n",
            (3, "pandas.read_csv(delim_whitespace=True)"),
        ),
        (
            "import pandas as pd\nclass Orders(pd.DataFrame):\n    pass\nOrders().applymap(str)\n",
            (4, "pandas.DataFrame.applymap"),
        ),
        (
            "import pandas as pd\nclass Day(pd.DataFrame):\n    def clean(self):\n        return self.applymap(str)\n",
            (4, "pandas.DataFrame.applymap"),
        ),
        (FRAME + 'frame.resample("15M")\n', (3, "pandas.DataFrame.resample(rule='M')")),
        (FRAME + 'MONTHLY = "M"\nframe.resample(rule=MONTHLY)\n', (4, "pandas.DataFrame.resample(rule='M')")),
        (
            'import pandas as pd\ndef days(freq="M"):\n    return pd.date_range("2024", periods=3, freq=freq)\n',
            (3, "pandas.date_range(freq='M')"),
        ),
        (FRAME + 'frame.select_dtypes(["object"])\n', (3, "pandas.DataFrame.select_dtypes(include='object')")),
        (FRAME + "frame.select_dtypes(include=object)\n", (3, "pandas.DataFrame.select_dtypes(include=object)")),
        (
            (
                "import pandas as pd\ndef top(df):\n    df = df.groupby('a').sum()\n"
                '    df.sort_values("b", inplace=True)\n'
                "    return df.select_dtypes(), df.pivot_table()\n"
            ),
            (4, "pandas.DataFrame.sort_values(inplace)"),
        ),
        (
            FRAME + 'frame = frame.groupby("a").sum()\nframe.sort_values("b", inplace=True)\n',
            (4, "pandas.DataFrame.sort_values(inplace)"),
        ),
    ],
)
def test_a_use_is_the_row_s(code: str, expected: tuple[int, str], tmp_path: Path) -> None:
    assert expected in symbols(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        FRAME + "frame.copy()\n",
        "import pandas as pd\nclass Orders(pd.DataFrame):\n    def applymap(self, f): ...\nOrders().applymap(str)\n",
        "class DataFrame:\n    def applymap(self, f): ...\nDataFrame().applymap(str)\n",
        "import pandas as pd\ndef clean(grid):\n    return grid.applymap_all(str)\n",
        'import pandas as pd\nload = pd.read_csv if pd else open\nload("a", delim_whitespace=True)\n',
        'import pandas as pd\npd.read_csv("a", " ")\n',
        FRAME + 'frame.resample("ME")\n',
        FRAME + 'frame.resample("MS")\n',
        FRAME + 'RULE = "M"\nRULE = "D"\nframe.resample(RULE)\n',
        FRAME + 'frame.select_dtypes(["number"])\n',
        FRAME + "kinds = []\nframe.select_dtypes(kinds)\n",
        # what it becomes later says nothing of what it was
        "import pandas as pd\ndef f(x):\n    y = x + 1\n    y.sort_values(1, inplace=True)\n    y = pd.Series(y)\n",
        # a Series has none of the other names, an Index all of these: nothing says that it is a frame
        'import pandas as pd\ndef top(some):\n    some.sort_values("a", inplace=True)\n    return some.weight()\n',
        'import pandas as pd\ndef top(x):\n    x.groupby("a")\n    x.sort_values("a", inplace=True)\n    x = 1\n',
        "import pandas as pd\nif hasattr(pd.DataFrame, 'applymap'):\n    pd.DataFrame().applymap(str)\n",
        "import pandas as pd\ntry:\n    pd.DataFrame().applymap(str)\nexcept AttributeError:\n    pass\n",
        "import pandas as pd\npd.DataFrame.applymap = lambda self, f: self\npd.DataFrame().applymap(str)\n",
        "from functools import partial\nimport pandas as pd\nload = partial(print, delim_whitespace=True)\n",
        "from polars import DataFrame\nDataFrame().applymap(str)\n",
        "import pandas as pd\nPANDAS_3 = True\nkind = None if PANDAS_3 else pd.DataFrame.applymap\n",
        "import pandas as pd\nPANDAS_3 = True\nif not PANDAS_3:\n    pd.DataFrame().applymap(str)\n",
        'import pandas as pd\nkind = pd.DataFrame.map if hasattr(pd.DataFrame, "map") else pd.DataFrame.applymap\n',
        "import sys\nPANDAS_V3 = True\nif not PANDAS_V3:\n    from pandas import Panel\n",
        'import pandas as pd\nkind = getattr(pd.DataFrame, "map", None) or pd.DataFrame.applymap\n',
        # only the old path of what moved is deprecated
        "import collections.abc as cabc\ndef count(some: cabc.Iterable) -> int:\n    return len(list(some))\n",
        "from collections import abc\nkind = abc.Mapping\n",
    ],
)
def test_a_use_is_not_the_row_s(code: str, tmp_path: Path) -> None:
    assert symbols(tmp_path, code) == []


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('sns.barplot(data=d, x="a", y="b", palette="rocket")', 1),
        ('sns.barplot(data=d, x="a", y="b", hue="a", palette="rocket")', 0),
        ('sns.barplot(data=d, x="a", y="b", palette="rocket", **more)', 0),
        ('sns.barplot(data=d, palette="rocket")', 0),
        ('sns.barplot(data=d, x="a", y="b")', 0),
    ],
)
def test_some_rows_depend_on_other_arguments(call: str, expected: int, tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["seaborn==0.13.2"]\n')
    code = f"import seaborn as sns\ndef plot(d, more):\n    return {call}\n"
    assert len(found(tmp_path, code, None)) == expected


@pytest.mark.parametrize(
    ("version", "code", "severity"),
    [
        ("2.0.3", None, None),
        ("2.1.0", "VER302", Severity.WARNING),
        ("2.9", "VER302", Severity.WARNING),
        ("3.0.0rc1", "VER301", Severity.ERROR),
        ("3.1.1", "VER301", Severity.ERROR),
    ],
)
def test_the_version_decides(version: str, code: str | None, severity: Severity | None, tmp_path: Path) -> None:
    some = found(tmp_path, FRAME + "frame.applymap(str)\n", version)
    assert [(each.code, each.severity) for each in some] == ([(code, severity)] if code else [])


def test_an_unknown_version_is_said(tmp_path: Path) -> None:
    (one,) = found(tmp_path, FRAME + "frame.applymap(str)\n", None)
    assert (one.code, one.severity) == ("VER302", Severity.WARNING)
    assert "since pandas 2.1, and gone since 3.0; which version the project has is not known" in one.message


def test_what_came_back_is_not_told_of_an_unknown_version(tmp_path: Path) -> None:
    assert found(tmp_path, "import numpy as np\nflag = np.bool\n", None) == []


@pytest.mark.parametrize(("version", "codes"), [("1.5.3", ["VER303"]), ("2.2.0", ["VER302"]), ("3.0.0", ["VER301"])])
def test_the_future_is_told_when_asked_for(version: str, codes: list[str], tmp_path: Path) -> None:
    assert [each.code for each in found(tmp_path, FRAME + "frame.applymap(str)\n", version, future=True)] == codes


def test_the_future_s_rule_runs_by_its_own_name_too(tmp_path: Path) -> None:
    assert found(tmp_path, FRAME + "frame.applymap(str)\n", "1.5.3") == []
    config = Config(root=tmp_path, select=("removed-later",), offline=True, no_cache=True, jobs=1)
    (one,) = run([tmp_path / "code.py"], config, environ={}).findings
    assert one.message.startswith("`pandas.DataFrame.applymap` is removed in pandas 3.0, you have 1.5.3")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (FRAME + 'frame["a"].append(frame["b"])\n', ["pandas.Series.append"]),
        (FRAME + 'frame["a"].dt.week\n', ["pandas.Series.dt.week"]),
        (FRAME + "pd.Series([1]).dt.week\n", ["pandas.Series.dt.week"]),
        (
            (
                "import pandas as pd\ndef weeks(df):\n    df.pivot_table()\n    df.select_dtypes()\n"
                "    return df['a'].dt.week\n"
            ),
            ["pandas.Series.dt.week"],
        ),
        (FRAME + 'frame["a"].dt.day\n', []),
        (FRAME + 'name = input()\nframe[name].append(frame["b"])\n', []),
        ('import pandas as pd\nrows = {"a": []}\nrows["a"].append(1)\n', []),
        ('import pandas as pd\ndef fill(rows):\n    rows["a"].append(1)\n', []),
        ("import pandas as pd\ndef weeks(rows):\n    return rows['a'].dt.week, rows.dt.week\n", []),
        (FRAME + "frame.dt.week\n", []),
    ],
)
def test_columns_and_accessors(code: str, expected: list[str], tmp_path: Path) -> None:
    assert [symbol for _, symbol in symbols(tmp_path, code)] == expected


USER = "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\n"


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (USER + 'user = User(name="a")\nuser.dict()\n', [5]),
        (USER + "def show(user: User):\n    return user.json()\n", [5]),
        (USER + "User.parse_obj({})\n", [4]),
        (USER + "    def show(self):\n        return self.dict()\n", [5]),
        (USER + "    @classmethod\n    def load(cls, data):\n        return cls.parse_obj(data)\n", [6]),
        (USER + "class Admin(User):\n    pass\nAdmin.parse_obj({})\n", [6]),
        (USER + "    def dict(self):\n        return {}\nUser(name='a').dict()\n", []),
        (USER + "def dict(user):\n    return user.dict\ndict(1)\n", []),
        ("class BaseModel:\n    pass\nclass User(BaseModel):\n    pass\nUser().dict()\n", []),
        ("from mine import BaseModel\nclass User(BaseModel):\n    pass\nUser.parse_obj({})\n", []),
    ],
)
def test_classes_of_the_file_whose_bases_nobody_can_read(code: str, lines: list[int], tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["pydantic==2.8.2"]\n')
    assert [each.span.line for each in found(tmp_path, code, None)] == lines


def test_what_a_package_only_passes_on_is_not_its_own(tmp_path: Path) -> None:
    site = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    write(site / "numpy" / "__init__.py", "from builtins import int\ndef array(x, dtype=None): ...\n")
    distribute(site, "numpy", "1.23.5", "numpy/__init__.py")
    code = "import numpy as np\nx = np.array([1], dtype=int)\ny = int(3)\nz = np.array([1], dtype=np.int)\n"
    assert [each.span.line for each in found(tmp_path, code, None)] == [4]
