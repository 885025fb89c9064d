"""What is a condition and what is not: the language, its limits, its parts."""

import os
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from houbei.errors import TermsError
from houbei.terms.conditions import parse_condition


def read(text: str):
    return parse_condition(text, where="terms.yaml, scope.where")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("category IN ('fridge', 'washer') AND seller = 'self' AND NOT gift", {"category", "seller", "gift"}),
        ("gift", {"gift"}),
        ("true", set()),
        ("weight BETWEEN 1 AND 5 OR weight IS NULL", {"weight"}),
        ("COALESCE(weight, 0) + 2 * 3 - 1 >= 5", {"weight"}),
        ("(weight = 1) IS NOT NULL", {"weight"}),
        ("seller = 'it''s' AND seller NOT IN ('a')", {"seller"}),
        ("- weight < -3", {"weight"}),
        ("品类 = '冰箱'", {"品类"}),
        ('"in" = 1 AND "a column" = 2 AND "say ""hi""" = 3', {"in", "a column", 'say "hi"'}),
        ("date = 1 AND text = 2 AND first = 3 AND end = 4", {"date", "text", "first", "end"}),
        ("weight × 2 − 1 > 0", {"weight"}),
        ("a=1 AND(b=2)", {"a", "b"}),
    ],
)
def test_a_condition_of_the_language_is_read_with_the_columns_it_names(text: str, columns: set[str]):
    assert read(text).columns == columns


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        ("", "no condition"),
        ("   ", "no condition"),
        ("weight / 2 = 1", "no division"),
        ("weight = 1.5", "Decimals"),
        ("a.b = 1", "Decimals"),
        ("weight = 1e5", "what the language has"),
        ("weight != 1", "Write <>"),
        ("weight == 1", "missing value"),
        ("seller LIKE 'a%'", "operator between"),
        ("seller || 'a' = 'b'", "what the language has"),
        ("abs(weight) = 1", "no functions"),
        ("CAST(weight AS text) = '1'", "no functions"),
        ("weight::text = '1'", "what the language has"),
        ("date '2026-01-01' = placed", "operator between"),
        ("CASE WHEN gift THEN true END", "operator between"),
        ("EXISTS (SELECT 1)", "no functions"),
        ("weight IN (SELECT 1)", "operator between"),
        ("weight IN 1", "Write IN"),
        ("weight IN ()", "Write IN"),
        ("(weight, weight) = (1, 2)", "parentheses"),
        ("weight = NULL", "IS NULL"),
        ("COALESCE(weight, NULL) = 1", "IS NULL"),
        ("weight NOT NULL", "IS NULL"),
        ("weight NOTNULL", "operator between"),
        ("gift IS TRUE", "IS NULL"),
        ("weight IS NOT DISTINCT FROM 1", "operator between"),
        ("COALESCE", "COALESCE(fact"),
        ("COALESCE()", "missing value"),
        ("weight = 1 -- a note", "no comments"),
        ("weight = 1 /* a note */", "no division"),
        ("weight = 1; weight = 2", "what the language has"),
        ("'one' 'two' = seller", "operator between"),
        ("'open", "Close the text"),
        ('"open', "Close the name"),
        ("seller = `a`", "what the language has"),
        ("weight = $1", "what the language has"),
        ("weight = ?", "what the language has"),
        ("weight =", "missing value"),
        ("= 1", "missing value"),
        ("gift AND", "missing value"),
        ("AND gift", "missing value"),
        ("NOT", "missing value"),
        ("(gift", "missing value"),
        ("gift)", "missing value"),
        ("weight BETWEEN 1 AND", "missing value"),
        ("weight = 1 IS NULL", "parentheses"),
        ("weight = 1 = gift", "parentheses"),
        ("1 < weight < 3", "parentheses"),
        ("gift = NOT gift", "parentheses"),
        ("weight IN (1) IN (true)", "parentheses"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(text: str, todo: str):
    with pytest.raises(TermsError) as refused:
        read(text)
    assert todo in refused.value.todo
    assert refused.value.where == "terms.yaml, scope.where"


@pytest.mark.parametrize(
    "text", ["seller < 'b'", "seller + 1 = 2 AND 'a' + 1 = 2", "NOT 5", "'a'", "1 = 'a'", "gift < true"]
)
def test_kinds_that_no_data_could_mend_are_refused_before_there_is_any(text: str):
    with pytest.raises(TermsError):
        read(text)


@pytest.mark.parametrize(
    "column", ["paid", "PAID_minor", "price", "price_minor", "delivered_at", "at", "until", '"At"']
)
def test_money_and_time_cannot_be_named(column: str):
    with pytest.raises(TermsError, match=column.strip('"')):
        read(f"{column} = 1")


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        ("seller = '" + "x" * 4085 + "'", "seller = '" + "x" * 4086 + "'"),
        (" OR ".join(["a"] * 100), " OR ".join(["a"] * 101)),
        ("(" * 32 + "a" + ")" * 32, "(" * 33 + "a" + ")" * 33),
        ("NOT " * 32 + "a", "NOT " * 33 + "a"),
        ("NOT (" * 16 + "a" + ")" * 16, "NOT (" * 16 + "NOT a" + ")" * 16),
        ("-" + " -" * 31 + "1 = a", "-" + " -" * 32 + "1 = a"),
        ("a = " + "9" * 18, "a = " + "9" * 19),
    ],
    ids=["bytes", "words", "parentheses", "nots", "both", "minus signs", "digits"],
)
def test_a_limit_is_met_exactly(fits: str, too_much: str):
    assert read(fits)
    with pytest.raises(TermsError):
        read(too_much)


def test_a_text_counts_in_bytes_and_not_in_letters():
    with pytest.raises(TermsError, match="bytes"):
        read("seller = '" + "冰" * 1400 + "'")


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * 20_000 + " > 0",
        "(" * 20_000 + "a" + ")" * 20_000,
        "1" + "+1" * 900 + ">0",
        "NOT " * 1000 + "a",
        "-" * 4000,
    ],
)
def test_what_would_overflow_a_parser_is_refused_before_it_is_parsed(text: str):
    with pytest.raises(TermsError):
        read(text)


def test_top_level_ands_become_parts_in_the_words_of_the_author():
    condition = read("a BETWEEN 1 AND 2 AND  (b OR c) AND NOT d=1  AND e IN ('x AND y')")
    assert [part.text for part in condition.parts] == ["a BETWEEN 1 AND 2", "(b OR c)", "NOT d=1", "e IN ('x AND y')"]
    assert [sorted(part.columns) for part in condition.parts] == [["a"], ["b", "c"], ["d"], ["e"]]


@pytest.mark.parametrize(
    "text", ["a OR b AND c", "a AND b OR c", "NOT (a AND b)", "a", "a BETWEEN 1 AND 2", "(a AND b)"]
)
def test_a_condition_without_an_and_that_joins_the_whole_is_its_own_part(text: str):
    condition = read(text)
    assert condition.parts == (condition,)


def test_the_parser_is_loaded_only_for_a_condition():
    script = "import houbei.terms.document, sys; sys.exit('sqlglot' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", script], check=False, env=environment).returncode == 0


WORDS = st.sampled_from(
    [
        *("AND", "or", "NOT", "(", ")", "=", "<>", "<", ">=", "IN", "BETWEEN", "IS", "NULL", "COALESCE", "+", "-", "×"),
        *(",", "1", "'a'", "''", "gift", "weight", '"', "'", "true", "LIKE", "interval", "date", ".", "/", "*", ";"),
        "--",
    ]
)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map("".join)
    )
)
@example("COALESCE ( COALESCE")
@example("a IN ( )")
@example("'\ud800' = a")
@example("interval '1' = a")
def test_whatever_is_written_is_either_read_or_refused(text: str):
    try:
        condition = read(text)
    except TermsError:
        return
    assert condition.parts
