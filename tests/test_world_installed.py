"""Modules of an environment: found by their files, missing with evidence, unknown where code could make them."""

from __future__ import annotations

import keyword
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_packages import distribute, write

from verifier.model import Environment
from verifier.world import environment as environments
from verifier.world.installed import Found, Missing, Unknown, locate


def files(root: Path, *paths: str, **texts: str) -> Environment:
    for path in paths:
        write(root / path, "")
    for path, text in texts.items():
        write(root / path, text)
    return Environment((3, 12), (root,), ".venv (Python 3.12)")


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("pkg/__init__.py", "pkg"),
        ("pkg/__init__.pyc", "pkg"),
        ("pkg/__init__.cpython-312-x86_64-linux-gnu.so", "pkg"),
        ("mod.py", "mod"),
        ("mod.pyi", "mod"),
        ("mod.so", "mod"),
        ("mod.abi3.so", "mod"),
        ("mod.cpython-312-x86_64-linux-gnu.so", "mod"),
        ("mod.cp312-win_amd64.pyd", "mod"),
        ("space/deep/mod.py", "space"),
        ("space/deep/mod.py", "space.deep"),
        ("space/deep/mod.py", "space.deep.mod"),
    ],
)
def test_every_kind_of_module_is_found(tmp_path: Path, path: str, module: str) -> None:
    assert isinstance(locate(files(tmp_path, path), module), Found)


def test_a_found_module_tells_its_distribution_and_file(tmp_path: Path) -> None:
    distribute(tmp_path, "Alpha_Tools", "1.2", "alpha/__init__.py", "alpha/sub.py")
    assert locate(files(tmp_path), "alpha.sub") == Found("alpha-tools", "1.2", tmp_path / "alpha" / "sub.py")


def test_a_top_level_name_that_is_nowhere_is_missing(tmp_path: Path) -> None:
    environment = files(tmp_path, "requests/__init__.py", "numpy/__init__.py")
    assert locate(environment, "requets") == Missing("not installed in .venv (Python 3.12)", ("requests",))
    assert isinstance(locate(environment, "requets.sessions"), Missing)


def test_upper_and_lower_case_matter(tmp_path: Path) -> None:
    environment = files(tmp_path, "yaml/__init__.py")
    assert isinstance(locate(environment, "Yaml"), Missing)
    assert isinstance(locate(environment, "yaml"), Found)


@pytest.mark.parametrize("name", ["requests-stubs/__init__.pyi", "requests-2.0.dist-info/METADATA", "requests.txt"])
def test_stubs_and_metadata_make_no_module(tmp_path: Path, name: str) -> None:
    assert isinstance(locate(files(tmp_path, name), "requests"), Missing)


def test_a_sub_module_that_its_package_lacks_is_missing(tmp_path: Path) -> None:
    distribute(tmp_path, "alpha", "1.2", "alpha/__init__.py", "alpha/session.py")
    answer = locate(files(tmp_path), "alpha.sesion")
    assert isinstance(answer, Missing)
    assert (answer.distribution, answer.version, answer.nearest) == ("alpha", "1.2", ("session",))
    assert "alpha 1.2" in answer.evidence
    assert "alpha/__init__.py" in answer.evidence.replace(os.sep, "/")


def test_a_plain_module_has_no_sub_modules(tmp_path: Path) -> None:
    assert isinstance(locate(files(tmp_path, **{"mod.py": "import os\n"}), "mod.sub"), Missing)


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.modules[__name__ + '.child'] = object()\n",
        "__path__ = ['/elsewhere']\n",
        "from pkgutil import extend_path\n",
        "__import__('pkg_resources').declare_namespace(__name__)\n",
        "from types import ModuleType\n",
        "class _LazyModule: ...\n",
        "from ._utils import lazy_import\n",
        "_import_structure = {}\n",
        "import importlib\ndef __getattr__(name): return importlib.import_module(name)\n",
        "import sys\nsys.meta_path.append(object())\n",
    ],
)
@pytest.mark.parametrize("path", ["pkg/__init__.py", "pkg.py"])
def test_a_parent_that_may_make_modules_leaves_them_unknown(tmp_path: Path, path: str, source: str) -> None:
    environment = files(tmp_path, **{path: source})
    assert isinstance(locate(environment, "pkg.child"), Unknown)
    assert isinstance(locate(environment, "pkg"), Found)


def test_a_grandparent_that_may_make_modules_leaves_them_unknown(tmp_path: Path) -> None:
    environment = files(tmp_path, **{"a/__init__.py": "import sys\nsys.modules['a.b.c'] = 1\n", "a/b/__init__.py": ""})
    assert isinstance(locate(environment, "a.b.c"), Unknown)


@pytest.mark.parametrize("parent", ["pkg.so", "pkg/__init__.so", "pkg/__init__.pyc", "pkg.pyi", "pkg/__init__.pyi"])
def test_a_parent_that_cannot_be_read_leaves_its_sub_modules_unknown(tmp_path: Path, parent: str) -> None:
    assert isinstance(locate(files(tmp_path, parent), "pkg.child"), Unknown)


def test_another_file_of_the_package_that_makes_the_module_leaves_it_unknown(tmp_path: Path) -> None:
    made = "import sys\nfor name in ['child']:\n    sys.modules[f'pkg.{name}'] = object()\n"
    environment = files(tmp_path, **{"pkg/__init__.py": "from . import _vendor\n", "pkg/_vendor.py": made})
    assert isinstance(locate(environment, "pkg.child"), Unknown)
    assert isinstance(locate(environment, "pkg.other"), Missing)


def test_reading_sys_modules_elsewhere_makes_nothing(tmp_path: Path) -> None:
    reads = "import sys\nif 'child' in sys.modules: pass\n"
    environment = files(tmp_path, **{"pkg/__init__.py": "", "pkg/other.py": reads})
    assert isinstance(locate(environment, "pkg.child"), Missing)


def test_namespace_packages_merge_over_all_folders(tmp_path: Path) -> None:
    files(tmp_path / "one", "space/first.py")
    files(tmp_path / "two", "space/second/__init__.py")
    environment = Environment((3, 12), (tmp_path / "one", tmp_path / "two"), "both")
    assert isinstance(locate(environment, "space.first"), Found)
    assert isinstance(locate(environment, "space.second"), Found)
    answer = locate(environment, "space.third")
    assert isinstance(answer, Missing)
    assert answer.distribution is None
    assert "not installed" in answer.evidence


def test_a_package_wins_over_a_namespace_folder_before_it(tmp_path: Path) -> None:
    files(tmp_path / "one", "pkg/data.txt")
    files(tmp_path / "two", "pkg/__init__.py", "pkg/sub.py")
    environment = Environment((3, 12), (tmp_path / "one", tmp_path / "two"), "both")
    assert locate(environment, "pkg.sub") == Found(None, None, tmp_path / "two" / "pkg" / "sub.py")


def test_an_archive_on_the_path_leaves_absent_names_unknown(tmp_path: Path) -> None:
    environment = files(tmp_path / "site", "pkg/__init__.py")
    write(tmp_path / "more.egg", "")
    environment = Environment((3, 12), (tmp_path / "site", tmp_path / "more.egg"), "site")
    assert isinstance(locate(environment, "other"), Unknown)
    assert isinstance(locate(environment, "pkg"), Found)
    assert isinstance(locate(environment, "pkg.other"), Missing)


def test_start_up_code_that_may_make_modules_leaves_absent_names_unknown(tmp_path: Path) -> None:
    environment = files(tmp_path, **{"hook.pth": "import sys; sys.path.append('/x')\n", "pkg/__init__.py": ""})
    assert isinstance(locate(environment, "other"), Unknown)
    assert isinstance(locate(environment, "pkg"), Found)


def test_editable_packages_are_found_where_they_are_mapped(tmp_path: Path) -> None:
    write(tmp_path / "src" / "code" / "__init__.py", "")
    write(tmp_path / "src" / "code" / "sub.py", "")
    write(tmp_path / "src" / "single.py", "")
    mapping = {
        "renamed": str(tmp_path / "src" / "code"),
        "ns.part": str(tmp_path / "src" / "code"),
        "single": str(tmp_path / "src" / "single"),
    }
    environment = files(
        tmp_path / "site",
        **{
            "__editable__.mine-1.pth": "import __editable___mine_finder",
            "__editable___mine_finder.py": f"import sys\nMAPPING = {mapping!r}\nsys.meta_path.append(1)\n",
        },
    )
    assert locate(environment, "renamed.sub") == Found(None, None, tmp_path / "src" / "code" / "sub.py")
    assert isinstance(locate(environment, "ns.part.sub"), Found)
    assert isinstance(locate(environment, "single"), Found)
    assert isinstance(locate(environment, "renamed.nothing"), Missing)
    assert isinstance(locate(environment, "ns"), Unknown)
    assert isinstance(locate(environment, "absent"), Missing)


def test_setuptools_brings_distutils_back(tmp_path: Path) -> None:
    environment = files(
        tmp_path, "setuptools/__init__.py", "setuptools/_distutils/__init__.py", "setuptools/_distutils/core.py"
    )
    assert isinstance(locate(environment, "distutils.core"), Missing)
    write(tmp_path / "distutils-precedence.pth", "import os; __import__('_distutils_hack').add_shim()\n")
    assert isinstance(locate(environment, "distutils.core"), Found)


@given(st.lists(st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True), min_size=1, max_size=4))
def test_any_name_in_an_empty_environment_is_missing(parts: list[str]) -> None:
    environment = Environment((3, 12), (), "nothing")
    assert isinstance(locate(environment, ".".join(parts)), Missing)


@pytest.mark.parametrize("module", ["", "a..b", "a-b", ".a"])
def test_what_is_no_module_name_is_unknown(module: str) -> None:
    assert isinstance(locate(Environment((3, 12), (), "nothing"), module), Unknown)


def test_every_module_of_a_real_environment_is_found() -> None:
    environment, problems = environments.find(Path.cwd(), sys.prefix, {})
    assert problems == ()
    assert environment is not None
    site = next(path for path in environment.paths if (path / "packaging").is_dir())
    lost = [module for module in modules(site) if not isinstance(locate(environment, module), Found)]
    assert lost == []


def modules(site: Path) -> list[str]:
    found = []
    for folder in ("packaging", "click", "requests", "urllib3", "yaml", "pytest", "_pytest", "hypothesis"):
        for file in (site / folder).rglob("*.py"):
            parts = file.relative_to(site).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
                found.append(".".join(parts))
    assert len(found) > 100
    return found


def test_looking_at_files_loads_nothing_heavy() -> None:
    code = (
        "import sys; from verifier.world import declared, environment, installed, local;"
        "print(sorted({'requests', 'urllib3', 'pypi_simple', 'typeshed_client', 'libcst'} & sys.modules.keys()))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_real_environment_made_by_python_has_what_is_put_into_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / ".venv")], check=True)
    environment, _ = environments.find(tmp_path, None, {})
    assert environment is not None
    assert isinstance(locate(environment, "tiny"), Missing)
    distribute(environment.paths[0], "tiny", "0.1", "tiny/__init__.py")
    environment, _ = environments.find(tmp_path, None, {})
    assert environment is not None
    assert locate(environment, "tiny") == Found("tiny", "0.1", environment.paths[0] / "tiny" / "__init__.py")
