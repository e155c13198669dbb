"""What the text of a whole package tells: stores to attributes, and classes that derive from a class."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import Path

from typeshed_client import finder

from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.library import source_folders
from verifier.symbols.modules import Loaded, World, load, top_levels
from verifier.world import provision
from verifier.world.files import AnyPath, below, entries, exists, is_dir, read_all

_MOST_FILES = 3000
_CLASS = re.compile(r"^[ \t]*(?:cdef[ \t]+)?class[ \t]+(\w+)[ \t]*(?:\[[^\]]*\])?\(", re.MULTILINE)
_DEFINED = r"\bdef {0}\b|^(?:    |\t){0}\s*[:=]|\bself\.{0}\s*(?::[^=\n]+)?=[^=]|[\"']{0}[\"']\s*[,)\]]"
"""How a class says that its objects have an attribute, slots and lists of names included."""
_STORED = (
    r"^(?![ \t]*(?:>>>|\.\.\.))[^#\"'\n]*(?<!self)(?<!cls)\.{0}\s*(?::[^=\n]+)?=[^=]|setattr\([^,\n]+,\s*[\"']{0}[\"']"
)
"""An assignment from outside; what an example in a docstring does is none."""
_MAKES_MODULES = re.compile(r"modules\[[^\]\n]*\]\s*=[^=]|modules\.(?:setdefault|update)|ModuleType\(|module_from_spec")
_NAME = re.compile(r"[\w.]+")
_SKIPPED = frozenset({"test", "tests", "testing", "test-examples", "examples", "site-packages"})
"""Folders whose code no user of a package runs, or that belong to others."""


def stored(folder: AnyPath, name: str) -> bool:
    """Whether a file below the folder assigns an attribute of that name to something."""
    pattern = re.compile(_STORED.format(re.escape(name)), re.MULTILINE)
    # looking for the bare letters first takes a hundredth of the time
    return any(name in text and pattern.search(text) for text in _texts(folder))


def defined(folder: AnyPath, name: str) -> bool:
    """Whether a class below the folder gives its objects an attribute of that name."""
    pattern = re.compile(_DEFINED.format(re.escape(name)), re.MULTILINE)
    return any(pattern.search(text) for text in _texts(folder))


def in_subclass(folder: AnyPath, name: str, attribute: str, mention: str) -> bool:
    """Whether a class below the folder that derives from this one, however far, may have the attribute.

    Classes are known by their bare names, so a file counts only where it mentions the module of the one above.
    """
    derived, files = _derived(folder), _files(folder)
    tops = frozenset(entries(folder.parent)) if is_dir(folder) else frozenset({folder.name})
    pattern = re.compile(_DEFINED.format(re.escape(attribute)), re.MULTILINE)
    todo, seen = [(name.rpartition(".")[2], mention)], set[tuple[str, str]]()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for child, bases, number, body in derived.get(current[0], ()):
            file, text = files[number]
            if current[1] not in {file.stem, file.parent.name} and current[1] not in text:
                continue
            if file.suffix == ".pyx" and attribute in body:
                return True
            # a class that also derives from another library's may have anything that one has
            if pattern.search(body) or any(_foreign(base, text, tops) for base in bases):
                return True
            todo.append((child, file.stem if file.stem != "__init__" else file.parent.name))
    return False


def makes_module(folder: AnyPath, name: str) -> bool:
    """Whether a file below the folder that names the module also puts modules where imports look for them."""
    word = re.compile(rf"[\"'](?:[\w.]*\.)?{re.escape(name)}[\"']")
    return any(name in text and _MAKES_MODULES.search(text) and word.search(text) for text in _texts(folder))


def nearest(world: World, module: str) -> tuple[AnyPath, ...]:
    """The folders (or single files) whose code knows the module's objects best: those of its top-level package."""
    loaded = load(world, module)
    if isinstance(loaded, Loaded) and loaded.distribution == STANDARD:
        top = module.partition(".")[0]
        places = [each / name for each in source_folders(world.project) for name in (top, f"{top}.py")]
        return tuple(each for each in places if exists(each))
    return folders(world, module)


def folders(world: World, module: str) -> tuple[AnyPath, ...]:
    """The folders (or single files) of the distribution that a module belongs to."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or not loaded.tables:
        return ()
    if loaded.distribution == STANDARD:
        # the standard library is one package here: its classes derive from each other across modules
        return (finder.find_typeshed(), *source_folders(world.project))
    tops = top_levels(loaded)
    environment = world.project.environment
    if environment is None or loaded.distribution is None:
        return tops
    names = sorted(provision.top_levels(environment, loaded.distribution))
    beside = [top.parent / name for top in tops for name in names]
    return tuple(dict.fromkeys((*tops, *(each for each in beside if is_dir(each)))))


def own_package(file: Path | None) -> Path | None:
    """The folder of the outermost package that the checked file lies in."""
    if file is None or "__init__.py" not in entries(file.absolute().parent):
        return None
    folder = file.absolute().parent
    while "__init__.py" in entries(folder.parent) and folder.parent != folder:
        folder = folder.parent
    return folder


def _texts(folder: AnyPath) -> list[str]:
    """The texts of the Python files alone: what Cython sources assign to are mostly fields of C structures."""
    return [text for file, text in _files(folder) if file.suffix != ".pyx"]


@lru_cache(maxsize=24)
def _files(folder: AnyPath) -> tuple[tuple[AnyPath, str], ...]:
    """The Python and Cython files below a folder that a user of it runs, with their texts."""
    files = below(folder, (".py", ".pyi", ".pyx"))[:_MOST_FILES] if is_dir(folder) else [folder]
    depth = len(folder.parts)
    run = [file for file in files if not _SKIPPED.intersection(file.parts[depth:])]
    return tuple((file, data.decode("utf-8", errors="replace")) for file, data in read_all(run))


@lru_cache(maxsize=24)
def _derived(folder: AnyPath) -> dict[str, list[tuple[str, tuple[str, ...], int, str]]]:
    """By a class's bare name: the classes that name it as a base: name, bases, number of the file, and body."""
    found: dict[str, list[tuple[str, tuple[str, ...], int, str]]] = {}
    for number, text in enumerate(text for _, text in _files(folder)):
        for match in _CLASS.finditer(text):
            bases = tuple(_NAME.findall(_bracketed(text, match.end())))
            for base in bases:
                found.setdefault(base.rpartition(".")[2], []).append((match[1], bases, number, _body(text, match)))
    return found


def _body(text: str, match: re.Match[str]) -> str:
    """The text of a class statement: up to the next line that is not indented deeper than its first."""
    indent = len(match[0]) - len(match[0].lstrip(" \t"))
    after = re.compile(rf"^[ \t]{{0,{indent}}}[^\s#)]", re.MULTILINE).search(text, match.end())
    return text[match.start() : after.start() if after else len(text)]


def _bracketed(text: str, start: int) -> str:
    """The text from a place behind an opening bracket to the one that closes it."""
    depth = 1
    for place in range(start, min(len(text), start + 2000)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return ""


def _foreign(base: str, text: str, tops: frozenset[str]) -> bool:
    """Whether a dotted base such as `wx.Panel` is imported from somewhere else than the packages beside this one."""
    first, dot, _ = base.partition(".")
    if not dot:
        return False
    origin = re.search(
        rf"^[ \t]*(?:from[ \t]+(\S+)[ \t]+)?import\b[^\n]*?([\w.]+)(?:[ \t]+as[ \t]+\w+)?.*\b{first}\b",
        text,
        re.MULTILINE,
    )
    if origin is None:
        return False
    module = origin[1] or re.sub(r"^.*import[ \t]+", "", origin[0]).strip()
    top = module.partition(".")[0]
    return bool(top) and top not in tops and top not in sys.stdlib_module_names
