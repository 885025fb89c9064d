"""The page: findings and templates in, one HTML file out. It asks the network for nothing and says so in its own policy."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from houbei.backtest.report import sections, sentences, tables
from houbei.backtest.report.findings import Block, Findings, headline, read
from houbei.backtest.report.sections import Clause, Currency
from houbei.backtest.report.tables import Table
from houbei.backtest.report.tongue import Said, Tongue, tongues

PACKAGE = "houbei.backtest.report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The whole report in one language."""

    tongue: Tongue
    title: str
    question: Said
    answer: Said
    also: Sequence[Said]
    terms_line: Said
    terms_lang: str
    currencies: Sequence[Currency]
    clauses: Sequence[Clause]
    promise: Sequence[tuple[Said, object]]
    not_owed: Table | None
    inputs_title: Said
    inputs: Sequence[tuple[Said, object]]
    rejected: Table | None
    limits: Sequence[Said]
    sources: Said
    colophon: Said


def render(findings: Mapping[str, Any]) -> str:
    """Write the report of a backtest as one HTML file, both languages in it; the same findings give the same bytes.

    Args:
        findings: What the backtest found, in the shape of `findings.Findings`.

    Raises:
        InvariantError: a key of the findings is missing or holds something else.

    Cost: proportional to the days, lengths, bins and rows shown; about 150 KB of fonts and text to begin with.
    """
    found = read(findings)
    blocks = headline(found.currencies)
    return bound(
        [_speech(found, blocks, tongue) for tongue in _tongues(found)],
        body="speech.html",
        findings=found,
        command=sections.command(found.command),
    )


def bound(speeches: Sequence[Any], *, body: str, **values: object) -> str:
    """Bind what is said in both languages into one HTML file, with style, script and fonts inside.

    Args:
        speeches: One a language, with its `tongue`, `title` and `colophon`; the body says the rest.
        body: The template of what stands between head and foot.
        values: What else the body names.
    """
    style, script = _style(), _asset("report.js").decode()
    environment = Environment(
        loader=PackageLoader(PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        speeches=speeches,
        body=body,
        policy=_policy(style, script),
        seal=base64.b64encode(_asset("seal.svg")).decode(),
        style=Markup(style),  # noqa: S704  our own style sheet
        script=Markup(script),  # noqa: S704  our own script
        **values,
    )


def _tongues(found: Findings) -> tuple[Tongue, Tongue]:
    days = [found.first_day, found.last_day, *(day.date for block in found.currencies for day in block.days)]
    years = {date.fromisoformat(day).year for day in days if day is not None}
    return tongues(frozenset(block.currency for block in found.currencies), with_years=len(years) > 1)


def _speech(found: Findings, blocks: Sequence[Block], tongue: Tongue) -> Speech:
    question = sentences.question(found, tongue)
    title, title_lang = sentences.text_in(found.terms.title, tongue)
    not_owed = None
    if found.not_owed:
        not_owed = tables.not_owed_table(found, tongue, sentences.not_owed_title(found, tongue))
    rejected = tables.rejected_table(found, tongue, tongue.say("in_rejected")) if found.inputs.rejected else None
    return Speech(
        tongue=tongue,
        title=str(tongue.say("page_title", question=question)),
        question=question,
        answer=sentences.answer(blocks, tongue),
        also=sentences.also(blocks, tongue),
        terms_line=tongue.say("terms_line", title=title or found.terms.term, version=found.terms.version),
        terms_lang=title_lang,
        currencies=[sections.currency(block, found, tongue, alone=len(blocks) == 1) for block in blocks],
        clauses=sections.clauses(found, tongue),
        promise=sections.promise(found, tongue),
        not_owed=not_owed,
        inputs_title=sections.inputs_title(found, tongue),
        inputs=sections.inputs(found, tongue),
        rejected=rejected,
        limits=sentences.limits(found, tongue),
        sources=_sources(found, tongue),
        colophon=tongue.say("colophon", zone=found.zone, as_of=tongue.moment(found.as_of, found.zone)),
    )


def _sources(found: Findings, tongue: Tongue) -> Said:
    orders, prices = found.inputs.orders, found.inputs.prices
    if found.first_day is None or found.last_day is None:
        return tongue.say("again_inputs_plain", orders=orders, prices=prices)
    first, last = tongue.full_date(found.first_day), tongue.full_date(found.last_day)
    return tongue.say("again_inputs", orders=orders, prices=prices, first=first, last=last)


# --- what the file carries with it -----------------------------------------------------------------------------------


def _asset(name: str) -> bytes:
    return resources.files(PACKAGE).joinpath(name).read_bytes()


def _style() -> str:
    """Give the style sheet with its fonts inside."""

    def embedded(found: re.Match[str]) -> str:
        return f'url("data:font/woff2;base64,{base64.b64encode(_asset(found[1])).decode()}")'

    return re.sub(r'url\("(fonts/[^"]+)"\)', embedded, _asset("report.css").decode())


def _policy(style: str, script: str) -> str:
    """Allow exactly this style, this script, and what lies inside the file; nothing from anywhere else."""
    allowed = {"style-src": style, "script-src": script}
    hashes = {
        source: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for source, text in allowed.items()
    }
    own = "; ".join(f"{source} {value}" for source, value in hashes.items())
    return f"default-src 'none'; {own}; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
