"""The pages of promised arrivals without a browser: what presses comes first, every figure is the books', nobody is named against their will."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from litestar.testing import TestClient

from houbei.cli.delivery import command as delivery_command
from houbei.delivery.watching import Who
from houbei.evidence.amounts import amount_text
from houbei.store.database import open_database, writing
from houbei.store.people import show_name
from houbei.store.terms_files import load_terms
from houbei.web.app import create_app
from houbei.web.delivery_asks import ASKED, commands_of
from tests.web.appliance_shop import NOW, SHOP
from tests.web.delivery_shop import BUYER, HAN, OTHER, SHY, TERM, ZHOU, DeliveryShop, open_delivery_shop
from tests.web.reading_pages import minor
from tests.web.test_console_pages import asked, links, told

Get = Callable[[str], str]
COST = "delivery_guarantee"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DeliveryShop:
    return open_delivery_shop(tmp_path_factory.mktemp("deliveries"), waits=True)


@pytest.fixture(scope="module")
def client(shop: DeliveryShop) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(shop.store, shop=SHOP, clock=lambda: NOW)) as client:
        yield client


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    shop = open_delivery_shop(tmp_path_factory.mktemp("quiet"), waits=False)
    with TestClient(create_app(shop.store, shop=SHOP, clock=lambda: NOW)) as client:
        yield client


@pytest.fixture
def page(client: TestClient[Any]) -> Get:
    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    return get


def names(html: str) -> list[str]:
    return re.findall(r'<span class="two mono">([^<]+)</span>', html)


def balance(shop: DeliveryShop, unit: str) -> int:
    """What the books say late arrivals are owed in all."""
    ((sum_,),) = asked(
        shop.store,
        "SELECT SUM(CASE WHEN debit = ? THEN amount_minor ELSE -amount_minor END) FROM entries"
        " WHERE ? IN (debit, credit) AND currency = ?",
        *(COST, COST, unit),
    )
    return int(sum_)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_what_is_late_disputed_or_at_risk_comes_first_by_its_deadline_then_what_is_under_way_then_what_is_over(
    page: Get,
):
    listed = names(page("/en/deliveries"))
    assert listed[:6] == ["not there", "disputed", "upheld", "tonight", "lost", "in the warehouse"]
    assert listed[6:8] == ["unseen", "moved"]
    assert listed[8:14] == ["cancelled", "kept", "snow", "second half", "first half", "late"]


def test_the_parts_of_the_list_share_the_deliveries_out_between_them(page: Get, shop: DeliveryShop):
    html = page("/en/deliveries")
    counts = {word: int(n) for word, n in re.findall(r"(All|Late or at risk|Under way|Over) (\d+)<", html)}
    ((every,),) = asked(shop.store, "SELECT COUNT(*) FROM deliveries")
    assert counts == {"All": every, "Late or at risk": 6, "Under way": 2, "Over": every - 8}
    for show, word in (("pressing", "Late or at risk"), ("open", "Under way")):
        assert len(names(page(f"/en/deliveries?show={show}"))) == counts[word]
    over = [name for k in (1, 2) for name in names(page(f"/en/deliveries?show=over&page={k}"))]
    assert len(over) == len(set(over)) == counts["Over"]


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("verdict=late", "verdict = 'late'"),
        ("verdict=disputed", "verdict = 'disputed'"),
        ("region=CN-21-01", "region = 'CN-21-01'"),
        ("carrier=Sample%20freight", "carrier = 'Sample freight'"),
        ("day=2026-02-17", "promised_us = 1771344000000000"),
        ("day=2026-02-15", "promised_us IN (1771128000000000, 1771171200000000)"),
        ("day=2026-02-17&verdict=kept&region=CN-31", "delivery_id = 'kept'"),
    ],
)
def test_the_list_is_narrowed_by_verdict_region_carrier_and_promised_day(
    page: Get, shop: DeliveryShop, query: str, condition: str
):
    wanted = {row[0] for row in asked(shop.store, f"SELECT delivery_id FROM deliveries WHERE {condition}")}  # noqa: S608  our own
    html = page(f"/en/deliveries?{query}")
    assert wanted
    assert set(names(html)) == wanted
    count = f"{len(wanted)} promised arrivals in all" if len(wanted) > 1 else "1 promised arrival in all"
    assert count in told(html)
    assert "selected>" in html or 'value="2026-02-1' in html


def test_the_totals_are_those_of_all_rows_shown_or_not_in_money_and_in_points(page: Get, shop: DeliveryShop):
    pages = [page(f"/en/deliveries?page={k}") for k in (1, 2)]
    shown = [
        amount for html in pages for row in re.findall(r'<a class="ev strong".*?</a>', html) for amount in _amounts(row)
    ]
    money = sum(minor(amount) for amount in shown if "points" not in amount)
    points = sum(minor(amount) for amount in shown if "points" in amount)
    assert (money, points) == (balance(shop, "CNY"), balance(shop, "points"))
    foot = re.search(r"<tfoot>.*?</tfoot>", pages[0], re.DOTALL)
    assert foot is not None
    assert f"¥{amount_text(money, 'CNY')}" in foot[0]
    assert f"{points:,} points" in foot[0]


def _amounts(row: str) -> list[str]:
    return re.sub(r"</?(a|span)[^>]*>", "", row).split("<br>")


def test_deliveries_that_share_a_cover_have_each_their_own_amount(page: Get, shop: DeliveryShop):
    covers = asked(
        shop.store, "SELECT DISTINCT cover FROM deliveries WHERE delivery_id IN ('first half', 'second half')"
    )
    assert len(covers) == 1
    entries = []
    for name, amount in (("first half", "¥20.00 owed"), ("second half", "¥50.00 and 1,000 points owed")):
        html = page(f"/en/deliveries/{shop.number(name)}")
        assert amount in told(html)
        entries += re.findall(r"Entry \d+-(\d+)", html)
    ((count,),) = asked(shop.store, "SELECT COUNT(*) FROM entries WHERE cover = ?", covers[0][0])
    assert len(entries) == len(set(entries)) == count
    # Both halves, and two others that were promised for one of these days: 20, 50, 20 and 79.
    assert "¥169.00" in page("/en/deliveries?verdict=late&day=2026-02-16&days=2")


def test_a_filter_without_deliveries_says_so_and_leads_back(page: Get):
    html = page("/en/deliveries?verdict=none")
    assert "No promised arrival matches. Clear the filter to see all 69." in told(html)
    assert "/en/deliveries" in links(html)


def test_what_an_address_asks_that_means_nothing_asks_for_all(page: Get):
    assert names(page("/en/deliveries?verdict=x&show=y&day=z&page=-4")) == names(page("/en/deliveries"))


def test_a_store_without_promises_says_what_brings_one(tmp_path: Path):
    with TestClient(create_app(open_database(tmp_path / "houbei.db", create=True), clock=lambda: NOW)) as client:
        assert "No arrival has been promised yet." in client.get("/en/deliveries").text
        assert "没有在途的。" in client.get("/zh/deliveries/at-risk").text
        assert client.get("/en/deliveries/7").status_code == 404


# --- at risk ----------------------------------------------------------------------------------------------------------


def test_promises_at_risk_stand_by_the_moment_until_which_acting_helps_with_who_why_and_how_likely(page: Get):
    html = page("/en/deliveries/at-risk")
    assert names(html) == ["in the warehouse", "tonight", "lost"]
    text = told(html)
    assert "3 promises may not be kept." in text
    assert "by 10:36 today The warehouse hands it over The carrier does not have it yet" in text
    assert "by 20:00 today The carrier speeds it up Its carrier scans others and not this one" in text
    assert "by 21:00 tomorrow The desk tells the buyer It counts as lost" in text
    assert "0% Will be late" in text


def test_the_chance_on_the_page_is_the_one_that_was_found(page: Get, shop: DeliveryShop):
    ((permille,),) = asked(
        shop.store, "SELECT json_extract(at_risk, '$.chance_permille') FROM deliveries WHERE delivery_id = 'tonight'"
    )
    assert 0 < permille < 500
    for address in ("deliveries/at-risk", "deliveries", f"deliveries/{shop.number('tonight')}"):
        assert f"{permille // 10}.{permille % 10}%" in page(f"/zh/{address}")


def test_a_carrier_that_fell_silent_is_one_matter_and_its_parcels_are_none(page: Get, shop: DeliveryShop):
    text = told(page("/en/deliveries/at-risk"))
    assert f"No scans from {OTHER} since 20:30 yesterday 1 promise cannot be seen." in text
    assert asked(shop.store, "SELECT kind FROM needs WHERE ref = ?", str(shop.number("unseen"))) == []
    assert "unseen" not in names(page("/en/deliveries/at-risk"))
    assert f"{OTHER}自昨天20:30起没有扫描记录" in told(page("/zh/")).replace(" ", "").replace("Samplefreight", OTHER)


def test_where_nothing_is_at_risk_the_page_says_when_it_is_looked_at_again(quiet: TestClient[Any]):
    text = told(quiet.get("/en/deliveries/at-risk").text)
    assert "No promise is at risk. One is under way, and it is looked at again 08:00 tomorrow." in text


# --- one delivery -----------------------------------------------------------------------------------------------------


def test_the_evidence_gives_its_parts_in_their_order_and_its_sum_adds_up_to_the_entries(page: Get, shop: DeliveryShop):
    html = page(f"/en/deliveries/{shop.number('late')}")
    trail = html[html.index('id="evidence"') :]
    assert re.findall(r"<h2>(.*?)</h2>", trail)[:5] == ["Conclusion", "Clause", "Facts", "Sum", "Ledger"]
    text = told("<main" + trail)
    assert "What the slot cost 29.00 A fixed amount 20.00 Owed by this step 49.00" in text
    assert "What the slot cost 29.00 A fixed amount 50.00 Owed before − 49.00 Owed by this step 30.00" in text
    assert "Owed by this step 1,000 points" in text
    assert "¥79.00 and 1,000 points owed" in text
    rows = asked(
        shop.store,
        "SELECT e.cover, e.sequence FROM entries e JOIN deliveries d ON d.cover = e.cover WHERE d.delivery_id = 'late'",
    )
    assert {f"Entry {cover}-{sequence}" for cover, sequence in rows} == set(re.findall(r"Entry \d+-\d+", html))


def test_a_share_of_what_was_paid_is_shown_with_its_floor_and_cap(page: Get, shop: DeliveryShop):
    text = told(page(f"/en/deliveries/{shop.number('not there')}"))
    assert (
        "5% of ¥5,999.00 paid, at least ¥50.00, at most ¥300.00 299.95 Owed before − 50.00 Owed by this step 249.95"
        in text
    )
    assert "It is late and not there: 3 days 10 hours after 15 February, 00:00 so far." in text


def test_paid_stands_only_beside_a_receipt(page: Get, shop: DeliveryShop):
    html = page(f"/en/deliveries/{shop.number('late')}")
    receipts = re.findall(r"Paid: <span[^>]*>¥([\d.]+)</span>.*?receipt (re_\d+)", html)
    found = asked(
        shop.store,
        "SELECT e.amount_minor, e.fact FROM entries e JOIN deliveries d ON d.cover = e.cover"
        " WHERE d.delivery_id = 'late' AND e.code = 'confirmed' ORDER BY e.sequence",
    )
    assert [(minor(amount), receipt) for amount, receipt in receipts] == [
        (amount, fact.split("/")[1]) for amount, fact in found
    ]
    assert "Credited: 1,000 points" in told(html)


def test_the_clause_is_word_for_word_that_of_the_bound_version(page: Get, shop: DeliveryShop):
    clauses = {clause.id: clause for clause in load_terms(TERM).clauses}
    for name, used in (("late", "SF-4"), ("kept", "SF-2"), ("snow", "SF-5"), ("disputed", "SF-6"), ("moved", "SF-3")):
        for lang in ("zh", "en"):
            html = page(f"/{lang}/deliveries/{shop.number(name)}")
            first = re.search(r'<p class="clause">(.*?)</p>', html)
            assert first is not None
            assert told(f"<main>{first[1]}") == getattr(clauses[used], lang)


def test_of_several_promises_that_were_shown_the_page_says_which_counts_and_why(page: Get, shop: DeliveryShop):
    text = told(page(f"/en/deliveries/{shop.number('moved')}"))
    assert "Shown: on 16 February Learnt 18 February, 10:24 The buyer has moved it since." in text
    assert "Asked for: on 21 February Learnt 18 February, 10:24 This is the promise that counts." in text
    assert "Shown: on 23 February Learnt 18 February, 10:24 It is later than the promise that counts" in text


def test_an_excuse_is_named_with_its_region_its_evidence_and_since_when_it_was_known(page: Get, shop: DeliveryShop):
    text = told(page(f"/en/deliveries/{shop.number('snow')}"))
    assert "It is late, and excused: roads closed by snow or ice. Nothing is owed." in text
    assert "Event roads closed by snow or ice From, until 16 February, 20:00 to 18 February, 06:00" in text
    assert "Made known 16 February, 18:00 Where CN-21 Evidence notice-17" in text


def test_what_the_promise_rested_on_is_told_with_its_versions_and_reasons(page: Get, shop: DeliveryShop):
    text = told(page(f"/zh/deliveries/{shop.number('kept')}"))
    assert (
        "承诺的依据 当时的可能 95.1% 日历 cal-2026-1 配送网络 net-2026-1 时效模型 lead-2026-1 承运人春节不停运" in text
    )


def test_a_dispute_waits_with_both_sides_what_is_held_and_the_two_commands(page: Get, shop: DeliveryShop):
    html = page(f"/en/deliveries/{shop.number('disputed')}")
    text = told(html)
    assert html.count('class="next"') == 1
    assert "The carrier: Delivered, 16 February, 18:00." in text
    assert "The buyer said on 17 February, 09:00 that this is not so." in text
    assert "If the buyer is right, the shop owes ¥50.00 and 1,000 points." in text
    assert "¥50.00 and 1,000 points held" in text
    assert "houbei delivery uphold disputed --as NAME --role ROLE" in text
    assert "houbei delivery dismiss disputed --as NAME --role ROLE" in text
    assert (
        asked(shop.store, "SELECT 1 FROM entries e JOIN deliveries d USING (cover) WHERE d.delivery_id = 'disputed'")
        == []
    )


def test_a_decision_on_a_dispute_names_who_made_it_and_what_it_made_void(page: Get, shop: DeliveryShop):
    html = page(f"/en/deliveries/{shop.number('upheld')}")
    assert f'<span class="who name">{ZHOU.name}</span>' in html
    assert "The buyer was right, so this scan counts for nothing." in told(html)
    assert f"<dt>The shop</dt><dd>{ZHOU.name}</dd>" in html


def test_what_the_buyer_is_to_be_told_is_said_word_for_word(page: Get, shop: DeliveryShop):
    number = shop.number("upheld")
    ((zh, en, seq),) = asked(
        shop.store, "SELECT zh, en, seq FROM tellings WHERE delivery_id = 'upheld' AND kind = 'late'"
    )
    assert f"To be said: {en}" in told(page(f"/en/deliveries/{number}"))
    assert f"要说的话：{zh}" in told(page(f"/zh/deliveries/{number}"))
    assert f"houbei delivery told {seq} " in told(page(f"/en/deliveries/{number}"))
    assert "Told the buyer It did not arrive by 12:00 on 15 February." in told(
        page(f"/en/deliveries/{shop.number('late')}")
    )


def test_whoever_tells_of_a_scan_is_named_as_they_want_and_a_buyer_never_in_full(page: Get, shop: DeliveryShop):
    paths = ["", "deliveries", "deliveries/at-risk", "lines/shop/late-1"]
    paths += [f"deliveries/{number}" for (number,) in asked(shop.store, "SELECT delivery FROM deliveries")]
    text = "".join(page(f"/{lang}/{path}") for lang in ("zh", "en") for path in paths)
    assert HAN.name in text
    assert SHY.name not in text
    assert BUYER not in text
    assert "The courier</span>" in page(f"/en/deliveries/{shop.number('late')}")


def test_a_name_that_is_taken_off_goes_from_the_page(tmp_path: Path):
    shop = open_delivery_shop(tmp_path, waits=False)
    with TestClient(create_app(shop.store, shop=SHOP, clock=lambda: NOW)) as client:
        for named in (False, True):
            with writing(shop.store) as connection:
                assert show_name(connection, HAN.name, named=named)
            assert (HAN.name in client.get(f"/en/deliveries/{shop.number('kept')}").text) is named


def test_every_command_that_a_page_shows_is_one_that_the_command_line_takes():
    assert isinstance(delivery_command, click.Group)
    shown = {
        command
        for kind in ASKED
        for who in Who
        for command in commands_of(kind, delivery_id="it's one", ref="7", who=who.name.lower())
    }
    assert len(shown) >= 7
    for text in sorted(shown):
        program, group, name, *rest = shlex.split(text)
        assert (program, group) == ("houbei", "delivery")
        found = delivery_command.get_command(click.Context(delivery_command), name)
        assert found is not None, text
        with found.make_context(name, rest) as context:
            assert {"it's one", "7"} & set(map(str, context.params.values()))
