"""The recipe for Online Retail: every row of a dirty file is a line, a return, or is left out with its reason."""

from datetime import datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houbei.backtest.run import Question, run_backtest
from houbei.store.terms_files import load_terms

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes"
TEN = datetime(2011, 3, 1, 10, 0)  # noqa: DTZ001  the file's moments name no zone


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = spec_from_file_location("online_retail", RECIPES / "online_retail.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(place: int = 0, **more: Any) -> dict[str, Any]:
    cells = {
        "InvoiceNo": f"{536365 + place}",
        "StockCode": "85123A",
        "Description": "A HOLDER",
        "Quantity": 6,
        "InvoiceDate": TEN + timedelta(hours=place),
        "UnitPrice": 2.55,
        "CustomerID": 17850.0,
        "Country": "United Kingdom",
    }
    return cells | more


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "online_retail.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({}, "sale"),
        ({"CustomerID": None}, "sale"),
        ({"StockCode": "85123a "}, "sale"),
        ({"StockCode": "DCGSSBOY"}, "sale"),
        ({"StockCode": "POST"}, "no_product"),
        ({"StockCode": "gift_0001_20"}, "no_product"),
        ({"Quantity": -6, "UnitPrice": 0.0, "CustomerID": None}, "stock_correction"),
        ({"UnitPrice": 0.0}, "no_price"),
        ({"UnitPrice": 0.001}, "no_price"),
        ({"InvoiceNo": "C536400", "Quantity": -1}, "return"),
        ({"InvoiceNo": "C536400", "Quantity": -1, "CustomerID": None}, "return_of_nobody"),
        ({"InvoiceNo": "C536400", "Quantity": -1, "StockCode": "D"}, "no_product"),
    ],
)
def test_each_kind_of_row_has_its_verdict(recipe: ModuleType, tmp_path: Path, cells: dict[str, Any], verdict: str):
    rows = recipe.sort_rows(recipe.read_rows(written(tmp_path, row(1), row(2, **cells))))
    assert rows["verdict"].to_pylist() == ["sale", verdict]


def test_of_two_rows_that_are_the_same_the_first_is_kept(recipe: ModuleType, tmp_path: Path):
    rows = recipe.sort_rows(recipe.read_rows(written(tmp_path, row(), row(), row(UnitPrice=2.56))))
    assert rows["verdict"].to_pylist() == ["sale", "duplicate", "sale"]


def test_a_return_goes_to_the_latest_earlier_sale_at_its_price(recipe: ModuleType, tmp_path: Path):
    back = {"InvoiceNo": "C536400", "Quantity": -8}
    path = written(
        tmp_path, row(0), row(1), row(2, UnitPrice=2.1), row(3, **back), row(4), row(5, StockCode="22423", **back)
    )
    rows = recipe.sort_rows(recipe.read_rows(path))
    returns, counts = recipe.match_returns(rows)
    assert returns.to_pylist() == [{"row": 2, "returned_quantity": 6, "returned_at": TEN + timedelta(hours=3)}]
    assert dict(counts) == {
        "returns_matched": 1,
        "returns_without_sale": 1,
        "units_returned": 6,
        "units_beyond_the_sale": 2,
    }
    assert recipe.order_lines(rows, returns)["returned_quantity"].to_pylist() == [None, 6, None, None]


def test_the_usual_price_of_a_day_is_the_most_frequent_one_and_the_lower_of_two(recipe: ModuleType, tmp_path: Path):
    path = written(
        tmp_path,
        row(0, UnitPrice=2.55),
        row(1, UnitPrice=2.1),
        row(2, UnitPrice=2.1),
        row(24, UnitPrice=2.55),
        row(25, UnitPrice=2.1),
    )
    rows = recipe.sort_rows(recipe.read_rows(path))
    readings = recipe.price_readings(rows, recipe.order_lines(rows, recipe.match_returns(rows)[0]))
    usual = readings["prices-usual"].select(["at", "price_minor"]).to_pylist()
    assert usual == [{"at": TEN, "price_minor": 210}, {"at": TEN + timedelta(days=1), "price_minor": 210}]


def test_the_narrower_the_reading_the_less_is_owed(recipe: ModuleType, tmp_path: Path):
    path = written(
        tmp_path,
        row(0, UnitPrice=5.0, Quantity=2),
        row(24, UnitPrice=4.0, Quantity=2, CustomerID=None),
        row(48, UnitPrice=4.5, Quantity=1),
        row(72, UnitPrice=3.0, Quantity=144),
    )
    recipe.main(path, tmp_path)
    assert owed(tmp_path, "every-price-30", "prices-anybody") == 400 + 200 + 150
    assert owed(tmp_path, "every-price-30", "prices-class") == 400 + 150
    assert owed(tmp_path, "every-price-30", "prices-tiers") == 100
    assert owed(tmp_path, "single-units-30", "prices-anybody") == 100
    assert owed(tmp_path, "seen-twice-30", "prices-anybody") == 0


def owed(folder: Path, terms: str, prices: str) -> int:
    question = Question(
        terms=load_terms(str(RECIPES / "terms" / f"{terms}.yaml")),
        orders=folder / "orders.parquet",
        prices=folder / f"{prices}.parquet",
        out=folder / "out",
    )
    return int(run_backtest(question, lambda *_: None).summary["currencies"][0]["owed_minor"])
