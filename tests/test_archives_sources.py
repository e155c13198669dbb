"""Source archives are read, never built: what would be installed, hashes, limits, links and names that leave."""

from __future__ import annotations

import io
import tarfile
import time
from pathlib import Path

import pytest
from archive_server import Server, asking, forget, noise, soon, tarred, zipped
from archive_server import served as served  # noqa: PLC0414  # a fixture

from verifier.world import archives
from verifier.world.archives import roots, sources, zips

INFORMATION = "Metadata-Version: 2.1\nName: Alpha-One\nVersion: 1.0\nRequires-Dist: beta>=2\n"
TOPS = "a.egg-info/top_level.txt"
FLAT: dict[str, bytes | str] = {
    "alpha-1.0/PKG-INFO": INFORMATION,
    "alpha-1.0/setup.py": "raise SystemExit('never run')\n",
    "alpha-1.0/alpha/__init__.py": "from alpha.core import run\n",
    "alpha-1.0/alpha/core.py": "def run(): ...\n",
    "alpha-1.0/alpha/_fast.pyx": "cdef int x\n",
    "alpha-1.0/alpha/version.py.in": "version = @version@\n",
    "alpha-1.0/single.py": "",
    "alpha-1.0/tests/__init__.py": "",
    "alpha-1.0/docs/conf.py": "",
}


def modules(archive: archives.Archive) -> set[str]:
    return {name for name in archive.members if ".dist-info/" not in name}


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "", "zip"])
def test_every_kind(server: Server, tmp_path: Path, kind: str) -> None:
    data = zipped(FLAT) if kind == "zip" else tarred(FLAT, kind)
    name = f"alpha-1.0.{'zip' if kind == 'zip' else f'tar.{kind}'.strip('.')}"
    file = server.file(name, data, version="1.0")
    archive = archives.load(asking(tmp_path), file, end=soon())
    assert modules(archive) == {
        "alpha/__init__.py",
        "alpha/core.py",
        "alpha/_fast.pyx",
        "alpha/version.py.in",
        "single.py",
    }
    assert archives.top_levels(archive) == {"alpha", "single"}
    assert not archive.complete, "its build may add modules"
    wanted = ["alpha/core.py", "alpha/_fast.pyx", "alpha/version.py.in"]
    read = archives.read(archive, wanted, end=soon())
    assert read == {"alpha/core.py": b"def run(): ...\n", "alpha/_fast.pyx": b"cdef int x\n"}
    forget()
    again = archives.load(asking(tmp_path), file, end=soon())
    assert archives.read(again, wanted, end=soon())
    assert len(server.asked) == 1
    assert not list(tmp_path.rglob("*.py"))


def test_metadata(server: Server, tmp_path: Path) -> None:
    file = server.file("alpha-1.0.tar.gz", tarred(FLAT))
    said = archives.metadata(asking(tmp_path), file, end=soon())
    assert (said.name, said.requires, said.complete) == ("Alpha-One", ("beta>=2",), False)


def test_requirements_of_setuptools(server: Server, tmp_path: Path) -> None:
    requires = 'beta>=1\n\n[:python_version < "3"]\ngamma\n\n[more]\ndelta\n\n[more:sys_platform == "win32"]\nepsilon\n'
    members: dict[str, bytes | str] = {
        "alpha-1.0/PKG-INFO": "Metadata-Version: 1.2\nName: alpha\nVersion: 1.0\n",
        "alpha-1.0/alpha.egg-info/PKG-INFO": "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n",
        "alpha-1.0/alpha.egg-info/requires.txt": requires,
        "alpha-1.0/alpha.egg-info/top_level.txt": "alpha\n",
        "alpha-1.0/alpha.py": "",
    }
    said = archives.metadata(asking(tmp_path), server.file("alpha-1.0.tar.gz", tarred(members)), end=soon())
    assert said.name == "alpha"
    assert said.complete
    assert said.requires == (
        "beta>=1",
        'gamma ; (python_version < "3")',
        'delta ; extra == "more"',
        'epsilon ; (sys_platform == "win32") and extra == "more"',
    )


@pytest.mark.parametrize(
    ("paths", "tops", "expected"),
    [
        (["src/alpha/__init__.py", "tools/x.py"], None, {"src/alpha/__init__.py": "alpha/__init__.py"}),
        (["lib/alpha/__init__.py", "test.py"], None, {"lib/alpha/__init__.py": "alpha/__init__.py"}),
        (["alpha.py", "setup.py", "conftest.py"], None, {"alpha.py": "alpha.py"}),
        (["alpha/__init__.py", "loose/readme.py"], None, {"alpha/__init__.py": "alpha/__init__.py"}),
        (["src/space/alpha/x.py"], None, {"src/space/alpha/x.py": "space/alpha/x.py"}),
        ([f"src/{TOPS}", "src/a/x.py", "other/__init__.py"], "a", {"src/a/x.py": "a/x.py"}),
        ([TOPS, "python3/a/__init__.py"], "a", {"python3/a/__init__.py": "a/__init__.py"}),
        ([TOPS, "code/deep/a.py", "tests/a.py"], "a", {"code/deep/a.py": "a.py"}),
        ([TOPS, "tests/x.py", "a.py"], "tests\na", {"tests/x.py": "tests/x.py", "a.py": "a.py"}),
        ([TOPS, "lib/a/x.py", "lib3/a/x.py"], "a", {"lib3/a/x.py": "a/x.py"}),
        ([TOPS, "b.py"], "gone", {}),
        (["setup.py", "tests/__init__.py", "docs/conf.py"], None, {}),
        ([], None, {}),
    ],
)
def test_roots(paths: list[str], tops: str | None, expected: dict[str, str]) -> None:
    texts = {path: tops.encode() for path in paths if tops and path.endswith("top_level.txt")}
    found = roots.importable(paths, texts, "a-1.dist-info")
    assert {path: place for path, place in found.items() if ".dist-info/" not in place} == expected


def refused(server: Server, folder: Path, data: bytes, why: str, **said: object) -> None:
    with pytest.raises(archives.UnreadableError, match=why):
        archives.load(asking(folder), server.file("alpha-1.0.tar.gz", data, **said), end=soon())
    assert not (folder / "archives.sqlite3").exists()


@pytest.mark.parametrize("data", [b"", b"<html>log in</html>" * 99, tarred(FLAT)[:200], noise(5000), b"\x1f\x8b\x08"])
def test_no_archive(server: Server, tmp_path: Path, data: bytes) -> None:
    refused(server, tmp_path, data, "no source archive that can be read")


def test_wrong_hash(server: Server, tmp_path: Path) -> None:
    refused(server, tmp_path, tarred(FLAT), "promised", hashes=("sha256:00",))


def test_larger_than_the_limit(server: Server, tmp_path: Path) -> None:
    file = server.file("alpha-1.0.tar.gz", tarred({"alpha-1.0/a.bin": noise(9000)}))
    with pytest.raises(archives.UnreadableError, match="limit"):
        archives.load(asking(tmp_path, most_bytes=5000), file, end=soon())


def test_bomb(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tarred({"alpha-1.0/alpha.py": "x = 1\n", "alpha-1.0/zeros.bin": b"\0" * 50_000_000})
    assert archives.load(asking(None), server.file("beta-1.0.tar.gz", data), end=soon()).members
    monkeypatch.setattr(sources, "_MOST_UNPACKED", 10_000_000)
    refused(server, tmp_path, data, "unpacks to more than is read", hashes=())


def test_header_that_asks_for_too_much(server: Server, tmp_path: Path) -> None:
    info = tarfile.TarInfo("alpha-1.0/long")
    info.type = tarfile.GNUTYPE_LONGNAME
    info.size = 2**33
    refused(server, tmp_path, info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048, "unpacks to more than is read")


def test_large_members_are_known_by_name(server: Server, tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "alpha-1.0/alpha.py": "",
        "alpha-1.0/alpha/big.py": b"#" * (zips.LARGEST_MEMBER + 1),
    }
    members["alpha-1.0/alpha/__init__.py"] = ""
    archive = archives.load(asking(tmp_path), server.file("alpha-1.0.tar.gz", tarred(members)), end=soon())
    assert archives.read(archive, ["alpha/big.py"], end=soon()) == {}
    assert "larger than" in str(archives.why_not(archive, "alpha/big.py"))


def test_links_and_names_that_leave(server: Server, tmp_path: Path) -> None:
    def extra(archive: tarfile.TarFile) -> None:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo(f"alpha-1.0/alpha/link{kind.decode()}.py")
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
        for name in ("../evil.py", "alpha-1.0/../../evil.py", "/evil.py", "alpha-1.0//evil.py"):
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"#"))

    data = tarred({"alpha-1.0/alpha/__init__.py": ""}, extra=extra)
    archive = archives.load(asking(tmp_path), server.file("alpha-1.0.tar.gz", data), end=soon())
    assert modules(archive) == {"alpha/__init__.py"}


def test_time_is_up(server: Server) -> None:
    file = server.file("alpha-1.0.tar.gz", b"")
    with pytest.raises(archives.UnreadableError, match="in time") as raised:
        sources.read(io.BytesIO(tarred(FLAT)), file, end=time.monotonic())
    assert not raised.value.lasting
