"""Scans: what was said to have happened to parcels, each with who said it. A scan is a fact with a source, not the truth."""

from enum import IntEnum


class What(IntEnum):
    """What a scan tells of; its word in files is the name in small letters."""

    PACKED = 0
    HANDED_OVER = 1
    """The carrier has it."""
    MOVED = 2
    """It is somewhere on its way."""
    OUT_FOR_DELIVERY = 3
    ATTEMPTED = 4
    """Somebody stood before a closed door, or the buyer would not take it."""
    DELIVERED = 5
    INSTALLED = 6
    LOST = 7
    """The carrier has given it up."""
    SENT_BACK = 8
    """It is on its way back to the shop."""
    DISPUTED = 9
    """The buyer says that another scan is not so."""
    UPHELD = 10
    """A person looked, and the buyer is right: that other scan is void."""
    DISMISSED = 11
    """A person looked, and that other scan stands."""


WHATS = tuple(what.name.lower() for what in What)
"""The words of scans in files, by their code."""
TELLERS = ("carrier", "courier", "buyer", "shop", "warehouse")
"""Who tells of a scan, by their code."""
