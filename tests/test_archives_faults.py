"""A server or an archive that misbehaves gives a reason, in time, and leaves nothing half-read behind."""

from __future__ import annotations

import io
import sqlite3
import struct
import time
import zipfile
from pathlib import Path

import pytest
from archive_server import Item, Server, asking, forget, noise, serving, soon, wheel, zipped
from archive_server import served as served  # noqa: PLC0414  # a fixture

from verifier.distributions import DistributionFile, Index
from verifier.world import archives
from verifier.world.archives import zips

WHEEL = "alpha-1.0-py3-none-any.whl"
CODE = b"def run(): ...\n"
BIG: dict[str, bytes | str] = {
    "alpha/__init__.py": CODE,
    "alpha/native.so": noise(900_000),
    "alpha/late.py": "late = 1\n",
}


def kept(folder: Path) -> int:
    """How many rows the cache has."""
    if not (folder / "archives.sqlite3").exists():
        return 0
    with sqlite3.connect(folder / "archives.sqlite3") as database:
        queries = ("select count(*) from archives_1", "select count(*) from members_1")
        return sum(int(database.execute(query).fetchone()[0]) for query in queries)


def refused(server: Server, folder: Path, file: DistributionFile, why: str, seconds: float = 10.0) -> None:
    """The file cannot be opened, for that reason, and nothing of it is kept."""
    start = time.monotonic()
    with pytest.raises(archives.UnreadableError, match=why) as raised:
        archives.load(asking(folder), file, end=soon(seconds))
    assert time.monotonic() - start < seconds + 2
    assert file.name in str(raised.value)
    assert kept(folder) == 0
    assert server.asked


def reads(folder: Path, file: DistributionFile, *, most_bytes: int = 10_000_000) -> archives.Archive:
    """The file can be read in spite of it all."""
    archive = archives.load(asking(folder, most_bytes=most_bytes), file, end=soon())
    assert archives.read(archive, ["alpha/__init__.py"], end=soon()) == {"alpha/__init__.py": CODE}
    return archive


def test_no_range_support(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel(BIG), ranges=False)
    archive = reads(tmp_path, file)
    assert len(server.asked) == 1, "the whole that came in place of the tail is used"
    assert archives.read(archive, ["alpha/late.py"], end=soon())
    forget()
    reads(tmp_path, file)
    assert len(server.asked) == 1


@pytest.mark.parametrize("length", [True, False], ids=["told", "counted"])
def test_no_range_support_and_too_large(server: Server, tmp_path: Path, *, length: bool) -> None:
    file = server.file(WHEEL, wheel(BIG), ranges=False, length=length)
    with pytest.raises(archives.UnreadableError, match="limit of 0 MB"):
        archives.load(asking(tmp_path, most_bytes=500_000), file, end=soon())
    assert kept(tmp_path) == 0


@pytest.mark.parametrize("lie", ["bytes */*", "bytes 0-10/*", "pages 1-2/3", "bytes 5-10/2000000"])
def test_range_that_is_not_the_one_asked_for(server: Server, tmp_path: Path, lie: str) -> None:
    file = server.file(WHEEL, wheel(BIG), lie=lie)
    reads(tmp_path, file)
    assert [wanted for _, wanted in server.asked][1:] == [""], "then it is read whole"


def test_ranges_that_end_after_the_first(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel(BIG))
    archive = archives.load(asking(tmp_path), file, end=soon())
    server.items[f"/{WHEEL}"].ranges = False
    rows = kept(tmp_path)
    with pytest.raises(archives.UnreadableError, match="gave a range once"):
        archives.read(archive, ["alpha/__init__.py"], end=soon())
    assert kept(tmp_path) == rows


def test_file_that_changed_between_two_ranges(server: Server, tmp_path: Path) -> None:
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(BIG)), end=soon())
    data = bytearray(server.items[f"/{WHEEL}"].data)
    place = data.index(b"alpha/__init__.py") + len("alpha/__init__.py") + 2
    data[place] ^= 0xFF
    server.items[f"/{WHEEL}"] = Item(bytes(data))
    assert archives.read(archive, ["alpha/__init__.py"], end=soon()) == {}
    assert "is broken" in str(archives.why_not(archive, "alpha/__init__.py"))
    assert "alpha/__init__.py" in archive.members, "unreadable is not absent"


@pytest.mark.parametrize("ranges", [True, False])
def test_wrong_hash(server: Server, tmp_path: Path, *, ranges: bool) -> None:
    data = wheel({"alpha/__init__.py": CODE})
    file = server.file(WHEEL, data, ranges=ranges, hashes=(f"sha256:{'0' * 64}",))
    refused(server, tmp_path, file, "sha256 is not the one that was promised")
    asked = len(server.asked)
    refused(server, tmp_path, file, "promised")
    assert len(server.asked) == asked, "it would be wrong again"


@pytest.mark.parametrize("hashes", [("md5:00",), ("nonsense:00", "sha1:11")])
def test_other_hashes_count_too(server: Server, tmp_path: Path, hashes: tuple[str, ...]) -> None:
    refused(server, tmp_path, server.file(WHEEL, wheel(BIG), ranges=False, hashes=hashes), "promised")


def test_unknown_hash_is_no_reason(server: Server, tmp_path: Path) -> None:
    reads(tmp_path, server.file(WHEEL, wheel(BIG), ranges=False, hashes=("nonsense:00",)))


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("data", [wheel(BIG)[:-30], wheel(BIG)[:400_000], b"", b"PK", noise(3000)])
def test_truncated(server: Server, tmp_path: Path, data: bytes, *, ranges: bool) -> None:
    refused(server, tmp_path, server.file(WHEEL, data, ranges=ranges), "zip archive|416|range")


def test_page_to_log_in(server: Server, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html><form>log in</form></html>" * 50
    file = server.file(WHEEL, page, ranges=False, kind="text/html", hashes=())
    refused(server, tmp_path, file, "no zip archive")


@pytest.mark.parametrize("status", [403, 404, 410, 416, 500])
def test_statuses(server: Server, tmp_path: Path, status: int) -> None:
    refused(server, tmp_path, server.file(WHEEL, b"", status=status), f"answered {status}", seconds=3)


def test_connection_lost_once(server: Server, tmp_path: Path) -> None:
    reads(tmp_path, server.file(WHEEL, wheel(BIG), cut=1000, cuts=1))


@pytest.mark.parametrize("ranges", [True, False])
def test_connection_lost_each_time(server: Server, tmp_path: Path, *, ranges: bool) -> None:
    refused(server, tmp_path, server.file(WHEEL, wheel(BIG), cut=1000, ranges=ranges), "127.0.0.1", seconds=5)


def test_connection_lost_between_members(server: Server, tmp_path: Path) -> None:
    archive = archives.load(asking(tmp_path), server.file(WHEEL, wheel(BIG)), end=soon())
    rows = kept(tmp_path)
    server.items[f"/{WHEEL}"].cut = 5
    with pytest.raises(archives.UnreadableError):
        archives.read(archive, ["alpha/__init__.py"], end=soon(5))
    archives.prefetch(archive, ["alpha/__init__.py"], end=soon(5))
    assert kept(tmp_path) == rows
    server.items[f"/{WHEEL}"].cut = None
    assert archives.read(archive, ["alpha/__init__.py"], end=soon()) == {"alpha/__init__.py": CODE}


def test_stall(server: Server, tmp_path: Path) -> None:
    refused(server, tmp_path, server.file(WHEEL, wheel(BIG), stall=30.0), "in time", seconds=1.0)


def test_redirect_keeps_credentials_at_home(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, b"", status=302)
    with serving() as other:
        data = wheel(BIG)
        other.file(WHEEL, data)
        server.items[f"/{WHEEL}"].location = f"http://localhost:{other.url.rpartition(':')[2]}/{WHEEL}"
        indexes = asking(tmp_path, indexes=(Index(f"{server.url}/", user="alice", password="s3cret"),))
        archive = archives.load(indexes, DistributionFile(WHEEL, file.url, "1.0"), end=soon())
        assert archives.read(archive, ["alpha/late.py"], end=soon())
        assert all(server.authorized)
        assert not any(other.authorized)
    assert "s3cret" not in repr(archive)


def test_names_that_leave_the_folder(server: Server, tmp_path: Path) -> None:
    bad = ["../evil.py", "/etc/evil.py", "alpha/../../evil.py", "C:/evil.py", "..\\evil.py", "alpha//evil.py"]
    members: dict[str, bytes | str] = {"alpha/__init__.py": CODE, **dict.fromkeys(bad, "evil = 1\n")}
    members["alpha-1.0.data/purelib/../evil.py"] = "evil = 1\n"
    archive = reads(tmp_path, server.file(WHEEL, wheel(members)))
    assert not [name for name in archive.members if "evil" in name]
    assert archives.read(archive, bad, end=soon()) == {}


def test_names_that_stand_twice(server: Server, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("alpha/__init__.py", CODE)
        archive.writestr("alpha/twice.py", "first = 1\n")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("alpha/twice.py", "second = 2\n")
    opened = reads(tmp_path, server.file(WHEEL, buffer.getvalue()))
    assert archives.read(opened, ["alpha/twice.py"], end=soon()) == {}
    assert "more than once" in str(archives.why_not(opened, "alpha/twice.py"))


def test_member_that_is_too_large(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"\0" * (zips.LARGEST_MEMBER + 1)
    opened = reads(tmp_path, server.file(WHEEL, wheel({"alpha/__init__.py": CODE, "alpha/bomb.py": bomb})))
    assert archives.read(opened, ["alpha/bomb.py"], end=soon()) == {}
    assert "larger than 20 MB" in str(archives.why_not(opened, "alpha/bomb.py"))
    monkeypatch.setattr(zips, "LARGEST_WAVE", 100_000)
    many = {f"alpha/m{number}.py": b"\0" * 30_000 for number in range(9)}
    other = archives.load(asking(tmp_path), server.file("beta-1.0-py3-none-any.whl", wheel(many)), end=soon())
    assert len(archives.read(other, [*many], end=soon())) == 3
    assert "too much" in str(archives.why_not(other, "alpha/m8.py"))


def test_size_that_is_a_lie(server: Server, tmp_path: Path) -> None:
    """The directory says 15 bytes, the data unpack to a hundred million."""
    data = bytearray(zipped({"alpha/bomb.py": b"\0" * 100_000_000, "alpha/__init__.py": CODE}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 15)
    opened = reads(tmp_path, server.file(WHEEL, bytes(data)))
    assert archives.read(opened, ["alpha/bomb.py"], end=soon()) == {}
    assert "is broken" in str(archives.why_not(opened, "alpha/bomb.py"))


def test_members_that_share_their_data(server: Server, tmp_path: Path) -> None:
    data = bytearray(zipped({"alpha/one.py": noise(5000), "alpha/two.py": noise(5000), "alpha/__init__.py": CODE}))
    first = data.index(b"PK\x01\x02")
    data[first + 20 : first + 24] = struct.pack("<I", 9000)
    opened = reads(tmp_path, server.file(WHEEL, bytes(data)))
    assert archives.why_not(opened, "alpha/one.py") == "overlaps another member"


def test_encrypted_and_oddly_packed_members(server: Server, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("alpha/__init__.py", CODE)
        archive.writestr("alpha/secret.py", "x = 1\n")
        archive.writestr("alpha/odd.py", "x = 1\n", compress_type=zipfile.ZIP_BZIP2)
    data = bytearray(buffer.getvalue())
    entry = data.rindex(b"alpha/secret.py") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 8] |= 1
    opened = reads(tmp_path, server.file(WHEEL, bytes(data)))
    assert archives.read(opened, ["alpha/secret.py", "alpha/odd.py"], end=soon()) == {}
    assert archives.why_not(opened, "alpha/secret.py") == "is encrypted"
    assert "packed" in str(archives.why_not(opened, "alpha/odd.py"))


def test_directory_elsewhere_than_it_says(server: Server, tmp_path: Path) -> None:
    data = bytearray(wheel(BIG))
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 0x7FFFFFFF)
    refused(server, tmp_path, server.file(WHEEL, bytes(data)), "zip archive")
