"""Events that a provider sends: checked, kept once, and never believed. What they name is read again from the provider.

Source of the signature: Standard Webhooks 1.0.0, read 2026-11: HMAC-SHA256 over id, time and the raw body, five minutes of tolerance.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Engine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from houbei.payments.answers import Unanswered
from houbei.payments.holds import HoldReceipt
from houbei.payments.provider import PaymentProvider, Receipt
from houbei.runs.hold_settling import settle_holds
from houbei.runs.hold_wants import SecuredCases
from houbei.runs.settling import settle_receipts
from houbei.store.database import reading, writing
from houbei.store.marks import live_through
from houbei.store.provider_events import keep_event, note_looked, waiting_events

LOOKS_MAX = 200


class _Data(msgspec.Struct):
    id: str


class _Event(msgspec.Struct):
    id: str
    data: _Data


def take_event(database: Engine, *, secret: str, headers: Mapping[str, str], body: bytes, now_us: int) -> bool:
    """Keep an event that a provider sent.

    Args:
        database: The store.
        secret: What it is signed with.
        headers: `webhook-id`, `webhook-timestamp`, `webhook-signature`, in any case.
        body: The bytes as they came.
        now_us: What time it is.

    Returns:
        False where the signature is wrong or old, or the body says nothing: nothing was kept. True otherwise, also the second time.
    """
    try:
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
        event = msgspec.json.decode(body, type=_Event)
    except (WebhookVerificationError, msgspec.MsgspecError):
        return False
    with writing(database) as connection:
        keep_event(connection, event_id=event.id, reference=event.data.id, known_us=now_us)
    return True


def look_at_events(
    database: Engine, provider: PaymentProvider, *, now_us: int, cases: SecuredCases | None = None
) -> int:
    """Read what new events name again from the provider, and settle by that; give how many events were looked at.

    Args:
        database: The store.
        provider: Who sent them.
        now_us: What time it is.
        cases: Where cases are told of holds; without them events of holds are passed over, and a reconciliation finds what they told.

    Raises:
        StoreError: the store cannot be written.
    """
    with reading(database) as connection:
        waiting = waiting_events(connection, most=LOOKS_MAX)
    if not waiting:
        return 0
    named = dict.fromkeys(reference for _, reference in waiting)
    read = {
        reference: provider.read_hold(reference) if provider.names_hold(reference) else provider.read(reference)
        for reference in named
    }
    done = [event for event, reference in waiting if not isinstance(read[reference], Unanswered)]
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        settle_receipts(
            connection, provider.name, [one for one in read.values() if isinstance(one, Receipt)], now_us=now_us
        )
        if cases is not None:
            held = [one for one in read.values() if isinstance(one, HoldReceipt)]
            settle_holds(connection, cases, provider.name, held, now_us=now_us)
        note_looked(connection, done)
    return len(done)
