"""The Python files of a distribution, read out of its wheel or source archive; nothing is installed, built or run."""

from verifier.world.archives.choosing import choose, fits, newest
from verifier.world.archives.core_metadata import Metadata, metadata, top_levels
from verifier.world.archives.model import Archive, Listing, Member, UnreadableError
from verifier.world.archives.opening import identity, load, prefetch, read, was_opened, why_not
from verifier.world.archives.suggestions import suggest

__all__ = [
    "Archive",
    "Listing",
    "Member",
    "Metadata",
    "UnreadableError",
    "choose",
    "fits",
    "identity",
    "load",
    "metadata",
    "newest",
    "prefetch",
    "read",
    "suggest",
    "top_levels",
    "was_opened",
    "why_not",
]
