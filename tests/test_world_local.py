"""Imports that the project answers itself, and those that it does not although a folder looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.model import Project
from verifier.world.local import find_root, holders, provides, source_roots


def lay(root: Path, *paths: str, **texts: str) -> Project:
    for path, text in {**dict.fromkeys(paths, ""), **texts}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Project(root, (3, 12))


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.cfg", "setup.py", ".git/HEAD"])
def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path, mark: str) -> None:
    lay(tmp_path, "outer/pyproject.toml", f"outer/inner/{mark}", "outer/inner/pkg/sub/mod.py")
    inner = tmp_path / "outer" / "inner"
    assert find_root(inner / "pkg" / "sub" / "mod.py") == inner
    assert find_root(inner / "pkg") == inner
    assert find_root(inner) == inner


def test_without_a_mark_the_root_is_the_folder_itself(tmp_path: Path) -> None:
    lay(tmp_path, "a/b/mod.py")
    if find_root(tmp_path) == tmp_path:
        assert find_root(tmp_path / "a" / "b" / "mod.py") == tmp_path / "a" / "b"


@pytest.mark.parametrize(
    ("name", "text", "folders"),
    [
        ("pyproject.toml", "", {"src", "lib"}),
        ("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'code'\npart = 'deep/part'\n", {"code", "deep"}),
        ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.hatch.build]\nsources = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['code/pkg']\n", {"code"}),
        ("pyproject.toml", "[tool.poetry]\npackages = [{include = 'pkg', from = 'code'}]\n", {"code"}),
        ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['code']\n", {"code"}),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = ['deep/*']\n", {"deep/part", "deep/part/src"}),
        ("setup.cfg", "[options]\npackage_dir =\n    = code\n", {"code"}),
        ("setup.cfg", "[options.packages.find]\nwhere = code\n", {"code"}),
        ("pyproject.toml", "tool = {setuptools = {package-dir = 3}, poetry = {packages = 'x'}}\n", set()),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = ['', '/', '**a', 'a\\u0000b']\n", set()),
        ("pyproject.toml", "[broken", set()),
    ],
)
def test_source_roots_are_the_usual_and_the_configured_folders(
    tmp_path: Path, name: str, text: str, folders: set[str]
) -> None:
    lay(tmp_path, *(f"{folder}/x.txt" for folder in ("src", "lib", "code", "deep/part/src")), **{name: text})
    roots = source_roots(tmp_path)
    assert roots[0] == tmp_path
    assert {tmp_path / folder for folder in folders} <= set(roots)
    assert set(roots) <= {tmp_path / folder for folder in folders | {"", "src", "lib"}}


@pytest.mark.parametrize(
    ("path", "file", "module"),
    [
        ("scripts/helper.py", "scripts/run.py", "helper"),
        ("pkg/__init__.py", "pkg/sub/mod.py", "pkg"),
        ("pkg/__init__.py", "pkg/sub/mod.py", "pkg.generated.thing"),
        ("src/pkg/__init__.py", "tests/test_x.py", "pkg.core"),
        ("lib/mod.py", "tests/test_x.py", "mod"),
        ("tests/helpers.py", "tests/unit/deep/test_x.py", "helpers"),
        ("tests/helpers.py", "tests/unit/test_x.py", "tests.helpers"),
        ("plain/mod.py", "run.py", "plain"),
        ("plain/deep/mod.py", "run.py", "plain"),
        ("plain/deep/mod.py", "run.py", "plain.deep.mod"),
        ("backend/app/__init__.py", "tests/test_x.py", "app"),
        ("service/src/app/__init__.py", "service/tests/test_x.py", "app"),
        ("fast.cpython-312-x86_64-linux-gnu.so", "run.py", "fast"),
        ("fast.pyx", "run.py", "fast"),
        ("tests/conftest.py", "tests/unit/test_x.py", "conftest"),
        ("protos/user.proto", "run.py", "user_pb2"),
    ],
)
def test_what_the_project_holds_is_local(tmp_path: Path, path: str, file: str, module: str) -> None:
    project = lay(tmp_path, path, file)
    assert provides(project, tmp_path / file, module, 0)


@pytest.mark.parametrize(
    ("path", "file", "module"),
    [
        ("scripts/helper.py", "run.py", "helpers"),
        ("google/mine.py", "run.py", "google.cloud.storage"),
        ("docker/Dockerfile", "run.py", "docker"),
        ("docker/healthcheck.py", "run.py", "docker.client"),
        ("redis.conf", "run.py", "redis"),
        (".venv/requests/__init__.py", "run.py", "requests"),
        ("node_modules/requests/__init__.py", "run.py", "requests"),
        ("env/requests/__init__.py", "run.py", "requests"),
        ("tests/fixtures/requests/__init__.py", "run.py", "requests"),
        ("Numpy/__init__.py", "run.py", "numpy"),
    ],
)
def test_what_only_looks_like_it_is_not_local(tmp_path: Path, path: str, file: str, module: str) -> None:
    project = lay(tmp_path, path, file, "env/pyvenv.cfg")
    assert not provides(project, tmp_path / file, module, 0)


def test_the_projects_own_name_is_local(tmp_path: Path) -> None:
    project = lay(tmp_path, **{"pyproject.toml": "[project]\nname = 'My-Project'\n"})
    assert provides(project, None, "my_project.core", 0)
    assert not provides(project, None, "other_project", 0)


def test_text_without_a_file_sees_the_source_roots(tmp_path: Path) -> None:
    project = lay(tmp_path, "src/pkg/__init__.py")
    assert provides(project, None, "pkg", 0)
    assert not provides(project, None, "other", 0)


def test_a_file_outside_the_root_sees_its_own_package(tmp_path: Path) -> None:
    project = lay(tmp_path / "root", "x.py")
    lay(tmp_path, "else/pkg/__init__.py", "else/pkg/sub/__init__.py", "else/pkg/sub/mod.py", "else/beside.py")
    file = tmp_path / "else" / "pkg" / "sub" / "mod.py"
    assert provides(project, file, "pkg.sub", 0)
    assert provides(project, file, "beside", 0)
    assert not provides(project, tmp_path / "else" / "beside.py", "root", 0)


@pytest.mark.parametrize(
    ("module", "level", "local"),
    [
        ("", 1, True),
        ("mod", 1, True),
        ("sub", 1, True),
        ("sub.deep", 1, True),
        ("sub.nothing", 1, False),
        ("nothing", 1, False),
        ("mod.attribute", 1, False),
        ("pkg", 2, True),
        ("other", 2, True),
        ("nothing", 2, False),
        ("thing_pb2", 1, True),
        ("_version", 1, True),
    ],
)
def test_relative_imports_are_looked_up_where_they_point(tmp_path: Path, module: str, level: int, local: bool) -> None:
    project = lay(tmp_path, "pkg/__init__.py", "pkg/mod.py", "pkg/sub/__init__.py", "pkg/sub/deep.py", "other.py")
    assert provides(project, tmp_path / "pkg" / "mod.py", module, level) is local
    assert provides(project, None, module, level)


def test_relative_imports_of_modules_that_a_build_makes_are_not_judged(tmp_path: Path) -> None:
    project = lay(tmp_path, "Cargo.toml", "pkg/__init__.py")
    assert provides(project, tmp_path / "pkg" / "__init__.py", "_native", 1)


def test_a_module_that_is_added_later_is_seen(tmp_path: Path) -> None:
    project = lay(tmp_path, "run.py")
    assert not provides(project, tmp_path / "run.py", "late", 0)
    lay(tmp_path, "late/__init__.py")
    assert provides(project, tmp_path / "run.py", "late", 0)


_HERE = "import os, sys\nfrom pathlib import Path\n"


@pytest.mark.parametrize(
    "change",
    [
        "sys.path.append('plugins')",
        "sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'plugins'))",
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/plugins')",
        "sys.path.insert(0, str(Path(__file__).resolve().parent / 'plugins'))",
        "sys.path.append(os.fspath(Path(__file__).parents[1].joinpath('tools', 'plugins')))",
        "sys.path.append(os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, 'tools/plugins')))",
        "HERE = Path(__file__).parent\nWHERE: str = f'{HERE}/plugins'\nsys.path += [WHERE]",
        "sys.path[:0] = ['plugins']",
        "sys.path = ['plugins', *sys.path]",
        "sys.path = ['plugins'] + sys.path",
        "sys.path.extend(('plugins',))",
        "def main():\n    sys.path.append('plugins')",
        "import site\nsite.addsitedir('plugins')",
        "sys.path.append('tools/plugins')",
    ],
)
def test_folders_that_the_file_puts_on_the_path_are_looked_into(tmp_path: Path, change: str) -> None:
    project = lay(tmp_path, "tools/plugins/loader.py", **{"tools/run.py": f"{_HERE}{change}\nimport loader, other\n"})
    file = tmp_path / "tools" / "run.py"
    assert provides(project, file, "loader", 0)
    assert holders(project, file, "loader") == (tmp_path / "tools" / "plugins",)
    assert not provides(project, file, "other", 0)
    assert not provides(project, tmp_path / "tools" / "else.py", "loader", 0)


@pytest.mark.parametrize(
    "change",
    [
        "sys.path.append(os.path.dirname(__file__))",
        "sys.path.append(os.environ['PLUGINS'])",
        "sys.path.append(folder)",
        "sys.path.append('missing')",
        "sys.path.append('a\\0b')",
        "sys.path.append('a' * 5000)",
        "sys.path.append(3)",
        "sys.path.append()",
        "sys.path.append(*folders)",
        "HERE = 'x'\nHERE = HERE\nsys.path.append(HERE)",
        "HERE = HERE\nsys.path.append(HERE)",
        "sys.path.append(Path(__file__).parents[10_000])",
        "sys.path.append(os.path.join())",
        "def broken(:\n    sys.path.append('plugins')",
        "path.append('plugins')",
    ],
)
def test_a_folder_that_does_not_hold_a_module_does_not_make_it_local(tmp_path: Path, change: str) -> None:
    text = f"{_HERE}{change}\nimport invented\ndef f():\n    import invented\n"
    project = lay(tmp_path, "tools/plugins/invented.py", **{"tools/run.py": text})
    assert not provides(project, tmp_path / "tools" / "run.py", "invented", 0)


def test_an_endless_sum_is_no_crash(tmp_path: Path) -> None:
    text = f"{_HERE}sys.path = {' + '.join(['sys.path'] * 2000)} + ['plugins']\nimport invented\n"
    project = lay(tmp_path, "tools/other/deep/invented.py", **{"tools/run.py": text})
    assert not provides(project, tmp_path / "tools" / "run.py", "invented", 0)


def test_a_conftest_changes_the_path_of_the_tests_below_it(tmp_path: Path) -> None:
    conftest = (
        "import os, pytest\n@pytest.fixture\ndef apps(monkeypatch):\n"
        "    monkeypatch.syspath_prepend(os.path.join(os.path.dirname(__file__), 'apps'))\n"
    )
    test = "def test_a(apps):\n    from shop.app import app\n    import invented\n"
    texts = {"tests/conftest.py": conftest, "tests/unit/test_a.py": test, "other/test_b.py": test, "tests/run.py": test}
    project = lay(tmp_path, "tests/apps/shop/__init__.py", **texts)
    assert provides(project, tmp_path / "tests" / "unit" / "test_a.py", "shop.app", 0)
    assert not provides(project, tmp_path / "tests" / "unit" / "test_a.py", "invented", 0)
    assert not provides(project, tmp_path / "other" / "test_b.py", "shop.app", 0)
    assert not provides(project, tmp_path / "tests" / "run.py", "shop.app", 0)


_CONFTEST = (
    "import pytest\n@pytest.fixture\ndef modules(tmp_path, monkeypatch):\n"
    "    monkeypatch.syspath_prepend(str(tmp_path))\n    return tmp_path\n"
    "@pytest.fixture(name='site')\ndef _site(modules):\n    return modules\n"
    "@pytest.fixture\ndef plain(tmp_path):\n    return tmp_path\n"
    "def helper(tmp_path):\n    import sys\n    sys.path.append(tmp_path)\n"
)


_WRITING = """\
def test_a(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    from made.app import app
#
def test_a(tmp_path, monkeypatch):
    def make():
        monkeypatch.syspath_prepend(tmp_path)
    make()
    import made.app
#
async def test_a(modules):
    import made.app
#
def test_a(site):
    import made.app
#
import pytest
@pytest.mark.usefixtures('site')
def test_a():
    import made.app
#
import pytest
@pytest.mark.usefixtures('site')
class TestA:
    def test_a(self):
        import made.app
#
import sys
def test_a(tmp_path):
    sys.path.insert(0, str(tmp_path))
    import made.app
#
import sys
def test_a(tmp_path):
    sys.path = [tmp_path, *sys.path]
    import made.app
#
import sys
def test_a(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'path', [str(tmp_path)])
    import made.app
#
from unittest import mock
def test_a(tmp_path):
    with mock.patch('sys.path', [tmp_path]):
        import made.app
#
def test_a(pytester):
    pytester.syspathinsert()
    import made.app
#
import sys
def put(where):
    sys.path.append(where)
def test_a(tmp_path):
    put(tmp_path)
    import made.app
#
import sys, unittest
class A(unittest.TestCase):
    def setUp(self):
        sys.path.append(self.where)
    def test_a(self):
        import made.app
#
import sys
class TestA:
    def _put(self):
        sys.path.append(self.where)
    def test_a(self):
        self._put()
        import made.app
#
import os, sys
def test_a():
    sys.path.append(os.path.join(os.path.dirname(__file__), 'written'))
    import made.app
"""


@pytest.mark.parametrize("text", _WRITING.split("#\n"))
def test_what_a_test_may_write_is_the_projects(tmp_path: Path, text: str) -> None:
    project = lay(tmp_path, **{"conftest.py": _CONFTEST, "tests/test_a.py": text, "tests/a.py": text})
    file = tmp_path / "tests" / "test_a.py"
    assert provides(project, file, "made.app", 0)
    assert provides(project, file, "made", 0)
    assert not provides(project, file, "made.apps", 0)
    assert not provides(project, tmp_path / "tests" / "a.py", "made.app", 0)


_NOT_WRITING = """\
def test_a(tmp_path, monkeypatch):
    import made
#
def test_a(plain):
    import made
#
import made
def test_a(modules):
    import made
#
try:
    import made
except ValueError:
    pass
def test_a(modules):
    pass
#
def test_a(modules):
    pass
def test_b():
    import made
#
def test_a(modules):
    import made
def test_b():
    import made
#
import sys, os
sys.path.insert(0, os.environ['X'])
def test_a():
    import made
#
import sys
def test_a():
    sys.path.insert(0, '..')
    import made
#
import sys, os
def test_a():
    sys.path.insert(0, os.path.dirname(__file__))
    import made
#
import sys
def test_a(before):
    sys.path[:] = before
    import made
#
import sys
def test_a():
    sys.path.remove('x')
    sys.path.pop()
    import made
#
from conftest import helper
def test_a(tmp_path):
    helper(tmp_path)
    import made
#
class TestA:
    def test_a(self, modules):
        pass
    def test_b(self):
        import made
#
def test_a(monkeypatch):
    monkeypatch.setattr('os.path', [3])
    import made
"""


@pytest.mark.parametrize("text", _NOT_WRITING.split("#\n"))
def test_what_a_test_only_imports_is_not(tmp_path: Path, text: str) -> None:
    project = lay(tmp_path, **{"conftest.py": _CONFTEST, "tests/test_a.py": text})
    assert not provides(project, tmp_path / "tests" / "test_a.py", "made", 0)
