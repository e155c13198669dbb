"""What setup.cfg and setup.py declare; setup.py is read for its literals and never run."""

from __future__ import annotations

import ast
import configparser
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from verifier.model import Problem, ProblemKind, Requirement
from verifier.world import requirement_files

_KEYWORDS = ("install_requires", "extras_require", "tests_require", "setup_requires")


def configuration(root: Path) -> configparser.ConfigParser | Problem | None:
    """Return the parsed setup.cfg of root, None where there is none, a Problem where it is broken."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string((root / "setup.cfg").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Problem("setup.cfg", ProblemKind.IO, f"setup.cfg cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return Problem("setup.cfg", ProblemKind.ENCODING, f"setup.cfg is no UTF-8 text (byte {error.start})")
    except configparser.Error as error:
        return Problem("setup.cfg", ProblemKind.SYNTAX, f"setup.cfg is broken: {' '.join(str(error).split())}")
    return parser


def read(root: Path) -> Iterator[Requirement | Problem]:
    """Every requirement in setup.cfg and setup.py, and a Problem for what is broken or only known when it runs."""
    match configuration(root):
        case Problem() as problem:
            yield problem
        case configparser.ConfigParser() as parser:
            texts = [parser.get("options", key, fallback="") for key in _KEYWORDS if key != "extras_require"]
            if parser.has_section("options.extras_require"):
                texts += [value for _, value in parser.items("options.extras_require")]
            for text in texts:
                yield from _listed(text, root)
    yield from _script(root)


def keyword(root: Path, name: str) -> object:
    """Return the literal value of one keyword of the setup() call in setup.py, None where there is no such literal."""
    tree = _tree(root)
    if not isinstance(tree, ast.Module):
        return None
    values = _constants(tree)
    return next((_literal(value, values) for key, value in _arguments(tree) if key == name), None)


def _listed(text: str, root: Path) -> Iterator[Requirement | Problem]:
    """Return the requirements of a setup.cfg value: one per line, or those of a list of files."""
    if text.strip().startswith("file:"):
        seen: set[Path] = set()
        for name in text.strip().removeprefix("file:").split(","):
            yield from requirement_files.read_file(root / name.strip(), root, seen)
        return
    for line in text.splitlines():
        if not line.strip().startswith("#"):
            yield from requirement_files.parse(line, "setup.cfg")


def _script(root: Path) -> Iterator[Requirement | Problem]:
    tree = _tree(root)
    if isinstance(tree, Problem):
        yield tree
    if not isinstance(tree, ast.Module):
        return
    values = _constants(tree)
    for key, value in _arguments(tree):
        if key not in _KEYWORDS:
            continue
        literal = _literal(value, values)
        if literal is None:
            yield from _from_files(tree, key, root)
            continue
        for text in _texts(literal):
            yield from requirement_files.parse(text, "setup.py")


def _tree(root: Path) -> ast.Module | Problem | None:
    try:
        data = (root / "setup.py").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Problem("setup.py", ProblemKind.IO, f"setup.py cannot be read: {error.strerror}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Problem("setup.py", ProblemKind.SYNTAX, f"setup.py cannot be parsed: {error}")


def _arguments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Return the keyword arguments of every call of setup() or of `<module>.setup()`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="setup") | ast.Attribute(attr="setup")):
                yield from ((word.arg, word.value) for word in node.keywords if word.arg is not None)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the values of names that the module assigns once, at its top level."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
    stores = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    changed = {name for name, times in Counter(stores).items() if times > 1} | _extended(tree)
    return {name: value for name, value in found.items() if name not in changed}


def _extended(tree: ast.Module) -> set[str]:
    """Return the names whose value a method call or an item assignment may change, as `requires.append(...)` does."""
    return {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name)
    }


def _literal(node: ast.expr, values: dict[str, ast.expr], depth: int = 0) -> object:
    """Return the value of a literal, of a name for one, or of a sum of them; None for anything else."""
    match node:
        case ast.Name(id=name) if name in values and depth < 5:
            return _literal(values[name], values, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if depth < 50:
            first, second = _literal(left, values, depth + 1), _literal(right, values, depth + 1)
            return first + second if isinstance(first, list) and isinstance(second, list) else None
        case ast.Dict(keys=keys, values=items) if all(keys):
            parts = [_literal(item, values, depth + 1) for item in items]
            return None if None in parts else dict(enumerate(parts))
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return value


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield from value.splitlines()
        case list() | tuple() | set():
            for item in value:
                yield from _texts(item)
        case dict():
            yield from _texts(list(value.values()))


def _from_files(tree: ast.Module, key: str, root: Path) -> Iterator[Requirement | Problem]:
    """Tell what the text files that setup.py names declare: it most often reads its requirements from one of them."""
    names = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    files = [root / name for name in sorted(names) if name.endswith((".txt", ".in")) and (root / name).is_file()]
    if not files:
        text = f"setup.py computes {key} as it runs, so what it declares there is not known"
        yield Problem("setup.py", ProblemKind.LIMIT, text)
    seen: set[Path] = set()
    for file in files:
        yield from requirement_files.read_file(file, root, seen)
