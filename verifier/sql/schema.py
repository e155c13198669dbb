"""What the statements of a script declare: tables, indexes, added columns, and what of it cannot be known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from verifier.sql import dialects
from verifier.sql.model import Definition, Dialect, Kind, Schema
from verifier.sql.plan import accepted
from verifier.sql.words import HOLE, Sort, Word, closing, statements

DECLARES = re.compile(r"\b(?:create|alter)\s+(?:\S+\s+){0,3}?(?:table|index|view)\b|\battach\b", re.IGNORECASE)
"""What the text of a file or script holds where it may declare anything."""
_NOISE = frozenset({"if", "not", "exists", "only", "concurrently"})
_BEFORE_KIND = frozenset({"or", "replace", "unique", "unlogged", "global", "local", "fulltext", "spatial"})


@dataclass(slots=True)
class Draft:
    """A schema while it is being read."""

    definitions: list[Definition] = field(default_factory=list)
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The words of each CREATE TABLE, to see whether two of them agree."""
    vague: set[str] = field(default_factory=set)
    unindexed: set[str] = field(default_factory=set)
    unsure: bool = False
    altered: bool = False
    open: bool = False

    def done(self, *, may_have_more: bool) -> Schema:
        """The schema; `may_have_more` says whether other sources of tables are possible."""
        order = {Kind.TABLE: 0, Kind.COLUMN: 1, Kind.INDEX: 2}
        return Schema(
            tuple(sorted(self.definitions, key=lambda each: order[each.kind])),
            frozenset(self.vague),
            frozenset(self.unindexed),
            self.unsure,
            self.altered,
            self.open or may_have_more,
        )

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are known to exist."""
        return frozenset(self.shapes) | frozenset(self.vague)


def declare(
    draft: Draft, text: str, dialect: Dialect, node: cst.CSTNode | None = None, file: str = "", first: int = 0
) -> None:
    """Add what one text declares; `first` is the line below the node's start (or the file's) where the text begins."""
    if not DECLARES.search(text):
        return
    at = 0
    for statement, found in statements(text):
        at = text.find(statement, at)
        below = first + text.count("\n", 0, at)
        match found[0].key:
            case "create":
                _create(draft, statement, found, dialect, (node, below, file))
            case "alter" if len(found) > 1 and found[1].key == "table":
                _alter(draft, found, (node, below, file))
            case "attach":
                draft.open = True
            case _:
                pass


_Place = tuple[cst.CSTNode | None, int, str]


def _create(draft: Draft, text: str, found: Sequence[Word], dialect: Dialect, place: _Place) -> None:
    at = 1
    while at < len(found) and found[at].key in _BEFORE_KIND:
        at += 1
    kind = found[at].key if at < len(found) else ""
    if kind == "table":
        _table(draft, text, found, at + 1, dialect, place)
    elif kind == "index":
        _index(draft, text, found, at + 1, place)
    elif kind in {"temp", "temporary", "virtual", "view", "materialized", "external", "foreign"}:
        name, _ = _name(found, at + 1, skip=frozenset({"table", "view"}))
        if name is None:
            draft.open = True
        else:
            draft.vague.add(name)
    elif not kind or HOLE in found[at].text:
        draft.open = draft.unsure = True


def _table(draft: Draft, text: str, found: Sequence[Word], at: int, dialect: Dialect, place: _Place) -> None:
    name, after = _name(found, at)
    if name is None:
        draft.open = True
        return
    if after >= len(found) or found[after].text != "(" or any(each.sort is Sort.HOLE for each in found[after:]):
        draft.vague.add(name)
        return
    shape = tuple(each.key for each in found[after : closing(found, after) + 1])
    if name in draft.shapes:
        if draft.shapes[name] != shape:
            draft.vague.add(name)
        return
    draft.shapes[name] = shape
    sql = f"CREATE TABLE {_quoted(name)} {text[found[after].start :]}"
    made: Iterable[tuple[Kind, str]] | None = ((Kind.TABLE, sql),)
    if dialect is not Dialect.SQLITE and (dialect is Dialect.MYSQL or not accepted(sql)):
        made = dialects.table(text, name, dialect)
    if made is None:
        draft.vague.add(name)
        return
    node, below, file = place
    draft.definitions += [Definition(kind, name, each, node, below, file) for kind, each in made]


def _index(draft: Draft, text: str, found: Sequence[Word], at: int, place: _Place) -> None:
    on = next((each for each in range(at, len(found)) if found[each].key == "on"), None)
    name, after = _name(found, on + 1) if on is not None else (None, 0)
    if name is None:
        draft.unsure = True
        return
    if after + 1 < len(found) and found[after].key == "using":
        if found[after + 1].key != "btree":
            draft.unindexed.add(name)
            return
        after += 2
    if after >= len(found) or found[after].text != "(" or any(HOLE in each.text for each in found[after:]):
        draft.unindexed.add(name)
        return
    end = closing(found, after)
    if any(each.key == "include" for each in found[end:]):
        draft.unindexed.add(name)
        return
    called = next((each for each in found[at:on] if each.key not in _NOISE), None)
    label = f"index_{len(draft.definitions)}" if called is None or HOLE in called.text else called.key
    unique = "UNIQUE " if found[1].key == "unique" else ""
    sql = f"CREATE {unique}INDEX {_quoted(label)} ON {_quoted(name)} {text[found[after].start :]}"
    node, below, file = place
    draft.definitions.append(Definition(Kind.INDEX, name, sql, node, below, file))


def _alter(draft: Draft, found: Sequence[Word], place: _Place) -> None:
    name, after = _name(found, 2)
    if name is None:
        draft.altered = draft.unsure = True
        return
    rest = [each.key for each in found[after:]]
    match rest:
        case ["add", "constraint" | "primary" | "unique" | "index" | "key" | "foreign" | "fulltext", *_]:
            draft.unindexed.add(name)
        case ["add", *_] if "add" not in rest[1:]:
            words = [each for each in found[after + 1 :] if each.key not in {"column", *_NOISE}]
            if not words or HOLE in words[0].text or not words[0].named:
                draft.vague.add(name)
            else:
                node, below, file = place
                sql = f"ALTER TABLE {_quoted(name)} ADD COLUMN {_quoted(words[0].key)}"
                draft.definitions.append(Definition(Kind.COLUMN, name, sql, node, below, file))
        case ["rename", "to", other, *_]:
            draft.vague |= {name, other}
        case ["enable" | "disable" | "owner", *_]:
            pass
        case _:
            draft.vague.add(name)


def _name(found: Sequence[Word], at: int, skip: frozenset[str] = frozenset()) -> tuple[str | None, int]:
    """The name that begins at a place, without its schema, and the place after it; None where it has a hole."""
    while at < len(found) and found[at].key in _NOISE | skip:
        at += 1
    while at + 2 < len(found) and found[at + 1].text == "." and found[at].named:
        at += 2
    if at >= len(found) or not found[at].named or HOLE in found[at].text:
        return None, at
    touching = at + 1 < len(found) and found[at + 1].sort is Sort.HOLE and found[at + 1].start == found[at].end
    return (None if touching else found[at].key), at + 1


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
