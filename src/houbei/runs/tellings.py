"""What buyers are to be told, sent: claimed, posted outside of any transaction, and noted once it was taken. As payments are.

Whoever dies in between leaves a claim that runs out; the telling is sent again under the same id, by which its receiver knows it.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, Engine

from houbei.delivery.telling import Telling as Kind
from houbei.errors import InputError
from houbei.facts.steps import Person
from houbei.runs.telling_channel import Channel, Heard
from houbei.store.database import reading, writing
from houbei.store.marks import live_through
from houbei.store.needs import keep_needs, need_no_longer
from houbei.store.tellings import (
    NO_CHANNEL,
    Telling,
    due_tellings,
    find_telling,
    note_told,
    parked_tellings,
    set_work,
)

CLAIM_MAX = 64
"""How many tellings one process claims at a time."""
LEASE_US = 120_000_000
"""How long a claim holds: longer than any call may take."""
WAIT_MIN_US = 2_000_000
WAIT_MAX_US = 3_600_000_000
"""The first and the longest wait before a telling is sent again."""
ATTEMPTS_MAX = 12
"""After as many attempts, some two hours, a person tells the buyer."""
TELL_BUYER = "tell_buyer"
"""The kind of need under which a telling waits for a person."""
_IN_TIME = frozenset({Kind.AT_RISK, Kind.NEW_DATE})
"""What is of no use any more once the promise has passed: then the buyer is told that it is late."""


def run_tellings(
    database: Engine, channel: Channel | None, *, now_us: int, holder: str, threads: int = 4, most: int = CLAIM_MAX
) -> int:
    """Send tellings that are due, once round; without a channel put them before a person.

    Args:
        database: The store.
        channel: Where to; None where nobody is reached by machine.
        now_us: What time it is.
        holder: A name for this process that no other has.
        threads: How many calls are under way at once.
        most: How many to claim.

    Returns:
        How many were led on.

    Raises:
        StoreError: the store cannot be written; claims run out and are sent again.
    """
    with reading(database) as connection:
        waits = channel is not None and parked_tellings(connection, reason=NO_CHANNEL, most=1)
        if not waits and not due_tellings(connection, now_us=now_us, most=1):
            return 0
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        due = _still_of_use(connection, due_tellings(connection, now_us=now_us, most=most), now_us)
        if channel is None:
            _park(connection, [(one, NO_CHANNEL) for one in due], now_us=now_us)
            return len(due)
        due += parked_tellings(connection, reason=NO_CHANNEL, most=most - len(due))
        claimed = [replace(one, attempts=one.attempts + 1, holder=holder) for one in due]
        set_work(connection, [("due", one.attempts, now_us + LEASE_US, holder, one.reason, one.seq) for one in claimed])
    with ThreadPoolExecutor(threads) as pool:
        heard = list(pool.map(channel.tell, claimed))
    with writing(database) as connection:
        for one, answer in zip(claimed, heard, strict=True):
            _record(connection, one, answer, now_us=now_us)
    return len(claimed)


def told_by(database: Engine, ref: str, *, person: Person, now_us: int) -> Telling:
    """Note that a person has told a buyer.

    Args:
        database: The store.
        ref: The telling, by its id or its number in this store.
        person: Who told them, by their own name.
        now_us: What time it is.

    Returns:
        What was told.

    Raises:
        InputError: there is no such telling, or it is told or dropped already.
    """
    with writing(database) as connection:
        found = find_telling(connection, ref)
        if found is None or found.state not in {"due", "parked"}:
            came = "no such telling" if found is None else f"a telling that is {found.state} already"
            todo = "Look at the list that houbei delivery tellings prints."
            raise InputError(came=came, where=ref, expected="one that waits to be told", todo=todo)
        note_told(connection, found, at_us=live_through(connection, now_us), person=person)
        need_no_longer(connection, kind=TELL_BUYER, ref=str(found.seq))
    return found


def drop_tellings(connection: Connection, tellings: list[Telling], *, reason: str) -> None:
    """Let go of tellings that nobody has heard and that are no longer so."""
    waits = [one for one in tellings if one.state in {"due", "parked"}]
    set_work(connection, [("dropped", one.attempts, None, None, reason, one.seq) for one in waits])
    keep_needs(connection, TELL_BUYER, put=[], gone=[str(one.seq) for one in waits])


def _still_of_use(connection: Connection, due: list[Telling], now_us: int) -> list[Telling]:
    passed = [one for one in due if one.kind in _IN_TIME and one.by_us is not None and one.by_us <= now_us]
    drop_tellings(connection, passed, reason="passed")
    return [one for one in due if one not in passed]


def _park(connection: Connection, parked: list[tuple[Telling, str]], *, now_us: int) -> None:
    set_work(connection, [("parked", one.attempts, None, None, reason, one.seq) for one, reason in parked])
    put = [(TELL_BUYER, str(one.seq), now_us, _need(one, reason), None, None) for one, reason in parked]
    keep_needs(connection, TELL_BUYER, put=put, gone=[])


def _need(one: Telling, reason: str) -> str:
    told = {
        "telling": one.telling,
        "delivery_id": one.delivery_id,
        "order_id": one.order_id,
        "kind": one.kind,
        "zh": one.zh,
        "en": one.en,
        "by_us": one.by_us,
        "reason": reason,
    }
    return msgspec.json.encode(told).decode()


def _record(connection: Connection, one: Telling, heard: Heard, *, now_us: int) -> None:
    """Record an answer: that it was taken counts whoever brings it, that it was not only while the claim is still ours."""
    now = find_telling(connection, one.telling)
    if now is None or now.state in {"told", "dropped"}:
        if now is not None and heard.taken and now.state == "dropped":
            note_told(connection, now, at_us=now_us, person=None)
        return
    if heard.taken:
        note_told(connection, now, at_us=now_us, person=None)
        need_no_longer(connection, kind=TELL_BUYER, ref=str(one.seq))
    elif (now.holder, now.attempts) == (one.holder, one.attempts):
        if heard.final or one.attempts >= ATTEMPTS_MAX:
            _park(connection, [(now, heard.reason)], now_us=now_us)
        else:
            wait_us = max(heard.wait_s * 1_000_000, _wait_us(one))
            set_work(connection, [("due", one.attempts, now_us + wait_us, None, heard.reason, one.seq)])


def _wait_us(one: Telling) -> int:
    """How long to wait before it is sent again: twice as long each time, spread by the telling's own id."""
    spread = int(one.telling[-4:], 16) % 512
    wait = min(WAIT_MIN_US << min(one.attempts, 20), WAIT_MAX_US)
    return wait + wait * spread // 1024
