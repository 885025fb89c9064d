"""Every row of the page on late arrivals, through files and the function behind `houbei backtest`, to the cent."""

from pathlib import Path

import pytest

from houbei.facts.closures import KNOWN as CLOSURE_COLUMNS
from houbei.facts.promises import KNOWN as PROMISE_COLUMNS
from houbei.facts.scans import KNOWN as SCAN_COLUMNS
from houbei.owed.delivery import Verdict
from tests.clauses.delivery_pages import bought_of, comes_to, promise_of, told_of
from tests.clauses.pages import Row, decide, expected_of, lines_of, prices_of, rows_of, terms_of

LATE = rows_of("case", "promise", "bought", "told", "comes to")
BESIDE = rows_of("case", "bought", "prices", "told", "price difference", "late")
FILES = rows_of("file", "column", "says")


@pytest.mark.parametrize("row", LATE, ids=str)
def test_a_delivery_comes_to_what_its_row_says(row: Row, tmp_path: Path):
    terms, lines, told = promise_of(row.cells["promise"]), bought_of(row.cells["bought"]), told_of(row.cells["told"])
    assert comes_to(terms, lines, told, tmp_path) == row.cells["comes to"]


@pytest.mark.parametrize("row", BESIDE, ids=str)
def test_a_lower_price_beside_it_is_owed_apart(row: Row, tmp_path: Path):
    lines, told = bought_of(row.cells["bought"]), told_of(row.cells["told"])
    (tmp_path / "late").mkdir()
    assert comes_to(promise_of(""), lines, told, tmp_path / "late") == row.cells["late"]
    bought, prices = lines_of(row.cells["bought"]), prices_of(row.cells["prices"])
    verdict = decide(bought, prices, terms_of(""), tmp_path)
    expected = expected_of(row.cells["price difference"], bought, terms_of(""))
    assert [step[:2] for step in verdict.steps["L"]] == [step[:2] for step in expected.steps["L"]]


def test_the_page_shows_every_way_in_which_a_promise_can_stand():
    said = {row.cells["comes to"].split(" ")[0] for row in LATE}
    assert said == {verdict.name.lower() for verdict in Verdict}


def test_the_contract_of_the_files_names_every_column():
    for file, known in (("promises", PROMISE_COLUMNS), ("scans", SCAN_COLUMNS), ("closures", CLOSURE_COLUMNS)):
        cells = ", ".join(row.cells["column"] for row in FILES if row.cells["file"] == file)
        assert sorted(cells.replace("`", "").split(", ")) == sorted(known)
