"""Wheels are read over ranges: few requests, only what is needed, what was read is not fetched again."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest
from archive_server import Server, asking, forget, noise, soon, wheel
from archive_server import served as served  # noqa: PLC0414  # a fixture

from verifier.distributions import DistributionFile
from verifier.world import archives
from verifier.world.archives import opening
from verifier.world.archives.transfer import GAP, merged

WHEEL = "alpha-1.0-py3-none-any.whl"
BIG: dict[str, bytes | str] = {
    "alpha/__init__.py": "from alpha.core import run\n",
    "alpha/between.py": "between = 1\n",
    "alpha/core.py": "def run(): ...\n",
    "alpha/native.cpython-311-x86_64-linux-gnu.so": noise(900_000),
    "alpha/late.py": "late = 1\n",
    "alpha/py.typed": "",
    "alpha/data.bin": noise(400_000),
    "alpha/tail.py": "tail = 1\n",
}


def test_listing_and_tail_in_one_request(server: Server, tmp_path: Path) -> None:
    data = wheel(BIG)
    archive = archives.load(asking(tmp_path), server.file(WHEEL, data), end=soon())
    assert set(BIG) <= archive.members.keys()
    assert archive.members["alpha/core.py"].crc == zlib.crc32(b"def run(): ...\n")
    assert archive.members["alpha/core.py"].size == len("def run(): ...\n")
    assert archive.complete
    assert archives.top_levels(archive) == {"alpha"}
    assert [wanted for _, wanted in server.asked] == [f"bytes=-{384 * 1024}"]
    assert server.sent < len(data) / 3
    assert dict(archives.read(archive, ["alpha/tail.py"], end=soon())) == {"alpha/tail.py": b"tail = 1\n"}
    assert len(server.asked) == 1, "what came with the tail is not fetched again"


def test_members_are_fetched_in_ranges(server: Server, tmp_path: Path) -> None:
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(BIG)), end=soon())
    found = archives.read(archive, ["alpha/__init__.py", "alpha/core.py", "alpha/late.py"], end=soon())
    assert {name: data.decode() for name, data in found.items()} == {
        name: BIG[name] for name in ("alpha/__init__.py", "alpha/core.py", "alpha/late.py")
    }
    assert len(server.asked) == 3, "the tail, two neighbours at once, and one behind a large binary"
    assert server.sent < 400_000
    assert archives.read(archive, ["alpha/between.py"], end=soon()) == {"alpha/between.py": b"between = 1\n"}
    assert len(server.asked) == 3, "it lay in the same range and was kept"


def test_only_python_files_are_read(server: Server, tmp_path: Path) -> None:
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(BIG)), end=soon())
    before = len(server.asked)
    wanted = ["alpha/data.bin", "alpha/native.cpython-311-x86_64-linux-gnu.so", "alpha/absent.py"]
    assert archives.read(archive, wanted, end=soon()) == {}
    assert len(server.asked) == before
    assert archives.why_not(archive, "alpha/data.bin") == "is no Python file"
    assert archives.why_not(archive, "alpha/absent.py") == "is not in the archive"
    assert archives.why_not(archive, "alpha/core.py") is None


@pytest.mark.parametrize("folder", ["cache", None])
def test_warm_needs_no_request(server: Server, tmp_path: Path, folder: str | None) -> None:
    indexes = asking(tmp_path / folder if folder else None)
    file = server.file(WHEEL, wheel(BIG))
    first = archives.load(indexes, file, end=soon())
    archives.prefetch(first, ["alpha/core.py"], end=soon())
    asked = len(server.asked)
    forget()
    again = archives.load(indexes, file, end=soon())
    assert again.members == first.members
    assert archives.read(again, ["alpha/core.py"], end=soon()) == {"alpha/core.py": b"def run(): ...\n"}
    assert len(server.asked) == asked
    assert (tmp_path / "cache" / "archives.sqlite3").exists() is bool(folder)


def test_later_members_of_a_kept_archive(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel(BIG))
    archives.load(asking(tmp_path), file, end=soon())
    forget()
    server.asked.clear()
    archive = archives.load(asking(tmp_path), file, end=soon())
    assert archives.read(archive, ["alpha/late.py"], end=soon()) == {"alpha/late.py": b"late = 1\n"}
    assert len(server.asked) == 1, "the central directory was kept too"


def test_offline(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel(BIG))
    with pytest.raises(archives.UnreadableError, match=r"offline, and alpha-1\.0.* was not read before"):
        archives.load(asking(tmp_path, offline=True), file, end=soon())
    assert server.asked == []
    archives.load(asking(tmp_path), file, end=soon())
    asked = len(server.asked)
    archive = archives.load(asking(tmp_path, offline=True), file, end=soon())
    assert archives.read(archive, ["alpha/tail.py"], end=soon())
    with pytest.raises(archives.UnreadableError, match="offline"):
        archives.read(archive, ["alpha/core.py"], end=soon())
    assert len(server.asked) == asked


def test_local_file_needs_no_index_even_offline(tmp_path: Path) -> None:
    path = tmp_path / WHEEL
    path.write_bytes(wheel(BIG))
    file = DistributionFile(WHEEL, path.as_uri(), "1.0")
    archive = archives.load(asking(None, offline=True), file, end=soon())
    assert archives.read(archive, ["alpha/core.py"], end=soon()) == {"alpha/core.py": b"def run(): ...\n"}
    path.write_bytes(wheel({"alpha.py": "x = 10\n"}))
    changed = archives.load(asking(None, offline=True), file, end=soon())
    assert "alpha.py" in changed.members, "a local file that changed is another archive"
    assert "alpha/core.py" not in changed.members


def test_same_hash_elsewhere_is_the_same_archive(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel(BIG))
    archives.load(asking(tmp_path), file, end=soon())
    forget()
    asked = len(server.asked)
    elsewhere = DistributionFile(WHEEL, "", "1.0", file.hashes)
    assert archives.load(asking(tmp_path), elsewhere, end=soon()).members
    assert len(server.asked) == asked
    forget()
    other = DistributionFile(WHEEL, "", "1.0", (f"sha256:{'0' * 64}",))
    with pytest.raises(archives.UnreadableError, match="where it lies is not known"):
        archives.load(asking(tmp_path), other, end=soon())


def test_long_directory_takes_a_second_request(server: Server, tmp_path: Path) -> None:
    many = {f"alpha/module_with_quite_a_long_name_{number}.py": f"x = {number}\n" for number in range(3000)}
    file = server.file("alpha-1.0-cp311-cp311-linux_x86_64.whl", wheel(many | {"alpha/z.so": noise(10)}))
    archive = archives.load(asking(tmp_path), file, end=soon())
    assert len(archive.members) == 3003
    assert len(server.asked) == 2
    found = archives.read(archive, [*many], end=soon(30))
    assert len(found) == 3000
    assert found["alpha/module_with_quite_a_long_name_7.py"] == b"x = 7\n"


def test_data_folders_go_where_installers_put_them(server: Server, tmp_path: Path) -> None:
    members = {
        "alpha-1.0.data/purelib/beta/__init__.py": "b = 1\n",
        "alpha-1.0.data/platlib/gamma.py": "c = 1\n",
        "alpha-1.0.data/scripts/tool.py": "d = 1\n",
        "alpha-1.0.data/headers/alpha.h": "",
    }
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(members)), end=soon())
    assert archives.top_levels(archive) == {"beta", "gamma"}
    assert archives.read(archive, ["gamma.py"], end=soon()) == {"gamma.py": b"c = 1\n"}
    assert not any("tool.py" in name or name.endswith(".h") for name in archive.members)


def test_top_levels_are_what_can_be_imported(server: Server, tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "single.py": "",
        "native.cpython-311-x86_64-linux-gnu.so": b"",
        "spaces/of/names/module.py": "",
        "alpha-stubs/__init__.pyi": "",
        "share/readme.txt": "",
        "alpha-1.0.dist-info/licenses/setup.py": "",
    }
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(members)), end=soon())
    assert archives.top_levels(archive) == {"single", "native", "spaces"}


def test_near_ranges_are_one_request() -> None:
    assert merged([(100, 200), (0, 50), (200 + GAP, 300 + GAP)]) == [(0, 300 + GAP)]
    assert merged([(0, 50), (51 + GAP, 60 + GAP)]) == [(0, 50), (51 + GAP, 60 + GAP)]
    assert merged([(0, 100), (10, 20)]) == [(0, 100)]


def test_keys_are_stable_and_tell_contents_apart() -> None:
    one = DistributionFile("a-1.whl", "https://host/a-1.whl", "1", ("md5:aa", "sha256:BB"))
    assert opening.identity(one) == "sha256:bb"
    bare = DistributionFile("a-1.whl", "https://host/a-1.whl", "1")
    moved = DistributionFile("a-1.whl", "https://other/a-1.whl", "1")
    assert opening.identity(bare) == opening.identity(bare)
    assert opening.identity(bare) != opening.identity(moved)
    assert hashlib.sha256(b"").hexdigest() not in opening.identity(bare)


def test_egg(server: Server, tmp_path: Path) -> None:
    data = wheel({"old.py": "x = 1\n", "EGG-INFO/PKG-INFO": "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n"})
    file = server.file("old-1.0-py3.6.egg", data)
    archive = archives.load(asking(tmp_path), file, end=soon())
    assert archives.top_levels(archive) == {"old"}
    assert archives.metadata(asking(tmp_path), file, end=soon()).name == "old"


def test_unknown_kinds_are_refused_without_a_request(server: Server, tmp_path: Path) -> None:
    with pytest.raises(archives.UnreadableError, match="neither a wheel nor a source archive"):
        archives.load(asking(tmp_path), server.file("alpha-1.0.exe", b"MZ"), end=soon())
    assert server.asked == []


def test_the_rest_comes_along_when_members_are_missing_again_and_again(server: Server, tmp_path: Path) -> None:
    forget()
    members: dict[str, bytes | str] = {}
    for number in range(9):
        members |= {f"alpha/part{number}.py": f"number = {number}\n", f"alpha/data{number}.bin": noise(200_000)}
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(members)), end=soon())
    parts = [name for name in members if name.endswith(".py")]
    counts = []
    for name in parts:
        server.asked.clear()
        assert archives.read(archive, [name], end=soon())
        counts.append(len(server.asked))
    assert counts[:3] == [1, 1, 1], "one range for each"
    assert counts[3] > 1, "patience ends"
    assert not any(counts[4:]), "nothing is missing any more"
