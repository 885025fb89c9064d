"""Ids that are derived from what they name, never drawn: the same thing has the same id on every machine and after every restore."""

import hashlib


def settlement_id(*, source: str, line_id: str, term: str, place: int) -> str:
    """Name the settlement of an `owed` entry: the key under which a provider is asked, for ever.

    It does not depend on how far other settlements of the cover have come: a store that was set back and is told again names the same
    refund by the same key.

    Args:
        source: Who told of the line.
        line_id: The line.
        term: The promise, whatever its version.
        place: Which of its cover's `owed` entries it is, from 1.
    """
    cover = hashlib.sha256(f"{source}\n{line_id}\n{term}".encode()).hexdigest()
    return f"houbei:refund:{cover[:32]}:{place}"


def hold_key(*, thread: str, number: int) -> str:
    """Name a hold of a case: the key under which a provider is asked for it, for ever.

    Args:
        thread: What the case is told apart by on every machine and after every restore: its line, its unit, the report that opened it.
        number: Which of the case's holds it is, from 1.
    """
    return f"houbei:hold:{hashlib.sha256(thread.encode()).hexdigest()[:32]}:{number}"


def act_key(hold: str, *, act: str, place: int) -> str:
    """Name something that is asked of a hold.

    Args:
        hold: The hold's own key.
        act: `renew`, `capture` or `release`.
        place: What tells acts of one sort apart: which renewal it is, the amount that is captured; 0 for a release.
    """
    return f"{hold}:{act}:{place}"


def telling_id(*, source: str, delivery_id: str, kind: str, about: str) -> str:
    """Name something that a buyer is told: the id under which it is sent, for ever, and by which a receiver knows it a second time.

    Args:
        source: Who told of the order.
        delivery_id: The delivery.
        kind: What it is about, a `Telling`.
        about: What tells tellings of one kind apart: the promise and its date, the payment.
    """
    told = hashlib.sha256(f"{source}\n{delivery_id}\n{kind}\n{about}".encode()).hexdigest()
    return f"houbei:telling:{told[:32]}"
