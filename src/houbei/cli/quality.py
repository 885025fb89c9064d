"""`houbei quality`: the quality behind the promise."""

import shlex
from pathlib import Path

import click
import numpy as np

from houbei.demo.appliances import Plan, made_shop, write_shop
from houbei.errors import InputError
from houbei.money import text_of
from houbei.quality.report import render
from houbei.quality.run import QualityAnswer, QualityQuestion, run_quality
from houbei.store.terms_files import load_terms
from houbei.terms.moments import parse_moment

OUT = "houbei-quality"
"""Where the answer goes when nobody says."""
SAMPLE = Plan(skus=10, batches=6, batch_units=400, bad=20)
SAMPLE_SEED = 20


@click.command()
@click.option(
    "--orders", type=click.Path(path_type=Path), help="Order lines, CSV or Parquet; batch, supplier, unit_cost."
)
@click.option(
    "--claims", type=click.Path(path_type=Path), help="Claims, CSV or Parquet; outcome and costs where known."
)
@click.option(
    "--sample", is_flag=True, help="Invent a shop's orders and claims, write them beside the answer, and use them."
)
@click.option(
    "--terms",
    "terms_name",
    metavar="FILE",
    help="The promise: says until when units are covered. Needed for the reserve.",
)
@click.option("--as-of", "as_of", metavar="TIME", help="Later facts do not exist. Default: the latest in the inputs.")
@click.option("--zone", default="UTC", show_default=True, help="The zone of moments that name none, without --terms.")
@click.option(
    "--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The folder for the answer."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Draws the reserve's interval.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    orders: Path | None,
    claims: Path | None,
    sample: bool,
    terms_name: str | None,
    as_of: str | None,
    zone: str,
    out: Path,
    seed: int,
) -> int:
    """How often units fail, which batch goes bad, what the promise costs and what it will still cost.

    Writes summary.json, rejected.csv and report.html.
    """
    if sample:
        orders, claims = write_shop(made_shop(np.random.default_rng(SAMPLE_SEED), SAMPLE), out)
    if orders is None or claims is None:
        raise InputError(
            came="no --orders" if orders is None else "no --claims",
            where="houbei quality",
            expected="the files of both, or --sample",
            todo="Give --orders FILE --claims FILE.",
        )
    terms = None if terms_name is None else load_terms(terms_name)
    place = zone if terms is None else terms.zone
    question = QualityQuestion(
        orders=orders,
        claims=claims,
        out=out,
        terms=terms,
        zone=place,
        as_of_us=None if as_of is None else parse_moment(as_of, zone=place, where="--as-of"),
        seed=seed,
    )
    answer = run_quality(question)
    again = again_command(question, terms_name=terms_name, as_of=as_of)
    page = render(answer.summary, terms=terms, files=(orders.name, claims.name), command=again)
    (out / "report.html").write_text(page, encoding="utf-8")
    click.echo(in_sentences(answer))
    click.echo(f"Report: {out / 'report.html'}")
    return 0


def again_command(question: QualityQuestion, *, terms_name: str | None, as_of: str | None) -> str:
    """Write the command that gives the same report."""
    words = ["houbei", "quality", "--orders", str(question.orders), "--claims", str(question.claims)]
    words += ["--zone", question.zone] if terms_name is None else ["--terms", terms_name]
    if as_of is not None:
        words += ["--as-of", as_of]
    return shlex.join([*words, "--seed", str(question.seed)])


def in_sentences(answer: QualityAnswer) -> str:
    """Say what was found."""
    summary = answer.summary
    said = [
        f"{summary['faults']} of {summary['watched_units']} units watched failed; {summary['rejected']} rows rejected."
    ]
    said += [
        f"Batch {row['batch']} of {row['sku']}: {row['faults']} faults where its sisters would have had"
        f" {row['expected']:.1f}; warned of on {row['warned_at'][:10]}."
        for row in summary["batches"]
        if row["state"] == "warned"
    ]
    for block in summary["reserve"]:
        if block["expected_minor"] is not None:
            low, middle, high = (
                text_of(block[f"{key}_minor"], block["currency"]) for key in ("low", "expected", "high")
            )
            said.append(f"Still to come: {block['currency']} {middle}, 80 % between {low} and {high}.")
    return "\n".join(said)
