"""What the methods of lists, dicts, sets and configurations do to what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from verifier.values.model import UNKNOWN, Contents, Value, constant
from verifier.values.state import State

BUILDING = frozenset(
    [
        "append",
        "add",
        "extend",
        "write",
        "writelines",
        "update",
        "insert",
        "put",
        "push",
        "appendleft",
        "setdefault",
        "attach",
    ]
)
"""Methods that make their argument a part of the object, whatever it is."""


def method(state: State, receiver: Value, name: str, args: Sequence[Value], words: Mapping[str, Value]) -> Value | None:
    """What a method of a container made here gives; None where it is not known."""
    held = state.contents(receiver)
    if held is None:
        return None
    match held.kind:
        case "list" | "set":
            return _list(state, receiver, held, name, args)
        case "dict":
            return _dict(state, receiver, held, name, args, words)
        case "config":
            return _config(state, receiver, name, args)
    return None


def _list(state: State, receiver: Value, held: Contents, name: str, args: Sequence[Value]) -> Value | None:
    exact = held.exact and not state.loops
    members = [held.items[key] for key in sorted(held.items)] if exact and held.kind == "list" else None
    place = args[0].constants[0] if args and args[0].constants and len(args[0].constants) == 1 else None
    match name:
        case "append" | "add" | "appendleft" if args:
            if members is not None and name != "add":
                members.insert(0 if name == "appendleft" else len(members), args[0])
                return _put(state, receiver, members)
            state.store_any(receiver, args[0])
        case "insert" if len(args) == 2:  # place and member
            if members is not None and isinstance(place, int):
                members.insert(place, args[1])
                return _put(state, receiver, members)
            state.store_any(receiver, args[1])
        case "extend" | "update" if args:
            other = state.contents(args[0])
            if members is not None and other is not None and other.exact and other.kind == "list":
                return _put(state, receiver, [*members, *(other.items[key] for key in sorted(other.items))])
            state.store_any(receiver, state.any_member(args[0]))
        case "pop" | "popleft":
            number = 0 if name == "popleft" else place if args else -1
            if members and isinstance(number, int) and -len(members) <= number < len(members):
                taken = members.pop(number)
                _put(state, receiver, members)
                return taken
            return state.any_member(receiver)
        case "clear":
            return _put(state, receiver, [])
        case "reverse" if members is not None:
            return _put(state, receiver, members[::-1])
        case "copy":
            return state.new(held)
        case "remove" | "sort" | "discard" | "reverse":
            state.store_any(receiver, state.any_member(receiver))
        case "index" | "count":
            return UNKNOWN
        case _:
            return None
    return constant(None)


def _put(state: State, receiver: Value, members: Sequence[Value]) -> Value:
    assert receiver.box is not None  # noqa: S101  # it has contents
    state.heap[receiver.box] = replace(state.heap[receiver.box], items=dict(enumerate(members)), exact=True)
    return constant(None)


def _dict(
    state: State, receiver: Value, held: Contents, name: str, args: Sequence[Value], words: Mapping[str, Value]
) -> Value | None:
    key = _key(args)
    match name:
        case "get" | "pop" if args:
            if key is not _NO_KEY and key in held.items:
                return state.member(receiver, key)
            if key is not _NO_KEY and held.exact:
                return args[1] if len(args) > 1 else constant(None)
            found = state.any_member(receiver)
            return state.either(found, args[1] if len(args) > 1 else constant(None))
        case "setdefault" if len(args) == 2:  # key and member
            if key is not _NO_KEY and key in held.items:
                return held.items[key]
            if key is not _NO_KEY:
                state.store(receiver, key, args[1])
            else:
                state.store_any(receiver, args[1])
            return args[1]
        case "update":
            other = state.contents(args[0]) if args else None
            if other is not None and other.kind == "dict" and other.exact:
                for each, member in other.items.items():
                    state.store(receiver, each, member)
            elif args:
                state.store_any(receiver, state.any_member(args[0]))
            for word, member in words.items():
                state.store(receiver, word, member)
            return constant(None)
        case "values":
            return state.new(Contents("list", {}, state.any_member(receiver), exact=False))
        case "items":
            pair = state.new(Contents("list", {0: _keys(held), 1: state.any_member(receiver)}))
            return state.new(Contents("list", {}, pair, exact=False))
        case "keys":
            return state.new(Contents("list", {}, _keys(held), exact=False))
        case "copy":
            return state.new(held)
    return None


def _keys(held: Contents) -> Value:
    names = tuple(held.items)
    return constant(*names) if held.exact and 0 < len(names) <= 8 else UNKNOWN  # see model


def _config(state: State, receiver: Value, name: str, args: Sequence[Value]) -> Value | None:
    """`configparser`: members under section and option."""
    keys = tuple(each.constants[0] if each.constants and len(each.constants) == 1 else None for each in args[:2])
    known = len(keys) == 2 and None not in keys  # section and option
    match name:
        case "set" if len(args) == 3:  # section, option, value
            if known:
                state.store(receiver, keys, args[2])
            else:
                state.store_any(receiver, args[2])
            return constant(None)
        case "get":
            return state.member(receiver, keys) if known else state.any_member(receiver)
        case "add_section" | "has_option" | "has_section":
            return UNKNOWN
    return None


_NO_KEY: Any = object()


def _key(args: Sequence[Value]) -> Any:
    known = args and args[0].constants is not None and len(args[0].constants) == 1
    key = args[0].constants[0] if known and args[0].constants else _NO_KEY
    return key if isinstance(key, str | int | float | bytes | bool | None | tuple) or key is _NO_KEY else _NO_KEY
