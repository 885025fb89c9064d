"""The appliance shop in the week of the New Year: arrivals promised, kept, late, disputed, excused, at risk, told through the public path.

As of the morning of 18 February 2026 in Beijing, the second day of the year. One carrier has sent no scans since the evening before. All people here
are made up.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from houbei.facts.steps import Person
from houbei.runs.imports import import_closures, import_orders, import_promises, import_scans
from houbei.runs.loop import run_round
from houbei.runs.reconcile import reconcile
from houbei.runs.telling_channel import Heard
from houbei.runs.watching import Lookout
from houbei.store.database import open_database, writing
from houbei.store.people import note_people
from houbei.store.promises import publish
from houbei.store.tellings import Telling
from houbei.store.terms_files import load_terms
from tests.web.appliance_shop import NOW, ZONE, Provider, moment

TERM = "jd-appliances-spring-festival"
HAN = Person(name="韩立冬", role="上门师傅", named=True)
ZHOU = Person(name="周敏", role="运营", named=True)
SHY = Person(name="秦不愿", role="上门师傅", named=False)
BUYER = "13800009912"
CARRIER, OTHER = "Sample express", "Sample freight"
FRIDGE, WASHER, TELEVISION = "云栖505升十字门冰箱", "澜山10公斤洗烘一体机", "观塘75英寸电视"
_SKUS = {FRIDGE: "fridge", WASHER: "washer", TELEVISION: "tv"}
LAST_HEARD = 17
"""The day of February on which the other carrier sent its last scan, in the evening."""
KEPT_BEFORE = 55
"""How many promises of the week before were kept."""
RESTS_ON = {
    "chance_permille": 951,
    "calendar_version": "cal-2026-1",
    "network_version": "net-2026-1",
    "model_version": "lead-2026-1",
    "reasons": json.dumps(
        [{"code": "carrier_rests", "zh": "承运人春节不停运", "en": "the carrier works through the holiday"}]
    ),
}
Row = dict[str, Any]


class Post:
    """A channel that takes what buyers are told, but for one buyer who cannot be reached by it."""

    def tell(self, telling: Telling) -> Heard:
        if (telling.delivery_id, telling.kind) == ("upheld", "late"):
            return Heard(taken=False, reason="410", final=True)
        return Heard(taken=True)


@dataclass
class DeliveryShop:
    """Where the shop's store lies, and what is told to it; deliveries are named by what they show."""

    folder: Path
    orders: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    scans: list[Row] = field(default_factory=list)
    closures: list[Row] = field(default_factory=list)
    database: Engine | None = None

    @property
    def store(self) -> Engine:
        assert self.database is not None
        return self.database

    def number(self, name: str) -> int:
        """The number of a delivery in the store."""
        with self.store.connect() as connection:
            found = connection.exec_driver_sql("SELECT delivery FROM deliveries WHERE delivery_id = ?", (name,))
            return int(found.scalar_one())

    def sold(self, name: str, sku: str, placed: str, *, paid: str = "4299.00", **more: str) -> None:
        self.orders.append(
            {
                "order_id": name,
                "line_id": f"{name}-1",
                "buyer_id": BUYER,
                "sku": f"SKU-{_SKUS[sku]}",
                "title": sku,
                "seller": "self",
                "category": _SKUS[sku],
                "quantity": "1",
                "paid": paid,
                "currency": "CNY",
                "placed_at": placed,
                "paid_at": placed,
                "region": "CN-31",
                "cancelled_at": "",
                **more,
            }
        )

    def shown(self, name: str, at: str, by: str, **more: Any) -> None:
        row = {
            "promise_id": f"p{len(self.promises) + 1:04}",
            "order_id": name,
            "delivery_id": name,
            "shown_at": at,
            "promised_by": by,
            "slot_from": "",
            "slot_fee": "",
            "currency": "",
            "parcels": "1",
            "asked_by": "shop",
            "region": "CN-31",
            "carrier": CARRIER,
            "provisional": "false",
            "chance_permille": "",
            "calendar_version": "",
            "network_version": "",
            "model_version": "",
            "reasons": "",
        }
        self.promises.append({**row, **{key: str(value) for key, value in more.items()}})

    def scan(self, name: str, what: str, at: str, **more: str) -> str:
        scan_id = f"s{len(self.scans) + 1:04}"
        row = {
            "scan_id": scan_id,
            "delivery_id": name,
            "parcel_id": "",
            "what": what,
            "at": at,
            "told_by": "carrier",
            "person": "",
            "carrier": CARRIER,
            "disputes": "",
            "evidence": "",
        }
        self.scans.append({**row, **more})
        return scan_id

    def closed(self, code: str, begins: str, until: str, known: str, regions: Sequence[str], evidence: str) -> None:
        self.closures.append(
            {
                "closure_id": f"c{len(self.closures) + 1}",
                "code": code,
                "from_at": begins,
                "until_at": until,
                "known_at": known,
                "regions": json.dumps(list(regions)),
                "evidence": evidence,
            }
        )


def open_delivery_shop(folder: Path, *, waits: bool) -> DeliveryShop:
    """Make the shop's store; where it `waits`, with what needs a person."""
    shop = DeliveryShop(folder)
    _tell_settled(shop)
    if waits:
        _tell_open(shop)
    shop.database = open_database(folder / "houbei.db", create=True)
    with writing(shop.database) as connection:
        publish(connection, load_terms(TERM), known_us=moment("2026-01-19T00:00+08:00"))
        note_people(connection, [HAN, ZHOU, SHY])
    take = {"source": "shop", "zone": ZONE, "now_us": NOW, "progress": lambda *_: None}
    for name, take_in in (
        ("orders", import_orders),
        ("promises", import_promises),
        ("scans", import_scans),
        ("closures", import_closures),
    ):
        rows = getattr(shop, name)
        if rows:
            _write(folder / f"{name}.csv", rows)
            taken = take_in(shop.database, folder / f"{name}.csv", **take)
            assert not taken.rejected, (name, taken.rejected)
    provider = Provider(refuses=[], silent=[])
    provider.now_us = NOW
    lookout = Lookout(channel=Post())
    while run_round(shop.database, provider, now_us=NOW, holder="one", lookout=lookout):
        pass
    reconcile(shop.database, provider, now_us=NOW)
    return shop


def _tell_settled(shop: DeliveryShop) -> None:
    """What is over, or goes as it should."""
    for k in range(KEPT_BEFORE):
        name = f"W-{k:03}"
        shop.sold(name, FRIDGE, "2026-02-08T10:00+08:00")
        shop.shown(name, "2026-02-08T10:00+08:00", f"2026-02-{10 + k % 4}", carrier=OTHER if k % 5 == 0 else CARRIER)
        shop.scan(name, "delivered", f"2026-02-{10 + k % 4}T15:00+08:00")
    shop.sold("kept", FRIDGE, "2026-02-14T09:00+08:00")
    shop.shown("kept", "2026-02-14T09:00+08:00", "2026-02-17", **RESTS_ON)
    shop.scan("kept", "handed_over", "2026-02-15T08:00+08:00", told_by="warehouse")
    shop.scan("kept", "delivered", "2026-02-17T15:10+08:00", told_by="courier", person=HAN.name, evidence="photo-1")
    shop.sold("late", WASHER, "2026-02-12T09:00+08:00", paid="3299.00")
    slot = {"slot_from": "2026-02-15T09:00+08:00", "slot_fee": "29.00", "currency": "CNY"}
    shop.shown("late", "2026-02-12T09:00+08:00", "2026-02-15T12:00+08:00", **slot)
    shop.scan("late", "delivered", "2026-02-17T11:20+08:00", told_by="courier", person=SHY.name)
    shop.sold("snow", TELEVISION, "2026-02-13T09:00+08:00", paid="5999.00", region="CN-21-01")
    shop.shown("snow", "2026-02-13T09:00+08:00", "2026-02-17", region="CN-21-01")
    shop.scan("snow", "delivered", "2026-02-18T09:00+08:00")
    shop.closed(
        "snow", "2026-02-16T20:00+08:00", "2026-02-18T06:00+08:00", "2026-02-16T18:00+08:00", ["CN-21"], "notice-17"
    )
    shop.sold("moved", WASHER, "2026-02-13T09:00+08:00", paid="3299.00")
    shop.shown("moved", "2026-02-13T09:00+08:00", "2026-02-16")
    shop.shown("moved", "2026-02-14T09:00+08:00", "2026-02-21", asked_by="buyer")
    shop.shown("moved", "2026-02-15T09:00+08:00", "2026-02-23")
    shop.sold("halves", FRIDGE, "2026-02-12T09:00+08:00")
    for half, by, arrived in (("first half", "2026-02-15", "16T12:00"), ("second half", "2026-02-16", "18T08:00")):
        shop.shown("halves", "2026-02-12T09:00+08:00", by, delivery_id=half)
        shop.scan(half, "delivered", f"2026-02-{arrived}+08:00")
    shop.sold("cancelled", FRIDGE, "2026-02-13T09:00+08:00", cancelled_at="2026-02-14T10:00+08:00")
    shop.shown("cancelled", "2026-02-13T09:00+08:00", "2026-02-18")


def _tell_open(shop: DeliveryShop) -> None:
    """What a person has to look at."""
    shop.sold("not there", TELEVISION, "2026-02-11T09:00+08:00", paid="5999.00")
    shop.shown("not there", "2026-02-11T09:00+08:00", "2026-02-14", parcels=2)
    shop.scan("not there", "delivered", "2026-02-14T10:00+08:00", parcel_id="P1")
    shop.scan("not there", "moved", "2026-02-13T10:00+08:00", parcel_id="P2")
    shop.sold("disputed", FRIDGE, "2026-02-12T09:00+08:00")
    shop.shown("disputed", "2026-02-12T09:00+08:00", "2026-02-16")
    shop.scan("disputed", "moved", "2026-02-15T18:00+08:00")
    said = shop.scan("disputed", "delivered", "2026-02-16T18:00+08:00", evidence="photo-2")
    shop.scan("disputed", "disputed", "2026-02-17T09:00+08:00", told_by="buyer", disputes=said)
    shop.sold("upheld", WASHER, "2026-02-11T09:00+08:00", paid="3299.00")
    shop.shown("upheld", "2026-02-11T09:00+08:00", "2026-02-16")
    said = shop.scan("upheld", "delivered", "2026-02-16T18:00+08:00")
    shop.scan("upheld", "disputed", "2026-02-16T20:00+08:00", told_by="buyer", disputes=said)
    answer = {"told_by": "shop", "person": ZHOU.name, "disputes": said}
    shop.scan("upheld", "upheld", "2026-02-17T10:00+08:00", **answer)
    shop.scan("upheld", "delivered", "2026-02-17T16:00+08:00")
    shop.sold("tonight", FRIDGE, "2026-02-15T09:00+08:00")
    shop.shown("tonight", "2026-02-15T09:00+08:00", "2026-02-18", **{**RESTS_ON, "chance_permille": 800})
    shop.scan("tonight", "handed_over", "2026-02-16T09:00+08:00", told_by="warehouse")
    shop.sold("lost", WASHER, "2026-02-14T09:00+08:00", paid="3299.00")
    shop.shown("lost", "2026-02-14T09:00+08:00", "2026-02-19")
    shop.scan("lost", "moved", "2026-02-14T20:00+08:00")
    for day in range(10, LAST_HEARD + 1):
        for hour in range(24 if day < LAST_HEARD else 21):
            shop.scan(f"W-{5 * (hour % 11):03}", "moved", f"2026-02-{day}T{hour:02}:30+08:00", carrier=OTHER)
    shop.sold("unseen", FRIDGE, "2026-02-16T09:00+08:00")
    shop.shown("unseen", "2026-02-16T09:00+08:00", "2026-02-19", carrier=OTHER)
    shop.scan("unseen", "moved", "2026-02-17T09:00+08:00", carrier=OTHER)
    shop.sold("in the warehouse", WASHER, "2026-02-14T09:00+08:00", paid="3299.00")
    shop.shown("in the warehouse", "2026-02-14T09:00+08:00", "2026-02-19")


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(
            opened, fieldnames=list(dict.fromkeys(name for row in rows for name in row)), restval=""
        )
        writer.writeheader()
        writer.writerows(rows)
