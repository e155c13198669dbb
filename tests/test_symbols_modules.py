"""Where a module's files lie, in which order they are read, and what can only be unknown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from site_packages import distribute, write

from verifier.model import Environment, Project
from verifier.symbols import modules
from verifier.symbols.modules import (
    OWN,
    Loaded,
    World,
    deeper,
    flush,
    load,
    on_platform,
    submodule,
    submodules,
    world_of,
)
from verifier.symbols.names import find
from verifier.world.installed import Missing, Unknown

OURS = sys.version_info[:2]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder / "pyproject.toml", "")
    return folder


def world(
    root: Path, site: Path | None = None, *, python: tuple[int, int] = (3, 11), file: str | None = None, text: str = ""
) -> World:
    environment = Environment(python, (site,), "the test's environment") if site else None
    return world_of(Project(root, python, environment), root / file if file else None, text)


def read(world: World, module: str) -> Loaded:
    loaded = load(world, module)
    assert isinstance(loaded, Loaded), loaded
    return loaded


def files(world: World, module: str) -> list[str]:
    """Every file of a module, in the order in which they are read."""
    loaded: Loaded | None = read(world, module)
    while loaded is not None:
        found = [table.file for table in loaded.tables]
        loaded = deeper(world, loaded)
    return found


def ends(paths: list[str], *tails: str) -> bool:
    return len(paths) == len(tails) and all(path.endswith(tail) for path, tail in zip(paths, tails, strict=True))


# What the environment has.


def test_source_is_read_where_there_is_no_stub(root: Path, site: Path) -> None:
    write(site / "alpha" / "__init__.py", "from .inner import thing\n")
    write(site / "alpha" / "inner.py", "thing = 1\n")
    distribute(site, "alpha", "1.2", "alpha/__init__.py", "alpha/inner.py")
    here = world(root, site)
    loaded = read(here, "alpha")
    assert (loaded.package, loaded.distribution, loaded.version, loaded.local) == (True, "alpha", "1.2", False)
    assert set(loaded.tables[0].names) == {"thing"}
    assert deeper(here, loaded) is None
    assert read(here, "alpha.inner").tables[0].module == "alpha.inner"
    assert read(here, "alpha.inner") is read(here, "alpha.inner")


def test_a_stub_comes_first_and_the_source_only_when_asked(root: Path, site: Path) -> None:
    write(site / "alpha.pyi", "a: int\n")
    write(site / "alpha.py", "a = b = 1\n")
    here = world(root, site)
    loaded = read(here, "alpha")
    assert [(table.stub, set(table.names)) for table in loaded.tables] == [(True, {"a"})]
    more = deeper(here, loaded)
    assert more is not None
    assert [(table.stub, set(table.names)) for table in more.tables] == [(True, {"a"}), (False, {"a", "b"})]
    assert deeper(here, more) is None
    assert deeper(here, loaded) is more


def test_a_stub_package_comes_before_the_stub_beside_and_the_source(root: Path, site: Path) -> None:
    write(site / "alpha-stubs" / "__init__.pyi", "a: int\n")
    write(site / "alpha-stubs" / "deep" / "inner.pyi", "x: int\n")
    for suffix in (".pyi", ".py"):
        write(site / "alpha" / f"__init__{suffix}", "")
        write(site / "alpha" / "deep" / f"inner{suffix}", "")
        write(site / "alpha" / "deep" / f"__init__{suffix}", "")
    here = world(root, site)
    assert ends(files(here, "alpha"), "alpha-stubs/__init__.pyi", "alpha/__init__.pyi", "alpha/__init__.py")
    assert ends(files(here, "alpha.deep.inner"), "alpha-stubs/deep/inner.pyi", "deep/inner.pyi", "deep/inner.py")
    assert submodule(here, read(here, "alpha"), "deep") is True
    assert submodule(here, read(here, "alpha"), "shallow") is False


@pytest.mark.parametrize("partial", [True, False])
def test_what_a_stub_package_leaves_out_is_read_from_the_package(root: Path, site: Path, partial: bool) -> None:
    write(site / "alpha-stubs" / "__init__.pyi", "")
    write(site / "alpha-stubs" / "py.typed", "partial\n" if partial else "")
    write(site / "alpha" / "__init__.py", "")
    write(site / "alpha" / "inner.py", "")
    assert ends(files(world(root, site), "alpha.inner"), "alpha/inner.py")


def test_a_compiled_module_is_unknown_without_a_stub(root: Path, site: Path) -> None:
    write(site / "fast.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "faster" / "__init__.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "old.pyc", "")
    here = world(root, site)
    for module in ("fast", "faster", "old"):
        answer = load(here, module)
        assert isinstance(answer, Unknown)
        assert "compiled and has no stub" in answer.why


def test_the_stub_beside_a_compiled_module_is_all_there_is_to_read(root: Path, site: Path) -> None:
    write(site / "fast.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "fast.pyi", "a: int\n")
    here = world(root, site)
    assert ends(files(here, "fast"), "fast.pyi")
    assert not [table.open for table in read(here, "fast").tables if table.open]


def test_a_stub_package_of_a_compiled_module_may_not_name_all(root: Path, site: Path) -> None:
    write(site / "fast.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "fast-stubs" / "__init__.pyi", "a: int\n")
    here = world(root, site)
    more = deeper(here, read(here, "fast"))
    assert more is not None
    assert "compiled" in str(more.tables[-1].open)
    assert deeper(here, more) is None


def test_a_folder_of_stubs_beside_a_compiled_module_tells_some_of_it(root: Path, site: Path) -> None:
    write(site / "beam" / "__init__.py", "")
    write(site / "beam" / "_C.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "beam" / "_C" / "__init__.pyi", "a: int\n")
    write(site / "beam" / "_C" / "_onnx.pyi", "b: int\n")
    here = world(root, site)
    loaded = read(here, "beam._C")
    assert (loaded.package, set(loaded.tables[0].names)) == (True, {"a"})
    more = deeper(here, loaded)
    assert more is not None
    assert "compiled" in str(more.tables[-1].open)
    assert submodule(here, loaded, "_onnx") is True
    assert set(read(here, "beam._C._onnx").tables[0].names) == {"b"}


def test_a_compiled_module_whose_stubs_tell_all_but_known_names_has_no_more(root: Path, site: Path) -> None:
    write(site / "torch" / "__init__.py", "")
    write(site / "torch" / "_C.cpython-311-x86_64-linux-gnu.so", "")
    write(site / "torch" / "_C" / "__init__.pyi", "a: int\n")
    here = world(root, site)
    assert deeper(here, read(here, "torch._C")) is None
    assert isinstance(find(here, "torch._C", "vitals_enabled"), tuple)
    assert isinstance(find(here, "torch._C", "_private"), Unknown)
    assert isinstance(find(here, "torch._C", "b"), Missing)


def test_a_namespace_package_has_no_tables(root: Path, site: Path) -> None:
    write(site / "google" / "cloud" / "storage" / "__init__.py", "")
    distribute(site, "google-cloud-storage", "1.0", "google/cloud/storage/__init__.py")
    here = world(root, site)
    loaded = read(here, "google.cloud")
    assert (loaded.tables, loaded.package, deeper(here, loaded)) == ((), True, None)
    assert submodule(here, loaded, "storage") is True
    assert submodule(here, loaded, "storing") is False
    assert submodules(here, loaded) == {"storage"}
    assert read(here, "google.cloud.storage").distribution == "google-cloud-storage"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"def broken(:\n", "cannot be read"),
        (b"a = '\xff'\n", "cannot be read"),
        (b"# coding: nonsense\n", "cannot be read"),
        (b"\0", "cannot be read"),
        (b"a = 1\n" * 1_500_000, "larger than"),
    ],
)
def test_a_file_that_cannot_be_read_is_unknown(root: Path, site: Path, data: bytes, why: str) -> None:
    (site / "odd.py").write_bytes(data)
    answer = load(world(root, site), "odd")
    assert isinstance(answer, Unknown)
    assert why in answer.why


def test_a_source_that_cannot_be_read_leaves_the_stub_open(root: Path, site: Path) -> None:
    write(site / "odd.pyi", "a: int\n")
    write(site / "odd.py", "def broken(:\n")
    here = world(root, site)
    more = deeper(here, read(here, "odd"))
    assert more is not None
    assert [set(table.names) for table in more.tables] == [{"a"}, set()]
    assert "odd.py cannot be read" in str(more.tables[-1].open)


def test_a_stub_that_cannot_be_read_leaves_the_source_open(root: Path, site: Path) -> None:
    write(site / "odd.pyi", "def broken(:\n")
    write(site / "odd.py", "a = 1\n")
    here = world(root, site)
    loaded = read(here, "odd")
    assert [set(table.names) for table in loaded.tables] == [{"a"}]
    more = deeper(here, loaded)
    assert more is not None
    assert "odd.pyi cannot be read" in str(more.tables[-1].open)


def test_declared_encodings_are_followed(root: Path, site: Path) -> None:
    (site / "latin.py").write_bytes("# coding: latin-1\nclé = 1\n".encode("latin-1"))
    assert set(read(world(root, site), "latin").tables[0].names) == {"clé"}


def test_what_is_not_installed_is_missing_and_without_environment_unknown(root: Path, site: Path) -> None:
    assert isinstance(load(world(root, site), "alpha"), Missing)
    assert load(world(root), "alpha") == Unknown("not installed")
    assert isinstance(load(world(root, site), "a b"), Unknown)


# The standard library.


def test_the_standard_library_is_typesheds_stub_and_then_its_source(root: Path, site: Path) -> None:
    here = world(root, site, python=OURS)
    loaded = read(here, "json")
    assert (loaded.distribution, loaded.version) == ("python", f"{OURS[0]}.{OURS[1]}")
    assert [table.stub for table in loaded.tables] == [True]
    assert ends(files(here, "json"), "json/__init__.pyi", "json/__init__.py")
    assert submodule(here, loaded, "decoder") is True
    assert submodule(here, loaded, "tools") is False
    assert {"decoder", "encoder", "scanner", "tool"} <= submodules(here, loaded)


def test_a_version_has_only_the_modules_of_its_time(root: Path) -> None:
    old, new = world(root, python=(3, 9)), world(root, python=(3, 12))
    for here, module, name, has in (
        (old, "asyncio", "taskgroups", False),
        (new, "asyncio", "taskgroups", True),
        (old, "distutils", "core", True),
    ):
        answer = load(here, f"{module}.{name}")
        assert isinstance(answer, Loaded if has else Missing)
        assert submodule(here, read(here, module), name) is has
        assert (name in submodules(here, read(here, module))) is has
    assert isinstance(load(new, "distutils.core"), Unknown), "a distribution may bring it back"
    assert isinstance(load(new, "tomllib"), Loaded)


def test_the_targets_own_source_lies_where_pyvenv_points(root: Path, tmp_path: Path) -> None:
    library = tmp_path / "base" / "lib" / "python3.9"
    for name in ("os", "abc", "json/__init__"):
        write(library / f"{name}.py", "only_here = 1\n")
    (tmp_path / "base" / "bin").mkdir()
    site = tmp_path / "env" / "lib" / "python3.9" / "site-packages"
    site.mkdir(parents=True)
    write(tmp_path / "env" / "pyvenv.cfg", f"home = {tmp_path / 'base' / 'bin'}\nversion = 3.9.1\n")
    assert files(world(root, site, python=(3, 9)), "json")[-1] == str(library / "json" / "__init__.py")
    assert ends(files(world(root, site, python=(3, 8)), "json"), "json/__init__.pyi")


def test_an_installed_distribution_never_shadows_the_standard_library(root: Path, site: Path) -> None:
    write(site / "json" / "__init__.py", "mine = 1\n")
    assert "mine" not in read(world(root, site), "json").tables[0].names
    write(site / "asyncio" / "taskgroups.py", "")
    assert isinstance(load(world(root, site, python=(3, 9)), "asyncio.taskgroups"), Missing)


def test_a_module_that_left_the_standard_library_may_be_installed(root: Path, site: Path) -> None:
    write(site / "asyncore.py", "mine = 1\n")
    distribute(site, "pyasyncore", "1.0", "asyncore.py")
    loaded = read(world(root, site, python=(3, 12)), "asyncore")
    assert (loaded.distribution, set(loaded.tables[0].names)) == ("pyasyncore", {"mine"})


def test_typing_extensions_is_what_is_installed(root: Path, site: Path) -> None:
    more = deeper(here := world(root, site), read(here, "typing_extensions"))
    assert more is not None
    assert more.tables[-1].open
    write(site / "typing_extensions.py", "mine = 1\n")
    distribute(site, "typing-extensions", "4.0", "typing_extensions.py")
    here = world(root, site)
    assert read(here, "typing_extensions").distribution == "typing-extensions"
    assert ends(files(here, "typing_extensions"), "typing_extensions.pyi", str(site / "typing_extensions.py"))


# The project itself.


def test_the_projects_own_modules_come_first(root: Path) -> None:
    write(root / "src" / "mine" / "__init__.py", "")
    write(root / "src" / "mine" / "inner.py", "a = 1\n")
    here = world(root, file="src/mine/main.py")
    loaded = read(here, "mine.inner")
    assert (loaded.local, loaded.distribution, set(loaded.tables[0].names)) == (True, None, {"a"})
    assert submodule(here, read(here, "mine"), "inner") is True
    assert submodule(here, read(here, "mine"), "outer") is False


def test_the_projects_own_without_a_file_are_unknown(root: Path) -> None:
    write(root / "mine" / "__init__.py", "")
    write(root / "mine" / "fast.pyx", "")
    for module in ("mine.made_by_the_build", "mine.fast", "conftest", "thing_pb2"):
        answer = load(world(root, file="main.py"), module)
        assert isinstance(answer, Unknown), module


def test_an_installed_module_and_the_projects_own_of_that_name_are_both_read(root: Path, site: Path) -> None:
    write(root / "mine" / "__init__.py", "a = 1\n")
    write(site / "mine" / "__init__.py", "b = 1\n")
    distribute(site, "mine", "1.0", "mine/__init__.py")
    here = world(root, site, file="main.py")
    assert files(here, "mine") == [str(root / "mine" / "__init__.py"), str(site / "mine" / "__init__.py")]
    (site / "mine" / "__init__.py").write_text("a = 1\n")
    here = world(root, site, file="main.py")
    assert read(here, "mine").distribution == "mine", "a copy of it is it"


def test_a_module_in_a_folder_that_the_file_puts_on_the_path_is_read(root: Path, site: Path) -> None:
    write(root / "parts" / "plugins" / "loader.py", "a = 1\n")
    write(root / "main.py", "import sys\nsys.path.append('parts/plugins')\nimport loader\n")
    here = world(root, site, file="main.py")
    loaded = read(here, "loader")
    assert (loaded.local, set(loaded.tables[0].names)) == (True, {"a"})
    assert isinstance(load(here, "other"), Missing)
    assert isinstance(load(world(root, site, file="else.py"), "loader"), Missing)


def test_a_module_that_a_test_writes_is_unknown_and_an_installed_one_is_read(root: Path, site: Path) -> None:
    write(site / "alpha.py", "a = 1\n")
    write(root / "test_a.py", "def test(p, m):\n    m.syspath_prepend(p)\n    import made, alpha\nimport beta\n")
    here = world(root, site, file="test_a.py")
    assert isinstance(load(here, "made"), Unknown)
    assert isinstance(load(here, "beta"), Missing)
    assert read(here, "alpha").distribution is None
    assert isinstance(find(here, "alpha", "b"), Missing)


def test_a_folder_of_data_hides_no_installed_module(root: Path, site: Path) -> None:
    write(root / "redis" / "start.py", "")
    write(site / "redis" / "__init__.py", "a = 1\n")
    assert set(read(world(root, site, file="main.py"), "redis").tables[0].names) == {"a"}


def test_a_module_inside_a_package_hides_no_installed_one(root: Path, site: Path) -> None:
    write(root / "shop" / "__init__.py", "")
    write(root / "shop" / "celery.py", "app = 1\n")
    write(site / "celery.py", "Celery = 1\n")
    here = world(root, site, file="shop/celery.py")
    assert files(here, "celery") == [str(site / "celery.py"), str(root / "shop" / "celery.py")]


@pytest.mark.parametrize(("name", "known"), [("calendar", False), ("types", True)])
def test_a_module_named_like_the_standard_librarys_is_unknown_where_python_could_start_with_it(
    root: Path, name: str, known: bool
) -> None:
    write(root / f"{name}.py", "mine = 1\n")
    assert isinstance(load(world(root, file="main.py"), name), Loaded if known else Unknown)


def test_one_of_several_modules_of_the_project_is_unknown(root: Path) -> None:
    write(root / "utils.py", "a = 1\n")
    write(root / "tools" / "utils.py", "b = 1\n")
    assert isinstance(load(world(root, file="main.py"), "utils"), Loaded)
    assert isinstance(load(world(root, file="tools/main.py"), "utils"), Unknown)


def test_the_file_under_check_is_a_module_of_its_own(root: Path) -> None:
    write(root / "mine" / "__init__.py", "")
    here = world(root, file="mine/main.py", text="from .inner import a\nclass B: ...\n")
    loaded = read(here, OWN)
    assert (loaded.tables[0].module, set(loaded.tables[0].names)) == (OWN, {"a", "B"})
    assert "mine.inner" in loaded.tables[0].imports
    assert isinstance(load(world(root, file="main.py", text="def broken(:\n"), OWN), Unknown)


def test_no_file_is_read_twice_or_before_it_is_needed(root: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("alpha.pyi", "alpha.py", "beta.py"):
        write(site / name, "a = 1\n")
    opened: list[str] = []
    original = modules._text

    def noting(data: bytes) -> str:
        opened.append("read")
        return original(data)

    monkeypatch.setattr(modules, "_text", noting)
    for _ in range(3):
        here = world(root, site)
        load(here, "alpha")
        load(here, "alpha")
        flush(here)
    assert opened == ["read"]


def test_another_platform_has_tables_of_its_own(root: Path, site: Path) -> None:
    write(site / "alpha.py", "import sys\nif sys.platform == 'win32':\n    a = 1\nelse:\n    b = 1\n")
    here = world(root, site)
    there = on_platform(here, "win32")
    assert on_platform(here, "win32") is there
    assert (set(read(here, "alpha").tables[0].names) - {"sys"}, here.platform) == ({"b"}, "linux")
    assert (set(read(there, "alpha").tables[0].names) - {"sys"}, there.platform) == ({"a"}, "win32")
