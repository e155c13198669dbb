"""Which versions the code is judged against: installed, locked, of a script, declared, or just the newest."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from shelf import Shelf, serving

from verifier.cli import main
from verifier.config import load
from verifier.distributions import Index, Indexes
from verifier.engine import run
from verifier.model import Environment, Report, Requirement, Selection
from verifier.world import files, opening, provision, sessions

OLD = "def load(path): ...\ndef gone(): ...\n"
NEW = "def load(path, *, strict=False): ...\n"
USES_OLD = "import alpha\n\nalpha.gone()\nalpha.load('x')\n"
USES_NEW = "import alpha\n\nalpha.load('x', strict=True)\n"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serving() as found:
        found.add("alpha", "1.0", {"alpha/__init__.py": OLD}, requires=("beta>=1",))
        found.add("alpha", "2.0", {"alpha/__init__.py": NEW, "alpha/tools.py": "def cut(): ...\n"})
        found.add("beta", "1.0", {"beta.py": "class Base:\n    def keep(self): ...\n"})
        found.add("beta", "3.0", {"beta.py": "class Base:\n    def hold(self): ...\n"})
        yield found


def check(
    shelf: Shelf,
    root: Path,
    files: Mapping[str, str],
    *paths: str,
    environ: Mapping[str, str] | None = None,
    **options: object,
) -> Report:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    given = {"select": ["VER1", "VER2"], "index_url": shelf.url, **options}
    return run([root / path for path in paths or ("app.py",)], load(root, given, {}), environ=environ or {})


def found(report: Report) -> list[tuple[str, str | None]]:
    assert not report.problems, report.problems
    return [(each.code, each.symbol) for each in report.findings]


def uv_lock(shelf: Shelf, **versions: str) -> str:
    text = 'version = 1\nrequires-python = ">=3.11"\n'
    for name, version in versions.items():
        file = f"{name}-{version}-py3-none-any.whl"
        wheel = f'{{ url = "{shelf.address(file)}", hash = "{shelf.digest(file)}" }}'
        text += f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n'
        text += f'source = {{ registry = "{shelf.url}" }}\nwheels = [\n    {wheel},\n]\n'
    return text


def installed(text: str, version: str = "1.0") -> dict[str, str]:
    site = ".venv/lib/python3.12/site-packages"
    return {
        ".venv/pyvenv.cfg": "version = 3.12.1\n",
        f"{site}/alpha/__init__.py": text,
        f"{site}/alpha-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: alpha\nVersion: {version}\n",
        f"{site}/alpha-{version}.dist-info/RECORD": f"alpha/__init__.py,,\nalpha-{version}.dist-info/METADATA,,\n",
    }


def test_nothing_declared_means_the_newest_release(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("flask", "1.0", {"flask/__init__.py": OLD})
    shelf.add("flask", "2.0", {"flask/__init__.py": NEW})
    report = check(shelf, tmp_path, {"app.py": USES_OLD.replace("alpha", "flask")})
    assert [symbol for _, symbol in found(report)] == ["flask.gone"]
    assert "newest" in report.environment
    assert not found(check(shelf, tmp_path, {"app.py": USES_NEW.replace("alpha", "flask")}))


@pytest.mark.parametrize("name", ["alpha", "utils", "schema", "never-heard-of"])
def test_a_module_that_may_be_of_a_missing_project_is_not_judged(shelf: Shelf, tmp_path: Path, name: str) -> None:
    module = name.replace("-", "_")
    shelf.add(name, "2.0", {f"{module}.py": NEW})
    text = f"from {module} import gone, other\nimport {module}.inner\n\ngone(other)\n"
    assert not found(check(shelf, tmp_path, {"app.py": text}))


def test_what_is_installed_comes_first(shelf: Shelf, tmp_path: Path) -> None:
    files = {**installed(OLD), "uv.lock": uv_lock(shelf, alpha="2.0")}
    report = check(shelf, tmp_path, {**files, "app.py": USES_OLD})
    assert not found(report)
    assert report.environment.startswith(".venv")
    assert not shelf.asked


def test_nothing_is_fetched_for_what_is_installed(shelf: Shelf, tmp_path: Path) -> None:
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha"]\n[dependency-groups]\ndev = ["beta"]\n'
    files = {**installed(OLD), "pyproject.toml": project}
    assert not found(check(shelf, tmp_path, {**files, "app.py": USES_OLD}))
    assert not shelf.asked
    assert found(check(shelf, tmp_path, {"app.py": "import beta\n\nbeta.gone()\n"})), "declared, and not installed"
    assert "/simple/beta/" in shelf.asked


def test_whoever_runs_setup_py_has_setuptools(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("setuptools", "80.0", {"setuptools/__init__.py": "def setup(**attributes): ...\n"})
    build = "from setuptools import setup\n\nsetup(name='app')\n"
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "setup.py": build, "app.py": build}
    assert not found(check(shelf, tmp_path, files, "setup.py"))
    assert found(check(shelf, tmp_path, files)) == [("VER102", "setuptools")]


def test_a_lock_file_decides_where_nothing_is_installed(shelf: Shelf, tmp_path: Path) -> None:
    lock = uv_lock(shelf, alpha="1.0", beta="1.0")
    report = check(shelf, tmp_path, {"uv.lock": lock, "app.py": USES_OLD})
    assert not found(report)
    assert report.environment.startswith("uv.lock")
    assert not any(path.startswith("/simple/") for path in shelf.asked), "its addresses are enough"
    assert [symbol for _, symbol in found(check(shelf, tmp_path, {"app.py": USES_NEW}))] == ["alpha.load"]


def test_pinned_requirements_count_as_a_lock(shelf: Shelf, tmp_path: Path) -> None:
    report = check(shelf, tmp_path, {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": USES_OLD})
    assert not found(report)
    assert report.environment.startswith("requirements.txt")


def test_a_script_brings_its_own_requirements(shelf: Shelf, tmp_path: Path) -> None:
    block = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["alpha<2"]\n# ///\n'
    assert not found(check(shelf, tmp_path, {"app.py": block + USES_OLD}))
    assert found(check(shelf, tmp_path, {"app.py": block.replace("<2", ">=2") + USES_OLD}))


def test_declared_ranges_mean_the_newest_release_that_fits(shelf: Shelf, tmp_path: Path) -> None:
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha{}"]\n'
    assert not found(check(shelf, tmp_path, {"pyproject.toml": project.format("<2"), "app.py": USES_OLD}))
    assert found(check(shelf, tmp_path, {"pyproject.toml": project.format(">=1"), "app.py": USES_OLD}))


def test_with_goes_before_everything(shelf: Shelf, tmp_path: Path) -> None:
    files = {**installed(OLD), "app.py": USES_OLD}
    report = check(shelf, tmp_path, files, with_=["alpha==2.0"])
    assert [symbol for _, symbol in found(report)] == ["alpha.gone"]
    assert "with alpha==2.0" in report.environment
    lock = {"uv.lock": uv_lock(shelf, alpha="1.0", beta="1.0"), "app.py": USES_OLD}
    other = tmp_path / "other"
    assert [symbol for _, symbol in found(check(shelf, other, lock, with_=["alpha>=2"]))] == ["alpha.gone"]


def test_with_counts_only_where_its_marker_holds(shelf: Shelf, tmp_path: Path) -> None:
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": USES_OLD}
    assert not found(check(shelf, tmp_path, files, with_=["alpha==2.0; python_version < '3.5'"]))
    assert found(check(shelf, tmp_path, files, with_=["alpha==2.0; python_version > '3.5'"]))


def test_with_names_an_address(shelf: Shelf, tmp_path: Path) -> None:
    address = shelf.address("alpha-1.0-py3-none-any.whl")
    assert not found(check(shelf, tmp_path, {"app.py": USES_OLD}, with_=[f"alpha @ {address}"]))


def test_dependencies_are_followed_as_far_as_a_question_needs(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add(
        "gamma",
        "1.0",
        {"gamma.py": "from beta import Base\nclass Child(Base): ...\n"},
        requires=("beta<2", "never; python_version < '3'", "unused"),
    )
    good = "import gamma\n\ngamma.Child().keep()\n"
    assert not found(check(shelf, tmp_path, {"app.py": good}, with_=["gamma"]))
    report = check(shelf, tmp_path, {"app.py": good.replace("keep", "hold")}, with_=["gamma"])
    assert [symbol for _, symbol in found(report)] == ["gamma.Child.hold"]
    assert not any("never" in path or "unused" in path for path in shelf.asked)


def test_modules_come_from_what_the_wheel_holds(shelf: Shelf, tmp_path: Path) -> None:
    report = check(shelf, tmp_path, {"app.py": "import alpha.tools\nimport alpha.nothing\n"}, with_=["alpha"])
    assert found(report) == [("VER103", "alpha.nothing")]
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": "import alpha.tools\n"}
    assert found(check(shelf, tmp_path / "pinned", files)) == [("VER103", "alpha.tools")]


def test_a_distribution_is_recognised_by_its_files_whatever_it_is_called(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("odd-name", "1.0", {"inner/__init__.py": "def work(): ...\n"})
    files = {"requirements.txt": "odd-name==1.0\n", "app.py": "import inner\n\ninner.work()\ninner.play()\n"}
    assert [symbol for _, symbol in found(check(shelf, tmp_path, files))] == ["inner.play"]


def test_a_distribution_without_the_module_of_its_name(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("odd-name", "1.0", {"inner/__init__.py": "def work(): ...\n"})
    files = {"requirements.txt": "odd-name==1.0\n", "app.py": "import odd_name\n"}
    report = check(shelf, tmp_path, files)
    assert found(report) == [("VER103", "odd_name")]
    assert "inner" in report.findings[0].message


def test_a_digest_that_the_lock_file_does_not_name_is_a_problem(shelf: Shelf, tmp_path: Path) -> None:
    right = shelf.digest("alpha-1.0-py3-none-any.whl")
    files = {"requirements.txt": f"alpha==1.0 --hash={right}\n", "app.py": USES_OLD + "alpha.never()\n"}
    assert found(check(shelf, tmp_path, files))
    files["requirements.txt"] = f"alpha==1.0 --hash=sha256:{'0' * 64}\n"
    report = check(shelf, tmp_path, files)
    assert not report.findings
    assert any("digest" in each.text for each in report.problems)


def test_a_lock_file_beside_a_script_counts_for_it(shelf: Shelf, tmp_path: Path) -> None:
    block = '# /// script\n# dependencies = ["alpha"]\n# ///\n'
    files = {"app.py": block + USES_OLD, "app.py.lock": uv_lock(shelf, alpha="1.0", beta="1.0")}
    assert not found(check(shelf, tmp_path, files))


def test_what_a_folder_of_tests_pins_is_added_to_the_lock_of_the_project(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("checker", "1.0", {"checker.py": "def check(): ...\n"})
    files = {
        "pyproject.toml": '[project]\nname = "app"\nversion = "1"\ndependencies = ["alpha"]\n',
        "uv.lock": uv_lock(shelf, alpha="1.0", beta="1.0"),
        "tests/requirements.txt": "checker==1.0\n",
        "tests/test_app.py": "import checker\n\n" + USES_OLD + "checker.check()\nchecker.never()\n",
    }
    report = check(shelf, tmp_path, files, "tests/test_app.py")
    assert [symbol for _, symbol in found(report)] == ["checker.never"]


def test_a_source_archive_is_read_and_never_built(shelf: Shelf, tmp_path: Path) -> None:
    text = "from deltoid.made import thing\n\ndef work(): ...\n"
    shelf.add_source("deltoid", "0.1", {"deltoid/__init__.py": text, "deltoid/fast.pyx": ""})
    good = "import deltoid\nimport deltoid.fast\nimport deltoid.generated\n\ndelta.work()\n"
    assert not found(check(shelf, tmp_path, {"app.py": good}, with_=["deltoid"]))
    report = check(shelf, tmp_path, {"app.py": good + "deltoid.play()\n"}, with_=["deltoid"])
    assert [symbol for _, symbol in found(report)] == ["deltoid.play"]


def test_each_file_of_a_monorepo_has_the_nearest_environment(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        ".git/HEAD": "",
        "uv.lock": uv_lock(shelf, alpha="2.0"),
        "pyproject.toml": '[project]\nname = "top"\nversion = "1"\n',
        "app.py": USES_OLD,
        "services/old/pyproject.toml": '[project]\nname = "old"\nversion = "1"\n',
        "services/old/requirements.txt": "alpha==1.0\nbeta==1.0\n",
        "services/old/old.py": USES_OLD,
        "services/member/pyproject.toml": '[project]\nname = "member"\nversion = "1"\ndependencies = ["alpha"]\n',
        "services/member/member.py": USES_OLD,
    }
    report = check(shelf, tmp_path, files, ".")
    wrong = {Path(each.path).name for each in report.findings if each.symbol == "alpha.gone"}
    assert wrong == {"app.py", "member.py"}
    assert "services/old: requirements.txt" in report.environment
    assert ".: uv.lock" in report.environment
    assert "services/member: ../../uv.lock" in report.environment


def test_the_target_python_is_an_option(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("alpha", "2.5", {"alpha/__init__.py": OLD}, about={"requires-python": ">=3.13"})
    assert found(check(shelf, tmp_path, {"app.py": USES_OLD}, with_=["alpha"], python_version="3.12"))
    report = check(shelf, tmp_path, {"app.py": USES_OLD}, with_=["alpha"], python_version="3.13")
    assert not found(report)
    assert "Python 3.13" in report.environment


def test_offline_uses_what_was_read_before(shelf: Shelf, tmp_path: Path) -> None:
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": USES_OLD + "alpha.never()\n"}
    first = found(check(shelf, tmp_path, files))
    asked = len(shelf.asked)
    assert found(check(shelf, tmp_path, files, offline=True)) == first
    assert len(shelf.asked) == asked


def test_offline_says_what_it_could_not_read(shelf: Shelf, tmp_path: Path) -> None:
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": USES_OLD + "alpha.never()\n"}
    report = check(shelf, tmp_path, files, offline=True)
    assert not report.findings
    assert any("alpha" in each.text and "offline" in each.text for each in report.problems)


def test_a_version_that_is_not_there_is_a_problem_and_no_finding(shelf: Shelf, tmp_path: Path) -> None:
    report = check(shelf, tmp_path, {"app.py": USES_OLD}, with_=["alpha==9"])
    assert not report.findings
    assert any("alpha" in each.text and "==9" in each.text for each in report.problems)


def test_several_files_over_processes_read_the_same(shelf: Shelf, tmp_path: Path) -> None:
    files = {f"part{number}.py": USES_OLD for number in range(6)}
    report = check(shelf, tmp_path, {"requirements.txt": "alpha==2.0\n", **files}, ".", jobs=2)
    assert [symbol for _, symbol in found(report)] == ["alpha.gone"] * 6


def test_what_was_answered_once_needs_no_request_again(shelf: Shelf, tmp_path: Path) -> None:
    data = f'DATA = "{random.Random(7).randbytes(400_000).hex()}"\n'
    shelf.add("large", "1.0", {"large/__init__.py": OLD, "large/core.py": NEW, "large/data.py": data})
    # The first file opens the wheel and needs nothing of it: what the second one may need is not guessed then.
    files = {
        "requirements.txt": "large==1.0\n",
        "a.py": "import never_heard_of\n",
        "b.py": USES_OLD.replace("alpha", "large"),
    }
    check(shelf, tmp_path, files, "a.py", "b.py", jobs=1)
    assert any("large" in path for path in shelf.asked)
    shelf.asked.clear()
    # Another limit makes this process forget what it has open, and leaves what was kept.
    assert not found(check(shelf, tmp_path, files, "b.py", jobs=1, max_download=201))
    assert not shelf.asked


def test_offline_says_how_old_the_answers_are(
    shelf: Shelf, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("answers")))
    files = {"requirements.in": "alpha\n", "app.py": USES_OLD}
    check(shelf, tmp_path, files)
    later = time.time() + 3 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    report = check(shelf, tmp_path, files, offline=True)
    assert [symbol for _, symbol in found(report)] == ["alpha.gone"]
    assert "3 days ago" in report.environment


def test_the_list_of_names_answers_offline(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    files = {"app.py": "import never_heard_of\nimport beta\n"}
    assert not check(shelf, tmp_path, files, offline=True).findings
    monkeypatch.setattr("sys.argv", ["verify", "index", "update", "--index-url", shelf.url])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0, capsys.readouterr()
    asked = len(shelf.asked)
    report = check(shelf, tmp_path, files, offline=True)
    assert [(each.code, each.symbol) for each in report.findings] == [("VER101", "never_heard_of")]
    assert len(shelf.asked) == asked


def test_a_stalling_index_ends_as_a_problem(shelf: Shelf, tmp_path: Path) -> None:
    shelf.stall = 30
    begun = time.monotonic()
    files = {"requirements.txt": "alpha==1.0\nbeta==1.0\n", "app.py": USES_OLD + "alpha.never()\nprint(undefined)\n"}
    report = check(shelf, tmp_path, files)
    sessions.forget()
    assert not report.findings
    assert any("alpha" in each.text for each in report.problems)
    assert time.monotonic() - begun < 55


def test_requirements_are_checked_where_they_stand(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = [\n    "alpha",\n    "nowhere-at-all",\n]\n'
    files = {"pyproject.toml": project, "requirements.txt": "beta\nalpha==7\n", "app.py": "import alpha\n"}
    everything = check(shelf, tmp_path, files, ".")
    wrong = [(each.path, each.span.line, each.symbol) for each in everything.findings]
    assert wrong == [("pyproject.toml", 6, "nowhere-at-all"), ("requirements.txt", 2, "alpha")]
    assert [each.path for each in check(shelf, tmp_path, files, "requirements.txt").findings] == ["requirements.txt"]
    assert not check(shelf, tmp_path, files, "app.py").findings


def test_stubs_of_another_distribution_do_not_hide_what_the_package_itself_sets(shelf: Shelf, tmp_path: Path) -> None:
    code = "class Converter:\n    def run(self): ...\n"
    extension = "def extend(converter):\n    converter.tokens = []\n"
    shelf.add("converting", "1.0", {"converting/__init__.py": code, "converting/toc.py": extension})
    shelf.add(
        "types-converting",
        "1.0",
        {"converting-stubs/__init__.pyi": "class Converter:\n    def run(self) -> str: ...\n"},
    )
    files = {"requirements.txt": "converting==1.0\ntypes-converting==1.0\n"}
    text = "import converting\n\nmade = converting.Converter()\nmade.run()\nmade.tokens\nmade.nothing\n"
    report = check(shelf, tmp_path, {**files, "app.py": text})
    assert [symbol for _, symbol in found(report)] == ["converting.Converter.nothing"]


def test_an_extra_counts_only_where_it_is_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("omega", "1.0", {"omega.py": "def run(): ...\n"}, requires=("beta>=1 ; extra == 'more'",))
    project = '[project]\nname = "app"\nversion = "1"\ndependencies = ["{}"]\n'
    code = "import omega\nimport beta\n\nomega.run()\nbeta.Base().hold()\n"
    report = check(shelf, tmp_path, {"pyproject.toml": project.format("omega"), "app.py": code})
    assert found(report) == [("VER102", "beta")]
    report = check(shelf, tmp_path, {"pyproject.toml": project.format("omega[More]"), "app.py": code})
    assert not found(report)


def test_a_dead_index_is_one_problem(tmp_path: Path) -> None:
    shelf = Shelf(url="http://127.0.0.1:9/simple/")
    files = {
        "requirements.txt": "alpha==1.0\nbeta==1.0\ngamma==1.0\n",
        "app.py": "import alpha\nimport beta\nimport gamma\n",
    }
    report = check(shelf, tmp_path, files)
    sessions.forget()
    assert not report.findings
    assert [each.text.partition("(")[0].rpartition(": ")[2].strip() for each in report.problems] == [
        "alpha, beta, gamma"
    ]


def test_an_archive_that_two_environments_share_is_read_in_the_time_of_the_present_file(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = "".join(random.Random(1).choices(string.ascii_letters, k=900_000))  # no secret
    late = {"alpha/tests/deep.py": NEW, "alpha/__init__.py": OLD, "alpha/data.txt": filler}
    shelf.add("alpha", "3.0", late)
    monkeypatch.setattr(opening, "_SECONDS", 1.0)
    indexes = Indexes((Index(shelf.url),))
    pins = {"alpha": Requirement("alpha", "==3.0", "requirements.txt")}
    first, second = (
        Environment((3, 11), (), origin, "linux", Selection(declared=pins, indexes=indexes)) for origin in ("a", "b")
    )
    provision.prepare(first, ["alpha"])
    provision.prepare(second, ["alpha"])
    time.sleep(1.1)
    provision.prepare(first, ["alpha"])
    (root,) = provision.search_path(first, "alpha")
    assert files.read(root / "alpha" / "tests" / "deep.py") == NEW.encode()
    assert not provision.unread(first)


def test_what_of_a_shared_archive_cannot_be_read_is_said_of_the_present_file(shelf: Shelf) -> None:
    filler = "".join(random.Random(2).choices(string.ascii_letters, k=900_000))  # no secret
    file = shelf.add("alpha", "3.0", {"alpha/tests/deep.py": NEW, "alpha/__init__.py": OLD, "alpha/data.txt": filler})
    indexes = Indexes((Index(shelf.url),))
    pins = {"alpha": Requirement("alpha", "==3.0", "requirements.txt")}
    first, second = (
        Environment((3, 11), (), origin, "linux", Selection(declared=pins, indexes=indexes)) for origin in ("a", "b")
    )
    provision.prepare(first, ["alpha"])
    provision.prepare(second, ["alpha"])
    provision.prepare(first, ["alpha"])
    del shelf.files["alpha"][file]
    (root,) = provision.search_path(first, "alpha")
    with pytest.raises(OSError, match="alpha"):
        files.read(root / "alpha" / "tests" / "deep.py")
    assert "alpha" in provision.unread(first)
