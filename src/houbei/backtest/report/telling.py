"""A report that tells what its figures found, whatever they are of: question, answer, four facts, drawings, limits, and how to repeat it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from houbei.backtest.report import sections
from houbei.backtest.report.figures import Figure
from houbei.backtest.report.findings import Texts
from houbei.backtest.report.page import bound
from houbei.backtest.report.sections import Clause, Fact
from houbei.backtest.report.sentences import text_in
from houbei.backtest.report.tables import Table
from houbei.backtest.report.tongue import Said, Tongue, Word, tongues
from houbei.terms.model import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A report in one language. `rows` are drawings, a pair side by side; `tables` stand beside what went in."""

    tongue: Tongue
    title: str
    question: Said
    answer: Said
    also: Sequence[Said]
    facts: Sequence[Fact]
    rows: Sequence[Sequence[Figure]]
    notes: Sequence[Said]
    clauses: Sequence[Clause]
    promise: Sequence[tuple[Said, object]]
    tables: Sequence[Table]
    inputs: Sequence[tuple[Said, object]]
    limits: Sequence[Said]
    sources: Said
    colophon: Said


def told(tellings: Sequence[Telling], *, command: str, fingerprint: str, as_of: str) -> str:
    """Write a report as one HTML file with both languages in it; the same tellings give the same bytes."""
    return bound(tellings, body="telling.html", command=sections.command(command), fingerprint=fingerprint, as_of=as_of)


def speaking(
    currencies: frozenset[str], *, with_years: bool, english: Mapping[str, Word], chinese: Mapping[str, Word]
) -> tuple[Tongue, Tongue]:
    """Make the two languages of a report that has words of its own beside, or instead of, those of every report."""
    en, zh = tongues(currencies, with_years=with_years)
    return replace(en, words={**en.words, **english}), replace(zh, words={**zh.words, **chinese})


def clauses_of(promises: Sequence[Terms], tongue: Tongue) -> list[Clause]:
    """Quote the clauses of some promises."""
    quoted = []
    for clause in (clause for terms in promises for clause in terms.clauses):
        text, lang = text_in(Texts(zh=clause.zh, en=clause.en), tongue)
        quoted.append(Clause(id=clause.id, text=text, lang=lang))
    return quoted
