"""The values that every layer speaks in: spans, rules, findings, problems, the project and the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from verifier.distributions import Indexes, Locked


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """A number that grows with the severity."""
        return {"info": 0, "warning": 1, "error": 2}[self.value]


class ProblemKind(StrEnum):
    """Why something could not be checked."""

    ENCODING = "encoding"
    IO = "io"
    INDEX = "index"
    ENVIRONMENT = "environment"
    ENGINE = "engine"
    LIMIT = "limit"
    SYNTAX = "syntax"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: 1-based lines and columns in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement of the text at a span."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A titled set of edits; safe when it cannot change what right code does."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Another place or another engine's words that belong to the same defect."""

    path: str
    span: Span
    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Taint:
    """What a rule about text from outside asks of the way that the text took, besides sources, sanitizers and sinks."""

    harmless_after: re.Pattern[str] | None = None
    """No finding where the literal text in front of it, with … for what is not known, matches this."""
    only_as_part: bool = False
    """A finding only where it is pasted into a larger text."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one check looks for, as its file in rules/ says it."""

    code: str
    name: str
    family: str
    summary: str
    message: str
    severity: Severity
    precision: str
    check: str
    why: str
    instead: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    measured: str
    cwe: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    since: str = "0.1.0"
    semgrep: str | None = None
    needs: str | None = None
    """A pattern that the text of a file must match for semgrep to be asked about the rule there; None: not known."""
    taint: Taint = Taint()  # frozen
    world: Mapping[str, object] = field(default_factory=dict)

    @property
    def engine(self) -> str:
        """The program whose judgement this is: verifier, bandit or semgrep."""
        return self.check if self.check in {"bandit", "semgrep"} else "verifier"


@dataclass(frozen=True, slots=True)
class Finding:
    """The code is wrong, here, and this is the evidence."""

    code: str
    path: str
    span: Span
    message: str
    severity: Severity
    symbol: str | None = None
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    evidence: Mapping[str, object] | None = None

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        """The order of every report: path, place, code."""
        return (self.path, self.span, self.code, self.message)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something could not be checked, and why; `path` is None when it concerns the whole run."""

    path: str | None
    kind: ProblemKind
    text: str


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module (and name) as written, with the guards it stands under."""

    path: str
    module: str
    name: str | None
    alias: str | None
    level: int
    span: Span
    optional: bool = False
    """The code runs on without it: under `try/except ImportError`, or a handler's second choice."""
    typing_only: bool = False
    unreachable: bool = False
    """Under a version or platform test that is false for the target."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences codes on a line, or in the whole file when `line` is None."""

    path: str
    line: int | None
    codes: tuple[str, ...]
    reason: str
    span: Span
    engine: str = "verifier"
    """Whose syntax it is: verifier, bandit (`nosec`) or semgrep (`nosemgrep`)."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A declared distribution (normalised name), its specifier, and the file that declares it."""

    name: str
    specifier: str
    origin: str
    url: str = ""
    """Where it is to be taken from, in place of an index (`name @ url`)."""
    extras: tuple[str, ...] = ()
    """Normalised: which of the distribution's extras are wanted too."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file under check: its path as reported, where its bytes are, and what a run-wide check may ask of it."""

    path: str
    file: Path | None
    kind: str = "py"
    data: bytes | None = None
    """The bytes themselves, only where no file holds them (standard input); `file` then says where they would lie."""
    home: Path | None = None
    """The folder whose environment counts for it."""
    imports: tuple[Import, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    declared: tuple[Requirement, ...] = ()
    """What the file declares itself, in a PEP 723 block."""
    requires_python: str | None = None
    """Likewise."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The distributions that are read out of archives, because nothing installed them."""

    locked: Mapping[str, Locked] = field(default_factory=dict)
    """By normalised name: what a lock file chose for the target."""
    declared: Mapping[str, Requirement] = field(default_factory=dict)
    """By normalised name: what the project or the script asks for; the newest release that fits is meant."""
    overrides: Mapping[str, Requirement] = field(default_factory=dict)
    """By normalised name: what --with asks for, whatever is installed or locked."""
    open: bool = False
    """Whether a distribution that nothing names is read at its newest release."""
    closed: bool = False
    """Whether the lock file names all that will be installed, dependencies included."""
    fixed: bool = False
    """Whether the target Python was given, so that no file's own wish changes it."""
    indexes: Indexes = field(default_factory=Indexes)


@dataclass(frozen=True, slots=True)
class Environment:
    """What the code will run with: a Python, a platform, and distributions, installed or to be read from archives."""

    python: tuple[int, int]
    paths: tuple[Path, ...]
    """The folders of installed packages, in the order of an import."""
    origin: str
    """How it was chosen, for a person."""
    platform: str = "linux"
    """`sys.platform` of the target."""
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """The world around the code: its root, its Python, what it declares and has installed."""

    root: Path
    python: tuple[int, int]
    environment: Environment | None = None
    declared: tuple[Requirement, ...] = ()
    source_roots: tuple[Path, ...] = ()
    schemas: tuple[Path, ...] = ()
    """SQL files that declare the tables which the code asks."""
    indexes: Indexes = field(default_factory=Indexes)
    """Who may be asked for distributions that are not installed, and where the caches lie."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What one file gave on its own: itself with its foreign imports and suppressions, findings, and problems."""

    source: Source
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    """Distributions that could not be read, and why."""
    index_age: float = 0.0
    """How many seconds ago the index gave the oldest answer that was used."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run: what was found, what was silenced, and what could not be checked."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    files: int
    rules: Sequence[Rule]
    seconds: float
    environment: str
    not_checked: int = 0
    """How many files, imports or rules nothing is known about because of the problems."""
    fixed: int = 0
    """How many findings were repaired, or would be (--diff)."""
