"""Ids that are derived from what they name, never drawn: the same thing has the same id on every machine and after every restore."""

import hashlib


def settlement_id(*, source: str, line_id: str, term: str, sequence: int) -> str:
    """Name the settlement of an `owed` entry: the key under which a provider is asked, for ever.

    Args:
        source: Who told of the line.
        line_id: The line.
        term: The promise, whatever its version.
        sequence: The entry's sequence in its cover.
    """
    cover = hashlib.sha256(f"{source}\n{line_id}\n{term}".encode()).hexdigest()
    return f"houbei:refund:{cover[:32]}:{sequence}"
