"""One query while its chain is read: the tables, the conditions and the order that it has so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import libcst as cst

from verifier.semantics.model import Facts, Scope
from verifier.sql.orm.definitions import quoted
from verifier.sql.orm.model import Field, Model
from verifier.sql.orm.models import Models, leads_to

_PLAIN = re.compile(
    r"^(is|has|can)_|_(at|on|by|date|time|count|id|url|email|status|type|price|amount|total|number|code|name)$"
    r"|^(name|title|e?mail|status|price|amount|created|updated|modified|slug|username|password|age|phone|active"
    r"|published|description|body|date|timestamp|quantity)$"
)
"""Names that no relation has."""


@dataclass(frozen=True, slots=True, eq=False)
class Invented:
    """A name that a model does not have, with the node that says it."""

    node: cst.CSTNode
    model: Model
    name: str
    sure: bool
    """Whether it can be no relation that another file declares: it is used as a plain column is."""


@dataclass(slots=True)
class Query:
    """A query over one model, or several that are joined."""

    models: Models
    facts: Facts
    scope: Scope
    order: int
    tables: list[Model] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    """What follows the first table: `JOIN orders ON ...`."""
    wheres: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    invented: list[Invented] = field(default_factory=list)
    added: set[str] = field(default_factory=set)
    """Names that `annotate` and the like give the rows."""
    lost: bool = False
    """Whether a part was not understood, so that nothing may be said of the plan."""
    open: bool = False
    """Whether the rows may have names that nobody could read."""
    few: bool = False
    """Whether it gives a few rows only, or what is no row of a table: a limit, an aggregate."""
    own: bool = False
    """Whether the expression itself, not only a name in it, sets a condition or an order."""

    @property
    def model(self) -> Model:
        """The model that keywords are about: the last one that was joined."""
        return self.tables[-1]

    def text(self) -> str:
        """The query in SQL."""
        parts = ["SELECT * FROM", quoted(self.tables[0].table), *self.joins]
        if self.wheres:
            parts += ["WHERE", " AND ".join(self.wheres)]
        if self.orders:
            prefix = f"{quoted(self.tables[0].table)}."
            alone = len(self.tables) == 1
            parts += ["ORDER BY", ", ".join(each.removeprefix(prefix) if alone else each for each in self.orders)]
        return " ".join(parts)

    def add(self, model: Model, on: str = "", *, outer: bool = False) -> None:
        """Join a table; one that is there already makes the query too much to say."""
        if any(each is model for each in self.tables):
            self.lost = True
            return
        if self.tables:
            word = f"{'LEFT ' if outer else ''}JOIN {quoted(model.table)}"
            self.joins.append(f"{word} ON {on}" if on else f", {quoted(model.table)}")
        self.tables.append(model)

    def link(self, left: Model, right: Model) -> str | None:
        """The condition that a foreign key between two models makes; None where there is not just one."""
        found: list[str] = []
        for owner, other in ((left, right), (right, left)):
            for each in owner.fields.values():
                if each.column and (each.target or each.table) and leads_to(self.models, each) is other:
                    keys = other.keys()
                    if len(keys) == 1:
                        found.append(f"{column(owner, each)} = {column(other, keys[0])}")
        return found[0] if len(found) == 1 else None


def column(model: Model, of: Field) -> str:
    """A column as SQL."""
    return f"{quoted(model.table)}.{quoted(of.column)}"


def plain(name: str, given: cst.BaseExpression | None) -> bool:
    """Whether a name can be no relation, which another file may declare: by its words, or by the value it gets."""
    if isinstance(given, cst.SimpleString | cst.FormattedString | cst.Float) or _PLAIN.search(name):
        return True
    return isinstance(given, cst.Name) and given.value in {"True", "False"}


def value(node: cst.BaseExpression) -> str:
    """A value as SQL: what is written out and a constant's name stay literals, anything else is a `?`."""
    match node:
        case cst.SimpleString():
            text = node.evaluated_value
            return "'" + text.replace("'", "''") + "'" if isinstance(text, str) and len(text) < 200 else "?"
        case cst.Integer(value=text) | cst.Float(value=text):
            return text if text.replace(".", "").isdecimal() and len(text) < 30 else "?"
        case cst.Name(value="True" | "False" | "None" as word):
            return {"True": "1", "False": "0", "None": "NULL"}[word]
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)) if name.isupper() and len(name) > 1:
            return "'" + "".join(each for each in name if each.isascii() and each.isalpha()) + "'"
        case cst.Attribute(attr=cst.Name(value="value"), value=cst.Attribute() as inner):
            return value(inner)
        case _:
            return "?"
