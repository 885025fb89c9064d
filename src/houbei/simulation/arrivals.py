"""The sample shop of appliances promises when its goods arrive: the year's last days, told to the store as a shop would, twice a day.

In the evening and the next morning it tells of what was ordered, promised and scanned since; the clock does the rest. In the mornings a clerk works
through what waits: tells buyers what nobody told them, and answers disputes. On the last morning nobody has come in yet.
"""

import json
from collections.abc import Sequence
from importlib.resources import files

import pyarrow as pa
from sqlalchemy import Engine

from houbei.facts.moments import DAY_US, text_of_moment
from houbei.facts.scans import What
from houbei.runs.arrivals import Teller, take_lines, take_promises, take_scans
from houbei.runs.cycle import run_until_idle
from houbei.runs.deliveries import look_at_deliveries
from houbei.runs.outbox import run_outbox
from houbei.runs.pacing import Pacing
from houbei.runs.providers import Payer
from houbei.runs.tellings import told_by
from houbei.runs.watching import Lookout, look_out, watch_deliveries
from houbei.simulation.chance import HOUR_US
from houbei.simulation.live import SOURCE
from houbei.simulation.shop import BY_SKU, CLERKS, COURIERS, CURRENCY, SELLER, ZONE
from houbei.simulation.till import Till
from houbei.simulation.trips import NETWORK, Trip, plan_trips
from houbei.store.database import reading, writing
from houbei.store.network_files import load_network
from houbei.store.people import note_people
from houbei.store.promises import publish
from houbei.store.tellings import parked_tellings
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms

TERM = "jd-appliances-spring-festival"
SILENT, SILENT_DAYS = "resting", 1
"""The carrier whose feed stops so many days before the last evening, at `SILENT_HOUR`."""
SILENT_HOUR = 20
EVENING_US, MORNING_US = 20 * HOUR_US, 31 * HOUR_US
"""When the shop tells of its day, after its first midnight: in the evening, and before eight the next morning."""
LOOKED_AT_AFTER_US = 30 * HOUR_US
"""A dispute that is older than this has been answered."""
_TOLD_MAX = 500
_MOMENT = pa.timestamp("us", tz="UTC")


def arrival_promise(from_us: int) -> Terms:
    """Load the promise under which arrivals are promised: the shipped document, its season moved to begin at a moment.

    Raises:
        TermsError: it cannot be read or published.
    """
    text = (files("houbei.terms") / "shipped" / f"{TERM}.yaml").read_text("utf-8")
    season = f"effective: {{sold_from: {text_of_moment(from_us, ZONE)}}}"
    rows = [season if row.startswith("effective:") else row for row in text.splitlines()]
    return parse_terms("\n".join(rows), where=TERM)


class Arrivals:
    """The shop's promised arrivals.

    Args:
        database: The store.
        payer: Who pays.
        till: The provider's other side.
        seed: Decides everything that is left to chance.
        begin_us: The first midnight, in the shop's zone, of the days on which orders come.
        days: How many days those are.
    """

    def __init__(self, database: Engine, *, payer: Payer, till: Till, seed: int, begin_us: int, days: int) -> None:
        self._database, self._payer, self._till = database, payer, till
        self._begin_us, self._days = begin_us, days
        self._trips = plan_trips(seed=seed, begin_us=begin_us, days=days)
        silent_us = begin_us + (days - 1 - SILENT_DAYS) * DAY_US + SILENT_HOUR * HOUR_US
        self._scans = _told_scans(self._trips, silent_us=silent_us)
        self._told_until_us = begin_us
        self._answered = set[object]()
        network = load_network(NETWORK)
        self._pacing = Pacing(network.lead_times, network)

    def open(self, *, now_us: int) -> None:
        """Publish the promise, and note who works here and whether they want to be named."""
        with writing(self._database) as connection:
            publish(connection, arrival_promise(self._begin_us), known_us=now_us)
            note_people(connection, [*COURIERS, *CLERKS])

    def live_day(self, day: int) -> None:
        """Tell of a day, the first is 0, in its evening and the morning after; nothing before the first."""
        if day >= 0:
            midnight_us = self._begin_us + day * DAY_US
            self._tell(midnight_us + EVENING_US)
            self._tell(midnight_us + MORNING_US)
            if day < self._days - 1:
                self._work_through(midnight_us + MORNING_US)

    def _tell(self, now_us: int) -> None:
        """Tell of what was ordered, promised and scanned since, and let everything that follows from it happen."""
        since_us, self._told_until_us = self._told_until_us, now_us
        sold = [trip for trip in self._trips if since_us < trip.placed_us <= now_us]
        scans = [row for row in self._scans if since_us < int(str(row["at_us"])) <= now_us]
        self._till.capture([(trip.order, trip.paid_minor) for trip in sold])
        self._take(sold, scans, now_us=now_us)

    def _take(self, sold: Sequence[Trip], scans: Sequence[dict[str, object]], *, now_us: int) -> None:
        teller = Teller(source=SOURCE, zone=ZONE, known_us=now_us)
        with writing(self._database) as connection:
            if sold:
                take_lines(connection, _lines(sold), teller=teller)
                take_promises(connection, _promises(sold), teller=teller)
            if scans:
                take_scans(connection, _scans(scans), teller=teller)
        run_until_idle(self._database, now_us=now_us)
        look_at_deliveries(self._database, now_us=now_us)
        watch_deliveries(self._database, now_us=now_us, pacing=self._pacing)
        self._till.turn(now_us)
        while run_outbox(self._database, self._payer, now_us=now_us, holder="demo", threads=1).claimed:
            pass
        while look_out(self._database, Lookout(), now_us=now_us, holder="demo"):
            pass

    def _work_through(self, now_us: int) -> None:
        """Let a clerk tell buyers what waits to be told, and answer the disputes that have waited a day."""
        clerk = CLERKS[(now_us // DAY_US) % len(CLERKS)]
        with reading(self._database) as connection:
            waiting = parked_tellings(connection, most=_TOLD_MAX)
        for one in waiting:
            told_by(self._database, str(one.seq), person=clerk, now_us=now_us)
        disputes = [row for row in self._scans if row["what"] == "disputed"]
        answers = [
            {**row, "scan_id": f"{row['scan_id']}-answer", "what": _answer(place), "told_by": "shop"}
            | {"person": clerk.name, "at_us": now_us}
            for place, row in enumerate(disputes)
            if row["scan_id"] not in self._answered and int(str(row["at_us"])) + LOOKED_AT_AFTER_US <= now_us
        ]
        self._answered |= {row["scan_id"] for row in disputes if int(str(row["at_us"])) + LOOKED_AT_AFTER_US <= now_us}
        if answers:
            self._take([], answers, now_us=now_us)


def _answer(place: int) -> str:
    """Two buyers in three are right."""
    return "dismissed" if place % 3 == 1 else "upheld"


def _told_scans(trips: Sequence[Trip], *, silent_us: int) -> list[dict[str, object]]:
    """The scans that the shop ever hears of, as rows of the contract."""
    rows = list[dict[str, object]]()
    for trip in trips:
        for number, (at_us, what, told_by_, person) in enumerate(trip.scans):
            carrier = trip.quoted["carrier"]
            if carrier == SILENT and at_us > silent_us and told_by_ in {"carrier", "courier"}:
                continue
            name = f"{trip.order}-{number}"
            about = f"{trip.order}-{number - 1}" if what is What.DISPUTED else None
            rows.append(
                {
                    "scan_id": name,
                    "delivery_id": trip.order,
                    "what": what.name.lower(),
                    "at_us": at_us,
                    "told_by": told_by_,
                    "person": person or None,
                    "carrier": carrier,
                    "region": trip.region,
                    "disputes": about,
                }
            )
    return rows


def _lines(sold: Sequence[Trip]) -> pa.Table:
    return pa.table(
        {
            "order_id": [trip.order for trip in sold],
            "line_id": [f"{trip.order}-1" for trip in sold],
            "buyer_id": [f"buyer of {trip.order}" for trip in sold],
            "sku": [trip.sku for trip in sold],
            "category": [BY_SKU[trip.sku].category for trip in sold],
            "seller": [SELLER] * len(sold),
            "quantity": [1] * len(sold),
            "paid_minor": [trip.paid_minor for trip in sold],
            "currency": [CURRENCY] * len(sold),
            "placed_at": pa.array([trip.placed_us for trip in sold], _MOMENT),
            "paid_at": pa.array([trip.placed_us for trip in sold], _MOMENT),
        }
    )


def _promises(sold: Sequence[Trip]) -> pa.Table:
    quoted = [trip.quoted for trip in sold]
    return pa.table(
        {
            "promise_id": [f"promise-{trip.order}" for trip in sold],
            "order_id": [trip.order for trip in sold],
            "shown_at": pa.array([trip.placed_us for trip in sold], _MOMENT),
            "promised_by": pa.array([one["by_us"] for one in quoted], _MOMENT),
            "region": [trip.region for trip in sold],
            "carrier": [one["carrier"] for one in quoted],
            "provisional": [one["is_provisional"] for one in quoted],
            "chance_permille": [one["chance_permille"] for one in quoted],
            "calendar_version": [one["calendar"]["version"] for one in quoted],
            "network_version": [one["network"]["sha256"] for one in quoted],
            "model_version": [one["model"] for one in quoted],
            "reasons": [json.dumps(one["reasons"], ensure_ascii=False) for one in quoted],
        }
    )


def _scans(rows: Sequence[dict[str, object]]) -> pa.Table:
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "at_us"}
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table({**texts, "at": pa.array([row["at_us"] for row in rows], _MOMENT)})
