"""The page on errors names every code that a row can be rejected with, in the order in which they take precedence."""

import re
from pathlib import Path

from houbei.errors import HoubeiError, InputError, InvariantError, StoreError, TermsError
from houbei.facts.rejected import REASONS, Rejection

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")


def test_every_rejection_is_on_the_page_in_order_of_precedence():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)
    assert rows == [rejection.name.lower() for rejection in sorted(Rejection)]


def test_every_rejection_has_a_reason():
    assert set(REASONS) == set(Rejection)


def test_the_page_shows_a_message_in_the_form_it_has():
    error = InputError(
        came="no such file", where="prices.csv", expected="a CSV or Parquet file", todo="Check the path."
    )
    assert f"houbei: {error}\n" in PAGE


def test_every_code_of_an_error_is_on_the_page():
    assert all(f"`{kind.code}`" in PAGE for kind in (InputError, TermsError, StoreError, InvariantError))
    assert {kind for kind in HoubeiError.__subclasses__() if kind.__module__ == HoubeiError.__module__} == {
        InputError,
        StoreError,
        InvariantError,
    }
