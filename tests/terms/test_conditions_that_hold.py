"""Whether a condition holds: three values, whole columns, one answer alone and in company."""

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.columns import Column, Flag, Text, Whole
from houbei.errors import InputError, TermsError
from houbei.terms.conditions import parse_condition
from houbei.terms.truth import evaluate
from tests.oracle.conditions import read_condition

YES, NO, UNKNOWN = 1, 0, -1
Row = dict[str, str | int | bool | None]


def text(*values: str | None) -> Text:
    known = sorted({value for value in values if value is not None})
    return Text(np.array([-1 if value is None else known.index(value) for value in values], dtype=np.int32), known)


def whole(*values: int | None) -> Whole:
    known = np.array([value is not None for value in values], dtype=np.bool_)
    # A missing place holds a number that would overflow anything, to show that it is never looked at.
    numbers = np.array([np.iinfo(np.int64).min if value is None else value for value in values], dtype=np.int64)
    return Whole(numbers, None if known.all() else known)


def flag(*values: bool | None) -> Flag:
    known = np.array([value is not None for value in values], dtype=np.bool_)
    return Flag(np.array([bool(value) for value in values]), None if known.all() else known)


def holds(condition: str, columns: dict[str, Column], rows: int) -> list[int]:
    return evaluate(parse_condition(condition, where="scope.where"), columns, rows=rows).tolist()


SHOP: dict[str, Column] = {
    "category": text("fridge", "washer", "tv", None),
    "seller": text("self", "other", "self", "self"),
    "region": text("self", None, "north", "self"),
    "gift": flag(False, True, None, False),  # noqa: FBT003  facts, no switches
    "weight": whole(1, 2, 3, None),
    "limit": whole(3, 2, 1, 0),
    "colour": Text(np.full(4, -1, dtype=np.int32), []),
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("category IN ('fridge', 'washer') AND seller = 'self' AND NOT gift", [YES, NO, NO, UNKNOWN]),
        ("category NOT IN ('tv')", [YES, YES, NO, UNKNOWN]),
        ("category IN (seller, 'tv')", [NO, NO, YES, UNKNOWN]),
        ("category IS NULL", [NO, NO, NO, YES]),
        ("category IS NOT NULL", [YES, YES, YES, NO]),
        ("seller = region", [YES, UNKNOWN, NO, YES]),
        ("seller <> region", [NO, UNKNOWN, YES, NO]),
        ("'self' = seller", [YES, NO, YES, YES]),
        ("seller = 'nobody'", [NO, NO, NO, NO]),
        ("gift", [NO, YES, UNKNOWN, NO]),
        ("NOT gift", [YES, NO, UNKNOWN, YES]),
        ("gift = false", [YES, NO, UNKNOWN, YES]),
        ("gift IN (true, false)", [YES, YES, UNKNOWN, YES]),
        ("gift OR weight = 3", [NO, YES, YES, UNKNOWN]),
        ("gift AND weight = 3", [NO, NO, UNKNOWN, NO]),
        ("COALESCE(gift, true)", [NO, YES, YES, NO]),
        ("COALESCE(gift, weight = 3)", [NO, YES, YES, NO]),
        ("COALESCE(region, category, 'none') = 'washer'", [NO, YES, NO, NO]),
        ("COALESCE(weight, 9) = 9", [NO, NO, NO, YES]),
        ("weight < limit", [YES, NO, NO, UNKNOWN]),
        ("weight <= limit", [YES, YES, NO, UNKNOWN]),
        ("weight BETWEEN 2 AND limit", [NO, YES, NO, UNKNOWN]),
        ("weight BETWEEN weight AND limit", [YES, YES, NO, UNKNOWN]),
        ("limit BETWEEN 1 AND weight", [NO, YES, YES, NO]),
        ("weight * 2 + limit - 1 = 4", [YES, NO, NO, UNKNOWN]),
        ("weight - limit - 1 = -3", [YES, NO, NO, UNKNOWN]),
        ("weight - (limit - 1) = -1", [YES, NO, NO, UNKNOWN]),
        ("2 + 3 × weight = 5", [YES, NO, NO, UNKNOWN]),
        ("-weight = - 2", [NO, YES, NO, UNKNOWN]),
        ("(weight = 1) IS NULL", [NO, NO, NO, YES]),
        ("(weight = 1) = (limit = 3)", [YES, YES, YES, UNKNOWN]),
        ("colour = 'red'", [UNKNOWN] * 4),
        ("colour = 5", [UNKNOWN] * 4),
        ("colour IS NULL", [YES] * 4),
        ("colour + 1 > weight", [UNKNOWN] * 4),
        ("NOT colour", [UNKNOWN] * 4),
        ("COALESCE(colour, category) = 'tv'", [NO, NO, YES, UNKNOWN]),
        ("1 = 1", [YES] * 4),
        ("false", [NO] * 4),
        ("true OR colour = 1", [YES] * 4),
        ("weight = 999999999999999999 + 1", [NO, NO, NO, UNKNOWN]),
    ],
)
def test_a_condition_holds_row_by_row(condition: str, expected: list[int]):
    assert holds(condition, SHOP, 4) == expected


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("category = 1", "column category is a text and 1 is a number"),
        ("weight = 'heavy'", "column weight is a number and 'heavy' is a text"),
        ("gift = 1", "column gift is true or false and 1 is a number"),
        ("category = gift", "column category is a text and column gift is true or false"),
        ("category < seller", "column category, which is a text"),
        ("gift + 1 = 2", "column gift, which is true or false"),
        ("category", "column category is a text"),
        ("NOT weight", "column weight is a number"),
        ("COALESCE(category, weight) IS NULL", "column category is a text and column weight is a number"),
        ("category IN ('tv', 1)", "column category is a text and 1 is a number"),
        ("size = 1", "names size, which the input does not have"),
    ],
)
def test_kinds_that_do_not_agree_are_an_error_that_names_the_column(condition: str, named: str):
    with pytest.raises(InputError) as refused:
        holds(condition, SHOP, 4)
    assert named in refused.value.came
    assert not isinstance(refused.value, TermsError)


def test_a_column_of_another_length_is_an_error():
    with pytest.raises(InputError, match="weight has 2 rows"):
        holds("weight = 1", {"weight": whole(1, 2)}, 3)


def test_no_rows_have_no_answers():
    assert (
        holds("weight * 2 > 1 AND seller = 'a' OR gift", {"weight": whole(), "seller": text(), "gift": flag()}, 0) == []
    )


BIG = 2**62


@pytest.mark.parametrize(
    ("condition", "left", "right", "expected"),
    [
        ("a + b > 0", [BIG, 1], [BIG - 1, 1], [YES, YES]),
        ("a + b > 0", [BIG, -1], [1, BIG], [YES, YES]),
        ("a * b > 0", [BIG, 2], [1, BIG - 1], [YES, YES]),
        ("a - b < 0", [-BIG, 0], [BIG, 0], [YES, NO]),
        ("a + b > 0", [BIG, None], [1, BIG], [YES, UNKNOWN]),
        ("a + b > 0", [None, BIG], [BIG, None], [UNKNOWN, UNKNOWN]),
    ],
)
def test_arithmetic_is_exact_as_long_as_every_row_fits_64_bits(condition, left, right, expected):
    assert holds(condition, {"a": whole(*left), "b": whole(*right)}, 2) == expected


@pytest.mark.parametrize(
    "condition", ["a + a > 0", "a * 2 > 0", "0 - a - a - a < 0", "a * a * a > 0", "-(0 - a) * 4 = 0"]
)
def test_arithmetic_that_leaves_64_bits_in_one_row_is_an_error(condition: str):
    with pytest.raises(InputError, match="leaves 64 bits"):
        holds(condition, {"a": whole(1, BIG)}, 2)


NUMBERS = st.recursive(
    st.sampled_from(["n", "m", "0", "1", "2", "- 1", "n"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("COALESCE({}, {})".format, inner, inner),
        st.builds("-{}".format, inner.filter(lambda text: not text.startswith("-"))),
    ),
    max_leaves=4,
)
TEXTS = st.recursive(
    st.sampled_from(["s", "t", "'a'", "'b'", "'it''s'"]),
    lambda inner: st.builds("COALESCE({}, {})".format, inner, inner),
    max_leaves=3,
)
EQUAL = st.sampled_from(["=", "<>"])
ORDERED = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
TESTS = st.one_of(
    st.sampled_from(["f", "g", "true", "false", "f IS NULL"]),
    st.builds("{} {} {}".format, NUMBERS, ORDERED, NUMBERS),
    st.builds("{} {} {}".format, TEXTS, EQUAL, TEXTS),
    st.builds("{} {} {}".format, st.sampled_from("fg"), EQUAL, st.sampled_from(["f", "g", "true"])),
    st.builds("{} {} ({}, {})".format, NUMBERS, st.sampled_from(["IN", "NOT IN"]), NUMBERS, NUMBERS),
    st.builds("{} {} ({}, {})".format, TEXTS, st.sampled_from(["IN", "NOT IN"]), TEXTS, TEXTS),
    st.builds("{} {} {} AND {}".format, NUMBERS, st.sampled_from(["BETWEEN", "NOT BETWEEN"]), NUMBERS, NUMBERS),
    st.builds("{} IS {}".format, st.one_of(NUMBERS, TEXTS), st.sampled_from(["NULL", "NOT NULL"])),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("{} AND {}".format, inner, inner),
        st.builds("{} OR {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("NOT {}".format, inner),
        st.builds("COALESCE({}, f)".format, inner),
    ),
    max_leaves=6,
)
NUMBER, WORD, TRUTH = (
    st.sampled_from([None, -1, 0, 1, 2]),
    st.sampled_from([None, "a", "b", "it's"]),
    st.sampled_from([None, True, False]),
)
ROWS = st.lists(st.tuples(NUMBER, NUMBER, WORD, WORD, TRUTH, TRUTH), min_size=1, max_size=6)
NAMES = ("n", "m", "s", "t", "f", "g")


def columns_of(rows: list[tuple]) -> dict[str, Column]:
    makers = (whole, whole, text, text, flag, flag)
    return {name: make(*column) for name, make, column in zip(NAMES, makers, zip(*rows, strict=True), strict=True)}


@settings(deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_every_condition_is_answered_as_by_hand(condition: str, rows: list[tuple]):
    by_hand = read_condition(condition)
    wanted = [by_hand.evaluate(dict(zip(NAMES, row, strict=True))) for row in rows]
    found = holds(condition, columns_of(rows), len(rows))
    assert found == [UNKNOWN if truth is None else int(truth) for truth in wanted]


@settings(deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_a_row_alone_has_the_answer_it_has_in_company(condition: str, rows: list[tuple]):
    together = holds(condition, columns_of(rows), len(rows))
    assert [holds(condition, columns_of([row]), 1)[0] for row in rows] == together


@settings(deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_a_condition_holds_exactly_when_all_its_parts_do(condition: str, rows: list[tuple]):
    parts = parse_condition(condition, where="scope.where").parts
    answers = [evaluate(part, columns_of(rows), rows=len(rows)) for part in parts]
    order = {NO: 0, UNKNOWN: 1, YES: 2}
    least = [min(row, key=order.__getitem__) for row in zip(*(answer.tolist() for answer in answers), strict=True)]
    assert holds(condition, columns_of(rows), len(rows)) == least


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as opened:
        yield opened


@settings(deadline=None, max_examples=50)
@given(condition=CONDITIONS, rows=ROWS)
def test_every_condition_is_answered_as_a_database_does(database, condition: str, rows: list[tuple]):
    """A second opinion, of another parser and another arithmetic of unknowns."""
    database.execute("CREATE OR REPLACE TABLE lines (n BIGINT, m BIGINT, s TEXT, t TEXT, f BOOLEAN, g BOOLEAN)")
    database.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", rows)
    wanted = [truth for (truth,) in database.execute(f"SELECT {condition} FROM lines ORDER BY rowid").fetchall()]  # noqa: S608
    assert holds(condition, columns_of(rows), len(rows)) == [
        UNKNOWN if truth is None else int(truth) for truth in wanted
    ]
