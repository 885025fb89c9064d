"""A line under a replacement has a cover of its own, and price protection goes on as if there were none (case D9)."""

from houbei.runs.audit import audit
from houbei.runs.cycle import run_cycle
from houbei.runs.trails import tell_trails
from houbei.store.database import reading
from tests.live.stores import balances, empty_store, entries, live, rows_of
from tests.live.telling import moment, tell_orders, tell_prices
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
        # No price ever matters to it.
        assert swap[3] == 0
        assert balances(database) == {"L1": 400_00}
        assert len(entries(database, "code")) == 1


def test_a_line_in_the_scope_of_the_replacement_alone_is_owed_nothing():
    with empty_store(SWAP, term(scope={"where": "category = 'book'"})) as database:
        tell_orders(database, line("4999.00", category="fridge"), line("10.00", line_id="L2", category=None))
        tell_prices(database, price("1.00", "11-10"))
        live(database, moment("11-20"))
        states = [row[:3] for row in rows_of(database, COVERS)]
        # Whether the book is in the scope of the replacement is asked when it is reported, and nobody's matter before.
        assert states == [("L1", "swap-180", "bound"), ("L2", "price-30", "undecided")]
        assert balances(database) == {}


def test_a_new_price_looks_at_no_cover_of_a_replacement():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge"))
        live(database, moment("11-05"))
        tell_prices(database, price("4599.00", "11-10"))
        assert run_cycle(database, now_us=moment("11-11")).covers == 1


def test_the_audit_counts_covers_of_prices_and_agrees():
    with empty_store(SWAP, term()) as database:
        tell_orders(database, line("4999.00", category="fridge"))
        tell_prices(database, price("4599.00", "11-10"))
        live(database, moment("11-20"))
        done: list[tuple[int, int]] = []
        found = audit(database, progress=lambda what, now, of: done.append((now, of)) if what == "covers" else None)
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
