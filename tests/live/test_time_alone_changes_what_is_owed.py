"""What was told in advance counts at its moment, covers open by themselves, and a clock that goes back undoes nothing."""

import pytest

from houbei.store.database import writing
from houbei.store.promises import publish
from tests.live.stores import balances, count, empty_store, entries, live, rows_of
from tests.live.telling import moment, tell_event, tell_orders, tell_prices
from tests.oracle.agreement import as_terms
from tests.oracle.histories import line, price, term


def test_a_price_told_in_advance_pays_at_its_moment_and_not_before() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-10") - 1)
        assert balances(database) == {}
        live(database, moment("11-10"))
        assert entries(database, "at_us", "posted_us", "amount_minor") == [
            ("L1", moment("11-10"), moment("11-10"), 400_00)
        ]


@pytest.mark.parametrize("opens", [{"at": "delivered", "plus": "P1D"}, {"at": "delivered", "plus": "PT36H"}])
def test_a_cover_that_opens_later_is_decided_at_its_opening_without_a_new_fact(opens: dict[str, str]) -> None:
    """Delivered on the 3rd at noon: a day after it ends at the midnight of the 5th, and so do 36 hours."""
    with empty_store(term(opens=opens)) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-02"))
        live(database, moment("11-05") - 1)
        assert balances(database) == {}
        live(database, moment("11-05"))
        assert entries(database, "at_us", "amount_minor") == [("L1", moment("11-05"), 400_00)]


def test_a_cover_reopens_after_a_gap_without_a_new_fact() -> None:
    gaps = [{"from": {"at": "shipped"}, "until": {"at": "delivered", "plus": "PT12H"}}]
    with empty_store(term(window={"gaps": gaps})) as database:
        tell_orders(database, line("4999.00", shipped_at="2026-11-02T00:00:00+08:00"))
        tell_prices(database, price("4599.00", "11-03"))
        live(database, moment("11-04") - 1)
        assert balances(database) == {}
        live(database, moment("11-04"))
        assert entries(database, "at_us") == [("L1", moment("11-04"))]


@pytest.mark.parametrize("told", ["row", "event", "list", "parts"])
def test_what_a_line_tells_in_advance_counts_when_it_happens(told: str) -> None:
    deliveries = '[{"quantity": 1, "at": "2026-11-06T00:00:00"}]'
    rows = {
        "row": line("4999.00", delivered_at="2026-11-06"),
        "list": line("4999.00", delivered_at=None, deliveries=deliveries),
    }
    with empty_store(term(opens={"at": "delivered"})) as database:
        tell_orders(database, rows.get(told, line("4999.00", delivered_at=None)))
        if told not in rows:
            tell_event(database, "delivered", "11-06", quantity=1 if told == "parts" else None)
        tell_prices(database, price("4599.00", "11-02"))
        live(database, moment("11-06") - 1)
        assert balances(database) == {}
        live(database, moment("11-06"))
        assert balances(database) == {"L1": 400_00}


def test_a_line_placed_in_the_future_waits_and_stops_nobody() -> None:
    with empty_store(term()) as database:
        tell_orders(
            database, line("4999.00"), line("50.00", line_id="L2", placed_at="2026-11-15T00:00:00Z", delivered_at=None)
        )
        tell_prices(database, price("40.00", "11-10"))
        live(database, moment("11-11"))
        assert balances(database) == {"L1": 4959_00}
        live(database, moment("11-16"))
        assert balances(database) == {"L1": 4959_00, "L2": 10_00}


def test_only_a_line_of_the_future_is_nothing_yet() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        live(database, moment("10-01"))
        assert count(database, "covers") == 0
        live(database, moment("11-02"))
        assert count(database, "covers") == 1


def test_a_claim_told_in_advance_is_paid_at_its_moment() -> None:
    terms = term(compare={"against": "at_claim"})
    with empty_store(terms) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-05"), price("4799.00", "11-12"))
        tell_event(database, "claimed", "11-10")
        live(database, moment("11-10") - 1)
        assert balances(database) == {}
        live(database, moment("11-10"))
        assert balances(database) == {"L1": 400_00}


def test_a_clock_that_goes_back_changes_nothing() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        before = entries(database, "sequence", "code", "amount_minor", "posted_us")
        tell_event(database, "shipped", "11-02")
        live(database, moment("11-05"))
        assert entries(database, "sequence", "code", "amount_minor", "posted_us") == before
        assert rows_of(database, "SELECT value FROM marks WHERE name = 'lived_us'") == [(str(moment("11-20")),)]


def test_what_is_learnt_while_the_clock_is_back_is_posted_as_of_the_latest_moment_lived() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        live(database, moment("11-20"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-05"))
        assert entries(database, "at_us", "posted_us") == [("L1", moment("11-10"), moment("11-20"))]


@pytest.mark.parametrize(
    ("at", "owed"), [("2026-12-04T00:00:00+08:00", {}), ("2026-12-03T23:59:59.999999+08:00", {"L1": 400_00})]
)
def test_a_price_at_the_closing_instant_is_too_late_and_one_before_it_is_not(at: str, owed: dict[str, int]) -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", at))
        live(database, moment("2027-01-01"))
        assert balances(database) == owed


@pytest.mark.parametrize(
    ("sold", "version"), [("11-01T12:00:00+08:00", "1"), ("11-02T00:00:00+08:00", "2"), ("11-03T12:00:00+08:00", "2")]
)
def test_a_line_keeps_the_version_it_was_sold_under(sold: str, version: str) -> None:
    """The second version pays double and is sold from the 2nd on."""
    double = term(version="2", effective={"sold_from": "2026-11-02T00:00:00+08:00"}, amount={"times": "2"})
    with empty_store(term(), double) as database:
        tell_orders(database, line("4999.00", placed_at=f"2026-{sold}", delivered_at="2026-11-04T12:00:00+08:00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        assert balances(database) == {"L1": 400_00 * int(version)}


def test_two_promises_protect_one_line_side_by_side() -> None:
    with empty_store(term(), term(term="price-60", amount={"times": "2"})) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        assert rows_of(database, "SELECT cover, amount_minor FROM entries ORDER BY 2") == [(1, 400_00), (2, 800_00)]


def test_a_sold_line_keeps_its_version_when_another_is_published_without_a_date() -> None:
    with empty_store(term()) as database:
        tell_orders(database, line("4999.00"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        with writing(database) as connection:
            publish(connection, as_terms(term(version="2", amount={"times": "2"})), known_us=0)
        tell_event(database, "shipped", "11-02")
        tell_orders(database, line("4999.00", line_id="L2"), first_row=2)
        live(database, moment("11-20"))
        assert balances(database) == {"L1": 400_00, "L2": 800_00}
