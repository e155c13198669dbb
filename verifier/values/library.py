"""What well-known functions do with values: those that only reshape, convert or put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import libcst as cst

from verifier.values import pure
from verifier.values.marks import BOUNDED, SCALAR
from verifier.values.model import COMPUTED, UNKNOWN, Contents, Value, constant, marked, pasted, pieces, tainted
from verifier.values.state import State

_SCALAR = frozenset(
    {f"builtins.{name}" for name in ("int", "float", "bool", "len", "ord", "hash", "round", "abs", "isinstance", "id")}
    | {"builtins.issubclass", "builtins.callable", "builtins.hasattr", "uuid.UUID", "decimal.Decimal"}
    | {"datetime.datetime.strptime", "datetime.datetime.fromisoformat", "datetime.date.fromisoformat", "time.strptime"}
    | {"ipaddress.ip_address", "ipaddress.ip_network", "fractions.Fraction", "zlib.crc32"}
    | {
        f"hashlib.{name}"
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "new")
    }
)
_SAME = frozenset(
    {"builtins.str", "builtins.bytes", "builtins.bytearray", "builtins.repr", "pathlib.Path", "pathlib.PurePath"}
    | {"pathlib.PosixPath", "pathlib.PurePosixPath", "os.fspath", "os.fsencode", "os.fsdecode"}
    | {f"os.path.{name}" for name in ("normpath", "realpath", "abspath", "expanduser", "expandvars")}
    | {"copy.copy", "copy.deepcopy", "typing.cast", "asyncio.wait_for", "asyncio.shield"}
)
_LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "builtins.iter"})
_EMPTY = {
    "builtins.list": "list",
    "builtins.tuple": "list",
    "builtins.set": "set",
    "builtins.dict": "dict",
    "collections.deque": "list",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "collections.Counter": "dict",
    "configparser.ConfigParser": "config",
    "configparser.RawConfigParser": "config",
    "configparser.SafeConfigParser": "config",
}
_COMPUTING = ("base64.", "binascii.", "urllib.parse.", "html.", "textwrap.", "shlex.", "hashlib.", "string.", "math.")
"""Modules whose functions give nothing but what they were given."""
_PARSERS = frozenset({"urllib.parse.urlparse", "urllib.parse.urlsplit", "yarl.URL", "furl.furl", "httpx.URL"})


def call(state: State, path: str, args: Sequence[Value], words: Mapping[str, Value], node: cst.Call) -> Value | None:
    """The value of a call by dotted path; None where nothing special is known of it."""
    found = pure.function(path, args) if not words else None
    if found is not None:
        return found
    if path in _SCALAR:
        return marked(tainted(taint for each in args for taint in state.depends(each)), SCALAR)
    if path in {"builtins.min", "builtins.max"} and len(args) > 1:
        return marked(tainted(taint for each in args for taint in state.depends(each)), BOUNDED)
    if path in _PARSERS and args:
        name = node.args[0].value
        return replace(tainted(args[0].taints), parsed=name.value if isinstance(name, cst.Name) else None)
    if path in {"os.path.join", "posixpath.join"} and args:
        return _path(args)
    if path in {"pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath"} and len(args) > 1:
        return _path(args)
    if path in _SAME and args:
        value = args[1] if path == "typing.cast" and len(args) > 1 else args[0]
        if state.contents(value) is not None and path.startswith("builtins."):
            return tainted(state.depends(value))
        return replace(value, reference=None, constants=None) if path != "copy.copy" else value
    if path.startswith(_COMPUTING) and not any(state.depends(each) for each in (*args, *words.values())):
        return COMPUTED
    return _container(state, path, args, words)


def _path(args: Sequence[Value]) -> Value:
    parts = [piece for each in args for piece in ("/", *pieces(each))]
    return pasted(parts[1:])


def _container(state: State, path: str, args: Sequence[Value], words: Mapping[str, Value]) -> Value | None:
    kind = _EMPTY.get(path)
    if kind == "config" or (kind and not args):
        return state.new(Contents(kind, dict(words) if kind == "dict" else {}))
    if not args:
        return None
    first = state.contents(args[0])
    if path in _LISTS:
        if first is not None and first.kind == "list" and first.exact and path in {"builtins.list", "builtins.tuple"}:
            return state.new(first)
        return state.new(Contents("list", {}, state.any_member(args[0]), exact=False))
    if kind == "dict" and first is not None and first.kind == "dict":
        return state.new(replace(first, items={**first.items, **words}))
    if kind == "set":
        return state.new(Contents("set", {}, state.any_member(args[0]), exact=False))
    match path:
        case "builtins.enumerate":
            pair = state.new(Contents("list", {0: UNKNOWN, 1: state.any_member(args[0])}))
            return state.new(Contents("list", {}, pair, exact=False))
        case "builtins.zip":
            row = state.new(Contents("list", {number: state.any_member(each) for number, each in enumerate(args)}))
            return state.new(Contents("list", {}, row, exact=False))
        case "builtins.next" | "builtins.max" | "builtins.min" if len(args) == 1:
            return state.any_member(args[0])
        case "builtins.getattr" if len(args) > 1 and args[1].constants and len(args[1].constants) == 1:
            return state.member(args[0], args[1].constants[0])
        case "builtins.range":
            return state.new(Contents("list", {}, UNKNOWN, exact=False))
        case "builtins.print" | "builtins.setattr" | "builtins.delattr":
            return constant(None)
    return None
