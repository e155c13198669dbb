"""The values of the ORM part: models with their fields and indexes, whichever library declares them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Whose models they are."""

    DJANGO = "django"
    ALCHEMY = "sqlalchemy"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a model that stands for a column or for a relation."""

    name: str
    column: str = ""
    """The column's name; empty for a relation without a column of its own, and where it is not known."""
    type: str = "TEXT"
    """The column's type in words that SQLite takes; ENUM where the values are written out."""
    index: bool = False
    unique: bool = False
    primary: bool = False
    target: str = ""
    """The model (Django, relationship) that it leads to, by its name."""
    table: str = ""
    """The table that its foreign key refers to (SQLAlchemy)."""
    related: str = ""
    """The name that it gives its target for the way back."""
    many: bool = False
    """Whether it leads through a table of its own."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """An index over several columns or over an expression, as SQL between the brackets."""

    terms: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One class, or one core table, and all that is known of its columns."""

    name: str
    table: str
    family: Family
    fields: dict[str, Field]
    names: frozenset[str]
    """Everything that the class defines, its methods included."""
    indexes: tuple[Index, ...] = ()
    named: bool = False
    """Whether the class says what its table is called."""
    default: str = ""
    """What a table that the class names otherwise would be called by default, where that is known (Django)."""
    closed: bool = True
    """Whether the fields are surely all that there are."""
    unindexed: bool = False
    """Whether there may be indexes that nobody could read."""
    vague: bool = False
    """Whether the columns lie in more than one table, or the table is not made by this class."""
    constructor: bool = True
    """Whether the library's own `__init__` takes the keywords."""
    managers: tuple[str, ...] = ()
    """Attributes that give all rows (Django)."""
    line: int = 0
    end: int = 0
    """Its last line."""
    file: str = ""
    """The file that it comes from; empty for the checked one."""

    def keys(self) -> list[Field]:
        """The fields of the primary key."""
        return [each for each in self.fields.values() if each.primary]
