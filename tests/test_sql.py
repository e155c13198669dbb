"""SQL in Python: whole programs with marks, and the properties that hold for any schema, statement and text."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import libcst as cst
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import catalogue
from verifier.checks import sql
from verifier.checks.registry import Parsed
from verifier.config import Config
from verifier.engine import run
from verifier.model import Finding, Project, Severity, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read as walk
from verifier.sql.answers import access_of
from verifier.sql.conditions import comparisons
from verifier.sql.dialects import query
from verifier.sql.holes import filled
from verifier.sql.marks import marks
from verifier.sql.model import Access, Definition, Dialect, Kind, Plan, Refusal, Way, Why
from verifier.sql.naming import derived
from verifier.sql.plan import Database
from verifier.sql.schema import Draft, declare
from verifier.sql.words import HOLE, statements, words

RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "sql"}
FOLDER = Path(__file__).parent.parent / "fixtures" / "sql"
FILES = sorted(file for file in FOLDER.glob("*.py") if not file.name.startswith("orm_"))
NAMES = ("alpha", "beta", "gamma", "delta", "key_", "token")


def found_in(text: str, path: str = "shop.py", file: Path | None = None) -> list[Finding]:
    facts = walk(cst.parse_module(text), path, (3, 12))
    inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
    project = Project(Path(), (3, 12))
    parsed = Parsed(Source(path, file), b"", text, facts, Positions(facts.tree, text), inference, project)
    return [each for each in sql.check(parsed, RULES) if isinstance(each, Finding)]


def program(schema: str, statement: str, values: str = "()") -> str:
    return (
        "import sqlite3\n\nconnection = sqlite3.connect('shop.db')\n"
        f"connection.executescript({schema!r})\n\n\n"
        f"def ask(value):\n    return connection.execute({statement!r}, {values})\n"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_marks(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    marked = worlds.marks(text)
    found = [each for each in found_in(text, file.name, file) if each.severity is not Severity.INFO]
    told = [each for each in found if (each.span.line, each.code) not in marked.expected]
    assert not told, [(each.span.line, each.code, each.message) for each in told]
    assert marked.expected <= worlds.places(found), sorted(marked.expected - worlds.places(found))
    assert not marked.todo & worlds.places(found), "a todo mark is found by now: make it an expect mark"


def test_there_are_programs_with_and_without_findings() -> None:
    expected = [worlds.marks(file.read_text(encoding="utf-8")).expected for file in FILES]
    assert any(expected)
    assert not all(expected)


@st.composite
def schemas(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, ...]], str]:
    """Columns of one table, its indexes, and the column that is looked up."""
    columns = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    indexes = draw(
        st.lists(
            st.lists(st.sampled_from(columns), min_size=1, max_size=3, unique=True).map(tuple), max_size=3, unique=True
        )
    )
    return columns, indexes, draw(st.sampled_from(columns))


@given(schemas(), st.sampled_from(["SELECT * FROM places", "DELETE FROM places", "UPDATE places SET alpha2 = 1"]))
@settings(deadline=None, max_examples=60)
def test_a_lookup_is_a_finding_exactly_when_sqlite_scans(
    schema: tuple[list[str], list[tuple[str, ...]], str], head: str
) -> None:
    columns, indexes, column = schema
    text = f"CREATE TABLE places ({', '.join(columns)}, alpha2);"
    for number, index in enumerate(indexes):
        text += f"CREATE INDEX i{number} ON places ({', '.join(index)});"
    statement = f"{head} WHERE {column} = ?"
    connection = sqlite3.connect(":memory:")
    connection.executescript(text)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("x",))]
    connection.close()
    found = [each for each in found_in(program(text, statement, "(value,)")) if each.code == "VER550"]
    assert bool(found) == any(line.startswith("SCAN") for line in plan)


@given(schemas())
@settings(deadline=None, max_examples=40)
def test_the_index_that_a_finding_names_ends_the_scan(schema: tuple[list[str], list[tuple[str, ...]], str]) -> None:
    columns, indexes, column = schema
    text = f"CREATE TABLE places ({', '.join(columns)});"
    for number, index in enumerate(indexes):
        text += f"CREATE INDEX i{number} ON places ({', '.join(index)});"
    statement = f"SELECT * FROM places WHERE {column} IN (?, ?)"
    for each in found_in(program(text, statement, "(value, 1)")):
        assert each.evidence is not None
        better = program(f"{text}{each.evidence['index']};", statement, "(value, 1)")
        assert found_in(better) == []


@given(st.integers(0, 6), st.integers(0, 6))
def test_values_are_counted_as_sqlite_counts_them(wanted: int, given_: int) -> None:
    statement = f"SELECT {', '.join('?' * wanted) or 1}"
    values = f"({''.join(f'{each},' for each in range(given_))})"
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(statement, tuple(range(given_)))
        right = True
    except sqlite3.ProgrammingError:
        right = False
    connection.close()
    text = program("CREATE TABLE a (x)", statement, values) + "\nconnection.execute('DELETE FROM a')\n"
    assert any(each.code == "VER555" for each in found_in(text)) != right


@given(st.text(alphabet="'\"`[]()-/*%:?@$;,.= \nSELECTfromx1" + HOLE, max_size=60))
def test_words_hold_all_that_is_no_space_or_comment(text: str) -> None:
    found = words(text)
    assert all(text[each.start : each.end] == each.text for each in found)
    rebuilt, _ = filled(found)
    assert HOLE not in rebuilt
    comparisons(found)
    for statement, inner in statements(text):
        assert all(statement[each.start : each.end] == each.text for each in inner)


@given(
    st.text(alphabet="CREATE TABLEINDEXonaltercolumn (),;'\"x1=?" + HOLE, max_size=80), st.sampled_from(list(Dialect))
)
@settings(deadline=None)
def test_no_text_breaks_the_schema(text: str, dialect: Dialect) -> None:
    draft = Draft()
    declare(draft, f"CREATE TABLE a ({text}", dialect)
    declare(draft, f"ALTER TABLE a {text}", dialect)
    declare(draft, f"CREATE {text}", dialect)
    database = Database(draft.done(may_have_more=False).definitions)
    database.explain(f"SELECT {text}")
    query(f"SELECT {text}", dialect)
    database.close()


PIECES = (
    *("SELECT", "FROM", "WHERE", "JOIN", "ON", "AND", "OR", "IN", "LIKE", "ORDER BY", "GROUP BY", "LIMIT", "UNION"),
    *("INSERT INTO", "VALUES", "UPDATE", "SET", "DELETE", "WITH", "AS", "BETWEEN", "EXISTS", "NOT", "IS", "CASE"),
    *("users", "orders", "id", "name", "user_id", "u", "*", ".", ",", "(", ")", "=", "<", "?", ":x", "%s", "'a%'", "1"),
    *("lower(", "now()", "\ud800", "\x00", "--", "/*", '"', "'", "{}", ";", "é", HOLE),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(["sqlite3", "psycopg2", "pymysql", "os"]))
@settings(deadline=None, max_examples=150)
def test_no_statement_breaks_a_rule(pieces: list[str], driver: str) -> None:
    schema = "CREATE TABLE users (id INTEGER PRIMARY KEY, name); CREATE TABLE orders (id, user_id REFERENCES users)"
    for head in ("SELECT ", "UPDATE users SET ", ""):
        text = program(schema, head + " ".join(pieces), "(value, 1)").replace("sqlite3", driver)
        found_in(f"{text}\n\nfor each in ask(1):\n    len(connection.execute(each).fetchall())\n")


@pytest.mark.parametrize(
    "text",
    [
        "ATTACH DATABASE 'stolen.db' AS stolen",
        "PRAGMA writable_schema = 1",
        "CREATE TABLE b AS SELECT 1",
        "SELECT load_extension('x')",
        "VACUUM INTO 'stolen.db'",
        "CREATE VIRTUAL TABLE v USING fts5 (x)",
        "SELECT 1; DROP TABLE a",
    ],
)
def test_nothing_happens_but_questions(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database([Definition(Kind.TABLE, "a", "CREATE TABLE a (x)"), Definition(Kind.TABLE, "b", text)])
    database.explain(text)
    assert "b" in database.failed
    assert database.columns == {"a": ("x",)}
    assert isinstance(database.explain("SELECT x FROM a"), Plan)
    assert list(tmp_path.iterdir()) == []
    database.close()


@pytest.mark.parametrize(
    "text",
    [
        "WITH a AS (SELECT 1 AS x)"
        + "".join(f", c{i} AS (SELECT p.x FROM c{i - 1} p, c{i - 1} q)" for i in range(1, 40)).replace("c0", "a")
        + " SELECT * FROM c39",
        "SELECT " + " + ".join(["1"] * 5000),
        "SELECT " + "(" * 5000 + "1" + ")" * 5000,
        "SELECT 1 FROM " + ", ".join(f"a a{i}" for i in range(60)),
        "SELECT " + "[" * 20000,
        "SELECT 1 WHERE " + " OR ".join(f"a{i} = {i}" for i in range(3000)),
    ],
    ids=["with", "plus", "brackets", "joins", "quotes", "or"],
)
def test_an_endless_text_gets_an_answer_and_the_next_one_too(text: str) -> None:
    database = Database([Definition(Kind.TABLE, "a", "CREATE TABLE a (x)")])
    database.explain(text)
    comparisons(words(text))
    assert isinstance(database.explain("SELECT x FROM a WHERE x = 1"), Plan)
    database.close()


def test_each_line_of_a_long_file_has_its_finding() -> None:
    schema = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)"
    statement = "SELECT id FROM users WHERE email = ? AND lower(name) = ?"
    line = f"    connection.execute({statement!r}, (value, value)).fetchall()[0]\n"
    found = found_in(program(schema, "SELECT 1") + line * 400)
    assert sum(each.code == "VER550" for each in found) == 400


@pytest.mark.parametrize(
    ("line", "access"),
    [
        ("SCAN users", Access(Way.SCAN, "users", "SCAN users")),
        ("SCAN TABLE users AS u", Access(Way.SCAN, "u", "SCAN TABLE users AS u")),
        (
            "SEARCH TABLE users USING INDEX i (name=? AND age>?)",
            Access(Way.SEARCH, "users", "", "i", equal=("name",), ranged=("age",)),
        ),
        (
            "SEARCH o USING AUTOMATIC COVERING INDEX (user_id=?)",
            Access(Way.SEARCH, "o", "", "automatic", automatic=True, equal=("user_id",)),
        ),
        (
            "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)",
            Access(Way.SEARCH, "users", "", "PRIMARY KEY", equal=("rowid",)),
        ),
        ("SCAN users USING COVERING INDEX i", Access(Way.SCAN, "users", "", "i")),
        ("SCAN CONSTANT ROW", None),
        ("LIST SUBQUERY 1", None),
    ],
)
def test_plans_are_read_in_the_words_of_old_and_new_releases(line: str, access: Access | None) -> None:
    found = access_of(line)
    if access is None or found is None:
        assert found is access
    else:
        assert (found.way, found.name, found.index, found.automatic, found.equal, found.ranged) == (
            *(access.way, access.name, access.index, access.automatic, access.equal, access.ranged),
        )


@pytest.mark.parametrize(
    ("text", "whole", "dynamic"),
    [
        (f"SELECT a FROM t WHERE b = {HOLE}", "SELECT a FROM t WHERE b = ?", False),
        (f"SELECT a FROM t WHERE b = '{HOLE}'", "SELECT a FROM t WHERE b = ?", False),
        (f"SELECT a FROM t WHERE b LIKE '%{HOLE}%'", "SELECT a FROM t WHERE b LIKE '%_%'", False),
        (f"SELECT a FROM t WHERE b IN ({HOLE})", "SELECT a FROM t WHERE b IN (?)", False),
        (f"SELECT a FROM t WHERE b BETWEEN {HOLE} AND {HOLE}", "SELECT a FROM t WHERE b BETWEEN ? AND ?", False),
        (f"INSERT INTO t VALUES ({HOLE}, {HOLE}) ", "INSERT INTO t VALUES (?, ?)", False),
        (f"SELECT a FROM {HOLE}", "SELECT a FROM ?", True),
        (f"SELECT a FROM t_{HOLE} WHERE b = 1", "SELECT a FROM t_? WHERE b = 1", True),
        (f"SELECT a FROM t ORDER BY {HOLE}", "SELECT a FROM t ORDER BY ?", True),
        (f"SELECT a FROM t WHERE {HOLE}", "SELECT a FROM t WHERE ?", True),
        (f"SELECT a FROM t WHERE b = 1 AND {HOLE}", "SELECT a FROM t WHERE b = 1 AND ?", True),
        (f"SELECT a FROM t WHERE b = {HOLE}.c", "SELECT a FROM t WHERE b = ?.c", True),
        (f"SELECT count({HOLE}) FROM t", "SELECT count(?) FROM t", True),
    ],
)
def test_a_hole_is_a_value_or_makes_the_text_unknown(text: str, whole: str, dynamic: bool) -> None:
    assert filled(words(text)) == (whole, dynamic)


def test_refusals_say_what_is_missing() -> None:
    database = Database([Definition(Kind.TABLE, "a", "CREATE TABLE a (x)")])
    answers = [database.explain(text) for text in ("SELECT y FROM a", "SELECT 1 FROM b", "SELEC 1", "SELECT x, FROM a")]
    assert [each.why for each in answers if isinstance(each, Refusal)] == [
        *(Why.COLUMN, Why.TABLE, Why.SYNTAX, Why.SYNTAX),
    ]
    database.close()


def test_percent_signs_are_read_as_psycopg_reads_them() -> None:
    sites = ("psycopg2",)
    found = marks("SELECT 1 FROM a WHERE x LIKE '%%b' AND y = %s", sites)
    assert found is not None
    assert found.count == 1
    assert marks("SELECT 1 FROM a WHERE x LIKE '%x'", sites) is None
    assert marks("SELECT ?", ("sqlite3", "psycopg2")) is None


SCHEMA = "-- shop\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
ASKS = "import sqlite3\n\n\ndef ask(db: sqlite3.Connection, name):\n    return db.execute({0!r}, (name,))\n"


def test_a_schema_beside_the_file_counts(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    file = tmp_path / "shop.py"
    found = found_in(ASKS.format("SELECT id FROM users WHERE name = ?"), str(file), file)
    assert [each.code for each in found] == ["VER550"]
    assert [(each.path, each.span.line) for each in found[0].related] == [(str(tmp_path / "schema.sql"), 2)]


def test_the_files_own_schema_counts_before_one_that_it_does_not_name(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    own = "SCHEMA = 'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE)'\n"
    text = own + ASKS.format("SELECT id FROM users WHERE name = ?")
    assert found_in(text, "shop.py", tmp_path / "shop.py") == []
    assert [each.code for each in found_in(f"# schema.sql\n{text}", "shop.py", tmp_path / "shop.py")] == ["VER550"]


def test_the_option_names_schemas_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "tables.sql").write_text(SCHEMA)
    (tmp_path / "db" / "broken.sql").write_bytes(b"\xff")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop.py").write_text(ASKS.format("SELECT nme FROM users WHERE id = ?"))
    config = Config(root=tmp_path, select=("sql",), offline=True, no_cache=True, jobs=1, schema=("db/*.sql", "no.sql"))
    report = run([tmp_path / "src"], config, environ={})
    assert [(each.code, each.message) for each in report.findings] == [
        ("VER554", "`users` has no column `nme`; did you mean `name`?")
    ]
    assert [each.path for each in report.findings[0].related] == ["db/tables.sql"]
    told = [each.text for each in report.problems]
    assert any("no.sql" in each for each in told)
    assert any("broken.sql: is not UTF-8" in each for each in told)


def test_an_update_over_several_lines_is_read() -> None:
    text = "import sqlite3\n\nconn = sqlite3.connect('a.db')\nconn.execute('''UPDATE users\n SET name = ?''', (1, 2))\n"
    assert [each.code for each in found_in(text)] == ["VER555"]


def test_names_made_by_with_are_told_from_columns_with_another_name() -> None:
    made = "WITH RECURSIVE a AS (SELECT x, y AS z FROM t), b (p, q) AS MATERIALIZED (SELECT 1, 2)"
    text = f"{made} SELECT a.x, q AS r FROM a, b"
    assert derived(words(text)) == {"a", "b"}
    assert derived(words("SELECT x, y AS z FROM t")) == frozenset()
