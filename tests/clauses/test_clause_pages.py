"""Every row of every table of the clause pages, through files and `houbei backtest`'s own function, to the cent."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from houbei.errors import TermsError
from houbei.examples.check import check_examples
from houbei.facts.moments import text_of_moment
from houbei.money import allocate, minor_of
from houbei.terms.conditions import parse_condition
from houbei.terms.document import parse_terms
from houbei.terms.moments import parse_moment
from houbei.terms.versions import bind, open_to
from tests.clauses.calendar_tables import OF_CALENDARS
from tests.clauses.pages import (
    PAGES,
    Row,
    Verdict,
    block,
    decide,
    expected_of,
    fields,
    lines_of,
    prices_of,
    rows_of,
    tables,
    terms_of,
)

OWED = ("case", "terms", "bought", "prices", "owed")
CLOSES = ("case", "terms", "bought", "closes")
SHARES = ("case", "amount", "over", "parts")
TRUTHS = ("condition", "facts", "answer")
REFUSED = ("condition", "refused because")
KEPT = ("case", "sold", "version", "also reached by")
OF_REPLACEMENTS = {
    ("case", "promise", "bought", "reported", "answer"),
    ("case", "promises", "bought", "reported", "answer"),
    ("case", "promise", "paid", "adjusted", "instead", "goes back", "buyer pays"),
    ("column", "what it says"),
}
"""Tables that `test_replacement_pages` reads."""
OF_CASES = ("case", "rules", "steps", "stands", "entries")
OF_DATES = {("case", "network", "asked", "promised", "because"), ("case", "given", "worked out anew", "stays")}
"""Tables that `test_delivery_dates` reads."""
OF_ARRIVALS = {
    ("case", "promise", "bought", "told", "comes to"),
    ("case", "bought", "prices", "told", "price difference", "late"),
    ("file", "column", "says"),
}
"""Tables that `test_delivery_pages` reads."""
READ_HERE = (
    OF_CALENDARS
    | OF_ARRIVALS
    | OF_REPLACEMENTS
    | OF_DATES
    | {
        OWED,
        CLOSES,
        SHARES,
        TRUTHS,
        REFUSED,
        KEPT,
        OF_CASES,
        ("page", "what it settles"),
        ("case", "where"),
    }
)
CHEAP = "0.01"


def without_moments(verdict: Verdict, expected: Verdict) -> Verdict:
    """The verdict without the moments that the page does not name."""
    steps = {
        line: [
            (word, minor, at if wanted[2] is not None else None)
            for (word, minor, at), wanted in zip(found, expected.steps[line], strict=True)
        ]
        if len(found) == len(expected.steps[line])
        else found
        for line, found in verdict.steps.items()
    }
    return replace(verdict, steps=steps)


@pytest.mark.parametrize("row", rows_of(*OWED), ids=str)
def test_a_row_is_owed_what_it_says(row: Row, tmp_path: Path):
    terms, lines = terms_of(row.cells["terms"]), lines_of(row.cells["bought"])
    expected = expected_of(row.cells["owed"], lines, terms)
    verdict = decide(lines, prices_of(row.cells["prices"]), terms, tmp_path)
    assert without_moments(verdict, expected) == expected


@pytest.mark.parametrize("row", rows_of(*CLOSES), ids=str)
def test_a_cover_closes_when_its_row_says(row: Row, tmp_path: Path):
    """A price that begins a microsecond earlier is owed from then on, one that begins then is not."""
    terms, lines = terms_of(row.cells["terms"]), lines_of(row.cells["bought"])
    closes_us = parse_moment(row.cells["closes"], zone=terms.zone, where=str(row))
    last, first_outside = (
        decide(lines, prices_of(f"{CHEAP} at {text_of_moment(us)}"), terms, tmp_path)
        for us in (closes_us - 1, closes_us)
    )
    assert [at for _, _, at in last.steps["L"]] == [closes_us - 1]
    assert first_outside.steps["L"] == []


@pytest.mark.parametrize("row", rows_of(*SHARES), ids=str)
def test_an_amount_is_shared_as_its_row_says(row: Row):
    currency, amount = row.cells["amount"].split()
    weights, shares = (
        [minor_of(text, currency, where=str(row)) for text in row.cells[column].split(", ")]
        for column in ("over", "parts")
    )
    assert allocate(minor_of(amount, currency, where=str(row)), weights) == shares


@pytest.mark.parametrize("row", rows_of(*TRUTHS), ids=str)
def test_a_condition_answers_as_its_row_says(row: Row, tmp_path: Path):
    """Asked as the scope of a promise: true is owed, false is not, unknown is undecided."""
    facts = fields(row.cells["facts"])
    terms = terms_of(f'scope.where: "{row.cells["condition"].strip("`")}"')
    lines = [{**line, **facts} for line in lines_of("4999.00")]
    verdict = decide(lines, prices_of("0.00 at 2026-11-13"), terms, tmp_path)
    answer = "unknown" if verdict.undecided else "true" if verdict.steps["L"] else "false"
    assert answer == row.cells["answer"]


@pytest.mark.parametrize("row", rows_of(*REFUSED), ids=str)
def test_a_condition_outside_the_language_is_refused_for_its_reason(row: Row):
    with pytest.raises(TermsError, match=re.escape(row.cells["refused because"])):
        parse_condition(row.cells["condition"].strip("`"), where="the condition of a row")


@pytest.mark.parametrize("row", rows_of(*KEPT), ids=str)
def test_a_line_keeps_the_version_that_its_row_says(row: Row):
    base = block("README.md", "terms")
    documents = [{**base, **version} for version in block("versions-and-examples.md", "versions")]
    versions = [parse_terms(yaml.safe_dump(document), where="a version") for document in documents]
    sold = parse_moment(row.cells["sold"], zone=versions[0].zone, where=str(row))
    place = int(bind(np.array([sold]), versions)[0])
    assert ("none" if place < 0 else str(versions[place].version)) == row.cells["version"]
    reached = [] if place < 0 else [str(versions[later].version) for later in open_to(place, versions)]
    assert ", ".join(reached) == row.cells["also reached by"]


def test_the_examples_on_the_page_come_out_as_written_and_not_otherwise():
    document = {**block("README.md", "terms"), "examples": block("versions-and-examples.md", "examples")}
    terms = parse_terms(yaml.safe_dump(document, allow_unicode=True), where="the page")
    assert len(terms.examples) == 2
    assert check_examples(terms, where="the page") == []
    swapped = [
        replace(example, then=other.then)
        for example, other in zip(terms.examples, reversed(terms.examples), strict=True)
    ]
    assert len(check_examples(replace(terms, examples=tuple(swapped)), where="the page")) == 2


def test_no_table_is_left_unread():
    assert {tuple(table[0].cells) for table in tables()} == READ_HERE


def test_every_table_of_what_is_owed_pays_somewhere():
    """A table that only says “nothing” would also pass if nothing were read."""
    for table in tables():
        if tuple(table[0].cells) == OWED:
            assert any(re.search("[1-9]", row.cells["owed"]) for row in table), str(table[0])


def expanded(text: str) -> Iterator[str]:
    """The cases of a list such as `A1 to A3, B9`."""
    for first, last in re.findall(r"\b([A-F][0-9]+)(?: to [A-F]([0-9]+))?", text):
        letter, number = first[0], int(first[1:])
        yield from (f"{letter}{n}" for n in range(number, int(last or number) + 1))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "README.md"])
def test_the_index_names_the_cases_of_each_page_and_no_others(page: str):
    index = {row.cells["where"]: row.cells["case"] for row in rows_of("case", "where")}
    first_cells = [next(iter(row.cells.values())) for table in tables() for row in table if row.page == page]
    shown = {case for cell in first_cells for case in expanded(cell.split(":")[0]) if ":" in cell}
    assert set(expanded(index[f"[{page}]({page})"])) == shown


def test_the_index_names_tests_that_exist():
    places = [re.fullmatch(r"`(tests/\S+)`", row.cells["where"]) for row in rows_of("case", "where")]
    named = [match[1] for match in places if match is not None]
    assert named
    assert [name for name in named if not (Path(__file__).resolve().parents[2] / name).is_file()] == []
