"""Every form of a rewrite, and every reason to leave the code as it is; the rewrites stand here, not in the tables."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from verifier import catalogue
from verifier.checks.matching import matches
from verifier.checks.registry import Parsed
from verifier.checks.rewrites.fixes import fix
from verifier.editing import edited
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.fixing.rounds import Checked
from verifier.fixing.rounds import fix as fix_in_rounds
from verifier.model import Finding, Fix, Project, Requirement, Severity, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read
from verifier.source import parse

PINS = {
    "numpy": "2.0.0",
    "pandas": "3.0.0",
    "gym": "0.26.2",
    "pydantic": "2.5.0",
    "selenium": "4.20.0",
    "django": "5.0",
    "apache-airflow": "3.0.0",
}
NP = "import numpy as np\n"
DJANGO_UTC = "django.utils.timezone.utc"
PD = "import pandas as pd\ndf = pd.DataFrame()\n"


def parsed(text: str, python: tuple[int, int] = (3, 13)) -> Parsed:
    """A file of a project without packages that pins versions."""
    declared = tuple(Requirement(name, f"=={version}", "a test") for name, version in PINS.items())
    file = Path("nowhere/example.py").absolute()
    project = Project(file.parent, python, declared=declared)
    facts = read(parse(text, "example.py"), "example.py", python)
    inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
    return Parsed(
        Source("example.py", file), text.encode(), text, facts, Positions(facts.tree, text), inference, project
    )


def fixes(text: str, api: str, rewrite: str, python: tuple[int, int] = (3, 13)) -> list[Fix | None]:
    """What the uses of a row's API become by a rewrite."""
    file = parsed(text, python)
    uses = [each for each in matches(file) if each.api.api == api]
    assert uses, f"nothing matches {api}"
    return [fix(file, replace(each.api, fix="safe", rewrite=rewrite, rewrite_dict=None), each) for each in uses]


def fixed(text: str, api: str, rewrite: str, python: tuple[int, int] = (3, 13)) -> str:
    """The text after the first fix; it must still parse."""
    first = next((each for each in fixes(text, api, rewrite, python) if each is not None), None)
    assert first is not None, "no fix"
    found = Finding("VER301", "example.py", first.edits[0].span, "old", Severity.ERROR, fix=first)
    applied = apply(text.encode(), [found], unsafe=False)
    assert applied.fixed, "the edits clash"
    ast.parse(applied.data)
    return applied.data.decode()


@pytest.mark.parametrize(
    ("text", "api", "rewrite", "expected"),
    [
        # another path in place of a name or an attribute
        (NP + "np.product(x)", "numpy.product", "numpy.prod", NP + "np.prod(x)"),
        ("import numpy\nnumpy.product(x)", "numpy.product", "numpy.prod", "import numpy\nnumpy.prod(x)"),
        (NP + "f = [np.product]", "numpy.product", "numpy.prod", NP + "f = [np.prod]"),
        (NP + "np.product.__doc__", "numpy.product", "numpy.prod", NP + "np.prod.__doc__"),
        (NP + "(np\n .product)(x)", "numpy.product", "numpy.prod", NP + "(np.prod)(x)"),
        (NP + "f'{np.product(x)}'", "numpy.product", "numpy.prod", NP + "f'{np.prod(x)}'"),
        (NP + "np.NaN", "numpy.NaN", "math.nan", NP + "import math\nmath.nan"),
        (NP + "import math\nnp.NaN", "numpy.NaN", "math.nan", NP + "import math\nmath.nan"),
        (NP + "import math as m\nnp.NaN", "numpy.NaN", "math.nan", NP + "import math as m\nm.nan"),
        (NP + "from math import nan as n\nnp.NaN", "numpy.NaN", "math.nan", NP + "from math import nan as n\nn"),
        (NP + "from math import pi\nnp.NaN", "numpy.NaN", "math.nan", NP + "from math import pi, nan\nnan"),
        (NP + "math = 1\nnp.NaN", "numpy.NaN", "math.nan", NP + "from math import nan\nmath = 1\nnan"),
        (
            NP + "def f():\n    import math\n    np.NaN",
            "numpy.NaN",
            "math.nan",
            NP + "def f():\n    import math\n    math.nan",
        ),
        (
            '"""Doc."""\nimport pandas as pd\npd.np',
            "pandas.np",
            "numpy",
            '"""Doc."""\nimport pandas as pd\nimport numpy as np\nnp',
        ),
        ("import pandas\npandas.np", "pandas.np", "numpy", "import pandas\nimport numpy as np\nnp"),
        (NP + "np.int(x)", "numpy.int", "builtins.int", NP + "int(x)"),
        (NP + "2 ** np.NINF", "numpy.NINF", "-numpy.inf", NP + "2 ** (-np.inf)"),
        (
            "import collections as c\nc.Mapping",
            "collections.Mapping",
            "collections.abc.Mapping",
            "import collections as c\nfrom collections.abc import Mapping\nMapping",
        ),
        ("import numpy as np; np.NaN", "numpy.NaN", "math.nan", "import math\n\nimport numpy as np; math.nan"),
        (
            "'''Doc.'''\nimport numpy as np; np.NaN",
            "numpy.NaN",
            "math.nan",
            "'''Doc.'''\nimport math\n\nimport numpy as np; math.nan",
        ),
        # an import
        (
            "from numpy import product\nproduct(product(x))",
            "numpy.product",
            "numpy.prod",
            "from numpy import prod\nprod(prod(x))",
        ),
        ("from numpy import product as p\np(x)", "numpy.product", "numpy.prod", "from numpy import prod as p\np(x)"),
        (
            "from numpy import (\n    array,  # a\n    product,  # b\n)\nproduct(x)",
            "numpy.product",
            "numpy.prod",
            "from numpy import (\n    array,  # a\n    prod,  # b\n)\nprod(x)",
        ),
        (
            "from collections import Mapping as M, deque\nM",
            "collections.Mapping",
            "collections.abc.Mapping",
            "from collections import deque\nfrom collections.abc import Mapping as M\nM",
        ),
        (
            "from collections import deque, Mapping  # two\nMapping",
            "collections.Mapping",
            "collections.abc.Mapping",
            "from collections import deque  # two\nfrom collections.abc import Mapping\nMapping",
        ),
        (
            "from collections import (\n    Mapping,\n    deque,\n)\nMapping",
            "collections.Mapping",
            "collections.abc.Mapping",
            "from collections import (\n    deque,\n)\nfrom collections.abc import Mapping\nMapping",
        ),
        (
            "def f():\n    from collections import Mapping, deque\n    Mapping",
            "collections.Mapping",
            "collections.abc.Mapping",
            "def f():\n    from collections import deque\n    from collections.abc import Mapping\n    Mapping",
        ),
        ("from pandas import np\nnp.array(x)", "pandas.np", "numpy", "import numpy as np\nnp.array(x)"),
        (
            "from pandas.util.testing import assert_frame_equal as a",
            "pandas.util.testing",
            "pandas.testing",
            "from pandas.testing import assert_frame_equal as a",
        ),
        (
            "import pandas.util.testing as tm\ntm.x",
            "pandas.util.testing",
            "pandas.testing",
            "import pandas.testing as tm\ntm.x",
        ),
        (
            "from collections import Mapping\nfrom collections.abc import Iterable\nMapping",
            "collections.Mapping",
            "collections.abc.Mapping",
            "from collections.abc import Iterable, Mapping\nMapping",
        ),
        (
            "from collections import deque, Mapping as M\nfrom collections.abc import (\n    Iterable,\n)\nM",
            "collections.Mapping",
            "collections.abc.Mapping",
            "from collections import deque\nfrom collections.abc import (\n    Iterable, Mapping as M,\n)\nM",
        ),
        ("import gym\ngym.make(gym)", "gym", "gymnasium", "import gymnasium\ngymnasium.make(gymnasium)"),
        ("import gym as g\ng.make()", "gym", "gymnasium", "import gymnasium as g\ng.make()"),
        ("import gym.spaces\ngym.spaces.Box()", "gym", "gymnasium", "import gymnasium.spaces\ngymnasium.spaces.Box()"),
        ("from gym.spaces import Box, Dict as D", "gym", "gymnasium", "from gymnasium.spaces import Box, Dict as D"),
        ("def f():\n    import gym\n    gym.x", "gym", "gymnasium", "def f():\n    import gymnasium\n    gymnasium.x"),
        ("import os, imp\nos", "imp", "-", "import os\nos"),
        ("import os\nimport imp\nos", "imp", "-", "import os\nos"),
        # a template at an import: every use with it
        (
            "from numpy import msort\nmsort(x)\ny = [msort(z)]",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "from numpy import sort\nsort(x, axis=0)\ny = [sort(z, axis=0)]",
        ),
        (
            "from numpy import msort as m, array\nm(array(x))",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "from numpy import array, sort\nsort(array(x), axis=0)",
        ),
        (
            "from numpy import array, msort\nmsort(array(x))",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "from numpy import array, sort\nsort(array(x), axis=0)",
        ),
        ("from numpy import msort\nmsort(x)", "numpy.msort", "sorted({0})", "sorted(x)"),
        ("from numpy import msort\nmsort(x)", "numpy.msort", "math.fsum({0})", "import math\nmath.fsum(x)"),
        (
            "import os\nfrom numpy import NINF\n-NINF",
            "numpy.NINF",
            "-numpy.inf",
            "import os\nfrom numpy import inf\n-(-inf)",
        ),
        (
            "from numpy import (\n    array,\n    msort,  # b\n)\nmsort(x)",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "from numpy import (\n    array,\n    sort,  # b\n)\nsort(x, axis=0)",
        ),
        (
            "def f():\n    from numpy import msort\n    return msort(\n        x,\n    )",
            "numpy.msort",
            "math.fsum({0})",
            "def f():\n    import math\n    return math.fsum(\n        x,\n    )",
        ),
        (
            "def f():\n    from numpy import array, msort\n    return msort(x)",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "def f():\n    from numpy import array, sort\n    return sort(x, axis=0)",
        ),
        # of uses that stand in each other the inner ones come first, and the import in a later round
        (
            "from numpy import msort\nmsort(msort(x))",
            "numpy.msort",
            "numpy.sort({0}, axis=0)",
            "from numpy import msort, sort\nmsort(sort(x, axis=0))",
        ),
        (
            "from pydantic import BaseModel, parse_obj_as\nx = parse_obj_as(int, y)",
            "pydantic.parse_obj_as",
            "pydantic.TypeAdapter({0}).validate_python({1})",
            "from pydantic import BaseModel, TypeAdapter\nx = TypeAdapter(int).validate_python(y)",
        ),
        (
            "from airflow import DAG\nfrom airflow.utils.dates import days_ago\nDAG(start_date=days_ago(2))",
            "airflow.utils.dates.days_ago",
            "pendulum.today('UTC').add(days=-{0})",
            "from airflow import DAG\nimport pendulum\nDAG(start_date=pendulum.today('UTC').add(days=-2))",
        ),
        # the slots stand in the function part
        (
            "import pydantic\npydantic.schema_of(int)",
            "pydantic.schema_of",
            "pydantic.TypeAdapter({0}).json_schema()",
            "import pydantic\npydantic.TypeAdapter(int).json_schema()",
        ),
        (
            "from pydantic import schema_of\nschema_of(int)",
            "pydantic.schema_of",
            "pydantic.TypeAdapter({0}).json_schema()",
            "from pydantic import TypeAdapter\nTypeAdapter(int).json_schema()",
        ),
        # no import brings what is in a class: the uses go by the class
        (
            "import datetime\nfrom django.utils.timezone import now, utc\nx = [utc, now]",
            DJANGO_UTC,
            "datetime.timezone.utc",
            "import datetime\nfrom django.utils.timezone import now\nx = [datetime.timezone.utc, now]",
        ),
        (
            "from datetime import datetime\nfrom django.utils.timezone import utc as u\nx = datetime(1, 2, tzinfo=u)",
            DJANGO_UTC,
            "datetime.timezone.utc",
            "from datetime import datetime, timezone\nx = datetime(1, 2, tzinfo=timezone.utc)",
        ),
        # a class far down is imported by its name
        *(
            (
                f"{head}\nd = webdriver.Chrome()\nd.find_element_by_id(\n    'a'\n).text",
                "selenium.webdriver.remote.webdriver.WebDriver.find_element_by_id",
                "{self}.find_element(selenium.webdriver.common.by.By.ID, {0})",
                f"{new}\nd = webdriver.Chrome()\nd.find_element({by}.ID, 'a').text",
            )
            for head, new, by in (
                (
                    "from selenium import webdriver",
                    "from selenium import webdriver\nfrom selenium.webdriver.common.by import By",
                    "By",
                ),
                (
                    "import selenium\nfrom selenium import webdriver",
                    "import selenium\nfrom selenium import webdriver\nfrom selenium.webdriver.common.by import By",
                    "By",
                ),
                (
                    "import selenium.webdriver.common.by\nfrom selenium import webdriver",
                    "import selenium.webdriver.common.by\nfrom selenium import webdriver",
                    "webdriver.common.by.By",
                ),
                (
                    "from selenium import webdriver\nBy = 1",
                    "from selenium import webdriver\nimport selenium.webdriver.common.by\nBy = 1",
                    "selenium.webdriver.common.by.By",
                ),
            )
        ),
        # numbers need no parentheses, even where the row has some
        (PD + "df.append(90)", "pandas.DataFrame.append", "{self}.add(-{0})", PD + "df.add(-90)"),
        (PD + "df.append(90)", "pandas.DataFrame.append", "{self}.add(-({0}))", PD + "df.add(-90)"),
        (PD + "df.append(a + b)", "pandas.DataFrame.append", "{self}.add(-({0}))", PD + "df.add(-(a + b))"),
        (PD + "df.append(1)", "pandas.DataFrame.append", "int({0})", PD + "int(1)"),
        # prose does not speak of names
        *(
            (
                f"from numpy import product\nproduct(x)\n{text}",
                "numpy.product",
                "numpy.prod",
                f"from numpy import prod\nprod(x)\n{text}",
            )
            for text in (
                "log.info('the product of %s', x)",
                "print('product: %s' % x)",
                "print(f'product {x}')",
                "print('product is here')",
                'print("""\nproduct of x\n""")',
                "m.eval('the product')",
            )
        ),
        # an import that nothing uses any more goes with its last use
        ("import os\nimport imp\nimp.reload(os)", "imp.reload", "os.walk", "import os\nos.walk(os)"),
        ("import os, imp as i\ni.reload(os)", "imp.reload", "os.walk", "import os\nos.walk(os)"),
        ("'''Doc.'''\nimport imp\n\nimp.reload(x)", "imp.reload", "int", "'''Doc.'''\n\nint(x)"),
        ("import imp\n\n\nimp.reload(x)", "imp.reload", "int", "\nint(x)"),
        (
            "def f():\n    import imp as i\n    i.reload(x)",
            "imp.reload",
            "int",
            "def f():\n    int(x)",
        ),
        *(
            (
                f"import os\nimport imp\nimp.reload(os)\n{text}",
                "imp.reload",
                "os.walk",
                f"import os\nimport imp\nos.walk(os)\n{text}",
            )
            for text in (
                "imp.y",
                "imp.y = 1",
                "del imp.y",
                "__all__ = ['imp']",
                "def f():\n    global imp\n    imp = 1",
                "x: 'imp.C'",
            )
        ),
        (
            "import os\nimport imp  # why\nimp.reload(os)",
            "imp.reload",
            "os.walk",
            "import os\nimport imp  # why\nos.walk(os)",
        ),
        ("def f():\n    import imp; imp.reload(x)", "imp.reload", "int", "def f():\n    import imp; int(x)"),
        ("import imp\nimp.reload(imp)", "imp.reload", "int", "import imp\nint(imp)"),
        # an attribute of an instance
        (PD + "df.iteritems()", "pandas.DataFrame.iteritems", ".items", PD + "df.items()"),
        (PD + "(df  # all\n .iteritems())", "pandas.DataFrame.iteritems", ".items", PD + "(df  # all\n .items())"),
        (PD + "f = df.iteritems", "pandas.DataFrame.iteritems", ".items", PD + "f = df.items"),
        (PD + "df.ix", "pandas.DataFrame.ix", ".loc[0].x", PD + "df.loc[0].x"),
        (PD + "df.iteritems(x)", "pandas.DataFrame.iteritems", ".attrs.items", PD + "df.attrs.items(x)"),
        # a parameter
        (
            PD + "df.to_csv(f, line_terminator=x)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "lineterminator=",
            PD + "df.to_csv(f, lineterminator=x)",
        ),
        (
            PD + "df.to_csv(line_terminator = x)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "lineterminator=",
            PD + "df.to_csv(lineterminator = x)",
        ),
        (PD + "df.to_csv(f, line_terminator=x)", "pandas.DataFrame.to_csv(line_terminator)", "-", PD + "df.to_csv(f)"),
        (
            PD + "df.to_csv(line_terminator=x, a=1)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "-",
            PD + "df.to_csv(a=1)",
        ),
        (PD + "df.to_csv(line_terminator=x)", "pandas.DataFrame.to_csv(line_terminator)", "-", PD + "df.to_csv()"),
        (
            PD + "df.to_csv(f, line_terminator=x,)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "-",
            PD + "df.to_csv(f,)",
        ),
        (
            PD + "df.to_csv(f, line_terminator=x,\n          a=1)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "-",
            PD + "df.to_csv(f,\n          a=1)",
        ),
        (
            PD + "df.to_csv(\n    f,\n    line_terminator=x,  # gone\n    # stays\n    a=1\n)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "-",
            PD + "df.to_csv(\n    f,\n    # stays\n    a=1\n)",
        ),
        (
            PD + "df.to_csv(f, line_terminator=x)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "ends=[{value}]",
            PD + "df.to_csv(f, ends=[x])",
        ),
        (
            PD + "df.to_csv(f, line_terminator=lambda: 1)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "ends={value} + 1",
            PD + "df.to_csv(f, ends=(lambda: 1) + 1)",
        ),
        (
            PD + "df.to_csv(f, line_terminator=x)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "ends=math.pi",
            "import pandas as pd\nimport math\ndf = pd.DataFrame()\ndf.to_csv(f, ends=math.pi)",
        ),
        (
            PD + "df.to_csv(f, line_terminator=x, a=2)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "{self}.save({*})",
            PD + "df.save(f, a=2)",
        ),
        (
            PD + "import functools\ng = functools.partial(pd.read_csv, squeeze=True)",
            "pandas.read_csv(squeeze)",
            "thin=",
            PD + "import functools\ng = functools.partial(pd.read_csv, thin=True)",
        ),
        # a value
        (PD + "pd.date_range(a, freq='M')", "pandas.date_range(freq='M')", "'ME'", PD + "pd.date_range(a, freq='ME')"),
        (PD + 'pd.date_range(a, freq="M")', "pandas.date_range(freq='M')", "'ME'", PD + 'pd.date_range(a, freq="ME")'),
        (
            PD + "pd.date_range(a, freq='M')",
            "pandas.date_range(freq='M')",
            "pandas.offsets.MonthEnd()",
            (
                "import pandas as pd\nfrom pandas.offsets import MonthEnd\n"
                "df = pd.DataFrame()\npd.date_range(a, freq=MonthEnd())"
            ),
        ),
        (PD + "pd.date_range(a, freq='M')", "pandas.date_range(freq='M')", "-", PD + "pd.date_range(a)"),
        (
            PD + "pd.date_range(a, freq='M')",
            "pandas.date_range(freq='M')",
            "months=1",
            PD + "pd.date_range(a, months=1)",
        ),
        # a template
        (
            PD + "df.append(a, sort=True)",
            "pandas.DataFrame.append",
            "pandas.concat([{self}, {0}], {*})",
            PD + "pd.concat([df, a], sort=True)",
        ),
        (
            PD + "df.append(a)",
            "pandas.DataFrame.append",
            "pandas.concat([{self}, {0}], {*})",
            PD + "pd.concat([df, a])",
        ),
        (PD + "df.append(a if b else c)", "pandas.DataFrame.append", "{self} + {0}", PD + "df + (a if b else c)"),
        (PD + "2 * df.append(a)", "pandas.DataFrame.append", "{self} + {0}", PD + "2 * (df + a)"),
        (PD + "df.append(lambda: 1)", "pandas.DataFrame.append", "[{self}, {0}]", PD + "[df, lambda: 1]"),
        (PD + "df.append(y for y in z)", "pandas.DataFrame.append", "max({0}, {self})", PD + "max((y for y in z), df)"),
        (
            PD + "df.append(\n    a,\n    sort=True,  # s\n)",
            "pandas.DataFrame.append",
            "pandas.concat([{self}, {0}], {*})",
            PD + "pd.concat([df, a], sort=True,  # s\n)",
        ),
        (
            PD + "df.append(\n    a,  # first\n    sort=True,\n)",
            "pandas.DataFrame.append",
            "{self}.add({*})",
            PD + "df.add(\n    a,  # first\n    sort=True,\n)",
        ),
        (
            PD + "df.append(other=a, sort=True)",
            "pandas.DataFrame.append",
            "pandas.concat([{self}, {other}], {*})",
            PD + "pd.concat([df, a], sort=True)",
        ),
        (PD + "df.append(a, *b, **c)", "pandas.DataFrame.append", "{self}.add({0}, {*})", PD + "df.add(a, *b, **c)"),
        (PD + "df.append(a, b)", "pandas.DataFrame.append", "{self}.add({0}, {1})", PD + "df.add(a, b)"),
        (
            PD + "df.append(a)",
            "pandas.DataFrame.append",
            "{self}.add({0}, key=lambda n: n + int(1))",
            PD + "df.add(a, key=lambda n: n + int(1))",
        ),
        (
            "import datetime\ndatetime.datetime.utcnow()",
            "datetime.datetime.utcnow",
            "datetime.datetime.now(datetime.timezone.utc)",
            "import datetime\ndatetime.datetime.now(datetime.timezone.utc)",
        ),
        (
            "import datetime as dt\ndt.datetime.utcnow()",
            "datetime.datetime.utcnow",
            "datetime.datetime.now(datetime.timezone.utc)",
            "import datetime as dt\ndt.datetime.now(dt.timezone.utc)",
        ),
        (
            "from datetime import datetime as d\nd.utcnow()",
            "datetime.datetime.utcnow",
            "datetime.datetime.now(datetime.timezone.utc)",
            "from datetime import datetime as d, timezone\nd.now(timezone.utc)",
        ),
    ],
)
def test_forms(text: str, api: str, rewrite: str, expected: str) -> None:
    assert fixed(text + "\n", api, rewrite) == expected + "\n"


@pytest.mark.parametrize(
    ("text", "api", "rewrite"),
    [
        # the name may mean something else, or something may name it unseen
        ("from numpy import product\nprod = 1\nproduct(x)", "numpy.product", "numpy.prod"),
        ("from numpy import product\nprod(product(x))", "numpy.product", "numpy.prod"),
        ("from numpy import product\ndef f(prod):\n    return product(prod)", "numpy.product", "numpy.prod"),
        ("from numpy import product\nproduct(x)\nproduct = 1", "numpy.product", "numpy.prod"),
        ("from numpy import product\ndef f(product):\n    return product", "numpy.product", "numpy.prod"),
        ("from numpy import product\n__all__ = ['product']", "numpy.product", "numpy.prod"),
        ("from numpy import product\ngetattr(m, f'{a}.product')", "numpy.product", "numpy.prod"),
        ("from numpy import product\nx = []  # type: list[product]", "numpy.product", "numpy.prod"),
        ("from numpy import product\ndef f():\n    global product\n    product = 1", "numpy.product", "numpy.prod"),
        (NP + "int = 1\nnp.int(x)", "numpy.int", "int"),
        (NP + "def f(int):\n    return np.int(x)", "numpy.int", "int"),
        (NP + "math = nan = 1\nnp.NaN", "numpy.NaN", "math.nan"),
        (NP + "def f(math):\n    nan = 2\n    return np.NaN", "numpy.NaN", "math.nan"),
        ("import gym\ngymnasium = 1", "gym", "gymnasium"),
        ("import gym\nimport gym.spaces\ngym.make()", "gym", "gymnasium"),
        ("import gym.spaces\nx = gym", "gym", "gymnasium"),
        ("import gym.spaces\ngym.make()", "gym", "gymnasium"),
        ("import gym\nx = 'gym.make'", "gym", "gymnasium"),
        ("from gym import *\nmake()", "gym", "gymnasium"),
        ("import imp\nimp.x", "imp", "-"),
        ("import imp  # why\nx", "imp", "-"),
        ("def f():\n    import imp", "imp", "-"),
        ("import imp\n__all__ = ['imp']", "imp", "-"),
        # a condition decides what runs
        ("if a:\n    from numpy import product\nelse:\n    product = b\nproduct(x)", "numpy.product", "numpy.prod"),
        (
            "if a:\n    from collections import Mapping, deque\nMapping",
            "collections.Mapping",
            "collections.abc.Mapping",
        ),
        ("x = 1; from collections import Mapping, deque\nMapping", "collections.Mapping", "collections.abc.Mapping"),
        # the version in use does not have the replacement
        ("import datetime\ndatetime.datetime.utcnow()", "datetime.datetime.utcnow", "datetime.datetime.presently()"),
        ("import collections\ncollections.Mapping", "collections.Mapping", "collections.abc.Maping"),
        ("from collections import Mapping", "collections.Mapping", "collections.abc.Maping"),
        ("import datetime\ndatetime.datetime.utcnow", "datetime.datetime.utcnow", ".presently"),
        # arguments that the template does not take up, or that are not there
        (PD + "df.append(a, sort=True)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}])"),
        (PD + "df.append()", "pandas.DataFrame.append", "pandas.concat([{self}, {0}])"),
        (PD + "df.append(other=a)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}])"),
        (PD + "df.append(*a)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}], {*})"),
        (PD + "df.append(**a)", "pandas.DataFrame.append", "pandas.concat([{self}, {other}], {*})"),
        (PD + "df.append(a, True)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}], {*})"),
        (PD + "df.append(a, True)", "pandas.DataFrame.append", "{self}.add(key={0}, {*})"),
        (PD + "df.append(a, key=1)", "pandas.DataFrame.append", "{self}.add({0}, key=2, {*})"),
        (PD + "df.append(a, **b)", "pandas.DataFrame.append", "{self}.add({0}, key=2, {*})"),
        (PD + "df.append(a, sort=True)", "pandas.DataFrame.append", "{self}.add({0}, {1})"),
        (PD + "df.append(a())", "pandas.DataFrame.append", "{self}.add({0}, {0})"),
        (PD + "df.append(a()).append(b)", "pandas.DataFrame.append", "{self}.add({0}, {0}, {self})"),
        (PD + "f = df.append", "pandas.DataFrame.append", "pandas.concat([{self}, {0}], {*})"),
        (PD + "pd.DataFrame.append(df, a)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}], {*})"),
        (PD + "df.append(\n    a,  # why\n)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}], {*})"),
        (PD + "f'{df.append(a)}'", "pandas.DataFrame.append", "{self}.add({0}, 'x')"),
        ("from numpy import msort\nmsort(msort(x), 1)", "numpy.msort", "numpy.sort({0}, axis=0)"),
        ("from numpy import msort\n@msort('x')\ndef f(): ...", "numpy.msort", "numpy.sort({0})"),
        ("from numpy import product\nx: 'list[product]' = []", "numpy.product", "numpy.prod"),
        ("from numpy import product\npatch('numpy.product')", "numpy.product", "numpy.prod"),
        ("from numpy import product\neval('the product')", "numpy.product", "numpy.prod"),
        ("from numpy import product\n__all__ = 'a product'.split()", "numpy.product", "numpy.prod"),
        ("from django.utils.timezone import utc\n__all__ = ['utc']\nutc", DJANGO_UTC, "datetime.timezone.utc"),
        ("from django.utils.timezone import utc", DJANGO_UTC, "datetime.timezone.utc"),
        ("from numpy import msort\nf = msort\nmsort(x)", "numpy.msort", "numpy.sort({0}, axis=0)"),
        ("from numpy import msort\nmsort(x)\nmsort = 1", "numpy.msort", "numpy.sort({0}, axis=0)"),
        ("from numpy import msort\n__all__ = ['msort']\nmsort(x)", "numpy.msort", "numpy.sort({0}, axis=0)"),
        ("from numpy import msort", "numpy.msort", "numpy.sort({0}, axis=0)"),
        ("try:\n    from numpy import msort\nfinally:\n    msort(x)", "numpy.msort", "numpy.sort({0}, axis=0)"),
        (PD + "df.append(a)", "pandas.DataFrame.append", "pandas.concat([{self}, {0}"),
        # a keyword that is given already, or may be
        (
            PD + "df.to_csv(line_terminator=x, lineterminator=y)",
            "pandas.DataFrame.to_csv(line_terminator)",
            "lineterminator=",
        ),
        (PD + "df.to_csv(line_terminator=x, **y)", "pandas.DataFrame.to_csv(line_terminator)", "lineterminator="),
        (PD + "df.to_csv(line_terminator=x, **y)", "pandas.DataFrame.to_csv(line_terminator)", "ends=[{value}]"),
        # what the old value does would be lost, or done twice
        (PD + "df.to_csv(f, line_terminator=x())", "pandas.DataFrame.to_csv(line_terminator)", "-"),
        (PD + "df.to_csv(f, line_terminator=(x := 1))", "pandas.DataFrame.to_csv(line_terminator)", "ends=1"),
        (PD + "df.to_csv(f, line_terminator=x())", "pandas.DataFrame.to_csv(line_terminator)", "{self}.save({*})"),
        (
            PD + "df.to_csv(f, line_terminator=x())",
            "pandas.DataFrame.to_csv(line_terminator)",
            "ends={value} or {value}",
        ),
        (PD + "freq = 'M'\npd.date_range(a, freq=freq)", "pandas.date_range(freq='M')", "'ME'"),
    ],
)
def test_what_is_left_as_it_is(text: str, api: str, rewrite: str) -> None:
    python = (3, 11) if "collections" in text or "datetime" in text else (3, 13)
    python = (3, 13) if "utcnow" in text else python
    assert fixes(text + "\n", api, rewrite, python) == [None] * len(fixes(text + "\n", api, rewrite, python))


def test_the_replacement_must_be_in_the_version_in_use() -> None:
    text = "import datetime\ndatetime.datetime.utcnow()\n"
    rewrite = "datetime.datetime.now(datetime.UTC)"
    assert "datetime.UTC" in fixed(text, "datetime.datetime.utcnow", rewrite, (3, 12))
    # Python 3.10 neither complains nor has the name
    assert fixes(text, "datetime.datetime.utcnow", rewrite, (3, 10)) == [None]


def test_nothing_is_fixed_for_a_version_that_does_not_complain() -> None:
    assert fixes(
        "import collections\ncollections.Mapping\n", "collections.Mapping", "collections.abc.Mapping", (3, 2)
    ) == [None]


def test_no_fix_is_safe_where_nobody_knows_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PINS, "numpy")
    (only,) = fixes(NP + "np.product(x)\n", "numpy.product", "numpy.prod")
    assert only is not None
    assert not only.safe


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_new_lines_end_as_the_others_do(newline: str) -> None:
    text = "import collections\nx = collections.Mapping\n".replace("\n", newline)
    expected = "import collections\nimport collections.abc\nx = collections.abc.Mapping\n".replace("\n", newline)
    found = fixes(text, "collections.Mapping", "collections.abc.Mapping")
    assert found[0] is not None
    assert edited(text, found[0].edits) == expected


CALLS = st.recursive(
    st.sampled_from(
        ["df", "a", "1", "'ß'", "(a, b)", "[x for x in a]", "f'{a}'", "a if b else c", "lambda: 0", "-a", "a.b"]
    ),
    lambda inner: st.one_of(
        st.builds("df.append({}, sort=True)".format, inner),
        st.builds("df.append({},  # why\n  k={})".format, inner, inner),
        st.builds("np.product({})".format, inner),
        st.builds("({}) + df.iteritems()".format, inner),
        st.builds("df.to_csv({}, line_terminator={}, a=1)".format, inner, inner),
        st.builds("await_({})[{}]".format, inner, inner),
    ),
    max_leaves=12,
)
TRIED = {
    "pandas.DataFrame.append": "pandas.concat([{self}, {0}], {*})",
    "numpy.product": "math.prod({0}, {*})",
    "pandas.DataFrame.iteritems": ".items",
    "pandas.DataFrame.to_csv(line_terminator)": "-",
}


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(st.lists(CALLS, min_size=1, max_size=4))
def test_whatever_is_fixed_still_parses_and_ends(expressions: list[str]) -> None:
    text = NP + PD + "".join(f"y = ({each})\n" for each in expressions)
    ast.parse(text)
    for _ in range(60):
        file = parsed(text)
        uses = [each for each in matches(file) if each.api.api in TRIED]
        found = [fix(file, replace(each.api, fix="safe", rewrite=TRIED[each.api.api]), each) for each in uses]
        first = next((each for each in found if each is not None), None)
        if first is None:
            return
        text = edited(text, first.edits)
        ast.parse(text)
    pytest.fail("there is always something left to fix")


RULES = [rule for rule in catalogue.load() if rule.check == "deprecated"]
IMPORTS = """import imp
import numpy as np
import pandas as pd
from numpy import msort, product
df = pd.DataFrame()
"""
OLD = (
    "np.product",
    "product",
    "imp.reload",
    "df.append(df)",
    "msort(np)",
    "np.NaN",
    "df.iteritems",
    "imp.find_module(1)",
)


def is_python(text: str) -> bool:
    """Whether Python takes a text, warnings aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "any.py", "exec", flags=ast.PyCF_ONLY_AST)
        except (SyntaxError, ValueError):
            return False
    return True


def aged(text: str, order: int) -> str:
    """A program whose names are read from imports of old APIs instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    reads = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    lines = text.encode().splitlines(keepends=True)
    for number, each in enumerate(sorted(reads, key=lambda one: (one.lineno, one.col_offset), reverse=True)):
        line = lines[each.lineno - 1]
        new = OLD[(number + order) % len(OLD)].encode()
        lines[each.lineno - 1] = line[: each.col_offset] + new + line[each.end_col_offset or 0 :]
    return IMPORTS + b"".join(lines).decode()


def check(texts: Mapping[str, bytes]) -> Checked:
    """What the tables say of some texts, for versions without the old names."""
    pins = {"numpy": "2.0.0", "pandas": "3.0.0"}
    declared = tuple(Requirement(name, f"=={version}", "a test") for name, version in pins.items())
    project = Project(Path("nowhere").absolute(), (3, 13), declared=declared)
    file = Path("nowhere/any.py").absolute()
    limit = sys.getrecursionlimit()
    done = [examine(Source(path, file, data=data), RULES, project) for path, data in texts.items()]
    sys.setrecursionlimit(limit)
    return [each for one in done for each in one.findings], [each for one in done for each in one.problems]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(hypothesmith.from_grammar(), st.integers(0, len(OLD) - 1))
def test_any_program_parses_after_its_fixes_and_has_none_left(text: str, order: int) -> None:
    assume("\f" not in text and "\r" not in text and is_python(text))
    before = aged(text, order)
    assume(is_python(before))
    once = fix_in_rounds({"any.py": before.encode()}, check, unsafe=True)
    assert not once.problems
    after = once.texts.get("any.py", before.encode())
    assert is_python(after.decode())
    assert not fix_in_rounds({"any.py": after}, check, unsafe=True).texts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the import goes with the last of several uses
        (
            "import imp\nimp.reload(a)\nimp.reload(b), imp.reload(c)\n",
            "import importlib\nimportlib.reload(a)\nimportlib.reload(b), importlib.reload(c)\n",
        ),
        ("import imp\nimp.reload(imp.reload(a))\n", "import importlib\nimportlib.reload(importlib.reload(a))\n"),
        ("import imp\nimp.reload(a)\nimp.y\n", "import imp\nimport importlib\nimportlib.reload(a)\nimp.y\n"),
        ("import imp\nimp.y\nimp.reload(a)\n", "import imp\nimport importlib\nimp.y\nimportlib.reload(a)\n"),
        # the outer use goes with the import
        (
            "import pandas as pd\ndf = pd.DataFrame()\ndf.append(\n    df.append(df),\n)\n",
            "import pandas as pd\ndf = pd.DataFrame()\npd.concat([df, pd.concat([df, df])])\n",
        ),
        (
            "from numpy import msort\nx = msort(msort(y))\n",
            "from numpy import sort\nx = sort(sort(y, axis=0), axis=0)\n",
        ),
    ],
)
def test_rounds_end_with(before: str, after: str) -> None:
    assert fix_in_rounds({"a.py": before.encode()}, check, unsafe=True).texts["a.py"].decode() == after


def test_a_package_keeps_the_imports_that_others_may_take_from_it() -> None:
    before = b"import imp\nimp.reload(a)\n"
    texts = fix_in_rounds({"a/__init__.py": before, "a/b.py": before}, check, unsafe=True).texts
    assert texts == {
        "a/__init__.py": b"import imp\nimport importlib\nimportlib.reload(a)\n",
        "a/b.py": b"import importlib\nimportlib.reload(a)\n",
    }
