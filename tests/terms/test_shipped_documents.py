"""The documents that come with the package: what each promises, in its own words and examples."""

from fractions import Fraction
from importlib.resources import files

import pytest

from houbei.terms.document import parse_terms
from houbei.terms.examples import facts_of
from houbei.terms.lengths import Length
from houbei.terms.model import Cap, Scope, Terms

FOLDER = files("houbei.terms").joinpath("shipped")
NAMES = sorted(path.name.removesuffix(".yaml") for path in FOLDER.iterdir())


def text_of(name: str) -> str:
    return FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def shipped(name: str) -> Terms:
    return parse_terms(text_of(name), where=f"{name}.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_document_loads_under_its_own_name(name: str):
    assert shipped(name).term == name


@pytest.mark.parametrize("name", NAMES)
def test_it_says_that_it_is_an_example_and_where_it_is_from(name: str):
    header = text_of(name).split("term:")[0]
    assert "not the retailer's current legal text" in header
    assert "Source:" in header
    assert "read 2026-11" in header


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_speaks_both_languages(name: str):
    for clause in shipped(name).clauses:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in clause.zh), clause.id
        assert clause.en.isascii(), clause.id


@pytest.mark.parametrize("name", NAMES)
def test_an_example_pays_and_another_refuses(name: str):
    terms = shipped(name)
    pays = [Fraction(outcome["pay"]) for example in terms.examples for outcome in example.then if "pay" in outcome]
    assert max(pays) > 0
    assert min(pays) == 0
    assert all(facts_of(example, terms=terms)["placed"] > 0 for example in terms.examples)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_states_every_attribute_that_its_conditions_name(name: str):
    terms = shipped(name)
    line = (terms.scope.columns if terms.scope else frozenset()) | set(terms.compare.same)
    for example in terms.examples:
        assert line <= example.given.keys()
        prices = (terms.compare.prices_where.columns if terms.compare.prices_where else frozenset()) | set(
            terms.compare.same
        )
        assert all(prices <= price.keys() for price in example.when)


@pytest.mark.parametrize(
    ("name", "closes_after", "length"),
    [
        ("jd-appliances", ("delivered",), Length(days=30)),
        ("jd-digital", ("delivered",), Length(exact_us=168 * 3_600_000_000)),
        ("jd-double-difference", ("paid",), Length(exact_us=24 * 3_600_000_000)),
        ("xiaomi-appliances", ("delivered",), Length(days=30)),
        ("dangdang-until-delivered", ("delivered",), Length(exact_us=0)),
        ("costco-us", ("placed",), Length(days=30)),
        ("target-us", ("paid",), Length(days=14)),
        ("apple-us", ("paid",), Length(days=14)),
        ("gutter-centre-uk", ("placed",), Length(days=11)),
        ("stump-de", ("paid",), Length(months=3)),
    ],
)
def test_each_counts_its_days_in_its_own_way(name: str, closes_after: tuple[str, ...], length: Length):
    window = shipped(name).window
    assert (window.closes_after.facts, window.length) == (closes_after, length)


def test_the_double_difference_is_capped_by_line_order_and_buyer():
    remedy = shipped("jd-double-difference").remedy
    assert remedy.times == 2
    assert remedy.caps == (
        Cap(scope=Scope.LINE, of_basis=Fraction(1)),
        Cap(scope=Scope.ORDER, amount="1000.00"),
        Cap(scope=Scope.BUYER, amount="4000.00", period="month"),
    )


def test_two_percent_on_top_and_a_tenth_at_most_are_exact():
    assert shipped("stump-de").remedy.plus_part == Fraction(1, 50)
    assert shipped("gutter-centre-uk").remedy.caps == (Cap(scope=Scope.LINE, of_basis=Fraction(1, 10)),)
