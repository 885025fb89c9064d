"""`houbei backtest`: what a promise would have cost."""

import json
import re
import shlex
from pathlib import Path

import click

from houbei.backtest.arrivals_history import ArrivalFiles
from houbei.backtest.arrivals_run import ArrivalsQuestion
from houbei.backtest.claims_run import ClaimsQuestion
from houbei.backtest.findings import findings_of
from houbei.backtest.report import render
from houbei.backtest.run import Answer, Question, run_backtest
from houbei.cli.backtest_arrivals import backtest_arrivals
from houbei.cli.backtest_claims import backtest_claims
from houbei.cli.progress import shown_progress
from houbei.errors import InputError
from houbei.facts.moments import text_of_moment
from houbei.money import text_of
from houbei.store.terms_files import load_terms
from houbei.terms.model import Kind, Terms
from houbei.terms.moments import parse_moment

_WINDOW_DAYS_MAX = 730
OUT = "houbei-backtest"
"""Where the answer goes when nobody says."""


@click.command()
@click.option("--terms", "terms_names", multiple=True, required=True, metavar="FILE",
              help="The promise: a file, or the name of a shipped one. Several stand side by side in one report.")  # fmt: skip
@click.option("--orders", required=True, type=click.Path(path_type=Path), help="Order lines, CSV or Parquet.")
@click.option(
    "--prices", type=click.Path(path_type=Path), help="Price observations, CSV or Parquet: to try a price promise."
)
@click.option(
    "--claims", type=click.Path(path_type=Path), help="Claims, CSV or Parquet: to try a replacement or a return."
)
@click.option(
    "--promises", type=click.Path(path_type=Path), help="Promises shown, CSV or Parquet: to try a delivery promise."
)
@click.option("--scans", type=click.Path(path_type=Path), help="Scans of parcels, beside or without --promises.")
@click.option("--closures", type=click.Path(path_type=Path), help="Events that excuse, beside or without --promises.")
@click.option("--as-of", "as_of", metavar="TIME", help="Later facts do not exist. Default: the latest in the inputs.")
@click.option("--window", metavar="A..B", help="Also try every window length from A to B days.")
@click.option(
    "--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The folder for the answer."
)
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Batches side by side.")
@click.option("--decisions", is_flag=True, help="Also write decisions.parquet: of every line, why or why not.")
@click.option("--no-ways", is_flag=True, help="Do not compare one claim and a daily bot.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    terms_names: tuple[str, ...],
    orders: Path,
    prices: Path | None,
    claims: Path | None,
    promises: Path | None,
    scans: Path | None,
    closures: Path | None,
    as_of: str | None,
    window: str | None,
    out: Path,
    threads: int,
    no_ways: bool,
    decisions: bool,
) -> int:
    """What a promise would have cost on a history of orders and prices, of orders and claims, or of orders and arrivals.

    With --prices: writes summary.json, payouts.parquet, held.parquet, rejected.csv and report.html; several terms are tried one by one.
    With --claims: writes summary.json, answers.parquet, rejected.csv and report.html; several terms run side by side, as a shop's own
    and the law's do, and --window varies the first.
    With terms of the kind delivery_promise, and --promises unless they make their own: writes summary.json, payouts.parquet,
    held.parquet, rejected.csv and report.html.
    """
    documents = [load_terms(name) for name in terms_names]
    told = ArrivalFiles(orders=orders, promises=promises, scans=scans, closures=closures)
    if len(told.paths) > 1 or documents[0].kind is Kind.DELIVERY_PROMISE:
        others = (prices, claims, window, decisions or None, no_ways or None)
        return _backtest_arrivals(documents, terms_names, told, as_of=as_of, out=out, others=others)
    lengths = None if window is None else read_window(window)
    if claims is not None and prices is None:
        until = None if as_of is None else parse_moment(as_of, zone=documents[0].zone, where="--as-of")
        asked = ClaimsQuestion(
            promises=tuple(documents), orders=orders, claims=claims, out=out, as_of_us=until, window=lengths
        )
        return backtest_claims(asked, again=again_command(terms_names, orders, claims, as_of, window, facts="--claims"))
    if prices is None or claims is not None:
        raise _one_of_both("neither --prices nor --claims" if prices is None else "both --prices and --claims")
    for terms in documents:
        _check_about_prices(terms)
    answers = []
    for terms in documents:
        question = Question(
            terms=terms,
            orders=orders,
            prices=prices,
            out=out if len(documents) == 1 else out / terms.sha256[:8],
            as_of_us=None if as_of is None else parse_moment(as_of, zone=terms.zone, where="--as-of"),
            window=lengths,
            ways=not no_ways,
            decisions=decisions,
            threads=threads,
        )
        with shown_progress(f"{terms.term}: " if len(documents) > 1 else "") as progress:
            answers.append(run_backtest(question, progress))
        write_question(answers[-1])
    again = again_command(terms_names, orders, prices, as_of, window)
    (out / "report.html").write_text(render(findings_of(answers, command=again)), encoding="utf-8")
    _tell(answers, out)
    return 0


def _tell(answers: list[Answer], out: Path) -> None:
    """Say what price promises would have cost, and where the report is."""
    for answer in answers:
        click.echo(in_one_sentence(answer))
    if endless := answers[0].reconciliation["prices"]["endless_special_prices"]:
        click.echo(
            f"houbei: {endless} prices of a kind other than list name no end (until): each holds until its series' next row,"
            " or for ever. Give them an until.",
            err=True,
        )
    click.echo(f"Report: {out / 'report.html'}")


def _backtest_arrivals(
    documents: list[Terms],
    names: tuple[str, ...],
    files: ArrivalFiles,
    *,
    as_of: str | None,
    out: Path,
    others: tuple[object, ...],
) -> int:
    """Try one delivery promise; `others` are options that are not about arrivals."""
    if len(documents) > 1 or any(option is not None for option in others):
        raise InputError(
            came="several --terms"
            if len(documents) > 1
            else "--prices, --claims, --window, --decisions or --no-ways beside a delivery promise",
            where="houbei backtest",
            expected="one delivery promise, with --promises, --scans and --closures",
            todo="Try each promise by itself.",
        )
    words = ["houbei", "backtest", "--terms", names[0]]
    for option in ("orders", "promises", "scans", "closures"):
        path = getattr(files, option)
        words += [] if path is None else [f"--{option}", str(path)]
    words += [] if as_of is None else ["--as-of", as_of]
    until = None if as_of is None else parse_moment(as_of, zone=documents[0].zone, where="--as-of")
    asked = ArrivalsQuestion(terms=documents[0], files=files, out=out, as_of_us=until)
    return backtest_arrivals(asked, again=shlex.join(words))


def _one_of_both(came: str) -> InputError:
    return InputError(
        came=came,
        where="houbei backtest",
        expected="--prices to try a price promise, --claims to try a replacement or a return, --promises to try arrivals",
        todo="Give one of them.",
    )


def _check_about_prices(terms: Terms) -> None:
    if terms.kind is not Kind.PRICE_PROTECTION:
        raise InputError(
            came=f"{terms.term}, a document of the kind {terms.kind}",
            where="--terms",
            expected="price_protection: what a price history can be asked about",
            todo="Give --claims, a history of claims, to try a replacement or a return.",
        )


def read_window(text: str) -> tuple[int, int]:
    """Read `7..90`.

    Raises:
        InputError: it is not two whole numbers of days, the smaller one first.
    """
    found = re.fullmatch(r"(\d{1,4})\.\.(\d{1,4})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= _WINDOW_DAYS_MAX:
        raise InputError(
            came=f"{text!r}",
            where="--window",
            expected=f"two numbers of days from 1 to {_WINDOW_DAYS_MAX}, the smaller first, like 7..90",
            todo="Correct the option.",
        )
    return int(found[1]), int(found[2])


def again_command(
    terms_names: tuple[str, ...],
    orders: Path,
    told: Path,
    as_of: str | None,
    window: str | None,
    *,
    facts: str = "--prices",
) -> str:
    """Write the command that gives the same report; `facts` names the option that the second file is given with."""
    words = ["houbei", "backtest"]
    for name in terms_names:
        words += ["--terms", name]
    words += ["--orders", str(orders), facts, str(told)]
    if as_of is not None:
        words += ["--as-of", as_of]
    if window is not None:
        words += ["--window", window]
    return shlex.join(words)


def write_question(answer: Answer) -> None:
    """Keep what was asked beside the answer, so that `houbei explain` can ask it again of one line."""
    question = answer.question
    kept = {
        "terms": dict(question.terms.document),
        "orders": str(question.orders.resolve()),
        "prices": str(question.prices.resolve()),
        "as_of": text_of_moment(answer.inputs.as_of_us),
    }
    (question.out / "question.json").write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")


def in_one_sentence(answer: Answer) -> str:
    """Say what the promise would have cost, one sentence a currency."""
    terms: Terms = answer.question.terms
    sentences = []
    for block in answer.summary["currencies"]:
        currency = block["currency"]
        owed, revenue = block["owed_minor"], block["revenue_minor"]
        hundredths = (owed * 20_000 + revenue) // (2 * revenue) if revenue else 0
        sentences.append(
            f"{terms.term}: {currency} {text_of(owed, currency)} owed on {currency} {text_of(revenue, currency)} of sales,"
            f" {hundredths // 100}.{hundredths % 100:02d} %."
        )
    summary = answer.summary
    counts = (
        f"{summary['lines_owed']} of {summary['lines']} lines owed, {summary['payouts']} payouts;"
        f" {summary['rejected']} rows rejected, {summary['undecided']} undecided, {summary['held']} held."
    )
    return "\n".join([*(sentences or [f"{terms.term}: no lines."]), counts])
