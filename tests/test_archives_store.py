"""What was read of archives is kept: small, by several at once, begun anew when broken, the oldest forgotten."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from archive_server import Server, asking, forget, forget_all, noise, soon, wheel
from archive_server import served as served  # noqa: PLC0414  # a fixture

from verifier.world import archives
from verifier.world.archives import store
from verifier.world.archives.model import Listing, Member, Part

WHEEL = "alpha-1.0-py3-none-any.whl"
LISTING = Listing({"a.py": Member("a.py", 5, 7, 3, 0, 9, "a.py")}, {"b.py": "is odd"}, ranged=True, total=10)


@pytest.mark.parametrize("folder", ["cache", None])
def test_round_trip(tmp_path: Path, folder: str | None) -> None:
    forget_all()
    place = tmp_path / folder if folder else None
    assert store.listing(place, "key") is None
    assert store.texts(place, "key", ["a.py"]) == {}
    store.keep(place, "key", {"a.py": b"a = 1"}, listed=LISTING, end=Part(3, b"directory"))
    store.keep(place, "key", {"c.py": b"c = 1"})
    assert store.listing(place, "key") == LISTING
    assert store.directory(place, "key") == Part(3, b"directory")
    assert store.texts(place, "key", ["a.py", "b.py", "c.py"]) == {"a.py": b"a = 1", "c.py": b"c = 1"}
    assert store.texts(place, "other", ["a.py"]) == {}


@pytest.mark.parametrize("broken", [b"no database at all" * 200, b"", "other tables"])
def test_broken_file_is_begun_anew(tmp_path: Path, broken: bytes | str) -> None:
    forget_all()
    file = tmp_path / "archives.sqlite3"
    if isinstance(broken, bytes):
        file.write_bytes(broken)
    else:
        with sqlite3.connect(file) as database:
            database.execute("create table archives_1 (something)")
    assert store.listing(tmp_path, "key") is None
    store.keep(tmp_path, "key", {"a.py": b"a = 1"}, listed=LISTING)
    assert not store._memory
    assert store.listing(tmp_path, "key") == LISTING


def test_broken_rows_are_not_believed(tmp_path: Path) -> None:
    forget_all()
    store.keep(tmp_path, "key", {"a.py": b"a = 1"}, listed=LISTING, end=Part(3, b"directory"))
    with sqlite3.connect(tmp_path / "archives.sqlite3") as database:
        database.execute("update archives_1 set listing = x'0102', directory = x'0102'")
        database.execute("update members_1 set data = x'0102'")
    assert store.listing(tmp_path, "key") is None
    assert store.directory(tmp_path, "key") is None
    assert store.texts(tmp_path, "key", ["a.py"]) == {}


def test_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    file = server.file(WHEEL, wheel({"alpha.py": "x = 1\n", "alpha.so": noise(500_000)}), ranges=False)
    for _ in range(2):
        archive = archives.load(asking(blocked), file, end=soon())
        assert archives.read(archive, ["alpha.py"], end=soon()) == {"alpha.py": b"x = 1\n"}
        forget()
    assert len(server.asked) == 1, "then the process keeps it"


def test_oldest_archives_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all()
    monkeypatch.setattr(store, "_MOST_BYTES", 400_000)
    for number in range(12):
        store.keep(tmp_path, f"key{number}", {"a.py": noise(60_000)}, listed=LISTING)
    kept = [number for number in range(12) if store.texts(tmp_path, f"key{number}", ["a.py"])]
    assert kept
    assert kept == list(range(12 - len(kept), 12))
    assert len(kept) < 8
    assert (tmp_path / "archives.sqlite3").stat().st_size < 700_000


def test_file_that_was_deleted_meanwhile(server: Server, tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {"alpha/a.py": "a = 1\n", "alpha/b.so": noise(500_000)}
    for ranges in (True, False):
        file = server.file(WHEEL, wheel(members), ranges=ranges)
        archive = archives.load(asking(tmp_path), file, end=soon())
        forget()
        (tmp_path / "archives.sqlite3").unlink()
        assert archives.read(archive, ["alpha/a.py"], end=soon()) == {"alpha/a.py": b"a = 1\n"}


def test_several_at_once_fetch_once(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel({"alpha.py": "x = 1\n", "alpha.so": noise(500_000)}))
    found = []

    def question() -> None:
        archive = archives.load(asking(tmp_path), file, end=soon())
        found.append(archives.read(archive, ["alpha.py"], end=soon())["alpha.py"])

    threads = [threading.Thread(target=question) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"x = 1\n"] * 8
    assert len(server.asked) == 2


def test_metadata_beside_the_wheel(server: Server, tmp_path: Path) -> None:
    file = server.file(WHEEL, wheel({"alpha.py": "x = 1\n", "alpha.so": noise(500_000)}), metadata=True)
    said = b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: gamma\n"
    server.file(f"{WHEEL}.metadata", said)
    for _ in range(2):
        found = archives.metadata(asking(tmp_path), file, end=soon())
        assert (found.requires, found.requires_python, found.complete) == (("gamma",), ">=3.8", True)
    assert [path for path, _ in server.asked] == [f"/{WHEEL}.metadata"]
    archives.load(asking(tmp_path), file, end=soon())
    assert archives.metadata(asking(tmp_path), file, end=soon()).requires, "the wheel's own serves as well"


@pytest.mark.parametrize("beside", [None, b"<html>log in</html>"])
def test_metadata_that_is_not_beside(server: Server, tmp_path: Path, beside: bytes | None) -> None:
    file = server.file(WHEEL, wheel({"alpha.py": "x = 1\n"}), metadata=True)
    if beside is not None:
        server.file(f"{WHEEL}.metadata", beside)
    assert archives.metadata(asking(tmp_path), file, end=soon()).requires == ("beta>=2 ; extra == 'more'",)


def test_vendored_metadata_is_not_its_own(server: Server, tmp_path: Path) -> None:
    other = "Metadata-Version: 2.1\nName: other\nVersion: 9\n"
    members = {"a_other-9.dist-info/METADATA": other, "alpha/_vendor/alpha-3.dist-info/METADATA": other}
    own = {"alpha-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n"}
    file = server.file(WHEEL, wheel(members | own))
    assert archives.metadata(asking(tmp_path), file, end=soon()).name == "alpha"
    bare = server.file("beta-1.0-py3-none-any.whl", wheel(members))
    with pytest.raises(archives.UnreadableError, match="no metadata"):
        archives.metadata(asking(tmp_path), bare, end=soon())


def opened(server: Server, members: dict[str, bytes | str]) -> archives.Archive:
    return archives.load(asking(None), server.file(WHEEL, wheel(members)), end=soon())


def test_suggestions_begin_with_what_is_imported(server: Server) -> None:
    archive = opened(
        server,
        {
            "alpha/__init__.py": "",
            "alpha/zeta.py": noise(3000),
            "alpha/core/frame.py": noise(9000),
            "alpha/tests/test_zeta.py": noise(100),
            "alpha/_vendor/six.py": noise(100),
            "alpha/deep/er/still/module.py": noise(100),
            "alpha/native.so": noise(100),
            "other/__init__.py": "",
        },
    )
    order = archives.suggest(archive, ["alpha.zeta"])
    assert set(order[:2]) == {"alpha/__init__.py", "alpha/zeta.py"}
    assert order.index("alpha/core/frame.py") < order.index("alpha/deep/er/still/module.py")
    assert not {"alpha/tests/test_zeta.py", "alpha/native.so", "other/__init__.py"} & set(order)
    assert archives.suggest(archive, ["unheard.of"]) == []
    assert archives.suggest(archive, []) == []


def test_suggestions_keep_to_the_budget(server: Server) -> None:
    members: dict[str, bytes | str] = {f"alpha/m{number}.py": noise(20_000) for number in range(20)}
    archive = opened(server, {"alpha/__init__.py": "", **members, "alpha/huge.py": noise(90_000)})
    order = archives.suggest(archive, ["alpha"], budget=100_000)
    assert order[0] == "alpha/__init__.py"
    assert 3 <= len(order) <= 5
    assert "alpha/huge.py" not in order
    assert sum(archive.members[name].packed for name in order) <= 100_000


def test_suggestions_follow_the_names_that_are_used(server: Server) -> None:
    members: dict[str, bytes | str] = {f"alpha/_part{number}.py": noise(18_000) for number in range(20)}
    archive = opened(server, {"alpha/__init__.py": "", **members, "alpha/_forest.py": noise(5000)})
    order = archives.suggest(archive, ["alpha.RandomForestClassifier"], budget=50_000)
    assert order.index("alpha/_forest.py") == 1
    assert archives.suggest(archive, ["alpha.Ridge"], budget=50_000).index("alpha/_forest.py") > 1
