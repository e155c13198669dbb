"""What lock files chose: every format, several versions of one name, broken files, and which file counts."""

from __future__ import annotations

import copy
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.distributions import Locked
from verifier.model import Problem, ProblemKind
from verifier.world import locks
from verifier.world.locks import Lock

SAMPLES = Path(__file__).with_name("lock_files")
KINDS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt")
A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def sample(name: str) -> Lock:
    found, problems = locks.read(SAMPLES / name, SAMPLES / name)
    assert problems == ()
    assert found is not None
    assert "secret" not in repr(found)
    return found


def versions(lock: Lock, python: tuple[int, int], platform: str = "linux") -> dict[str, str]:
    return {name: each.version for name, each in locks.choose(lock.packages, python=python, platform=platform).items()}


def entry(lock: Lock, name: str, version: str | None = None) -> Locked:
    (found,) = (each for each in lock.packages if each.name == name and version in {None, each.version})
    return found


def read(folder: Path) -> tuple[Lock | None, tuple[Problem, ...]]:
    return locks.read(folder, folder)


def test_a_folder_without_lock_files(tmp_path: Path) -> None:
    assert read(tmp_path) == (None, ())
    assert read(tmp_path / "missing") == (None, ())
    assert locks.find(tmp_path) is None
    assert locks.locked_for(tmp_path, tmp_path) == (None, ())


def test_uv() -> None:
    lock = sample("uv")
    assert (lock.origin, lock.requires_python, lock.complete) == ("uv.lock", ">=3.9", True)
    old, new = entry(lock, "cargo-list", "1.0"), entry(lock, "cargo-list", "2.0")
    assert (old.line, old.index, old.local) == (16, "https://packages.example/simple", "")
    assert [file.name for file in new.files] == ["cargo_list-2.0.tar.gz", "cargo_list-2.0-py3-none-any.whl"]
    assert new.files[1].url == "https://files.example/cargo_list-2.0-py3-none-any.whl"
    assert (new.files[1].hashes, new.files[1].size, new.files[1].version) == ((B,), 900, "2.0")
    assert old.files[0].uploaded == "2024-01-02T03:04:05.678Z"
    assert versions(lock, (3, 10))["cargo-list"] == "1.0"
    assert versions(lock, (3, 11), "win32")["cargo-list"] == "2.0"
    assert versions(lock, (3, 13))["cargo-list"] == "2.0"


def test_sources_of_uv_that_are_no_index() -> None:
    lock = sample("uv")
    flat = entry(lock, "flat")
    assert flat.files[0].url == (SAMPLES / "wheels/flat-0.5-py3-none-any.whl").as_uri()
    assert flat.index == (SAMPLES / "wheels").as_uri()
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git?rev=main#0123456789"
    path = entry(lock, "from-path")
    assert path.files[0].url == (SAMPLES / "uv/vendor/from_path-1.9-py3-none-any.whl").as_uri()
    assert (path.local, path.index, path.files[0].name) == ("", "", "from_path-1.9-py3-none-any.whl")
    assert entry(lock, "from-url").files[0].url == "https://files.example/from_url-4.0.tar.gz"
    assert (entry(lock, "ship").local, entry(lock, "ship").version) == (".", "0.1")
    assert (entry(lock, "ship-core").local, entry(lock, "ship-core").version) == ("packages/ship-core", "")


def test_poetry_that_writes_markers() -> None:
    lock = sample("poetry-2.1")
    assert (lock.requires_python, lock.complete) == ("<4,>=3.9", True)
    assert entry(lock, "cargo-list", "1.0").line == 3
    assert versions(lock, (3, 10))["cargo-list"] == "1.0"
    assert versions(lock, (3, 11))["cargo-list"] == "2.0"
    wheel = entry(lock, "cargo-list", "2.0").files[0]
    assert (wheel.name, wheel.url, wheel.hashes) == ("cargo_list-2.0-py3-none-any.whl", "", (B,))
    assert wheel.requires_python == ">=3.11"
    # Extras and groups count as installed: the one marker asks for an extra only.
    assert "colours" in versions(lock, (3, 11))
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git#0123456789"
    assert entry(lock, "from-folder").local == "../folder"
    assert entry(lock, "from-url").files[0].url == "https://files.example/from_url-4.0-py3-none-any.whl"
    assert entry(lock, "from-url").index == ""
    assert entry(lock, "private").index == "https://packages.example/simple"


def test_poetry_that_writes_no_markers() -> None:
    lock = sample("poetry-2.0")
    # By the project's own requirements, by those of a locked distribution, and by the Pythons that a version supports.
    assert versions(lock, (3, 9)) == {"cargo-list": "1.0", "sail": "1.7", "mast": "1.5", "rope": "5.1"}
    assert versions(lock, (3, 10)) == {"cargo-list": "1.0", "sail": "2.4", "mast": "1.9", "rope": "5.1"}
    assert versions(lock, (3, 11))["cargo-list"] == "2.0"
    assert entry(lock, "rope").marker == ""


def test_old_forms_of_poetry() -> None:
    lock = sample("poetry-1.1")
    cargo = entry(lock, "cargo-list")
    assert [(file.name, file.hashes) for file in cargo.files] == [
        ("cargo_list-1.0-py3-none-any.whl", (A,)),
        ("cargo_list-1.0.tar.gz", (B,)),
    ]
    assert entry(lock, "from-url").files[0].url == "https://files.example/from_url-4.0-py3-none-any.whl"
    older = sample("poetry-1.0")
    assert [file.hashes for file in entry(older, "mast").files] == [(A,), (B,)]
    assert versions(older, (3, 8)) == {"mast": "1.5"}
    assert versions(older, (3, 8), "win32") == {"mast": "1.5", "colours": "0.4"}


def test_pdm() -> None:
    lock = sample("pdm-4.5")
    assert (lock.requires_python, lock.complete) == (">=3.10", True)
    assert len(entry(lock, "cargo-list").files) == 2  # an entry for an extra says the same again
    assert (entry(lock, "cargo-list").line, entry(lock, "cargo-list").files[0].url) == (13, "")
    assert "colours" not in versions(lock, (3, 11))
    assert versions(lock, (3, 11), "win32")["colours"] == "0.4"
    assert entry(lock, "colours").files[0].name == "colours-0.4-py3-none-any.whl"
    assert entry(lock, "from-folder").local == "../folder"
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git#0123456789"
    assert entry(lock, "from-url").files[0].url == "https://files.example/from_url-4.0-py3-none-any.whl"
    old = entry(sample("pdm-4.1"), "cargo-list")
    assert old.files[0].url == "https://files.example/cargo_list-2.0-py3-none-any.whl"


def test_pylock() -> None:
    lock = sample("pylock")
    assert (lock.origin, lock.requires_python, lock.path.name) == ("pylock.toml", ">=3.9", "pylock.toml")
    cargo = entry(lock, "cargo-list")  # not the version that pylock.dev.toml has
    assert (cargo.version, cargo.index, cargo.line) == ("2.0", "https://packages.example/simple", 6)
    assert [(file.name, file.hashes, file.size) for file in cargo.files] == [
        ("cargo_list-2.0-py3-none-any.whl", (B,), 900),
        ("cargo_list-2.0.tar.gz", (A,), None),
    ]
    assert cargo.files[1].uploaded == "2024-01-02T03:04:05+00:00"
    assert (entry(lock, "mast").version, entry(lock, "mast").origin) == ("1.5", "pylock.dev.toml")
    assert "colours" not in versions(lock, (3, 11))
    assert "colours" in versions(lock, (3, 11), "win32")
    assert entry(lock, "colours").files[0].url == (SAMPLES / "pylock/wheels/colours-0.4-py3-none-any.whl").as_uri()
    assert entry(lock, "from-archive").version == "4.0"
    assert entry(lock, "from-folder").local == "../folder"
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git#0123456789"


def test_pipenv() -> None:
    lock = sample("pipenv")
    assert (lock.requires_python, lock.complete) == ("==3.11.*", False)  # one of them has no version
    cargo = entry(lock, "cargo-list")
    assert (cargo.version, cargo.index, cargo.line) == ("2.0", "https://packages.example/simple", 19)
    assert [(file.name, file.hashes) for file in cargo.files] == [("", (A,)), ("", (B,))]
    assert {each.name for each in lock.packages} == {"cargo-list", "from-folder", "from-git", "mast"}
    assert entry(lock, "from-folder").local == "../folder"
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git#0123456789"
    assert versions(lock, (3, 8)) == {"mast": "1.5", "from-folder": "", "from-git": ""}


def test_requirements_files() -> None:
    lock = sample("requirements")
    assert (lock.origin, lock.complete) == ("requirements.txt", True)
    assert [(each.version, each.line) for each in lock.packages if each.name == "cargo-list"] == [
        ("1.0", 6),
        ("2.0", 10),
        ("9.0", 2),
    ]
    assert [file.hashes for file in entry(lock, "cargo-list", "1.0").files] == [(A,), (B,)]
    assert versions(lock, (3, 12)).keys() == {"cargo-list", "mast", "from-url", "from-git", "packed", "rope"}
    assert versions(lock, (3, 12), "win32")["colours"] == "0.4"
    assert (entry(lock, "mast").version, entry(lock, "mast").origin) == ("1.5", "constraints.txt")
    url = entry(lock, "from-url")
    assert (url.version, url.files[0].url, url.files[0].hashes) == (
        "4.0",
        "https://files.example/from_url-4.0-py3-none-any.whl",
        (A,),
    )
    assert entry(lock, "from-git").local == "git+https://git.example/from-git.git@main"
    assert entry(lock, "packed").files[0].url == (SAMPLES / "requirements/vendor/packed-1.2.tar.gz").as_uri()
    assert (entry(lock, "rope").origin, entry(lock, "rope").line) == ("requirements-dev.txt", 3)


def test_pins_beside_what_is_not_pinned_are_no_complete_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1\nb>=2\nc==3.*\nd\ne~=1.0\n")
    lock, problems = read(tmp_path)
    assert lock is not None
    assert [each.name for each in lock.packages] == ["a"]
    assert (lock.complete, problems) == (False, ())


@pytest.mark.parametrize("text", ["", "# nothing\n", "b>=2\n", "./folder\n-e .\n", "--index-url https://x.example\n"])
def test_requirements_that_pin_nothing_are_no_lock(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert read(tmp_path) == (None, ())


def test_a_broken_line_is_said_without_credentials(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1\nb b @ https//me:secret@x\nc d //me:secret@x\n")
    lock, problems = read(tmp_path)
    assert lock is not None
    assert not lock.complete
    assert [each.kind for each in problems] == [ProblemKind.SYNTAX] * 2
    assert "secret" not in repr(problems[1])


def test_of_several_files_the_first_kind_counts(tmp_path: Path) -> None:
    for kind, name in zip(("uv", "poetry-2.1", "pdm-4.5", "pylock", "pipenv", "requirements"), KINDS, strict=True):
        shutil.copy(SAMPLES / kind / name, tmp_path)
    for name in KINDS:
        lock, _ = read(tmp_path)
        assert lock is not None
        assert lock.origin == name
        assert locks.find(tmp_path) == (None if name == "requirements.txt" else tmp_path / name)
        (tmp_path / name).unlink()
    assert read(tmp_path) == (None, ())


@pytest.mark.parametrize("name", KINDS[:-1])
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<<<<<<< ours\n", ProblemKind.SYNTAX),
        (b"version = 1\npackage = 5\npackages = 5\ndefault = 7\n", ProblemKind.SYNTAX),
        (b"\xff\xfe\x00", ProblemKind.ENCODING),
        (b"a = " + b"[" * 100_000, ProblemKind.SYNTAX),
        (b"a = " + b"1" * 5000, ProblemKind.SYNTAX),
        (b"[]", ProblemKind.SYNTAX),
    ],
    ids=["conflict", "form", "encoding", "depth", "digits", "empty"],
)
def test_a_broken_file_is_said_and_the_next_kind_read(
    tmp_path: Path, name: str, data: bytes, kind: ProblemKind
) -> None:
    if name != "Pipfile.lock" and data == b"[]":
        data = b"[x"
    (tmp_path / name).write_bytes(data)
    (tmp_path / "requirements.txt").write_text("a==1\n")
    lock, problems = read(tmp_path)
    assert lock is not None
    assert lock.origin == "requirements.txt"
    assert [each.path for each in problems] == [name]
    # What is no lock file of pylock's form is found by another library, and says so as a version that is not known.
    assert problems[0].kind in {kind, ProblemKind.ENVIRONMENT}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", "version = 2\n"),
        ("uv.lock", "version = 1\n[[distribution]]\nname = 'a'\n"),
        ("poetry.lock", "package = []\n[metadata]\nlock-version = '3.0'\n"),
        ("pdm.lock", "[metadata]\nlock_version = '5.0.0'\n"),
        ("pylock.toml", "lock-version = '2.0'\ncreated-by = 'a'\npackages = []\n"),
        ("Pipfile.lock", json.dumps({"_meta": {"pipfile-spec": 7}})),
    ],
)
def test_a_newer_form_is_said_and_never_guessed(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    lock, problems = read(tmp_path)
    assert lock is None
    assert [(each.path, each.kind) for each in problems] == [(name, ProblemKind.ENVIRONMENT)]


def test_of_versions_that_exclude_each_other_by_extras_the_newest_counts(tmp_path: Path) -> None:
    text = "".join(
        f'[[package]]\nname = "a"\nversion = "{version}"\nsource = {{ registry = "https://x.example" }}\n'
        f"resolution-markers = [\"extra == 'x-{here}' and extra != 'x-{there}'\"]\n"
        for version, here, there in (("1.10", "cpu", "gpu"), ("1.9", "gpu", "cpu"))
    )
    (tmp_path / "uv.lock").write_text(f"version = 1\n{text}")
    lock, _ = read(tmp_path)
    assert lock is not None
    assert len(lock.packages) == 2
    assert versions(lock, (3, 12)) == {"a": "1.10"}


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    for version in ("1", "2"):
        file.write_text(f"a=={version}\n")
        os.utime(file, ns=(int(version), int(version)))
        lock, _ = read(tmp_path)
        assert lock is not None
        assert lock.packages[0].version == version


def test_a_member_of_a_workspace_has_the_lock_above_it(tmp_path: Path) -> None:
    member = tmp_path / "packages" / "core" / "src"
    member.mkdir(parents=True)
    (member.parent / "pyproject.toml").write_text('[project]\nname = "core"\n')
    shutil.copy(SAMPLES / "uv" / "uv.lock", tmp_path)
    lock, problems = locks.locked_for(member, tmp_path)
    assert lock is not None
    assert (lock.path, problems) == (tmp_path / "uv.lock", ())
    (member.parent / "requirements.txt").write_text("a==1\n")
    nearer, _ = locks.locked_for(member, tmp_path)
    assert nearer is not None
    assert nearer.origin == "packages/core/requirements.txt"
    assert nearer.packages[0].origin == "packages/core/requirements.txt"
    # Nothing above the repository counts, nor above a folder outside it.
    assert locks.locked_for(tmp_path / "packages", tmp_path / "packages") == (None, ())
    assert locks.locked_for(tmp_path / "other", tmp_path / "packages") == (None, ())


def test_what_is_broken_below_is_said_with_the_lock_above(tmp_path: Path) -> None:
    (tmp_path / "member").mkdir()
    (tmp_path / "member" / "poetry.lock").write_text("[x")
    shutil.copy(SAMPLES / "uv" / "uv.lock", tmp_path)
    lock, problems = locks.locked_for(tmp_path / "member", tmp_path)
    assert lock is not None
    assert [each.path for each in problems] == ["member/poetry.lock"]


def test_a_script_has_the_lock_file_beside_it(tmp_path: Path) -> None:
    lock, problems = locks.for_script(SAMPLES / "uv" / "task.py")
    assert problems == ()
    assert lock is not None
    assert (lock.origin, lock.requires_python, lock.packages[0].version) == ("task.py.lock", ">=3.12", "7.0")
    assert locks.for_script(SAMPLES / "uv" / "other.py") == (None, ())
    (tmp_path / "a.py.lock").write_text("version = 9\n")
    assert [each.path for each in locks.for_script(tmp_path / "a.py")[1]] == ["a.py.lock"]


keys = st.sampled_from(
    [
        "name",
        "version",
        "source",
        "files",
        "hash",
        "url",
        "path",
        "git",
        "wheels",
        "sdist",
        "marker",
        "markers",
        "_meta",
    ]
) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["1.0", "a", ".", "https://["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=25,
)


def as_toml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))} = {as_toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(as_toml(item) for item in value) + "]"
        case None:
            return '""'
        case datetime():
            return value.isoformat()
    return json.dumps(value)


def leaves(value: object) -> Iterator[tuple[dict[str, object] | list[object], str | int]]:
    """Return each part of a document by its container and its key there."""
    match value:
        case dict() | list():
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                yield value, key
                yield from leaves(item)


def read_all(data: bytes, kinds: tuple[str, ...] = KINDS) -> None:
    with tempfile.TemporaryDirectory() as name:
        for kind in kinds:
            (folder := Path(name) / kind.partition(".")[0]).mkdir()
            (folder / kind).write_bytes(data)
            lock, problems = read(folder)
            assert lock is not None or problems or kind == "requirements.txt"
            if lock is not None:
                locks.choose(lock.packages, python=(3, 12), platform="linux")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_reading_never_raises_on_arbitrary_bytes(data: bytes) -> None:
    read_all(data)


odd = st.text(max_size=9) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "*",
        "..",
        "https://[",
        "1.0.*",
        "1" * 5000,
        "extra == 'x'",
        "os_name > 5",
        "^",
        ">=1 || <0",
        "==",
        "C:\\x",
    ]
)


@pytest.mark.parametrize("name", ["uv", "poetry-2.1", "poetry-1.1", "pdm-4.5", "pylock", "pipenv"])
@given(st.integers(min_value=0), odd, st.integers(min_value=0), odd | values)
def test_reading_never_raises_on_a_lock_file_with_odd_parts(
    name: str, first: int, text: str, second: int, value: object
) -> None:
    kind = next(kind for kind in KINDS if (SAMPLES / name / kind).is_file())
    written = (SAMPLES / name / kind).read_text()
    document = json.loads(written) if kind == "Pipfile.lock" else tomllib.loads(written)
    for number, put in ((first, text), (second, copy.deepcopy(value))):
        texts = [(each, key) for each, key in leaves(document) if isinstance(each[key], str)]  # type: ignore[index]
        container, key = texts[number % len(texts)]
        container[key] = put  # type: ignore[index]
    if kind == "Pipfile.lock":
        read_all(json.dumps(document).encode(), (kind,))
    else:
        lines = (f"{json.dumps(key)} = {as_toml(part)}" for key, part in document.items())
        read_all("\n".join(lines).encode("utf-8", "replace"), (kind,))
