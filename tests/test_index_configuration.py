"""Package indexes are found where pip, uv and the others keep them, in their order; passwords are never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.distributions import Index, Indexes
from verifier.model import Problem, ProblemKind
from verifier.world.index import pip_settings
from verifier.world.index.configuration import public_index, read


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The machine's own configuration must not reach the tests.
    monkeypatch.setattr(pip_settings, "_SYSTEM", tmp_path / "etc")
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def home(root: Path) -> dict[str, str]:
    return {"HOME": str(root.parent / "home"), "XDG_CONFIG_DIRS": str(root.parent / "xdg")}


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def found(root: Path, index_url: str | None = None, **environ: str) -> tuple[Indexes, tuple[Problem, ...]]:
    return read(root, home(root) | environ, index_url=index_url, offline=False, cache=None)


def urls(root: Path, index_url: str | None = None, **environ: str) -> list[str]:
    indexes, problems = found(root, index_url, **environ)
    assert problems == ()
    return ["public" if one.public else one.url for one in indexes.indexes]


def test_nothing_said_means_the_public_index(root: Path) -> None:
    assert urls(root) == ["public"]
    assert public_index().startswith("https://")


def test_what_is_given_is_passed_on(root: Path, tmp_path: Path) -> None:
    private = ["Acme_*", "x.y"]
    indexes, _ = read(root, {}, index_url="http://i/", private=private, offline=True, cache=tmp_path)
    assert indexes == Indexes((Index("http://i/"),), private=("acme-*", "x-y"), offline=True, cache=tmp_path)


def test_the_option_goes_before_everything(root: Path) -> None:
    write(root / "uv.toml", 'index-url = "http://uv/"\n')
    assert urls(root, "http://me/simple", UV_INDEX="http://a/", PIP_EXTRA_INDEX_URL="http://b/") == [
        "http://me/simple/"
    ]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"UV_DEFAULT_INDEX": "http://d/"}, ["http://d/"]),
        ({"UV_DEFAULT_INDEX": "main=http://d/x"}, ["http://d/x/"]),
        ({"UV_INDEX_URL": "http://u/"}, ["http://u/"]),
        ({"UV_DEFAULT_INDEX": "http://d/", "UV_INDEX_URL": "http://u/"}, ["http://d/"]),
        ({"UV_INDEX": "a=http://a/  http://b/?q=1=2"}, ["http://a/", "http://b/", "public"]),
        (
            {"UV_EXTRA_INDEX_URL": "http://a/ http://b/", "UV_INDEX": "http://c/"},
            ["http://c/", "http://a/", "http://b/", "public"],
        ),
        ({"PIP_INDEX_URL": "http://p/simple"}, ["http://p/simple/"]),
        ({"PIP_EXTRA_INDEX_URL": "http://a/\nhttp://b/"}, ["http://a/", "http://b/", "public"]),
        ({"PIP_INDEX_URL": "http://p/", "UV_DEFAULT_INDEX": "http://d/"}, ["http://d/"]),
        ({"PIP_EXTRA_INDEX_URL": "http://a/", "UV_INDEX": "http://a/ http://b"}, ["http://a/", "http://b/", "public"]),
        ({"PIP_FIND_LINKS": "http://f/links.html"}, ["http://f/links.html", "public"]),
        ({"UV_FIND_LINKS": "http://f/,http://g/x"}, ["http://f/", "http://g/x", "public"]),
        ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "http://f/"}, ["http://f/"]),
        ({"PIP_NO_INDEX": "yes", "PIP_EXTRA_INDEX_URL": "http://f/"}, []),
        ({"PIP_NO_INDEX": "false"}, ["public"]),
        ({"PIP_INDEX_URL": ""}, ["public"]),
    ],
)
def test_variables(root: Path, environ: dict[str, str], expected: list[str]) -> None:
    assert urls(root, **environ) == expected


def test_the_public_index_is_known_whoever_names_it(root: Path) -> None:
    assert urls(root, public_index().rstrip("/")) == ["public"]
    assert urls(root, PIP_INDEX_URL="http://i/", PIP_EXTRA_INDEX_URL=public_index()) == ["public", "http://i/"]


def test_files_of_pip_in_their_order(root: Path) -> None:
    top = root.parent
    say = "[global]\nindex-url = http://{}/\n"
    places = [
        top / "xdg" / "pip" / "pip.conf",
        top / "etc" / "pip.conf",
        top / "home" / ".pip" / "pip.conf",
        top / "home" / ".config" / "pip" / "pip.conf",
        root / ".venv" / "pip.conf",
    ]
    for number, place in enumerate(places):
        write(place, say.format(number))
        assert urls(root) == [f"http://{number}/"]
    write(top / "env" / "pip.conf", say.format("env"))
    assert urls(root, VIRTUAL_ENV=str(top / "env")) == ["http://env/"]
    named = str(write(top / "own.conf", say.format("own")))
    assert urls(root, PIP_CONFIG_FILE=named) == ["http://own/"]
    assert urls(root, PIP_CONFIG_FILE=os.devnull) == ["public"]
    assert urls(root, PIP_INDEX_URL="http://last/") == ["http://last/"]


def test_with_a_named_file_of_pip_the_users_own_is_not_read(root: Path) -> None:
    write(root.parent / "home" / ".config" / "pip" / "pip.conf", "[global]\nextra-index-url = http://user/\n")
    named = write(root.parent / "own.conf", "[global]\nindex-url = http://own/\n")
    assert urls(root, PIP_CONFIG_FILE=str(named)) == ["http://own/"]
    assert urls(root, PIP_CONFIG_FILE=str(root.parent / "none.conf")) == ["http://user/", "public"]


def test_a_file_of_pip_in_full(root: Path) -> None:
    cert = write(root.parent / "ca.pem", "x")
    links = write(root.parent / "links" / "a-1.0.tar.gz", "").parent
    write(
        root.parent / "etc" / "pip.conf",
        "[global]\nindex_url = http://general/\nextra-index-url =\n    http://a/${NAME}\n    http://b/\n"
        f"find-links = {links}\n    http://f/x\ncert = {cert}\n[install]\nindex-url = http://install/\n"
        "[freeze]\nindex-url = http://freeze/\n",
    )
    indexes, problems = found(root, NAME="expanded")
    assert problems == ()
    assert [(one.url, one.find_links) for one in indexes.indexes] == [
        (links.as_uri(), True),
        ("http://f/x", True),
        ("http://a/${NAME}/", False),
        ("http://b/", False),
        ("http://install/", False),
    ]
    assert indexes.certificates == str(cert)


@pytest.mark.parametrize("text", ["index-url = http://me:s3cret@a/\n", "[global]\nindex-url me s3cret@a\n"])
def test_a_broken_file_of_pip_is_a_problem_and_the_rest_is_read(root: Path, text: str) -> None:
    broken = write(root.parent / "etc" / "pip.conf", text)
    write(root / ".venv" / "pip.conf", "[global]\nindex-url = http://good/\n")
    indexes, problems = found(root)
    assert [one.url for one in indexes.indexes] == ["http://good/"]
    assert [(one.path, one.kind) for one in problems] == [(str(broken), ProblemKind.SYNTAX)]
    assert "s3cret" not in problems[0].text


def test_a_file_of_pip_that_is_no_text_is_a_problem(root: Path) -> None:
    (write(root.parent / "etc" / "pip.conf", "")).write_bytes(b"\xff\xfe\x00")
    _, problems = found(root)
    assert [one.kind for one in problems] == [ProblemKind.IO]


def test_options_in_requirements_files(root: Path) -> None:
    write(
        root / "requirements.txt",
        "# -i http://comment/\n-i http://r/${TOKEN}/${lower}\nflask  # --index-url http://x/\n"
        "--extra-index-url=http://a/ \\\n  --find-links 'http://f/x'\nrequests --hash=sha256:1\n--no-binary :all:\n",
    )
    write(root / "requirements-dev.txt", "--extra-index-url http://b/\n-f ./links\n")
    (root / "links").mkdir()
    expected = ["http://f/x", (root / "links").as_uri(), "http://a/", "http://b/", "http://r/t/${lower}/"]
    assert sorted(urls(root, TOKEN="t", PIP_INDEX_URL="http://p/")) == sorted(expected)


UV = """
[tool.uv]
extra-index-url = ["http://extra/"]
find-links = ["http://f/x"]
[[tool.uv.index]]
name = "inner-one"
url = "http://inner/simple"
ignore-error-codes = [403]
[[tool.uv.index]]
url = "http://main/"
default = true
[[tool.uv.index]]
name = "torch"
url = "http://torch/"
explicit = true
[[tool.uv.index]]
name = "unused"
url = "http://unused/"
explicit = true
[[tool.uv.index]]
url = "wheels"
format = "flat"
[tool.uv.sources]
torch = [{ index = "torch", marker = "sys_platform == 'linux'" }, { git = "http://git/" }]
Torch_Vision = { index = "torch" }
"""


def test_uv_in_pyproject(root: Path) -> None:
    (root / "wheels").mkdir()
    write(root / "pyproject.toml", UV)
    login = {"UV_INDEX_INNER_ONE_USERNAME": "me", "UV_INDEX_INNER_ONE_PASSWORD": "s3cret"}
    indexes, problems = found(root, **login)
    assert problems == ()
    assert indexes.indexes == (
        Index((root / "wheels").as_uri(), find_links=True),
        Index("http://f/x", find_links=True),
        Index("http://inner/simple/", name="inner-one", user="me", password="s3cret", ignored=(403,)),
        Index("http://torch/", name="torch", names=("torch", "torch-vision")),
        Index("http://extra/"),
        Index("http://main/"),
    )
    assert "s3cret" not in repr(indexes)


def test_uv_toml_stands_in_place_of_pyproject_and_before_the_users(root: Path) -> None:
    write(root / "pyproject.toml", UV)
    write(root / "uv.toml", '[[index]]\nurl = "http://file/"\n[pip]\nindex-url = "http://pip/"\n')
    write(root.parent / "home/.config/uv/uv.toml", 'index-url = "http://user/"\nextra-index-url = ["http://more/"]\n')
    assert urls(root) == ["http://file/", "http://more/", "http://pip/"]


def test_settings_of_the_wrong_kind_are_passed_over(root: Path) -> None:
    write(
        root / "uv.toml",
        'index = 3\nindex-url = ["x"]\nextra-index-url = 1\nfind-links = {a = 1}\nno-index = "x"\npip = 1\n',
    )
    write(root / "pyproject.toml", "[tool.uv]\nsources = 1\n[tool.poetry]\nsource = 'x'\ndependencies = 3\n")
    write(root / "Pipfile", "source = 1\n")
    assert urls(root) == ["public"]


def test_a_broken_file_of_uv_is_a_problem_and_the_rest_is_read(root: Path) -> None:
    write(root / "uv.toml", "index-url = ")
    write(root / "pyproject.toml", "[tool.pdm")
    indexes, problems = found(root, PIP_INDEX_URL="http://p/")
    assert [one.url for one in indexes.indexes] == ["http://p/"]
    assert any("uv.toml" in one.text for one in problems)


def test_sources_of_a_pipfile(root: Path) -> None:
    text = '[[source]]\nurl = "http://${USER_}:$PASS@main/simple"\nname = "a"\n[[source]]\nurl = "http://b/"\n'
    write(root / "Pipfile", text)
    indexes, _ = found(root, USER_="me", PASS="s3cret")
    assert indexes.indexes == (Index("http://b/"), Index("http://main/simple/", name="a", user="me", password="s3cret"))
    assert urls(root, PIP_INDEX_URL="http://mirror/") == ["http://b/", "http://mirror/"]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ('[[tool.poetry.source]]\nname = "a"\nurl = "http://a/"\n', ["http://a/"]),
        ('[[tool.poetry.source]]\nname = "a"\nurl = "http://a/"\npriority = "supplemental"\n', ["http://a/", "public"]),
        (
            '[[tool.poetry.source]]\nname = "a"\nurl = "http://a/"\n[[tool.poetry.source]]\nname = "PyPI"\n',
            ["http://a/", "public"],
        ),
        ('[[tool.poetry.source]]\nname = "a"\nurl = "http://a/"\npriority = "explicit"\n', ["public"]),
        (
            """[[tool.poetry.source]]\nname = "a"\nurl = "http://a/"\npriority = "explicit"
               [tool.poetry.dependencies]\nx = {version = "1", source = "a"}\n""",
            ["http://a/", "public"],
        ),
        ('[[tool.pdm.source]]\nname = "pypi"\nurl = "http://a/"\n', ["http://a/"]),
        ('[[tool.pdm.source]]\nname = "in"\nurl = "http://${HOST}/"\n', ["http://h/", "public"]),
        ('[[tool.pdm.source]]\nname = "in"\nurl = "http://f/"\ntype = "find_links"\n', ["http://f/", "public"]),
    ],
)
def test_sources_of_poetry_and_pdm(root: Path, sources: str, expected: list[str]) -> None:
    write(root / "pyproject.toml", sources)
    assert urls(root, HOST="h") == expected


def test_credentials_in_addresses_are_split_off(root: Path) -> None:
    indexes, _ = found(root, PIP_INDEX_URL="https://me%40x:s3%2Fcret@host:8443/simple", UV_INDEX="http://token@h/")
    assert indexes.indexes[0] == Index("http://h/", user="token")
    assert indexes.indexes[1] == Index("https://host:8443/simple/", user="me@x", password="s3/cret")
    assert "s3" not in repr(indexes)


def test_the_same_address_with_a_login_goes_before_the_one_without(root: Path) -> None:
    indexes, _ = found(root, PIP_EXTRA_INDEX_URL="http://h/", PIP_INDEX_URL="http://me:pw@h/")
    assert [(one.url, one.user) for one in indexes.indexes] == [("http://h/", "me")]


def test_folders_that_are_not_there_are_problems_and_left_out(root: Path) -> None:
    indexes, problems = found(
        root, PIP_FIND_LINKS="nowhere", PIP_EXTRA_INDEX_URL="file:///no/such/simple ftp://me:pw@h/"
    )
    assert [one.public for one in indexes.indexes] == [True]
    assert len(problems) == 3
    assert all(one.kind is ProblemKind.INDEX for one in problems)
    assert not any("pw" in one.text for one in problems)


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates(root: Path, name: str) -> None:
    file = write(root.parent / "ca.pem", "x")
    assert found(root, **{name: str(file)})[0].certificates == str(file)
    indexes, problems = found(root, **{name: str(root / "none.pem")})
    assert indexes.certificates is None
    assert [one.kind for one in problems] == [ProblemKind.INDEX]
