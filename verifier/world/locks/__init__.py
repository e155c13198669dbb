"""The versions that a project's lock files chose, whichever tool wrote them."""

from verifier.world.locks.choosing import choose
from verifier.world.locks.lock import Lock
from verifier.world.locks.reading import find, for_script, locked_for, read

__all__ = ["Lock", "choose", "find", "for_script", "locked_for", "read"]
