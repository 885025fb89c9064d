"""A small appliance shop, taken in and paid through the public path: imports, cycles, outbox, reconciliation, day by day.

The morning of 18 February 2026 in Beijing. A fridge fell by 300.00 at midnight, after ten days at less for two of them; a washer fell
the day before. Where the shop `waits`, one refund was refused, a price looks like an error, a line names no category, and somebody
made a refund by hand.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from houbei.payments.answers import Refusal, Unanswered
from houbei.payments.provider import Asked, Receipt, Stands
from houbei.runs.imports import import_orders, import_prices
from houbei.runs.loop import run_round
from houbei.runs.reconcile import reconcile
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from houbei.store.terms_files import load_terms

SHOP = "榆下家电"
FRIDGE, WASHER, TELEVISION = "云栖505升十字门冰箱", "澜山10公斤洗烘一体机", "观塘75英寸电视"
ZONE = "Asia/Shanghai"
_START = datetime.fromisoformat("2026-01-20T10:00+08:00")
FRIDGES = 40
REFUSED, SILENT = "20260206-5644", ("20260125-3744", "20260204-4536")
OUTSIDE = "re_7Qp9"
MORNINGS = (
    "2026-02-08T00:03+08:00",
    "2026-02-11T09:00+08:00",
    "2026-02-17T00:02+08:00",
    "2026-02-18T00:03+08:00",
    "2026-02-18T10:24+08:00",
)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


NOW = moment(MORNINGS[-1])


class Provider:
    """A provider that pays, refuses one order's refund, never answers about others', and lists what somebody did by hand."""

    name = "provider"
    key_lifetime_us = 30 * 86_400_000_000

    def __init__(self, *, refuses: Sequence[str], silent: Sequence[str]) -> None:
        self._refuses, self._silent = refuses, silent
        self.receipts: list[Receipt] = []
        self.now_us = 0

    def refund(self, asked: Asked) -> Receipt | Refusal | Unanswered:
        if asked.payment in self._refuses:
            return Refusal(code="account_closed", reason="The account is closed.", final=False)
        if asked.payment in self._silent:
            return Unanswered(reason="timeout")
        receipt = Receipt(
            reference=f"re_{len(self.receipts) + 1:04}",
            stands=Stands.SUCCEEDED,
            settlement=asked.settlement,
            payment=asked.payment,
            amount_minor=asked.amount_minor,
            currency=asked.currency,
            reason=None,
            at_us=self.now_us,
            told=asked.told,
        )
        self.receipts.append(receipt)
        return receipt

    def by_hand(self, reference: str, *, payment: str, amount_minor: int) -> None:
        self.receipts.append(
            Receipt(
                reference=reference,
                stands=Stands.SUCCEEDED,
                settlement=None,
                payment=payment,
                amount_minor=amount_minor,
                currency="CNY",
                reason=None,
                at_us=self.now_us,
            )
        )

    def find(self, _asked: Asked) -> Receipt | Unanswered | None:
        return None

    def read(self, reference: str) -> Receipt | Unanswered | None:
        return next((receipt for receipt in self.receipts if receipt.reference == reference), None)

    def list_after(self, cursor: str | None) -> tuple[Sequence[Receipt], str | None]:
        known = [receipt.reference for receipt in self.receipts]
        after = self.receipts[known.index(cursor) + 1 :] if cursor else self.receipts
        return after, after[-1].reference if after else None


def open_shop(
    folder: Path,
    *,
    waits: bool,
    documents: Sequence[str] = ("jd-appliances",),
    lines: Sequence[dict[str, str]] = (),
    meanwhile: Callable[[Engine, int], None] = lambda _database, _until_us: None,
) -> Engine:
    """Make the shop's store.

    Args:
        folder: Where.
        waits: With what needs a person.
        documents: The promises.
        lines: Further lines, which were sold before the first morning.
        meanwhile: What else happens, called each morning with the moment until which it may.
    """
    database = open_database(folder / "houbei.db", create=True)
    with writing(database) as connection:
        for name in documents:
            publish(connection, load_terms(name), known_us=moment("2025-10-01T09:00+08:00"))
    provider = Provider(refuses=[REFUSED] if waits else [], silent=SILENT if waits else [])
    for number, text in enumerate(MORNINGS):
        if waits and number == len(MORNINGS) - 1:
            provider.now_us = moment(text)
            provider.by_hand(OUTSIDE, payment="20260209-1974", amount_minor=12_000)
        _tell(database, folder, number, waits=waits)
        if lines and number == 0:
            _write(folder / "further.csv", lines)
            take = {"source": "shop", "zone": ZONE, "now_us": moment(text), "progress": lambda *_: None}
            import_orders(database, folder / "further.csv", **take)
        meanwhile(database, moment(text))
        _live(database, provider, moment(text))
    return database


def price_of(database: Engine, sku: str, price_minor: int) -> int:
    """The number of the latest price of a SKU at so much."""
    with database.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT MAX(p.seq) FROM prices p JOIN series s ON s.seq = p.series WHERE s.sku = ? AND p.price_minor = ?",
            (sku, price_minor),
        ).scalar_one()


def _tell(database: Engine, folder: Path, number: int, *, waits: bool) -> None:
    """Take in what was ordered and priced since the morning before."""
    since, until = moment(MORNINGS[number - 1]) if number else 0, moment(MORNINGS[number])
    for name, rows, at, take in (
        ("orders", _orders(waits=waits), "placed_at", import_orders),
        ("prices", _prices(waits=waits), "at", import_prices),
    ):
        new = [row for row in rows if since < moment(row[at]) <= until]
        if new:
            path = folder / f"{name}-{number}.csv"
            _write(path, new)
            take(database, path, source="shop", zone=ZONE, now_us=until, progress=lambda *_: None)


def _live(database: Engine, provider: Provider, now_us: int) -> None:
    provider.now_us = now_us
    while run_round(database, provider, now_us=now_us, holder="one"):
        pass
    reconcile(database, provider, now_us=now_us)


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _order(  # noqa: PLR0913  one argument a column
    order: str,
    sku: str,
    at: datetime,
    *,
    paid: str,
    category: str = "fridge",
    quantity: int = 1,
    returned: bool = False,
) -> dict[str, str]:
    return {
        "order_id": order,
        "line_id": f"{order}-1",
        "buyer_id": f"b{order[-4:]}",
        "sku": sku,
        "seller": "self",
        "category": category,
        "quantity": str(quantity),
        "paid": paid,
        "currency": "CNY",
        "placed_at": at.isoformat(),
        "paid_at": (at + timedelta(minutes=4)).isoformat(),
        "delivered_at": (at + timedelta(days=2)).isoformat(),
        "returned_at": (at + timedelta(days=3)).isoformat() if returned else "",
    }


def _orders(*, waits: bool) -> Iterator[dict[str, str]]:
    for k in range(FRIDGES):
        at = _START + timedelta(hours=17 * k)
        yield _order(f"{at:%Y%m%d}-{1152 + 37 * k}", FRIDGE, at, paid="4299.00")
    told = (
        ("20260206-5644", "2026-02-06T10:00+08:00", "4299.00", 1, False),
        ("20260125-3744", "2026-01-25T11:00+08:00", "4299.00", 1, False),
        ("20260204-4536", "2026-02-04T12:00+08:00", "4299.00", 1, False),
        ("20260121-7001", "2026-01-21T13:00+08:00", "8598.00", 2, False),
        ("20260203-3454", "2026-02-03T14:00+08:00", "3999.00", 1, False),
        ("20260211-1540", "2026-02-11T15:00+08:00", "4249.00", 1, True),
        ("20260209-1974", "2026-02-09T16:00+08:00", "4099.00", 1, False),
    )
    for order, at, paid, quantity, returned in told:
        when = datetime.fromisoformat(at)
        yield _order(order, FRIDGE, when, paid=paid, quantity=quantity, returned=returned)
    for k in range(9):
        at = _START + timedelta(days=2 * k, hours=3)
        yield _order(f"{at:%Y%m%d}-{8100 + k}", WASHER, at, paid="3299.00", category="washer")
    if waits:
        at = datetime.fromisoformat("2026-02-10T12:00+08:00")
        yield _order("20260210-9001", TELEVISION, at, paid="5999.00", category="tv")
        yield _order("20260212-9002", TELEVISION, at + timedelta(days=2), paid="5999.00", category="")


def _prices(*, waits: bool) -> Iterator[dict[str, str]]:
    told = [
        (FRIDGE, "4299.00", "2026-01-01T00:00+08:00"),
        (FRIDGE, "4199.00", "2026-02-08T00:00+08:00"),
        (FRIDGE, "4299.00", "2026-02-10T00:00+08:00"),
        (FRIDGE, "3999.00", "2026-02-18T00:00+08:00"),
        (WASHER, "3299.00", "2026-01-01T00:00+08:00"),
        (WASHER, "2999.00", "2026-02-17T00:00+08:00"),
    ]
    if waits:
        told += [(TELEVISION, "5999.00", "2026-01-01T00:00+08:00"), (TELEVISION, "1.00", "2026-02-16T09:00+08:00")]
    for number, (sku, price, at) in enumerate(told, start=1):
        yield {"price_id": f"pe_{number:04}", "sku": sku, "seller": "self", "price": price, "currency": "CNY", "at": at}
