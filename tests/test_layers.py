"""A module imports only from its own level or below, and light commands load no engine."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import verifier

ROOT = Path(verifier.__file__).parent
LEVELS = (
    {"model", "distributions"},
    {
        "catalogue",
        "config",
        "options",
        "tokens",
        "limits",
        "source",
        "semantics",
        "stack",
        "values",
        "costs",
        "sql",
        "suppress",
        "discover",
        "folders",
        "deprecations",
        "editing",
    },
    {"world", "symbols"},
    {"checks"},
    {"merge", "examine", "workers", "dependencies", "engine", "fixing", "proving"},
    {"report"},
    {"cli", "commands", "__init__"},
)


def level(module: str) -> int:
    part = module.removeprefix("verifier").lstrip(".").split(".", 1)[0] or "__init__"
    return next(number for number, parts in enumerate(LEVELS) if part in parts)


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports_go_down(file: Path) -> None:
    parts = file.relative_to(ROOT).with_suffix("").parts
    own = level(".".join(("verifier", *(part for part in parts if part != "__init__"))))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            module = node.module or ""
            names = [f"{module}.{alias.name}" if module == "verifier" else module for alias in node.names]
        for name in names:
            if name.split(".", 1)[0] == "verifier":
                assert level(name) <= own, f"{file.name} (level {own}) imports {name} (level {level(name)})"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["explain", "VER501"], ["rules"]])
def test_light_commands_load_no_engine(arguments: list[str]) -> None:
    heavy = ["libcst", "bandit", "requests", "rich", "sqlglot", "typeshed_client", "yaml"]
    code = (
        "import json, sys\nfrom verifier.cli import main\nsys.argv = ['verify', *json.loads(sys.argv[1])]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(json.dumps([name for name in {heavy!r} if name in sys.modules]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr) == []
    assert done.stdout.strip()
