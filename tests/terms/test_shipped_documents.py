"""The documents that come with the package: what each promises, in its own words and examples."""

from dataclasses import replace
from fractions import Fraction
from importlib.resources import files

import pytest

from houbei.examples.arrivals import run_arrivals
from houbei.examples.check import check_examples
from houbei.examples.reports import run_reports
from houbei.store.terms_files import load_terms, shipped_terms, statutes
from houbei.terms.document import parse_terms
from houbei.terms.examples import facts_of
from houbei.terms.lengths import Length
from houbei.terms.model import Cap, Kind, Scope, Terms

NAMES = sorted(path.name.removesuffix(".yaml") for path in files("houbei.terms").joinpath("shipped").iterdir())
STATUTES = sorted(path.name.removesuffix(".yaml") for path in files("houbei.terms").joinpath("statute").iterdir())
ALL = [*NAMES, *STATUTES]


def text_of(name: str) -> str:
    folder = "statute" if name in STATUTES else "shipped"
    return files("houbei.terms").joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")


def shipped(name: str) -> Terms:
    return parse_terms(text_of(name), where=f"{name}.yaml")


PRICES = [name for name in ALL if shipped(name).kind is Kind.PRICE_PROTECTION]
ARRIVALS = [name for name in ALL if shipped(name).kind is Kind.DELIVERY_PROMISE]
REPORTS = [name for name in ALL if name not in (*PRICES, *ARRIVALS)]


@pytest.mark.parametrize("name", ALL)
def test_a_shipped_document_loads_under_its_own_name(name: str):
    assert shipped(name).term == name


@pytest.mark.parametrize("name", ALL)
def test_a_buyer_is_spoken_to_as_everywhere(name: str):
    assert "您" not in text_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_that_it_is_an_example_and_where_it_is_from(name: str):
    header = text_of(name).split("term:")[0]
    assert "not the retailer's current legal text" in header
    assert "Source:" in header
    assert "read 2026-11" in header


@pytest.mark.parametrize("name", ALL)
def test_every_clause_speaks_both_languages(name: str):
    for clause in shipped(name).clauses:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in clause.zh), clause.id
        assert clause.en.isascii(), clause.id


@pytest.mark.parametrize("name", PRICES)
def test_an_example_pays_and_another_refuses(name: str):
    terms = shipped(name)
    pays = [Fraction(outcome["pay"]) for example in terms.examples for outcome in example.then if "pay" in outcome]
    assert max(pays) > 0
    assert min(pays) == 0
    assert all(facts_of(example, terms=terms)["placed"] > 0 for example in terms.examples)


@pytest.mark.parametrize("name", PRICES)
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


REMEDIES = {"replace", "refund", "repair"}


@pytest.mark.parametrize("name", STATUTES)
def test_a_statute_says_that_it_needs_a_lawyer_and_where_each_number_is_from(name: str):
    header = text_of(name).split("term:")[0]
    assert "NEEDS A LAWYER" in header
    assert "Source:" in header
    assert "2026-11" in header or "(1995)" in header
    assert shipped(name).statute
    assert load_terms(name).sha256 == shipped(name).sha256
    length = shipped(name).window.length
    assert length is not None
    number = next(n for n in (length.years, length.months, length.days) if n)
    words = {1: "year", 2: "2 years", 3: "Three years"}
    assert any(said in header for said in (f"{number} days", words.get(number, ""), "three years") if said), header


def test_no_promise_of_a_shop_is_a_statute():
    assert not any(shipped(name).statute for name in NAMES)


def test_a_place_has_the_statutes_of_its_country_and_of_its_union():
    assert [terms.term for terms in statutes("CN")] == [name for name in STATUTES if name.startswith("cn-")]
    assert {terms.term for terms in statutes("DE-BY")} == {"eu-conformity", "eu-conformity-repaired"}
    assert all(terms.jurisdiction == "GB" for terms in statutes("GB"))
    assert statutes("US") == []
    assert not set(STATUTES) & set(shipped_terms())


@pytest.mark.parametrize("name", REPORTS)
def test_an_example_gives_a_remedy_and_another_refuses(name: str):
    answers = {outcome["answer"] for example in shipped(name).examples for outcome in example.then}
    assert answers & REMEDIES
    if name != "cn-sanbao-15":
        assert "refuse" in answers


@pytest.mark.parametrize("name", REPORTS)
def test_every_example_of_reports_comes_out_as_written_and_another_answer_does_not(name: str):
    terms = shipped(name)
    assert check_examples(terms, where=name) == []
    for example in terms.examples:
        for place, outcome in enumerate(example.then):
            others = ["refuse", "refer", "same_case", *REMEDIES] if place == 0 else ["refer"]
            for answer in set(others) - {outcome["answer"]}:
                then = tuple({"answer": answer} if k == place else one for k, one in enumerate(example.then))
                other = replace(terms, examples=(replace(example, then=then),))
                assert len(check_examples(other, where=name)) == 1


OWED = {"pay", "points", "held", "held_points"}


@pytest.mark.parametrize("name", ARRIVALS)
def test_an_example_of_an_arrival_pays_and_another_does_not(name: str):
    examples = shipped(name).examples
    assert any(OWED & outcome.keys() for example in examples for outcome in example.then)
    assert any(not OWED & outcome.keys() for example in examples for outcome in example.then)


@pytest.mark.parametrize("name", ARRIVALS)
def test_every_example_of_an_arrival_comes_out_as_written_and_another_outcome_does_not(name: str):
    terms = shipped(name)
    assert check_examples(terms, where=name) == []
    for example in terms.examples:
        for place, outcome in enumerate(example.then):
            word = next(key for key in ("verdict", *sorted(OWED)) if key in outcome)
            other: dict[str, str] = {"verdict": "open"} if word == "verdict" else {word: "1"}
            then = tuple(other if k == place else one for k, one in enumerate(example.then))
            assert len(check_examples(replace(terms, examples=(replace(example, then=then),)), where=name)) == 1
            without = tuple(one for k, one in enumerate(example.then) if k != place)
            if word != "verdict":
                assert check_examples(replace(terms, examples=(replace(example, then=without),)), where=name)


@pytest.mark.parametrize("name", ARRIVALS)
def test_an_example_of_an_arrival_in_another_order_comes_to_the_same(name: str):
    terms = shipped(name)
    for example in terms.examples:
        if not any({"dispute", "upheld", "dismissed"} & row.keys() for row in example.when):
            turned = replace(example, when=example.when[::-1])
            assert run_arrivals(turned, terms=terms) == run_arrivals(example, terms=terms)


def test_the_promise_of_the_new_year_is_about_the_goods_of_the_other_two():
    named = ("jd-appliances-spring-festival", "jd-appliances", "jd-appliances-180")
    assert len({shipped(name).scope.text for name in named}) == 1


@pytest.mark.parametrize("name", REPORTS)
def test_an_example_in_another_order_comes_to_the_same(name: str):
    terms = shipped(name)
    for example in terms.examples:
        turned = replace(example, when=example.when[::-1], then=example.then[::-1])
        if "same_case" not in {outcome["answer"] for outcome in example.then}:
            assert run_reports(turned, terms=terms) == run_reports(example, terms=terms)[::-1]


@pytest.mark.parametrize(
    ("name", "opens", "closes_after", "length"),
    [
        ("jd-appliances-180", None, ("delivered",), Length(days=180)),
        ("jd-365-insured", Length(days=7), ("completed",), Length(days=365)),
        ("jd-180-insured", Length(days=7), ("completed",), Length(days=180)),
        ("jd-pop-30-exchange", None, ("delivered",), Length(exact_us=720 * 3_600_000_000)),
        ("cn-sanbao-7", None, ("delivered",), Length(days=7)),
        ("cn-sanbao-15", None, ("delivered",), Length(days=15)),
        ("cn-sanbao-year", None, ("delivered",), Length(years=1)),
        ("cn-sanbao-main-parts", None, ("delivered",), Length(years=3)),
        ("eu-conformity", None, ("delivered",), Length(years=2)),
        ("eu-conformity-repaired", None, ("delivered",), Length(years=3)),
        ("uk-short-term-reject-installed", None, ("delivered", "installed"), Length(days=30)),
    ],
)
def test_each_window_of_a_replacement(name: str, opens: Length | None, closes_after: tuple[str, ...], length: Length):
    window = shipped(name).window
    assert (window.opens.plus, window.closes_after.facts, window.length) == (opens, closes_after, length)
