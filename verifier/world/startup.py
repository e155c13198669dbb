"""What start-up files of a site-packages folder (`*.pth`, editable finders) add to the import path; read, never run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verifier.world import files
from verifier.world.files import AnyPath

_HARMLESS = ("distutils-precedence.pth", "_virtualenv.pth", "a1_coverage.pth", "pytest-cov.pth", "init_cov_core.pth")
"""Start-up files whose code hooks into imports, and yet makes no module importable that is not on the path."""

_CHANGES_IMPORTS = re.compile(r"sys\.path\.(append|insert|extend)|sys\.path\s*\+?=|addsitedir|meta_path|path_hooks")
_IMPORTED = re.compile(r"import[ \t]+([A-Za-z_]\w*)")
_SOURCE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Additions:
    """Folders put on the import path, modules with a place of their own, and start-up code that was not understood."""

    paths: tuple[Path, ...] = ()
    mapping: tuple[tuple[str, Path], ...] = ()
    """Module name and the package folder, or the module file without its suffix, that it stands for."""
    opaque: tuple[str, ...] = ()
    """File names of start-up code that may make any module importable."""


def additions(site: Path) -> Additions:
    """Tell what the start-up files directly in that site-packages folder add; nothing when it cannot be read."""
    try:
        return _additions(site, site.stat().st_mtime_ns)
    except OSError:
        return Additions()


def source_text(file: AnyPath) -> str | None:
    """Return the text of a Python file as far as it can be read, None where it cannot or is larger than 1 MB."""
    try:
        return files.text(file) if files.state(file)[0] <= _SOURCE_LIMIT else None
    except OSError:
        return None


@lru_cache(maxsize=256)
def _additions(site: Path, _changed: int) -> Additions:
    paths: list[Path] = []
    mapping: dict[str, Path] = {}
    opaque: list[str] = []
    for file in sorted(site.glob("*.pth")):
        text = source_text(file)
        if text is None:
            opaque.append(file.name)
            continue
        for line in text.splitlines():
            if line.startswith(("import ", "import\t")):
                found = _start_up_code(site, file, line)
                if found is None:
                    opaque.append(file.name)
                else:
                    mapping.update(found)
            elif (entry := line.strip()) and not entry.startswith("#"):
                paths.append(site / entry)
    paths += [place.parent for name, place in mapping.items() if place.name == name]
    existing = dict.fromkeys(path for path in paths if path.exists())
    return Additions(tuple(existing), tuple(mapping.items()), tuple(dict.fromkeys(opaque)))


def _start_up_code(site: Path, file: Path, line: str) -> dict[str, Path] | None:
    """Return the modules that an import line of a start-up file maps; None when it may do more than was understood."""
    if file.name in _HARMLESS:
        return {}
    if _CHANGES_IMPORTS.search(line):
        return None
    mapped: dict[str, Path] = {}
    for name in _IMPORTED.findall(line):
        text = source_text(site / f"{name}.py") or source_text(site / name / "__init__.py")
        if text is None or (not _CHANGES_IMPORTS.search(text) and "map_module" not in text):
            continue
        found = _mapping(text)
        if found is None:
            return None
        mapped.update(found)
    return mapped


def _mapping(text: str) -> dict[str, Path] | None:
    """Return the MAPPING of a setuptools finder, or the `map_module` calls of `editables`, as literals."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    mapped: dict[str, Path] = {}
    understood = False
    for node in ast.walk(tree):
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id="MAPPING"), value=ast.Dict() as value)
                | ast.Assign(targets=[ast.Name(id="MAPPING")], value=ast.Dict() as value)
            ):
                pairs = [(_text(key), _text(item)) for key, item in zip(value.keys, value.values, strict=True)]
            case ast.Call(func=ast.Attribute(attr="map_module"), args=[name, place]):
                pairs = [(_text(name), _text(place))]
            case _:
                continue
        understood = True
        for name_, place_ in pairs:
            if name_ is None or place_ is None:
                return None
            where = Path(place_)
            mapped[name_] = where.parent if where.name == "__init__.py" else where.with_suffix("")
    return mapped if understood else None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
