"""Tables are kept between runs for as long as their file stays the same, by several processes, and never harm."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.distributions import Indexes
from verifier.model import Project
from verifier.symbols import store
from verifier.symbols.model import (
    Class,
    Definition,
    Fallback,
    Forward,
    Function,
    Import,
    Parameter,
    Table,
    Variable,
)
from verifier.symbols.store import Key

TABLE = Table("m", "/m.py", stub=False, package=False, names={"a": (Variable("a", 1, value="1"),)})


@pytest.fixture(autouse=True)
def _nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_recent", {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def key(module: str = "m", *, size: int = 1, changed: int = 1, version: str = "1.0", python: str = "3.11") -> Key:
    return Key(f"/{module}.py", size, changed, module, python, "linux", module, version)


def opened(folder: Path) -> store.Store:
    return store.of(Project(folder, (3, 11), indexes=Indexes(cache=folder)))


def keep(folder: Path, *keys: Key, table: Table = TABLE) -> None:
    kept = opened(folder)
    for each in keys:
        store.put(kept, each, table)
    store.write(kept)
    store._recent.clear()


def recall(folder: Path, wanted: Key) -> Table | None:
    kept = opened(folder)
    try:
        return store.get(kept, wanted)
    finally:
        store.write(kept)
        store._recent.clear()


def test_a_table_is_kept(folder: Path) -> None:
    assert recall(folder, key()) is None
    keep(folder, key())
    assert recall(folder, key()) == TABLE


def test_what_is_not_written_yet_is_known_to_the_process_only(folder: Path) -> None:
    kept = opened(folder)
    store.put(kept, key(), TABLE)
    assert store.get(opened(folder), key()) is TABLE
    store._recent.clear()
    assert recall(folder, key()) is None


@pytest.mark.parametrize(
    "other", [key(size=2), key(changed=2), key(version="1.1"), key(python="3.12"), key("other")], ids=str
)
def test_anything_else_is_read_anew(folder: Path, other: Key) -> None:
    keep(folder, key())
    assert recall(folder, other) is None


def test_a_changed_file_replaces_its_row(folder: Path) -> None:
    for number in range(5):
        keep(folder, key(changed=number))
    assert rows(folder) == 1
    assert recall(folder, key(changed=4)) == TABLE


def rows(folder: Path) -> int:
    database = sqlite3.connect(folder / "symbols.sqlite3")
    try:
        return int(database.execute("select count(*) from tables").fetchone()[0])
    finally:
        database.close()


def test_another_schema_is_read_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder, key())
    monkeypatch.setattr(store, "_reader", lambda: "another")
    assert recall(folder, key()) is None
    keep(folder, key())
    assert rows(folder) == 1


def test_a_row_that_cannot_be_decoded_is_no_row(folder: Path) -> None:
    keep(folder, key())
    for data in (b"", b"\xc1", msgspec.msgpack.encode({"module": 1}), "text"):
        execute(folder, "update tables set data = ?", data)
        assert recall(folder, key()) is None
    keep(folder, key())
    assert recall(folder, key()) == TABLE


def execute(folder: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(folder / "symbols.sqlite3")
    with database:
        database.execute(statement, values)
    database.close()


FOREIGN = sqlite3.connect(":memory:")
FOREIGN.execute("create table tables (name text)")


@pytest.mark.parametrize(
    "broken",
    [os.urandom(20_000), b"SQLite format 3\0" + b"\xff" * 8192, FOREIGN.serialize()],
    ids=["noise", "header", "foreign"],
)
def test_a_broken_or_foreign_file_is_begun_again(folder: Path, broken: bytes) -> None:
    folder.mkdir()
    (folder / "symbols.sqlite3").write_bytes(broken)
    assert recall(folder, key()) is None
    keep(folder, key())
    assert recall(folder, key()) == TABLE


def test_a_file_that_breaks_later_on_is_begun_again(folder: Path) -> None:
    big = msgspec.structs.replace(TABLE, stored=tuple(f"name{number}" for number in range(20_000)))
    keep(folder, *(key(f"m{number}") for number in range(10)), table=big)
    file = folder / "symbols.sqlite3"
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)
    for _ in range(2):
        assert [recall(folder, key(f"m{number}")) for number in range(10)] == [None] * 10
    keep(folder, key())
    assert recall(folder, key()) == TABLE


def test_without_a_usable_folder_there_is_no_store_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "cache", key())
    assert recall(tmp_path / "file" / "cache", key()) is None
    (tmp_path / "symbols.sqlite3").mkdir()
    keep(tmp_path, key())
    assert recall(tmp_path, key()) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_read(folder: Path) -> None:
    keep(folder, key())
    (folder / "symbols.sqlite3").chmod(0o444)
    folder.chmod(0o555)
    try:
        assert recall(folder, key()) == TABLE
        keep(folder, key("other"))
        assert recall(folder, key("other")) is None
    finally:
        folder.chmod(0o755)


def test_a_locked_store_costs_its_answers_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder, key())
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.01)
    other = sqlite3.connect(folder / "symbols.sqlite3", isolation_level=None)
    other.execute("begin exclusive")
    keep(folder, key("other"))
    assert recall(folder, key()) is None
    other.execute("rollback")
    other.close()
    assert recall(folder, key()) == TABLE


def test_no_cache_keeps_nothing(folder: Path) -> None:
    kept = store.of(Project(folder, (3, 11)))
    store.put(kept, key(), TABLE)
    assert not kept.pending
    store.write(kept)
    assert not folder.exists()


def test_old_rows_are_forgotten(folder: Path) -> None:
    keep(folder, key("old"), key("new"))
    execute(folder, "update tables set at = at - 61 where module = 'old'")
    execute(folder, "pragma user_version = 0")
    keep(folder, key("newer"))
    assert recall(folder, key("old")) is None
    assert recall(folder, key("new")) == TABLE


def test_a_store_that_grew_too_large_is_begun_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder, key("old"))
    monkeypatch.setattr(store, "_MOST_BYTES", 100)
    keep(folder, key("new"))
    assert rows(folder) == 1
    assert recall(folder, key("new")) == TABLE


def test_memory_keeps_the_tables_that_were_asked_for_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_MOST_RECENT", 3)
    kept = store.Store(None)
    for name in "abc":
        store.put(kept, key(name), TABLE)
    store.get(kept, key("a"))
    store.put(kept, key("d"), TABLE)
    assert [name for name in "abcd" if store.get(kept, key(name))] == ["a", "c", "d"]
    assert not folder.exists()


WRITER = """
import sys
from pathlib import Path
from verifier.symbols import store
from verifier.symbols.model import Table
def key(name): return store.Key(f"/{name}.py", 1, 1, name, "3.11", "linux", name, "1.0")
table = Table("m", "/m.py", stub=False, package=False, names={}, stored=tuple(map(str, range(2000))))
"""


def test_processes_share_the_store(folder: Path) -> None:
    code = WRITER + (
        "for n in range(40):\n"
        "    kept = store.Store(Path(sys.argv[1]))\n"
        "    store.put(kept, key(f'{sys.argv[2]}-{n}'), table)\n"
        "    store.write(kept)\n"
    )
    commands = [[sys.executable, "-c", code, str(folder), str(number)] for number in range(3)]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(timeout=60) for process in processes] == [0] * 3
    assert rows(folder) == 120
    assert recall(folder, key("2-39")) is not None


MIDDLE = """
kept = store.Store(Path(sys.argv[1]))
store.get(kept, key("m"))
kept.connection.execute("pragma cache_size = 1")
kept.connection.execute("begin immediate")
kept.connection.execute("delete from tables")
data = store._encoder.encode(table)
for n in range(500):
    row = (*key(str(n)).place, 1, key(str(n)).identity, data)
    kept.connection.execute("insert into tables values (?, ?, ?, ?, ?, ?, ?)", row)
print("in the middle", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_a_writer_that_is_killed_leaves_a_usable_store(folder: Path) -> None:
    keep(folder, key())
    code = WRITER + MIDDLE
    command, pipe = [sys.executable, "-c", code, str(folder)], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        assert (folder / "symbols.sqlite3-journal").stat().st_size, "the transaction has reached the file"
        process.send_signal(signal.SIGKILL)
    begun = time.monotonic()
    assert recall(folder, key()) == TABLE
    assert rows(folder) == 1
    keep(folder, key("next"))
    assert recall(folder, key("next")) == TABLE
    assert time.monotonic() - begun < 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_writers_killed_at_any_time_never_break_the_store(folder: Path) -> None:
    code = WRITER + (
        "n = 0\n"
        "while True:\n"
        "    kept = store.Store(Path(sys.argv[1]))\n"
        "    for _ in range(20):\n"
        "        n += 1\n"
        "        store.put(kept, key(f'{n % 60}'), table)\n"
        "    store.write(kept)\n"
        "    n == 20 and print('begun', flush=True)\n"
    )
    for number in range(4):
        with subprocess.Popen([sys.executable, "-c", code, str(folder)], text=True, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.02 * number)
            process.send_signal(signal.SIGKILL)
        assert rows(folder) in {20, 40, 60}
        database = sqlite3.connect(folder / "symbols.sqlite3")
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        database.close()
        keep(folder, key("0"))
        assert recall(folder, key("0")) == TABLE


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    from verifier.symbols.modules import Loaded, flush, load, world_of  # noqa: PLC0415

    project = Project(tmp_path / "project", (3, 11), indexes=Indexes(cache=tmp_path / "cache"))
    file = project.root / "mine.py"
    file.parent.mkdir()
    for text, changed in (("a = 1\n", 1), ("a = 1\n", 1), ("b = 1\n", 2), ("cc = 1\n", 2)):
        file.write_text(text)
        os.utime(file, ns=(changed, changed))
        world = world_of(project, project.root / "main.py")
        loaded = load(world, "mine")
        assert isinstance(loaded, Loaded)
        assert set(loaded.tables[0].names) == {text.split()[0]}
        flush(world)
        store._recent.clear()
    assert rows(tmp_path / "cache") == 1


words = st.text(max_size=8)
some_words = st.lists(words, max_size=3).map(tuple)
maybe = st.none() | words
lines = st.integers(0, 2**40)
variables = st.builds(Variable, words, lines, maybe, maybe, st.booleans(), st.booleans())
functions = st.builds(
    Function,
    words,
    lines,
    parameters=st.lists(
        st.builds(Parameter, words, st.sampled_from(["/", "", "*", "k", "**"]), st.booleans(), maybe)
    ).map(tuple),
    returns=maybe,
    decorators=some_words,
    forwards=st.lists(st.builds(Forward, words, some_words), max_size=2).map(tuple),
    gone=maybe,
)
imports = st.builds(Import, words, lines, words, maybe)


def within(inner: st.SearchStrategy[Definition]) -> st.SearchStrategy[Definition]:
    members = st.dictionaries(words, st.lists(inner, max_size=2).map(tuple), max_size=3)
    attributes = st.dictionaries(words, st.lists(variables, max_size=2).map(tuple), max_size=2)
    keywords = st.lists(st.tuples(words, words), max_size=2).map(tuple)
    return st.builds(Class, words, lines, some_words, keywords, some_words, members, attributes, some_words, maybe)


definitions = st.recursive(variables | functions | imports, within, max_leaves=6)
tables = st.builds(
    Table,
    words,
    words,
    st.booleans(),
    st.booleans(),
    st.dictionaries(words, st.lists(definitions, max_size=3).map(tuple), max_size=4),
    some_words,
    st.none() | some_words,
    st.none() | st.builds(Fallback, some_words, some_words, st.booleans()),
    maybe,
    some_words,
    some_words,
    some_words,
    some_words,
)


@given(tables)
def test_a_table_is_the_same_after_encoding_and_decoding(table: Table) -> None:
    assert store._decoder.decode(store._encoder.encode(table)) == table
