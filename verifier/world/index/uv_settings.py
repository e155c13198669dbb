"""Package indexes as uv is told of them: its variables, `uv.toml` and `[tool.uv]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.distributions import Index
from verifier.model import Problem
from verifier.world import pyproject
from verifier.world.index.settings import Gathered, Settings, index, indexes, tables_of, text_of, texts_of, variable


def in_environment(environ: Mapping[str, str], root: Path) -> Settings:
    """Return what uv's variables say."""
    default = None
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        default = default or next(indexes(environ.get(name, ""), root), None)
    extra = [*indexes(environ.get("UV_INDEX", ""), root), *indexes(environ.get("UV_EXTRA_INDEX_URL", ""), root)]
    flat = tuple(indexes(environ.get("UV_FIND_LINKS", ""), root, flat=True, commas=True))
    signed = [_signed(each, environ) for each in extra]
    no_index = environ.get("UV_NO_INDEX", "").lower() in {"1", "true", "yes", "on", "y", "t"}
    return Settings(_signed(default, environ) if default else None, tuple(signed), flat, no_index)


def in_files(root: Path, environ: Mapping[str, str]) -> tuple[Settings, tuple[Problem, ...]]:
    """Return what the project's, the user's and the machine's files say, the project's first, and what is broken.

    `uv.toml` stands in place of `[tool.uv]` beside it; user and machine settings come after (uv's documentation).
    """
    found = Gathered()
    problems: list[Problem] = []
    data = pyproject.load(root)
    declared = {} if data is None or isinstance(data, Problem) else data
    own = pyproject.load(root, "uv.toml")
    pinned = _pinned(declared)
    tables = [(root, own if own is not None else pyproject.at(declared, "tool", "uv"))]
    tables += [(folder, pyproject.load(folder, "uv.toml")) for folder in _folders(environ)]
    for folder, table in tables:
        match table:
            case Problem() as problem:
                problems.append(replace(problem, path=str(folder / "uv.toml") if folder != root else problem.path))
            case Mapping():
                _add(found, table, folder, pinned, environ)
                if isinstance(table.get("pip"), Mapping):
                    _add(found, table["pip"], folder, pinned, environ)
    return found.settings(), tuple(problems)


def _add(
    found: Gathered,
    table: Mapping[str, object],
    folder: Path,
    pinned: Mapping[str, tuple[str, ...]],
    environ: Mapping[str, str],
) -> None:
    """Add what one table says after what stronger ones said."""
    for entry in tables_of(table.get("index")):
        flat = entry.get("format") == "flat"
        one = index(text_of(entry, "url"), folder, name=text_of(entry, "name"), flat=flat)
        if one is None:
            continue
        names = pinned.get(one.name, ())
        codes = entry.get("ignore-error-codes")
        ignored = tuple(code for code in codes if isinstance(code, int)) if isinstance(codes, list) else ()
        one = replace(_signed(one, environ), ignored=ignored)
        if entry.get("explicit") is True:
            if names:
                found.extra.append(replace(one, names=names))
        elif entry.get("default") is True and not flat:
            found.default = found.default or one
        else:
            (found.flat if flat else found.extra).append(one)
    found.default = found.default or index(text_of(table, "index-url"), folder)
    for address in texts_of(table.get("extra-index-url")):
        found.extra += indexes(address, folder)
    for address in texts_of(table.get("find-links")):
        found.flat += [one for one in [index(address, folder, flat=True)] if one]
    found.no_index = found.no_index or table.get("no-index") is True


def _signed(one: Index, environ: Mapping[str, str]) -> Index:
    """Return the index with the credentials that variables give for its name, where they do."""
    user = environ.get(f"UV_INDEX_{variable(one.name)}_USERNAME", "") if one.name else ""
    password = environ.get(f"UV_INDEX_{variable(one.name)}_PASSWORD", "") if one.name else ""
    return replace(one, user=user or one.user, password=password or one.password)


def _pinned(declared: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return the distributions that `[tool.uv.sources]` ties to an index, by its name."""
    pinned: dict[str, tuple[str, ...]] = {}
    sources = pyproject.at(declared, "tool", "uv", "sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        for entry in [source] if isinstance(source, dict) else tables_of(source):
            if where := text_of(entry, "index"):
                pinned[where] = (*pinned.get(where, ()), canonicalize_name(name))
    return pinned


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Return the folders of the user's and the machine's `uv.toml`."""
    if sys.platform == "win32":
        candidates = [environ.get("APPDATA"), environ.get("PROGRAMDATA")]
    else:
        home = environ.get("HOME")
        candidates = [environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)]
        candidates += [*(environ.get("XDG_CONFIG_DIRS") or "").split(":"), "/etc"]
    yield from (Path(each) / "uv" for each in candidates if each)
