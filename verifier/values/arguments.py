"""What `argparse` options can be by how they are added."""

from __future__ import annotations

from verifier.values.following import Arguments


def is_number_or_flag(args: Arguments) -> bool:
    """Whether `add_argument` makes an argument that carries no text."""
    kind, action = args.words.get("type"), args.words.get("action")
    if kind is not None and kind.reference in {
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "ipaddress.ip_address",
    }:
        return True
    return action is not None and action.constants is not None and "store" not in action.constants


def destinations(args: Arguments) -> list[str]:
    """The attribute that an argument becomes: `dest`, else its first long name."""
    named = args.words.get("dest")
    values = [named] if named is not None else args.positions
    names = [str(each.constants[0]) for each in values if each.constants and isinstance(each.constants[0], str)]
    chosen = [each for each in names if each.startswith("--")] or names
    return [each.lstrip("-").replace("-", "_") for each in chosen[:1]]
