"""The table of options: what each is called, what values it takes, and its help."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from verifier.model import Severity

_Command = TypeVar("_Command", bound=Callable[..., Any])
FORMATS = ("full", "concise", "json")
URL = "^(https?://[^\\s/]|file:/)"
VERSION = "^3\\.[0-9]{1,2}$"


class Kind(Enum):
    """What an option's value is."""

    SELECTORS = auto()
    PATTERNS = auto()
    PER_FILE = auto()
    FLAG = auto()
    CHOICE = auto()
    COUNT = auto()
    PATH = auto()
    URL = auto()
    REQUIREMENTS = auto()
    VERSION = auto()
    NAMES = auto()


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its key in kebab case, the kind of its value, and its help."""

    key: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    in_file: bool = True
    """Whether [tool.verify] may set it: not what would let the checked tree write files or pass the gate unseen."""

    @property
    def field(self) -> str:
        """The field of Config, and the keyword that click passes; `with` is a word of the language."""
        name = self.key.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "VERIFY_" + self.key.replace("-", "_").upper()


OPTIONS = (
    Option("select", Kind.SELECTORS, "Rules to run: codes, code prefixes, names, families, tags or ALL."),
    Option("ignore", Kind.SELECTORS, "Rules to leave out of those selected."),
    Option("per-file-ignores", Kind.PER_FILE, "Rules to leave out in the files that a pattern matches."),
    Option("exclude", Kind.PATTERNS, "Files and folders not to look into, as gitignore patterns relative to the root."),
    Option("semgrep-rules", Kind.PATTERNS, "Semgrep rules of the project's own: glob patterns below the root."),
    Option("schema", Kind.PATTERNS, "SQL files with the tables that the code asks: glob patterns below the root."),
    Option("force-exclude", Kind.FLAG, "Apply the exclusions to files named on the command line too."),
    Option("python", Kind.PATH, "The interpreter or virtual environment whose packages the code will use."),
    Option("python-version", Kind.VERSION, "The Python that the code is judged for, such as 3.13."),
    Option(
        "with",
        Kind.REQUIREMENTS,
        "Judge the code as if this were installed, such as 'pandas==3.0'; whatever is installed, locked or declared.",
        in_file=False,
    ),
    Option("index-url", Kind.URL, "The one package index to ask and to read packages from."),
    Option("future", Kind.FLAG, "Also report what only a newer version than the one in use removes."),
    Option("private", Kind.NAMES, "Names of distributions (`acme-*`) that no public index may be asked for."),
    Option("max-download", Kind.COUNT, "The most megabytes to download where an index cannot send parts of a file."),
    Option("offline", Kind.FLAG, "Ask no package index."),
    Option("fix", Kind.FLAG, "Carry out the fixes that cannot change what right code does.", in_file=False),
    Option("unsafe-fixes", Kind.FLAG, "Carry out the other fixes too; implies --fix.", in_file=False),
    Option("diff", Kind.FLAG, "Show what --fix would change, and change nothing.", in_file=False),
    Option(
        "fail-on",
        Kind.CHOICE,
        "The least severity that makes the exit status 1.",
        tuple(each.value for each in Severity),
    ),
    Option("strict", Kind.FLAG, "Exit with status 2 when anything could not be checked."),
    Option("exit-zero", Kind.FLAG, "Exit with status 0 in spite of findings.", in_file=False),
    Option("format", Kind.CHOICE, "How to write the report.", FORMATS),
    Option("output-file", Kind.PATH, "Write the report there and not to standard output.", in_file=False),
    Option("jobs", Kind.COUNT, "How many processes to use; one per processor by default."),
    Option("no-cache", Kind.FLAG, "Neither read nor write the caches.", in_file=False),
)


def click_options() -> Callable[[_Command], _Command]:
    """Return a decorator that gives a click command every option; lists take commas and repetition."""
    import click  # noqa: PLC0415  # only a command line needs it

    def decorate(command: _Command) -> _Command:
        file = click.Path(exists=True, dir_okay=False)
        command = click.option("--config", type=file, help="Read [tool.verify] from this file.")(command)
        for option in reversed(OPTIONS):
            flag, settings = f"--{option.key}", dict[str, Any](default=None, help=option.help)
            match option.kind:
                case Kind.FLAG:
                    opposite = option.key[3:] if option.key.startswith("no-") else f"no-{option.key}"
                    flag += f"/--{opposite}"
                case Kind.SELECTORS | Kind.PATTERNS | Kind.PER_FILE | Kind.NAMES:
                    words = {
                        Kind.SELECTORS: "RULE,...",
                        Kind.PATTERNS: "PATTERN,...",
                        Kind.PER_FILE: "PATTERN:RULE,...",
                        Kind.NAMES: "NAME,...",
                    }
                    settings |= {"multiple": True, "metavar": words[option.kind]}
                case Kind.CHOICE:
                    settings["type"] = click.Choice(option.choices)
                case Kind.COUNT:
                    settings["type"] = click.IntRange(min=1)
                case Kind.PATH | Kind.URL:
                    settings["metavar"] = option.kind.name
                case Kind.REQUIREMENTS:
                    settings |= {"multiple": True, "metavar": "REQUIREMENT"}
                case Kind.VERSION:
                    settings["metavar"] = "X.Y"
            command = click.option(flag, option.field, **settings)(command)
        return command

    return decorate


def shape(option: Option) -> dict[str, Any]:
    """Return the JSON Schema of an option's value."""
    strings = {"type": "array", "items": {"type": "string", "pattern": "\\S"}}
    match option.kind:
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.CHOICE:
            return {"enum": list(option.choices)}
        case Kind.COUNT:
            return {"type": "integer", "minimum": 1}
        case Kind.PATH:
            return {"type": "string", "pattern": "\\S"}
        case Kind.VERSION:
            return {"type": "string", "pattern": VERSION}
        case Kind.URL:
            return {"type": "string", "pattern": URL}
        case Kind.PER_FILE:
            return {"type": "object", "propertyNames": {"pattern": "\\S"}, "additionalProperties": strings}
        case _:
            return strings
