"""Where declared requirements stand: exact lines and columns, in every file that declares them."""

from __future__ import annotations

import json
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.world import declared
from verifier.world.places import Place, declared_in, inline_places
from verifier.world.toml_texts import texts


def cut(place: Place, text: str) -> str:
    return text.splitlines()[place.line - 1][place.column - 1 : place.end_column - 1]


def written(root: Path, text: str, name: str = "pyproject.toml") -> list[Place]:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    return list(declared_in(root))


def shown(places: list[Place], text: str) -> list[tuple[int, str, str]]:
    return [(place.line, place.name, cut(place, text)) for place in places]


def test_pyproject_tables(tmp_path: Path) -> None:
    text = """\
[project]
name = "Ship"
requires-python = ">=3.10"  # "cargo-list>=9"
dependencies = ["cargo-list>=1", 'Mast.X[fast] ~= 2.0 ; python_version < "3.12"',
    # "rope==0",
    "rope", "ship[web]",
]
optional-dependencies.web = ["cargo-list>=2"]
[build-system]
requires = ["builder"]
[dependency-groups]
"test" = ["cargo-list>=2", {include-group = "lint"}]
lint = ["\\u006cinter==1", "no requirement"]
[tool.uv]
dev-dependencies = ["cargo-list>=1"]
[tool.uv.sources]
rope = { git = "https://git.example/rope.git" }
mast = { index = "house" }
[tool.hatch.envs.docs]
extra-dependencies = ["pages", "me @ {root:uri}"]
"""
    places = written(tmp_path, text)
    assert shown(places, text) == [
        (4, "cargo-list", "cargo-list>=1"),
        (4, "mast-x", 'Mast.X[fast] ~= 2.0 ; python_version < "3.12"'),
        (6, "rope", "rope"),
        (6, "ship", "ship[web]"),
        (8, "cargo-list", "cargo-list>=2"),
        (12, "cargo-list", "cargo-list>=2"),
        (13, "linter", "\\u006cinter==1"),
        (15, "cargo-list", "cargo-list>=1"),
        (20, "pages", "pages"),
    ]
    assert {place.path for place in places} == {"pyproject.toml"}
    assert {place.python for place in places} == {">=3.10"}
    assert [place.name for place in places if place.elsewhere] == ["rope", "ship"]
    assert (places[1].specifier, places[1].marker) == ("~=2.0", 'python_version < "3.12"')
    assert (places[0].line, places[0].column, places[0].end_column) == (4, 18, 31)


def test_poetry_tables(tmp_path: Path) -> None:
    text = """\
[tool.poetry]
name = "ship"
[tool.poetry.dependencies]
python = "^3.9"
Cargo_List = "^1.2"
mast = {version = ">=2", optional = true, markers = "sys_platform == 'win32'"}
rope = {path = "../rope"}
sail = [
    {version = "<2", python = "<3.11"},
    {version = ">=2", python = ">=3.11", platform = "linux"},
]
either = ">=1 || <0.5"
[tool.poetry.dependencies.anchor]
version = "1.0"
git = "https://git.example/anchor.git"
[tool.poetry.group.dev.dependencies]
tester = "*"
[tool.poetry.dev-dependencies]
old = "~1.4"
"""
    places = written(tmp_path, text)
    assert shown(places, text) == [
        (5, "cargo-list", 'Cargo_List = "^1.2"'),
        (6, "mast", 'version = ">=2"'),
        (9, "sail", 'version = "<2"'),
        (10, "sail", 'version = ">=2"'),
        (12, "either", 'either = ">=1 || <0.5"'),
        (14, "anchor", 'version = "1.0"'),
        (17, "tester", 'tester = "*"'),
        (19, "old", 'old = "~1.4"'),
    ]
    assert [place.specifier for place in places] == ["<2,>=1.2", ">=2", "<2", ">=2", "", "==1.0", "", "<1.5,>=1.4"]
    assert places[1].marker == "sys_platform == 'win32'"
    assert [place.marker for place in places[2:4]] == ["python_full_version < '3.11'", "python_full_version >= '3.11'"]
    assert [place.name for place in places if place.elsewhere] == ["anchor"]
    assert {place.python for place in places} == {"<4,>=3.9"}


def test_requirements_files(tmp_path: Path) -> None:
    text = """\
# cargo-list==0
-r more/dev.txt
  cargo-list==1.0 --hash=sha256:aa  # why
mast>=2 \\
    ; python_version > "3"
-e .
./folder
https://files.example/x-1.0-py3-none-any.whl
named @ https://someone:secret@files.example/named-1.0.tar.gz
not a requirement
"""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "dev.txt").write_text("rope\n-c ../constraints.txt\n")
    (tmp_path / "constraints.txt").write_text("\nsail<3\n")
    (tmp_path / "setup.cfg").write_text("[options]\npython_requires = >=3.11\n")
    places = written(tmp_path, text, "requirements.txt")
    assert sorted((place.path, place.line, place.name) for place in places) == [
        ("constraints.txt", 2, "sail"),
        ("more/dev.txt", 1, "rope"),
        ("requirements.txt", 3, "cargo-list"),
        ("requirements.txt", 4, "mast"),
        ("requirements.txt", 9, "named"),
    ]
    found = {place.name: place for place in places}
    assert cut(found["cargo-list"], text) == "cargo-list==1.0"
    assert cut(found["mast"], text) == "mast>=2"
    assert (found["mast"].marker, found["mast"].specifier) == ('python_version > "3"', ">=2")
    assert found["named"].elsewhere
    assert "secret" not in repr(places)
    assert {place.python for place in places} == {">=3.11"}


def test_files_that_setuptools_reads(tmp_path: Path) -> None:
    (tmp_path / "needs").mkdir()
    (tmp_path / "needs" / "run.list").write_text("cargo-list\n")
    places = written(tmp_path, '[tool.setuptools.dynamic]\ndependencies = {file = ["needs/run.list", 5]}\n')
    assert [(place.path, place.line, place.column, place.name) for place in places] == [
        ("needs/run.list", 1, 1, "cargo-list")
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_script_metadata(end: str) -> None:
    text = end.join(
        [
            '"""Doc."""',
            "# /// script",
            '# requires-python = ">=3.12"',
            "# dependencies = [",
            '#   "cargo-list<2",  # "rope"',
            "#",
            "#   'mast @ https://someone:secret@files.example/mast-1.0.tar.gz', \"sail\",",
            "# ]",
            "# [tool.uv.sources]",
            '# sail = {path = "../sail"}',
            "# ///",
            "import cargo_list",
        ]
    )
    places = list(inline_places(text, "task.py"))
    assert shown(places, text) == [
        (5, "cargo-list", "cargo-list<2"),
        (7, "mast", "mast @ https://someone:secret@files.example/mast-1.0.tar.gz"),
        (7, "sail", "sail"),
    ]
    assert [place.elsewhere for place in places] == [False, True, True]
    assert {(place.path, place.python) for place in places} == {("task.py", ">=3.12")}
    assert "secret" not in repr(places)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import a\n",
        "# /// script\n# dependencies = [\n# ///\n",
        '# /// script\n# dependencies = ["a"]\n# ///\n\n# /// script\n# dependencies = ["a"]\n# ///\n',
        '# /// other\n# dependencies = ["a"]\n# ///\n',
        '# /// script\n# [project]\n# dependencies = ["a"]\n# ///\n',
        "# /// script\n# dependencies = [1, ['a'], {b = 'c'}]\n# ///\n",
    ],
)
def test_scripts_that_declare_nothing(text: str) -> None:
    assert list(inline_places(text)) == []


@pytest.mark.parametrize(
    "text",
    ["", "[", "[project]\ndependencies = 5\n", "[project]\ndependencies = [[['a']]]\n", "dependencies = ['a']\n"],
)
def test_projects_that_declare_nothing(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, text) == []


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_bytes(b"\xff\xfea==1\n" if name == "pyproject.toml" else b"\xfda==1\n")
    assert list(declared_in(tmp_path)) == []


def test_every_kind_of_text_in_toml() -> None:
    document = '''\
plain = "a\\"]#" # "no"
'lite"ral' = 'b\\'
dotted . "key.s" = """
c "" \\"""""
[[table]]
many = [1, 1979-05-27 07:32:00, """d""", [ "e" , ], ] # ]
[[table]]
[table.below]
in = { x = "f", y.z = ['g', { w = \'\'\'h
i\'\'\' }], n = 5 }
[table.below.deeper]
empty = """"""
'''
    found = [(text.keys, text.value) for text in texts(document)]
    assert found == [
        (("plain",), 'a"]#'),
        (('lite"ral',), "b\\"),
        (("dotted", "key.s"), 'c "" ""'),
        (("table", 0, "many", 2), "d"),
        (("table", 0, "many", 3, 0), "e"),
        (("table", 1, "below", "in", "x"), "f"),
        (("table", 1, "below", "in", "y", "z", 0), "g"),
        (("table", 1, "below", "in", "y", "z", 1, "w"), "h\ni"),
        (("table", 1, "below", "deeper", "empty"), ""),
    ]
    for text in texts(document):
        assert tomllib.loads(f"v = {document[text.start : text.end]}") == {"v": text.value}
        assert document[text.key] in "plidxyzwme'\""


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=4)
parts = st.recursive(
    names | st.integers(-9, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def inline(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {inline(item)}" for key, item in value.items()) + "}"
        case list():
            return "[ # [\n" + ",\n".join(inline(item) for item in value) + "]"
        case str():
            return quoted(value)
    return json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def leaves(value: object, keys: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    match value:
        case str():
            return [(keys, value)]
        case dict():
            return [leaf for key, item in value.items() for leaf in leaves(item, (*keys, key))]
        case list():
            return [leaf for key, item in enumerate(value) for leaf in leaves(item, (*keys, key))]
    return []


@given(st.dictionaries(names, st.dictionaries(names, parts, max_size=3) | st.lists(parts), max_size=3))
def test_texts_are_those_that_tomllib_reads(document: dict[str, object]) -> None:
    source = ""
    for key, value in document.items():
        head = f"[ {quoted(key)} ] # ["
        lines = [f"{quoted(name)} = {inline(item)}" for name, item in value.items()] if isinstance(value, dict) else []
        tables = [f"[[{quoted(key)}]]\nv = {inline(item)}" for item in value] if isinstance(value, list) else [head]
        source += "\n".join([*tables, *lines, ""])
    found = {text.keys: source[text.start : text.end] for text in texts(source)}
    expected = dict(leaves(tomllib.loads(source)))
    assert {keys: tomllib.loads(f"v = {literal}")["v"] for keys, literal in found.items()} == expected


@given(st.text(alphabet="[]{}=,.\"'#\\\n ab1", max_size=30) | st.text(max_size=30))
def test_texts_of_anything(document: str) -> None:
    try:
        expected = dict(leaves(tomllib.loads(document)))
    except tomllib.TOMLDecodeError:
        assert texts(document) == []
    else:
        assert {text.keys: text.value for text in texts(document)} == expected


odd = st.text(max_size=12) | st.sampled_from(
    ["a==" + "1" * 5000, "a; " + "(" * 3000 + "os_name > '3'", "^" + "1" * 5000, "{", "a @ https://[", "~=", "a (>=1)"]
)


@given(odd, odd, odd | st.integers() | st.lists(odd, max_size=2))
def test_places_never_raise(one: str, two: str, three: object) -> None:
    row = inline([{"version": two, "python": one, "markers": three}])
    tables = (
        f"[project]\ndependencies = {inline([one, three])}\nrequires-python = {inline(three)}\n"
        f"[dependency-groups]\na = {inline([two])}\n[tool.uv]\nsources = {inline({'a': three})}\n"
        f"[tool.poetry.dependencies]\na = {inline(two)}\nb = {row}\n"
        f"[tool.setuptools.dynamic]\ndependencies = {inline({'file': three})}\n"
    )
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "pyproject.toml").write_text(tables, encoding="utf-8", errors="replace")
        (Path(name) / "requirements.txt").write_text(f"{one}\n-r {two}\n", encoding="utf-8", errors="replace")
        list(declared_in(Path(name)))
        declared.read(Path(name))
    list(inline_places(f"# /// script\n# dependencies = [{json.dumps(one)}]\n# requires-python = 5\n# {two}\n# ///\n"))
