"""What a project declares: every usual file is read, none is run, and what is broken is said and skipped."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from verifier.model import Problem, ProblemKind
from verifier.world import poetry
from verifier.world.declared import own_name, read, requires_python


def names(root: Path) -> set[str]:
    requirements, problems = read(root)
    assert problems == ()
    return {requirement.name for requirement in requirements}


def problems_of(root: Path) -> tuple[Problem, ...]:
    return read(root)[1]


def test_an_empty_folder_declares_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == ((), ())
    assert own_name(tmp_path) is None
    assert requires_python(tmp_path) is None


def test_pyproject_tables_of_the_standards_and_the_tools(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        """
        [project]
        name = "My.Project"
        requires-python = ">=3.10"
        dependencies = ["Requests[socks]>=2.31 ; python_version > '3'", "local @ file:///tmp/local"]
        optional-dependencies.extra = ["Foo_Bar==1.*"]
        [build-system]
        requires = ["hatchling"]
        [dependency-groups]
        test = ["pytest", {include-group = "lint"}]
        lint = ["ruff"]
        [tool.uv]
        dev-dependencies = ["uv-dev"]
        [tool.pdm.dev-dependencies]
        all = ["pdm-dev", "-e file:///tmp/x#egg=x"]
        [tool.hatch.envs.docs]
        dependencies = ["mkdocs", "me @ {root:uri}"]
        extra-dependencies = ["mkdocs-material"]
        [tool.poetry.dependencies]
        python = "^3.9"
        Poetry_One = "^1.2"
        poetry-git = {git = "https://host.invalid/x.git"}
        [tool.poetry.dev-dependencies]
        poetry-dev = "*"
        [tool.poetry.group.docs.dependencies]
        poetry-docs = {version = "~2.1", optional = true}
        """
    )
    requirements, problems = read(tmp_path)
    assert problems == ()
    assert {requirement.origin for requirement in requirements} == {"pyproject.toml"}
    assert {requirement.name: requirement.specifier for requirement in requirements} == {
        "requests": ">=2.31",
        "local": "",
        "foo-bar": "==1.*",
        "hatchling": "",
        "pytest": "",
        "ruff": "",
        "uv-dev": "",
        "pdm-dev": "",
        "mkdocs": "",
        "mkdocs-material": "",
        "poetry-one": "<2,>=1.2",
        "poetry-git": "",
        "poetry-dev": "",
        "poetry-docs": "<2.2,>=2.1",
    }
    assert own_name(tmp_path) == "my-project"
    assert requires_python(tmp_path) == ">=3.10"


def test_files_that_setuptools_reads_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.setuptools.dynamic]\ndependencies = {file = ["needs.in"]}\n'
        'optional-dependencies.dev = {file = "needs-dev.in"}\n'
    )
    (tmp_path / "needs.in").write_text("alpha\n")
    (tmp_path / "needs-dev.in").write_text("beta\n")
    assert names(tmp_path) == {"alpha", "beta"}


def test_requirement_files_as_pip_reads_them(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# a comment\n"
        "alpha==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "Beta >= 2, < 3  # why\n"
        "gamma ; sys_platform == 'win32'\n"
        "--index-url https://host.invalid/simple\n"
        "-i https://host.invalid/simple\n"
        "--only-binary :all:\n"
        "-e .\n"
        "-e git+https://host.invalid/x.git#egg=editable\n"
        "./local-folder\n"
        "../up.whl\n"
        "git+https://host.invalid/d.git@main#egg=Delta_Egg&subdirectory=x\n"
        "https://host.invalid/epsilon_pkg-1.0-py3-none-any.whl\n"
        "zeta @ https://host.invalid/zeta.zip\n"
        "eta~=1.4 --config-settings x=y\n"
        "-r requirements/more.txt\n"
        "--requirement=missing-at-first.txt\n"
        "-c limits.txt\n"
    )
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "more.txt").write_text("theta\n-r ../requirements.txt\n-r inner/last.txt\n")
    (tmp_path / "requirements" / "inner").mkdir()
    (tmp_path / "requirements" / "inner" / "last.txt").write_text("iota")
    (tmp_path / "missing-at-first.txt").write_text("kappa\n")
    (tmp_path / "limits.txt").write_text("lambda-limit<5\n")
    (tmp_path / "dev-requirements.txt").write_text("mu\n")
    requirements, problems = read(tmp_path)
    assert problems == ()
    assert {requirement.name for requirement in requirements} == {
        *("alpha", "beta", "gamma", "delta-egg", "epsilon-pkg", "zeta", "eta", "theta", "iota", "kappa"),
        *("lambda-limit", "mu"),
    }
    origins = {requirement.name: requirement.origin for requirement in requirements}
    assert origins["iota"] == "requirements/inner/last.txt"
    assert next(requirement.specifier for requirement in requirements if requirement.name == "beta") == "<3,>=2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_requirement_files_of_other_editors_are_read(tmp_path: Path, encoding: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    (tmp_path / "requirements.txt").write_bytes(marks.get(encoding, b"") + "alpha==1\r\nbeta\r\n".encode(encoding))
    assert names(tmp_path) == {"alpha", "beta"}


def test_setup_cfg(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(
        "[metadata]\nname = Cfg_Name\n[options]\npython_requires = >=3.8\ninstall_requires =\n    alpha>=1\n"
        "    # a comment\n    beta; python_version < '3'\n[options.extras_require]\ndev =\n    gamma\n    100%%?\n"
    )
    requirements, problems = read(tmp_path)
    assert {requirement.name for requirement in requirements} == {"alpha", "beta", "gamma"}
    assert ["100%%?" in problem.text for problem in problems] == [True]
    assert (own_name(tmp_path), requires_python(tmp_path)) == ("cfg-name", ">=3.8")


def test_setup_py_is_read_for_its_literals_and_never_run(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(
        f"from setuptools import setup\nimport pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
        "BASE = ['alpha>=1', 'beta']\nEXTRA = {'dev': ['gamma'], 'all': BASE + ['delta']}\n"
        "setup(name='Script_Name', python_requires='>=3.7', install_requires=BASE, extras_require=EXTRA,\n"
        "      tests_require='epsilon\\nzeta')\n"
    )
    assert names(tmp_path) == {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}
    assert (own_name(tmp_path), requires_python(tmp_path)) == ("script-name", ">=3.7")
    assert not (tmp_path / "ran").exists()


def test_setup_py_that_reads_a_file_declares_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "needs.txt").write_text("alpha\nbeta\n")
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\nsetup(install_requires=open('needs.txt').read().splitlines())\n"
    )
    assert names(tmp_path) == {"alpha", "beta"}


@pytest.mark.parametrize(
    "value",
    ["compute()", "NEEDS", "['alpha'] + compute()", "{**more}", "TWICE", "GROWN"],
)
def test_setup_py_that_computes_its_requirements_is_a_problem(tmp_path: Path, value: str) -> None:
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\nTWICE = ['a']\nTWICE = ['b']\nGROWN = ['c']\nGROWN.append('d')\n"
        f"setup(install_requires={value})\n"
    )
    requirements, problems = read(tmp_path)
    assert requirements == ()
    assert [(problem.path, problem.kind) for problem in problems] == [("setup.py", ProblemKind.LIMIT)]


def test_pipfile_and_conda_pip_section(tmp_path: Path) -> None:
    (tmp_path / "Pipfile").write_text(
        '[[source]]\nname = "x"\n[requires]\npython_version = "3.11"\n[packages]\nalpha = "*"\n'
        'beta = {version = ">=1", extras = ["x"]}\n[dev-packages]\ngamma = "==1.0"\n'
    )
    (tmp_path / "environment.yml").write_text(
        "name: x\ndependencies:\n  - python=3.11\n  - pytorch\n  - pip:\n"
        "    - delta>=1  # why\n    - 'epsilon'\n  - zeta\n"
    )
    assert names(tmp_path) == {"alpha", "beta", "gamma", "delta", "epsilon"}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("pyproject.toml", b"[project", ProblemKind.SYNTAX),
        ("pyproject.toml", b"[project]\ndependencies = 'alpha'\n", ProblemKind.SYNTAX),
        ("pyproject.toml", b"[project]\ndependencies = ['not a requirement']\n", ProblemKind.SYNTAX),
        ("pyproject.toml", b"dependency-groups = 3\n", ProblemKind.SYNTAX),
        ("pyproject.toml", b"\xff\xfe", ProblemKind.ENCODING),
        ("Pipfile", b"= = =", ProblemKind.SYNTAX),
        ("setup.cfg", b"no section\n", ProblemKind.SYNTAX),
        ("setup.cfg", b"[metadata]\nname = \xff\n", ProblemKind.ENCODING),
        ("setup.py", b"def (:\n", ProblemKind.SYNTAX),
        ("setup.py", b"\0", ProblemKind.SYNTAX),
        ("requirements.txt", b"alpha beta gamma\n", ProblemKind.SYNTAX),
        ("requirements.txt", b"caf\xe9\n", ProblemKind.ENCODING),
        ("requirements.txt", b"-r no-such-file.txt\n", ProblemKind.IO),
        ("requirements.txt", b"-r a\0b.txt\n", ProblemKind.IO),
    ],
)
def test_a_broken_file_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, name: str, data: bytes, kind: ProblemKind
) -> None:
    (tmp_path / "requirements-right.txt").write_text("right\n")
    (tmp_path / name).write_bytes(data)
    requirements, problems = read(tmp_path)
    assert "right" in {requirement.name for requirement in requirements}
    assert [problem.kind for problem in problems] == [kind]
    assert problems[0].path is not None
    assert problems[0].path in problems[0].text
    assert (own_name(tmp_path), requires_python(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "project = 1\n[tool]\npoetry = 'x'\nhatch = []\nuv = 3\n",
        "[tool.poetry]\ndependencies = []\ngroup = {a = 1}\n[tool.setuptools.dynamic]\ndependencies = 'x'\n",
        "[project]\nname = 3\nrequires-python = []\n[tool.hatch.envs]\ndefault = 'x'\n",
    ],
)
def test_tables_of_the_wrong_kind_are_no_crash(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert read(tmp_path)[0] == ()
    assert own_name(tmp_path) is None
    assert requires_python(tmp_path) is None


def test_a_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt"):
        (tmp_path / name).mkdir()
    assert {problem.path for problem in problems_of(tmp_path)} == {
        *("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt"),
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        ("1.2.3", "==1.2.3"),
        ("1.*", "==1.*"),
        (">=1, <2", ">=1,<2"),
        (">= 1 !=1.5", ">=1,!=1.5"),
        ("*", ""),
        ("<1 || >2", ""),
        ("nonsense", ""),
    ],
)
def test_poetry_versions_are_said_as_specifiers(written: str, meant: str) -> None:
    assert poetry.specifier(written) == str(SpecifierSet(meant))


@given(st.text(alphabet="^~<>=!*|,. 0123456789abrc"))
def test_any_poetry_version_gives_a_specifier(text: str) -> None:
    SpecifierSet(poetry.specifier(text))
