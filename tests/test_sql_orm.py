"""Models and their queries: whole programs with marks, files beside each other, and what holds for any model."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import libcst as cst
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import catalogue
from verifier.checks import orm
from verifier.checks.registry import Parsed
from verifier.model import Finding, Project, Severity, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read as walk
from verifier.sql.model import Dialect
from verifier.sql.orm.definitions import definitions
from verifier.sql.orm.models import open_models
from verifier.sql.plan import Database

RULES = {rule.name: rule for rule in catalogue.load() if rule.check == "sql"}
FOLDER = Path(__file__).parent.parent / "fixtures" / "sql"
FILES = sorted(FOLDER.glob("orm_*.py"))
NAMES = ("alpha", "beta", "gamma", "delta", "token")


def found_in(text: str, path: str = "shop.py", file: Path | None = None) -> list[Finding]:
    facts = walk(cst.parse_module(text), path, (3, 12))
    inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
    parsed = Parsed(
        Source(path, file), b"", text, facts, Positions(facts.tree, text), inference, Project(Path(), (3, 12))
    )
    return list(orm.findings(parsed, RULES))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_marks(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    marked = worlds.marks(text)
    found = [each for each in found_in(text, file.name, file) if each.severity is not Severity.INFO]
    told = [each for each in found if (each.span.line, each.code) not in marked.expected]
    assert not told, [(each.span.line, each.code, each.message) for each in told]
    assert marked.expected <= worlds.places(found), sorted(marked.expected - worlds.places(found))


DJANGO = "from django.db import models\n\n\nclass Item(models.Model):\n    code = models.CharField(max_length=9)\n"
ALCHEMY = """from sqlalchemy import Column, Integer, String
from .base import Base


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    code = Column(String(9))
"""


@pytest.mark.parametrize(
    "line",
    [
        "from .models import Item\nItem.objects.get(code=value)",
        "from .models import Item as Thing\nThing.objects.get(code=value)",
        "from . import models\nmodels.Item.objects.get(code=value)",
        "from shop.models import Item\nItem.objects.get(code=value)",
        "import shop.models as m\nm.Item.objects.get(code=value)",
    ],
)
def test_models_beside_the_file_are_read(tmp_path: Path, line: str) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "models.py").write_text(DJANGO)
    head, _, query = line.partition("\n")
    text = f"{head}\n\n\ndef view(value):\n    return {query}\n"
    found = found_in(text, "shop/views.py", shop / "views.py")
    assert [(each.code, each.span.line) for each in found] == [("VER550", 5)]
    assert [(each.path, each.span.line) for each in found[0].related] == [("shop/models.py", 5)]
    assert found_in(text, "shop/tests/test_views.py", shop / "views.py") == []


@pytest.mark.parametrize("line", ["from ..models import Item", "from shop.models import Item"])
def test_models_in_a_folder_above_are_shown_with_their_own_path(tmp_path: Path, line: str) -> None:
    shop = tmp_path / "shop"
    (shop / "api").mkdir(parents=True)
    (shop / "models.py").write_text(DJANGO)
    text = f"{line}\n\n\ndef view(value):\n    return Item.objects.get(code=value)\n"
    found = found_in(text, "shop/api/views.py", shop / "api" / "views.py")
    assert [each.path for one in found for each in one.related] == ["shop/models.py"]


def test_annotated_declarations_are_read() -> None:
    django = f"{DJANGO}\n    class Meta:\n        db_table: ClassVar[str] = 'goods'\n"
    query = "\n\ndef view(value):\n    return Item.objects.get(code=value)\n"
    assert [each.message.split("`")[1] for each in found_in(django + query)] == ["goods"]
    indexed = f"{django}        indexes: ClassVar[list] = [models.Index(fields=['code'])]\n"
    assert found_in(indexed + query) == []
    alchemy = ALCHEMY.replace("__tablename__ =", "__tablename__: str =").replace(
        "import Column", "import UniqueConstraint, Column"
    )
    query = "\n\ndef view(session, value):\n    return session.query(Item).filter_by(code=value).first()\n"
    assert [each.code for each in found_in(alchemy + query)] == ["VER550"]
    assert found_in(f"{alchemy}    __table_args__: Any = (UniqueConstraint('code'),)\n{query}") == []


def test_models_in_a_package_are_read(tmp_path: Path) -> None:
    package = tmp_path / "models"
    package.mkdir()
    (package / "__init__.py").write_text("from .item import Item\n")
    (package / "item.py").write_text(DJANGO)
    text = "from models import Item\n\n\ndef view(value):\n    return Item.objects.get(code=value), Item(cod=value)\n"
    assert sorted(each.code for each in found_in(text, "views.py", tmp_path / "views.py")) == ["VER550", "VER554"]


@pytest.mark.parametrize(
    "operation",
    [
        'op.create_index("ix_code", "items", ["code"])',
        'op.create_table("items", sa.Column("code", sa.String(), unique=True))',
        'op.create_table(\n        "items",\n        sa.UniqueConstraint("code"),\n    )',
        'with op.batch_alter_table("items") as batch:\n        batch.create_index("ix_code", ["code", "id"])',
        'op.execute("CREATE INDEX ix_code ON items (code)")',
    ],
)
def test_an_index_that_a_migration_makes_is_one(tmp_path: Path, operation: str) -> None:
    (tmp_path / "base.py").write_text("from sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n")
    query = "\n\ndef view(session, value):\n    return session.query(Item).filter_by(code=value).first()\n"
    file = tmp_path / "shop.py"
    versions = tmp_path / "alembic" / "versions"
    versions.mkdir(parents=True)
    (versions / "one.py").write_text(f"def upgrade():\n    {operation}\n")
    assert found_in(ALCHEMY + query, "shop.py", file) == []
    other = ALCHEMY.replace("items", "goods")
    assert [each.code for each in found_in(other + query, "shop.py", file)] == ["VER550"]


def test_an_invented_field_is_told_only_of_models_whose_bases_are_known(tmp_path: Path) -> None:
    query = "\n\ndef view(session, value):\n    return session.query(Item).filter(Item.cod == value).first()\n"
    assert found_in(ALCHEMY + query, "shop.py", tmp_path / "shop.py") == []
    folder = tmp_path / "known"
    folder.mkdir()
    (folder / "base.py").write_text(
        "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
    )
    assert [each.code for each in found_in(ALCHEMY + query, "shop.py", folder / "shop.py")] == ["VER554"]


@st.composite
def models(draw: st.DrawFn) -> tuple[dict[str, str], list[list[str]], str]:
    """Columns with what makes an index of each, indexes over several, and the column that is looked up."""
    columns = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    options = {each: draw(st.sampled_from(["", "", "index", "unique"])) for each in columns}
    many = draw(st.lists(st.permutations(columns).map(lambda found: found[:2]), max_size=2))
    return options, many, draw(st.sampled_from(columns))


def classic(options: dict[str, str], many: list[list[str]], column: str) -> str:
    lines = [f"    {name} = Column(String(9){f', {way}=True' if way else ''})" for name, way in options.items()]
    extra = "".join(f"UniqueConstraint({', '.join(map(repr, each))}), " for each in many)
    return (
        "from sqlalchemy import Column, Integer, String, UniqueConstraint\n"
        "from sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base()\n\n\nclass Item(Base):\n    __tablename__ = 'items'\n"
        "    id = Column(Integer, primary_key=True)\n" + "\n".join(lines) + f"\n    __table_args__ = ({extra})\n"
        f"\n\ndef ask(session, value):\n    return session.query(Item).filter(Item.{column} == value).all()\n"
    )


def mapped(options: dict[str, str], many: list[list[str]], column: str) -> str:
    lines = [
        f"    {name}: Mapped[str]{f' = mapped_column({option}=True)' if option else ''}"
        for name, option in options.items()
    ]
    extra = "".join(f"Index('ix_{number}', {', '.join(map(repr, each))}), " for number, each in enumerate(many))
    return (
        "from sqlalchemy import Index, select\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n\nclass Item(Base):\n    __tablename__ = 'items'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        + "\n".join(lines)
        + f"\n    __table_args__ = ({extra})\n"
        f"\n\ndef ask(session, value):\n    return session.scalars(select(Item).where(Item.{column} == value)).all()\n"
    )


def django(options: dict[str, str], many: list[list[str]], column: str) -> str:
    words = {"index": ", db_index=True", "unique": ", unique=True", "": ""}
    lines = [f"    {name} = models.CharField(max_length=9{words[option]})" for name, option in options.items()]
    extra = ", ".join(f"models.Index(fields={each!r})" for each in many)
    return (
        "from django.db import models\n\n\nclass Item(models.Model):\n" + "\n".join(lines) + "\n\n    class Meta:\n"
        f"        indexes = [{extra}]\n\n\ndef ask(value):\n    return Item.objects.filter({column}=value).first()\n"
    )


@given(models(), st.sampled_from([classic, mapped, django]))
@settings(deadline=None, max_examples=80)
def test_a_lookup_is_a_finding_exactly_when_no_index_begins_with_its_column(
    model: tuple[dict[str, str], list[list[str]], str], write: object
) -> None:
    options, many, column = model
    assert callable(write)
    text = write(options, many, column)
    indexed = bool(options[column]) or any(each[0] == column for each in many)
    assert [each.code for each in found_in(text)] == ([] if indexed else ["VER550"]), text


@given(models(), st.sampled_from([classic, mapped, django]))
@settings(deadline=None, max_examples=40)
def test_sqlite_takes_every_definition(model: tuple[dict[str, str], list[list[str]], str], write: object) -> None:
    assert callable(write)
    text = write(*model)
    facts = walk(cst.parse_module(text), "shop.py", (3, 12))
    found = open_models(facts, text, None)
    assert found is not None
    made = [each for model in found.all() for each in definitions(model, Dialect.SQLITE, {})]
    database = Database(made)
    assert not database.failed
    assert set(database.columns["item" if write is django else "items"]) == {"id", *model[0]}
    database.close()


@given(st.sampled_from(FILES), st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_no_text_makes_it_fail(file: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = file.read_text(encoding="utf-8").split("\n")
    for _ in range(3):
        first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[first], lines[second] = lines[second], lines[first]
    with suppress(cst.ParserSyntaxError):
        found_in("\n".join(lines))


def test_the_cost_grows_with_the_file() -> None:
    queries = "\n".join(f"def ask{n}(value):\n    return Item.objects.filter(code=value, id={n})\n" for n in range(600))
    assert found_in(f"{DJANGO}\n\n{queries}") == []
