"""A line under a replacement has a cover of its own, and price protection goes on as if there were none (case D9)."""

from houbei.runs.audit import audit
from houbei.runs.trails import tell_trails
from houbei.store.database import reading
from tests.live.stores import balances, empty_store, entries, live, rows_of
from tests.live.telling import moment, tell_event, tell_orders, tell_prices
from tests.oracle.histories import line, price, term

SWAP = {
    "term": "swap-180",
    "kind": "replacement",
    "zone": "Asia/Shanghai",
    "scope": {"where": "category = 'fridge'"},
    "window": {"opens": {"at": "delivered"}, "closes": {"after": {"at": "delivered"}, "length": "P180D"}},
}
COVERS = (
    "SELECT l.line_id, t.term, c.state, c.closes_us FROM covers c JOIN lines l ON l.seq = c.line"
    " JOIN terms t ON t.seq = c.terms ORDER BY l.line_id, t.term"
)


def test_a_line_is_covered_by_both_and_owed_by_the_one_about_prices():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        (prices, swap) = rows_of(database, COVERS)
        assert prices[:3] == ("L1", "price-30", "bound")
        assert swap[:3] == ("L1", "swap-180", "bound")
        # The 180th day after 3 November 2026 is 2 May 2027.
        assert swap[3] == moment("2027-05-03T00:00:00+08:00")
        assert balances(database) == {"L1": 400_00}
        assert len(entries(database, "code")) == 1


def test_a_line_in_the_scope_of_the_replacement_alone_is_owed_nothing():
    with empty_store(SWAP, term(scope={"where": "category = 'book'"})) as database:
        tell_orders(database, line("4999.00", category="fridge"), line("10.00", line_id="L2", category=None))
        tell_prices(database, price("1.00", "11-10"))
        live(database, moment("11-20"))
        states = [row[:3] for row in rows_of(database, COVERS)]
        assert states == [("L1", "swap-180", "bound"), ("L2", "price-30", "undecided"), ("L2", "swap-180", "undecided")]
        assert balances(database) == {}


def test_what_happens_later_moves_the_close_of_a_replacement_too():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge", delivered_at=None))
        live(database, moment("11-05"))
        tell_event(database, "delivered", "11-06")
        live(database, moment("11-07"))
        closes = {row[1]: row[3] for row in rows_of(database, COVERS)}
        assert closes["swap-180"] == moment("2027-05-06T00:00:00+08:00")


def test_the_audit_counts_covers_of_prices_and_agrees():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        done: list[tuple[int, int]] = []
        found = audit(database, progress=lambda _, now, of: done.append((now, of)))
        assert (found.agrees, found.covers, found.owed_minor) == (True, 1, {"CNY": 400_00})
        assert done == [(1, 1)]


def test_the_evidence_of_a_line_is_told_for_the_promise_about_prices():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        covers = dict(rows_of(database, "SELECT c.cover, t.term FROM covers c JOIN terms t ON t.seq = c.terms"))
        with reading(database) as connection:
            told = tell_trails(connection, sorted(covers))
        assert [covers[cover] for cover in told] == ["price-30"]
