"""The sample shop's promised arrivals: what the store says of each is what a plain reading of the told scans says, and the books agree."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine

from houbei.cli.demo import APPLIANCES_BEGIN_US
from houbei.facts.moments import DAY_US
from houbei.runs.audit import audit
from houbei.simulation.arrivals import MORNING_US, SILENT, TERM, Arrivals, arrival_promise
from houbei.simulation.trips import Trip, plan_trips
from houbei.store.database import open_database
from houbei.store.terms_files import load_terms
from tests.web.appliance_shop import Provider

DAYS, SEED = 9, 7
ENDS_US = APPLIANCES_BEGIN_US + (DAYS - 1) * DAY_US + MORNING_US


class NoTill:
    """A till that takes what it is told."""

    def capture(self, payments: Sequence[tuple[str, int]]) -> None:
        pass

    def turn(self, now_us: int) -> None:
        pass


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    database = open_database(tmp_path_factory.mktemp("arrivals") / "store.db", create=True)
    provider = Provider(refuses=[], silent=[])
    provider.now_us = ENDS_US
    arrivals = Arrivals(database, payer=provider, till=NoTill(), seed=SEED, begin_us=APPLIANCES_BEGIN_US, days=DAYS)
    arrivals.open(now_us=APPLIANCES_BEGIN_US)
    for day in range(-1, DAYS):
        arrivals.live_day(day)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def trips() -> list[Trip]:
    return plan_trips(seed=SEED, begin_us=APPLIANCES_BEGIN_US, days=DAYS)


def asked(store: Engine, sql: str, *values: object) -> list[tuple[object, ...]]:
    with store.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql, tuple(values)).all()]


def test_the_same_seed_gives_the_same_trips_and_another_gives_others(trips: list[Trip]):
    assert plan_trips(seed=SEED, begin_us=APPLIANCES_BEGIN_US, days=DAYS) == trips
    assert plan_trips(seed=SEED + 1, begin_us=APPLIANCES_BEGIN_US, days=DAYS) != trips


def test_every_order_stands_as_a_plain_reading_of_what_was_told_of_it_says(store: Engine, trips: list[Trip]):
    arrived = {
        str(name): int(str(at_us))
        for name, at_us in asked(
            store,
            "SELECT delivery_id, MIN(at_us) FROM scans s WHERE what = 'delivered' AND NOT EXISTS"
            " (SELECT 1 FROM scans o WHERE o.disputes = s.scan_id AND o.what = 'upheld') GROUP BY delivery_id",
        )
    }
    disputed = {
        name
        for (name,) in asked(
            store,
            "SELECT delivery_id FROM scans s WHERE what = 'disputed' AND NOT EXISTS"
            " (SELECT 1 FROM scans o WHERE o.disputes = s.disputes AND o.what IN ('upheld', 'dismissed'))",
        )
    }
    expected = {}
    for trip in trips:
        by_us, at_us = int(trip.quoted["by_us"]), arrived.get(trip.order)
        late = (ENDS_US if at_us is None else at_us) >= by_us
        open_or_kept = "open" if at_us is None else "disputed" if trip.order in disputed else "kept"
        expected[trip.order] = "late" if late else open_or_kept
    found = {str(name): verdict for name, verdict in asked(store, "SELECT delivery_id, verdict FROM deliveries")}
    assert found == expected
    assert {"kept", "late", "open"} <= set(expected.values())


def test_what_is_late_is_paid_by_the_table_once(store: Engine):
    rows = asked(
        store,
        "SELECT COALESCE(d.arrived_us, ?) - d.by_us, l.paid_minor, (SELECT SUM(e.amount_minor) FROM entries e"
        " WHERE e.cover = d.cover AND e.code = 'confirmed') FROM deliveries d JOIN lines l ON l.seq = d.line"
        " WHERE d.verdict = 'late'",
        ENDS_US,
    )
    hour_us = 3_600_000_000
    for late, paid, got in rows:
        late_us, paid_minor = int(str(late)), int(str(paid))
        share = min(max(paid_minor * 5 // 100, 5_000), 30_000)
        owed = share if late_us > 72 * hour_us else 5_000 if late_us > 24 * hour_us else 2_000
        assert got == owed
    assert len(rows) > 3


def test_the_carrier_whose_feed_stopped_is_one_matter_and_none_of_its_parcels_is_called_lost(store: Engine):
    assert asked(store, "SELECT ref FROM needs WHERE kind = 'feed_silent'") == [(SILENT,)]
    carried = asked(
        store,
        "SELECT json_extract(n.told, '$.why') FROM needs n JOIN deliveries d ON d.delivery = CAST(n.ref AS INTEGER)"
        " WHERE n.kind IN ('parcel_lost', 'parcel_at_risk') AND d.carrier = ?",
        SILENT,
    )
    # Of what the warehouse has not handed over yet the carrier could know nothing anyway.
    assert all("not_handed_over" in str(why) and "lost" not in str(why) for (why,) in carried)


def test_clerks_told_what_waited_to_be_told_but_for_the_last_morning(store: Engine):
    told = asked(store, "SELECT DISTINCT p.name FROM told t JOIN people p USING (person)")
    assert all(str(name).startswith("clerk ") for (name,) in told)
    assert told
    parked = asked(
        store, "SELECT t.decided_us FROM tellings t JOIN telling_work w USING (seq) WHERE w.state = 'parked'"
    )
    assert all(int(str(at_us)) >= ENDS_US - DAY_US for (at_us,) in parked)


def test_every_dispute_that_has_waited_a_day_was_answered_by_a_clerk(store: Engine):
    open_ones = asked(
        store,
        "SELECT s.at_us FROM scans s WHERE s.what = 'disputed' AND NOT EXISTS (SELECT 1 FROM scans o JOIN people p"
        " ON p.person = o.person WHERE o.disputes = s.disputes AND o.what IN ('upheld', 'dismissed'))",
    )
    assert all(int(str(at_us)) > ENDS_US - 3 * DAY_US for (at_us,) in open_ones)
    assert asked(store, "SELECT 1 FROM scans WHERE what IN ('upheld', 'dismissed')")


def test_the_books_agree_with_the_facts(store: Engine):
    audited = audit(store, progress=lambda *_: None)
    assert audited.agrees, audited.differences


def test_the_promise_is_the_shipped_one_with_its_season_moved():
    terms = arrival_promise(APPLIANCES_BEGIN_US)
    assert (terms.sold_from_us, terms.sold_until_us) == (APPLIANCES_BEGIN_US, None)
    assert terms.clauses == load_terms(TERM).clauses
    assert terms.arrival is not None
    assert len(terms.arrival.tiers) == 3
