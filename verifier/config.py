"""The settings of a run: the options as [tool.verify], VERIFY_* variables and the command line give them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from verifier import catalogue
from verifier.model import Rule, Severity
from verifier.options import OPTIONS, URL, VERSION, Kind, Option, click_options, shape

__all__ = ["Config", "ConfigError", "click_options", "load", "schema"]

_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class ConfigError(ValueError):
    """An option is unknown or a value is not one it takes; the text names place, key and nearest name."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one run; the defaults stand here."""

    root: Path = Path()
    """What patterns are relative to: the folder of the pyproject.toml that was read, else the project's."""
    select: tuple[str, ...] = ()
    """Empty: every rule that is on by default."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    semgrep_rules: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    force_exclude: bool = False
    python: str | None = None
    python_version: tuple[int, int] | None = None
    with_: tuple[str, ...] = ()
    """Requirements (PEP 508) that count before whatever is installed, locked or declared."""
    index_url: str | None = None
    private: tuple[str, ...] = ()
    max_download: int = 200
    """In megabytes."""
    offline: bool = False
    future: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    fail_on: Severity = Severity.WARNING
    strict: bool = False
    exit_zero: bool = False
    format: str = "full"
    output_file: Path | None = None
    jobs: int | None = None
    no_cache: bool = False


_BY_KEY = {option.key: option for option in OPTIONS}


def load(
    start: Path, overrides: Mapping[str, object], environ: Mapping[str, str], *, rules: Sequence[Rule] | None = None
) -> Config:
    """Return the settings for a run in `start`: overrides, then VERIFY_* variables, then [tool.verify], then defaults.

    `overrides` has the fields of Config as keys (as click passes them) and `config`, a file to read in place of the
    nearest pyproject.toml; None and an empty tuple mean: not given. `rules` are those that selectors may name, the
    catalogue's by default. Raises ConfigError.
    """
    given = {key: value for key, value in overrides.items() if value is not None and value != ()}
    named = given.pop("config", None) or environ.get("VERIFY_CONFIG")
    folder = Path(os.path.abspath(start))  # noqa: PTH100  # `..` must go, symbolic links must stay
    folder = folder.parent if folder.is_file() else folder
    file, table = (Path(str(named)), _table(Path(str(named)))) if named else _nearest(folder)
    values: dict[str, Any] = {}
    if file and table is None:
        raise ConfigError(f"{file} has no [tool.verify] table")
    if file and table is not None:
        values |= _from_file(table, _place(file, folder), file.absolute().parent, rules)
    for option in OPTIONS:
        if environ.get(option.variable):
            where = f"the environment variable {option.variable}"
            values[option.field] = _value(option, _words(option, environ[option.variable]), where, rules)
    for name, value in given.items():
        key = name.rstrip("_").replace("_", "-")
        if key not in _BY_KEY:
            raise ConfigError(f"unknown option --{key}{_near(key, _BY_KEY)}")
        values[_BY_KEY[key].field] = _value(_BY_KEY[key], _words(_BY_KEY[key], value), f"the option --{key}", rules)
    root = file.parent if file and not named else _project(folder)
    return Config(root=root, **values)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of [tool.verify]."""
    defaults = {each.name: each.default for each in fields(Config)}
    properties: dict[str, Any] = {}
    for option in OPTIONS:
        if option.in_file:
            default = defaults[option.field]
            properties[option.key] = {"description": option.help} | shape(option)
            if isinstance(default, str | int):
                properties[option.key]["default"] = str(default) if isinstance(default, str) else default
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "[tool.verify]",
        "description": "Settings of verify in pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _nearest(folder: Path) -> tuple[Path | None, Mapping[str, Any] | None]:
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        if file.is_file() and (table := _table(file)) is not None:
            return file, table
    return None, None


def _project(folder: Path) -> Path:
    for mark in ("pyproject.toml", ".git"):
        for parent in (folder, *folder.parents):
            if (parent / mark).exists():
                return parent
    return folder


def _table(file: Path) -> Mapping[str, Any] | None:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    tool = data.get("tool", {})
    table = tool.get("verify") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"tool.verify of {file} must be a table")
    return table


def _place(file: Path, folder: Path) -> str:
    return f"[tool.verify] of {file.relative_to(folder) if file.is_relative_to(folder) else file}"


def _from_file(table: Mapping[str, Any], where: str, folder: Path, rules: Sequence[Rule] | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        option = _BY_KEY.get(key)
        if option is None:
            usable = [each.key for each in OPTIONS if each.in_file]
            raise ConfigError(f"unknown key {key!r} in {where}{_near(key, usable)}")
        if not option.in_file:
            raise ConfigError(f"{key} in {where}: only the command line (--{key}) and {option.variable} may set it")
        values[option.field] = _value(option, value, where, rules)
        if option.kind is Kind.PATH:
            values[option.field] = str(folder / value)
    return values


def _words(option: Option, value: object) -> object:
    """Text from a command line or a variable as the value that TOML would have given."""
    if option.kind is Kind.REQUIREMENTS and isinstance(value, str):
        return value.splitlines()  # a requirement may hold commas, spaces and semicolons
    if option.kind in {Kind.SELECTORS, Kind.PATTERNS, Kind.NAMES} and isinstance(value, str | list | tuple):
        return _split(value)
    if option.kind is Kind.PER_FILE and isinstance(value, str | list | tuple):
        table: dict[str, list[str]] = {}
        pattern = ""
        for item in _split(value):
            before, colon, rule = item.rpartition(":")
            pattern = before.strip() if colon else pattern
            table.setdefault(pattern, []).append(rule.strip())
        return table
    if isinstance(value, str) and option.kind is Kind.FLAG:
        return _WORDS.get(value.strip().lower(), value)
    if isinstance(value, str) and option.kind is Kind.COUNT and value.strip().isdecimal():
        return int(value)
    return str(value) if isinstance(value, Path) else value


def _split(value: str | Iterable[object]) -> list[str]:
    texts = [value] if isinstance(value, str) else [str(each) for each in value]
    return [item.strip() for text in texts for item in text.split(",")]


def _value(option: Option, value: object, where: str, rules: Sequence[Rule] | None) -> object:
    """Return the value as Config holds it; raises ConfigError when it is not of the option's kind."""
    place = f"{option.key} in {where}" if where.startswith("[") else where
    match option.kind, value:
        case Kind.FLAG, bool():
            return value
        case Kind.COUNT, int() if not isinstance(value, bool) and value >= 1:
            return value
        case Kind.CHOICE, str():
            if value not in option.choices:
                choices = ", ".join(option.choices)
                raise ConfigError(f"{place} must be one of {choices}, not {value!r}{_near(value, option.choices)}")
            return Severity(value) if option.field == "fail_on" else value
        case Kind.PATH, str() if value.strip():
            return Path(value) if option.field == "output_file" else value
        case Kind.URL, str() if re.match(URL, value):
            return value
        case Kind.VERSION, str() if re.match(VERSION, value):
            return 3, int(value.partition(".")[2])
        case Kind.NAMES, (list() | tuple()) if _texts(value):
            return tuple(value)
        case Kind.REQUIREMENTS, (list() | tuple()) if _texts(value):
            return tuple(_requirement(each, place) for each in value)
        case Kind.PER_FILE, dict() if all(map(str.strip, value)) and all(map(_texts, value.values())):
            for pattern, keys in value.items():
                _patterns([pattern], place)
                _selectors(keys, f"{place}, {pattern!r}", rules)
            return {pattern: tuple(keys) for pattern, keys in value.items()}
        case ((Kind.SELECTORS | Kind.PATTERNS), (list() | tuple())) if _texts(value):
            (_selectors(value, place, rules) if option.kind is Kind.SELECTORS else _patterns(value, place))
            return tuple(value)
    wanted = {
        Kind.FLAG: "true or false",
        Kind.COUNT: "a whole number from 1",
        Kind.CHOICE: f"one of {', '.join(option.choices)}",
        Kind.PATH: "a path",
        Kind.URL: "an http, https or file URL",  # and the value stays unsaid: it may hold a password
        Kind.VERSION: "a version of Python such as 3.13",
        Kind.NAMES: "a list of names, none of them empty",
        Kind.REQUIREMENTS: "a list of requirements, none of them empty",
        Kind.PER_FILE: "patterns, each with a list of rules",
        Kind.SELECTORS: "a list of rules, none of them empty",
        Kind.PATTERNS: "a list of patterns, none of them empty",
    }[option.kind]
    raise ConfigError(f"{place} must be {wanted}" + ("" if option.kind is Kind.URL else f", not {value!r}"))


def _requirement(text: str, place: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  # most runs have none

    try:
        return str(Requirement(text))
    except InvalidRequirement as error:
        raise ConfigError(f"{place}: {text!r} is no requirement: {str(error).splitlines()[0]}") from error


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) and each.strip() for each in value)


def _selectors(keys: Sequence[str], place: str, rules: Sequence[Rule] | None) -> None:
    try:
        catalogue.select(catalogue.load() if rules is None else rules, keys)
    except catalogue.CatalogueError as error:
        raise ConfigError(f"{place}: {error}") from error


def _patterns(patterns: Sequence[str], place: str) -> None:
    import pathspec  # noqa: PLC0415  # most runs have no pattern

    for pattern in patterns:
        try:
            pathspec.GitIgnoreSpec.from_lines([pattern])
        except ValueError as error:
            raise ConfigError(f"{place}: {pattern!r} is no gitignore pattern") from error


def _near(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
