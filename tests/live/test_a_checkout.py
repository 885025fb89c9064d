"""A shop's checkout, imitated to the end: a date is quoted and sold, the parcel is scanned and does not come, the buyer hears first and is paid unasked, and the books agree."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from houbei.cli import run
from houbei.payments.sandbox import Sandbox
from houbei.runs.audit import audit
from houbei.runs.clock import now_us as machine_us
from houbei.runs.imports import import_orders, import_promises, import_scans
from houbei.runs.loop import run_until_done
from houbei.runs.telling_channel import Channel
from houbei.runs.watching import Lookout
from houbei.store.database import open_database, writing
from houbei.store.promises import publish
from houbei.store.terms_files import load_terms
from tests.deliveries_live.receivers import SECRET, Receiver, receiving
from tests.live.stores import rows_of
from tests.live.telling import ZONE, us_of
from tests.reliability.sandboxes import sandbox_in
from tests.reliability.shop import Stage

ORDER = {
    "order_id": "O1",
    "line_id": "L1",
    "sku": "SAMPLE-WASHER",
    "category": "washer",
    "seller": "self",
    "quantity": "1",
    "paid": "4999.00",
    "currency": "CNY",
    "placed_at": "2026-02-11T10:00+08:00",
    "region": "CN-BJ",
}
SCANS = {
    "handed_over": "2026-02-12T18:00+08:00",
    "moved": "2026-02-13T07:00+08:00",
    "delivered": "2026-02-15T13:00+08:00",
}


@dataclass(slots=True, kw_only=True)
class Shop:
    """A shop with a checkout: its store, the provider that pays for it, and what takes what its buyers are told."""

    folder: Path
    database: Engine
    stage: Stage
    provider: Sandbox
    channel: Channel
    receiver: Receiver
    files: int = field(default=0)

    def brings(self, take: Any, *rows: Mapping[str, Any], at: str) -> None:
        """Import a file, as the shop's own system wrote it."""
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, list(rows[0]))
            out.writeheader()
            out.writerows(rows)
        take(self.database, path, source="shop", zone=ZONE, now_us=us(at), progress=lambda *_: None)

    def lives(self, at: str) -> None:
        """Do all that there is to do at a moment, as `houbei run --once` does."""
        self.stage.turn(us(at))
        lookout = Lookout(channel=self.channel)
        run_until_done(self.database, self.provider, clock=lambda: us(at), holder="one", lookout=lookout)

    def owed(self) -> list[tuple[int, str, str]]:
        """What is owed, by entry: the amount, its unit, how far its settlement has come."""
        return rows_of(self.database, "SELECT amount_minor, currency, state FROM actions ORDER BY cover, sequence")


def us(at: str) -> int:
    return us_of(at, zone=ZONE)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        address = stack.enter_context(sandbox_in(tmp_path))
        database = open_database(tmp_path / "houbei.db", create=True)
        stack.callback(database.dispose)
        provider, stage = Sandbox(address), Stage(address)
        channel = Channel(f"{receiver.address}/buyers", SECRET, inside=True, clock=machine_us)
        for one in (provider, stage, channel):
            stack.callback(one.close)
        with writing(database) as connection:
            publish(connection, load_terms("jd-appliances-spring-festival"), known_us=us("2026-01-19T00:00"))
        yield Shop(
            folder=tmp_path,
            database=database,
            stage=stage,
            provider=provider,
            channel=channel,
            receiver=receiver,
        )


def quoted(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """Ask for the date that the checkout shows."""
    asked = ("--network", "sample-cn", "--sku", "SAMPLE-WASHER", "--to", "CN-BJ", "--at", "2026-02-11T10:00", *more)
    assert run(["delivery", "quote", *asked, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def shown(quote: Mapping[str, Any]) -> dict[str, Any]:
    """The promise as the checkout keeps it: what was shown, and what it rests on."""
    return {
        "promise_id": "P1",
        "order_id": "O1",
        "shown_at": ORDER["placed_at"],
        "promised_by": quote["by"],
        "slot_from": quote["from"],
        "slot_fee": quote["fee"],
        "currency": quote["currency"],
        "region": "CN-BJ",
        "carrier": quote["carrier"],
        "chance_permille": quote["chance_permille"],
        "calendar_version": quote["calendar"]["version"],
        "network_version": quote["network"]["sha256"],
        "model_version": quote["model"],
        "reasons": json.dumps(quote["reasons"], ensure_ascii=False),
    }


def scanned(*whats: str) -> Sequence[dict[str, Any]]:
    return [
        {"scan_id": what, "delivery_id": "O1", "what": what, "at": SCANS[what], "carrier": "through"} for what in whats
    ]


def sells(shop: Shop, quote: Mapping[str, Any]) -> None:
    """The buyer takes the slot and pays; the checkout tells of the order and of the promise that it showed."""
    payment = {"payment": "O1", "captured_minor": 4999_00 + 39_00, "currency": "CNY"}
    assert shop.stage.web.post("/payments", json={"payments": [payment]}).status_code == 200
    shop.brings(import_orders, ORDER, at="2026-02-11T10:01")
    shop.brings(import_promises, shown(quote), at="2026-02-11T10:01")


def test_from_the_quote_to_the_audit(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    quote = quoted(capsys, "--slot")
    assert (quote["from"], quote["by"]) == ("2026-02-14T09:00:00+08:00", "2026-02-14T12:00:00+08:00")
    assert (quote["fee"], quote["carrier"], quote["is_provisional"]) == ("39.00", "through", False)
    sells(shop, quote)
    shop.lives("2026-02-11T10:02")
    kept = rows_of(shop.database, "SELECT verdict, by_us, chance_permille FROM deliveries")
    assert kept == [("open", us("2026-02-14T12:00"), quote["chance_permille"])]

    shop.brings(import_scans, *scanned("handed_over", "moved"), at="2026-02-13T07:10")
    for at in ("2026-02-13T07:10", "2026-02-13T20:00"):
        shop.lives(at)
        assert shop.receiver.heard() == []

    # On the morning of the slot it is still somewhere on its way: two hours before it passes the buyer hears first.
    shop.lives("2026-02-14T08:00")
    assert shop.receiver.heard() == []
    shop.lives("2026-02-14T10:00")
    warning = "今天12:00前可能送不到。迟到赔你¥59.00，不用申请。"
    assert shop.receiver.texts() == [warning]
    assert rows_of(shop.database, "SELECT kind FROM needs") == [("parcel_at_risk",)]
    assert shop.owed() == []

    # Noon passes, and nothing more is needed for the buyer to be paid: the slot's fee and 20.00.
    shop.lives("2026-02-14T11:59:59")
    assert shop.owed() == []
    shop.lives("2026-02-14T12:00")
    late = "没能在2月14日 12:00送到。赔你¥59.00，不用申请，付好了再告诉你。"
    paid = "这次没能按时送到，¥59.00已原路退回。你什么都不用做。"
    assert shop.receiver.texts() == [warning, late, paid]
    assert shop.owed() == [(5900, "CNY", "reconciled")]
    assert [one["amount_minor"] for one in shop.stage.refunds()] == [5900]

    # A day later it is owed more, and comes at last.
    shop.lives("2026-02-15T12:00")
    assert len(shop.owed()) == 1
    shop.brings(import_scans, *scanned("delivered"), at="2026-02-15T13:00")
    shop.lives("2026-02-15T13:05")
    more = "这次没能按时送到，¥30.00已原路退回，1,000积分已记入你的账户。你什么都不用做。"
    assert shop.receiver.texts() == [warning, late, paid, more]
    assert shop.owed() == [(5900, "CNY", "reconciled"), (3000, "CNY", "reconciled"), (1000, "points", "credited")]
    assert sorted(one["amount_minor"] for one in shop.stage.refunds()) == [3000, 5900]

    # Whoever asks again changes nothing; the books are worked out anew from the facts, and agree.
    shop.lives("2026-02-20T12:00")
    assert len(shop.receiver.heard()) == len(rows_of(shop.database, "SELECT telling FROM told")) == 4
    assert all(one["good"] for one in shop.receiver.heard())
    assert rows_of(shop.database, "SELECT kind, ref FROM needs") == []
    found = audit(shop.database, progress=lambda *_: None)
    assert (found.agrees, found.differences) == (True, ())


def test_a_promise_that_is_kept_is_told_of_by_nobody(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    sells(shop, quoted(capsys, "--slot"))
    shop.brings(import_scans, {**scanned("delivered")[0], "at": "2026-02-14T11:59:59+08:00"}, at="2026-02-14T12:00")
    for at in ("2026-02-14T12:00", "2026-02-16T12:00"):
        shop.lives(at)
    assert rows_of(shop.database, "SELECT verdict FROM deliveries") == [("kept",)]
    assert (shop.receiver.heard(), shop.owed(), shop.stage.refunds()) == ([], [], [])
