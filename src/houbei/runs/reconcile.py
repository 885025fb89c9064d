"""The provider's own records against ours: what it lists is read on from where we stopped, and compared refund by refund.

What it has and we confirmed is reconciled. What it has and we did not know of is settled, or put before a person where nothing here
explains it. The first reconciliation after a start comes before the first payout: a store that was set back to an older copy learns
what was paid since, and pays nothing of it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from houbei.payments.answers import Unanswered
from houbei.payments.provider import PaymentProvider, Receipt, Stands
from houbei.runs.settling import reconcile_receipts, settle_receipts
from houbei.store.database import reading, writing
from houbei.store.marks import live_through, read_mark, write_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What one reconciliation found: refunds listed, those newly reconciled, those nothing here explains; whether it got to the end."""

    listed: int = 0
    reconciled: int = 0
    outside: int = 0
    complete: bool = True


def reconcile(database: Engine, provider: PaymentProvider, *, now_us: int, from_start: bool = False) -> Reconciled:
    """Compare the provider's records with the books.

    Args:
        database: The store.
        provider: Who pays.
        now_us: What time it is.
        from_start: Read all of its records again, not only those since last time.

    Raises:
        StoreError: the store cannot be written.

    Cost: a call for each page of refunds, a few ms for each page.
    """
    mark = f"reconciled:{provider.name}"
    with reading(database) as connection:
        cursor = None if from_start else (read_mark(connection, mark) or None)
    total = Reconciled()
    while True:
        page = provider.list_after(cursor)
        if isinstance(page, Unanswered):
            return Reconciled(listed=total.listed, reconciled=total.reconciled, outside=total.outside, complete=False)
        receipts, after = page
        if not receipts:
            return total
        done, outside, final = _settle_page(database, provider, receipts, now_us=now_us, mark=mark)
        total = Reconciled(
            listed=total.listed + len(receipts), reconciled=total.reconciled + done, outside=total.outside + outside
        )
        if not final and not from_start:
            return total
        cursor = after


def _settle_page(
    database: Engine, provider: PaymentProvider, receipts: Sequence[Receipt], *, now_us: int, mark: str
) -> tuple[int, int, bool]:
    """Settle and reconcile one page; how many were reconciled, how many nothing explains, and whether all of it is final.

    The mark stops before the first refund that is still pending: it is read again next time.
    """
    known = next((k for k, receipt in enumerate(receipts) if receipt.stands is Stands.PENDING), len(receipts))
    with writing(database) as connection:
        now_us = live_through(connection, now_us)
        outside = settle_receipts(connection, provider.name, receipts, now_us=now_us)
        done = reconcile_receipts(connection, provider.name, receipts, now_us=now_us)
        if known:
            write_mark(connection, mark, receipts[known - 1].reference)
    return done, outside, known == len(receipts)
