"""What was found, as the summary that is written and that the report shows: counts whole, rates with their ends, money in minor units."""

from fractions import Fraction
from typing import Any

import numpy as np

from houbei.backtest.claims_history import History, counted_rejections
from houbei.facts.moments import text_of_moment
from houbei.money import round_half_up
from houbei.quality.ages import curve_of, hazard_of
from houbei.quality.costs import Reports, costs_by_sku, severity_by_sku
from houbei.quality.observed import BAND_DAYS, Runs, Whole, faults_by_band, unit_days_by_band
from houbei.quality.rates import Rates, rates_by
from houbei.quality.reserve import Past, reserve_of
from houbei.quality.study import Study, covered_of, reports_of, unit_worth
from houbei.quality.watch import Verdicts, verdicts_of

Json = dict[str, Any]


def summary_of(study: Study, *, seed: int) -> Json:
    """Gather everything that was found; the same study and seed give the same summary."""
    history, lines = study.history, study.history.lines
    skus = list(lines.texts["sku"].values)
    reports = reports_of(study)
    placed = lines.moments["placed"][lines.live]
    verdicts = verdicts_of(study.faults, batches=len(study.batches), skus=len(skus))
    outcome = history.claims.outcome[study.claims]
    return {
        "as_of": text_of_moment(history.as_of_us),
        "first_placed": text_of_moment(int(placed.min())) if len(placed) else None,
        "zone": history.zone,
        "lines": int(lines.live.sum()),
        "units": int(lines.quantity[lines.live].sum()),
        "watched_units": int(study.faults.units.sum()),
        "undelivered_units": study.undelivered,
        "unit_days": round(float(study.faults.unit_days.sum())),
        "claims": len(study.claims),
        "faults": int(study.faults.faults.sum()),
        "undecided": int((outcome < 0).sum()),
        "refuted": int((~study.is_fault).sum()),
        "outside": study.outside,
        "again": study.again,
        "all": _groups(study.faults, np.zeros(len(study.faults), dtype=np.int64), [""])[0]
        if len(study.faults)
        else None,
        "groups": {
            "sku": _groups(study.faults, study.faults.sku, skus),
            "batch": _batch_groups(study),
            "supplier": _groups(study.faults, study.faults.supplier, _names(history, "supplier")),
        },
        "ages": _ages(study.faults),
        "batches": _batches(study, verdicts),
        "batches_compared": int(verdicts.compared.sum()),
        "batches_alone": int((~verdicts.compared).sum()),
        "costs": _costs(study, reports, skus),
        "reserve": _reserves(study, reports, skus, seed),
        "rejected": len(history.rejected()),
        "rejected_by_code": {
            "orders": counted_rejections(lines.findings),
            "claims": counted_rejections(history.claims.findings),
        },
        "unit_cost_known": "unit_cost" in history.order_columns,
        "delivery_known": bool({"delivered_at", "deliveries"} & history.order_columns),
        "terms_sha256": None if study.terms is None else study.terms.sha256,
        "seed": seed,
        "input_fingerprint": history.fingerprint,
    }


def _names(history: History, origin: str) -> list[str]:
    text = history.origins.get(origin)
    return [] if text is None else list(text.values)


def _exact(value: float) -> float | None:
    """Six digits say more than any interval here; JSON has no infinity."""
    return round(float(value), 6) if np.isfinite(value) else None


def _group(rates: Rates, code: int) -> Json:
    return {
        "units": int(rates.units[code]),
        "faults": int(rates.faults[code]),
        "unit_days": round(float(rates.unit_days[code])),
        "share_low": _exact(rates.share.low[code]),
        "share_high": _exact(rates.share.high[code]),
        "per_year": _exact(rates.rate[code]),
        "per_year_low": _exact(rates.rate_ends.low[code]),
        "per_year_high": _exact(rates.rate_ends.high[code]),
        "expected": round(float(rates.expected[code]), 2),
        "settled_times": _exact(rates.settled[code]),
        "at_least_times": _exact(rates.at_least[code]),
    }


def _groups(runs: Runs, codes: Whole, names: list[str]) -> list[Json]:
    rates = rates_by(runs, codes, len(names))
    return [{"name": names[code], **_group(rates, code)} for code in rates.ranked.tolist()]


def _batch_groups(study: Study) -> list[Json]:
    rates = rates_by(study.faults, study.faults.batch, len(study.batches))
    return [
        {"sku": study.batches[code][0], "name": study.batches[code][1], **_group(rates, code)}
        for code in rates.ranked.tolist()
    ]


def _ages(runs: Runs) -> Json:
    curve, hazard = curve_of(runs), hazard_of(runs)
    return {
        "weeks": [
            {
                "week": int(week),
                "failed": _exact(curve.failed[k]),
                "low": _exact(curve.ends.low[k]),
                "high": _exact(curve.ends.high[k]),
                "watched": int(curve.watched[k]),
                "faults": int(curve.faults[k]),
            }
            for k, week in enumerate(curve.weeks)
        ],
        "bands": [
            {
                "from_days": BAND_DAYS[band],
                "to_days": BAND_DAYS[band + 1] if band + 1 < len(BAND_DAYS) else None,
                "faults": int(hazard.faults[band]),
                "unit_days": round(float(hazard.unit_days[band])),
                "per_year": _exact(hazard.rate[band]),
                "low": _exact(hazard.ends.low[band]),
                "high": _exact(hazard.ends.high[band]),
            }
            for band in np.flatnonzero(hazard.unit_days >= 1).tolist()
        ],
    }


def _batches(study: Study, verdicts: Verdicts) -> list[Json]:
    """Say of every batch that is compared how it stands, the strongest evidence first."""
    order = np.lexsort((np.arange(len(study.batches)), -verdicts.peak))
    rows = []
    for code in order[verdicts.compared[order]].tolist():
        warned, watched = int(verdicts.warned_us[code]), int(verdicts.watched_us[code])
        expected = float(verdicts.expected[code])
        rows.append(
            {
                "sku": study.batches[code][0],
                "batch": study.batches[code][1],
                "state": "warned" if warned >= 0 else "watched" if watched >= 0 else "quiet",
                "faults": int(verdicts.faults[code]),
                "expected": round(expected, 2),
                "times": _exact(verdicts.faults[code] / expected) if expected else None,
                "times_low": _exact(verdicts.times.low[code]),
                "times_high": _exact(verdicts.times.high[code]),
                "odds_against_chance": round(float(np.exp(min(verdicts.peak[code], 40.0))), 1),
                "warned_at": text_of_moment(warned) if warned >= 0 else None,
                "watched_at": text_of_moment(watched) if watched >= 0 else None,
            }
        )
    return rows


def _costs(study: Study, reports: Reports, skus: list[str]) -> list[Json]:
    lines = study.history.lines
    currency, sku = (lines.texts[name].codes.astype(np.int64) for name in ("currency", "sku"))
    names = lines.texts["currency"].values
    blocks = []
    for code in _currencies(study):
        mine = lines.live & (currency == code)
        units, paid = np.zeros(len(skus), dtype=np.int64), np.zeros(len(skus), dtype=np.int64)
        np.add.at(units, sku[mine], lines.quantity[mine])
        np.add.at(paid, sku[mine], lines.paid_minor[mine])
        costs = costs_by_sku(reports, code, len(skus))
        rows: list[Json] = [
            {
                "sku": skus[k],
                "units": int(units[k]),
                "paid_minor": int(paid[k]),
                **{name: int(values[k]) for name, values in costs._asdict().items()},
                "net_per_unit_minor": round_half_up(Fraction(int(costs.net_minor[k]), int(units[k]))),
            }
            for k in np.flatnonzero(units).tolist()
        ]
        rows.sort(key=lambda row: (-row["net_minor"], row["sku"]))
        sums = {name: int(values.sum()) for name, values in costs._asdict().items()}
        blocks.append(
            {"currency": names[code], "units": int(units.sum()), "paid_minor": int(paid.sum()), **sums, "skus": rows}
        )
    return blocks


def _reserves(study: Study, reports: Reports, skus: list[str], seed: int) -> list[Json]:
    """The reserve of each currency; `expected_minor` is None with the reason where it cannot be said."""
    names = study.history.lines.texts["currency"].values
    past = Past(
        faults_by_band(study.reports, study.reports.sku, len(skus)),
        unit_days_by_band(study.reports, study.reports.sku, len(skus)),
    )
    return [
        {"currency": names[code], **_reserve(study, reports, past, code, np.random.default_rng([seed, code]))}
        for code in _currencies(study)
    ]


def _currencies(study: Study) -> list[int]:
    text, live = study.history.lines.texts["currency"], study.history.lines.live
    return sorted(np.unique(text.codes[live]).tolist(), key=lambda code: text.values[code])


def _reserve(study: Study, reports: Reports, past: Past, currency: int, chance: np.random.Generator) -> Json:
    skus = study.history.lines.texts["sku"].values
    covered = covered_of(study, currency)
    if covered is None:
        return {"expected_minor": None, "because": "no_terms" if study.terms is None else "no_end"}
    worth = unit_worth(study.history, covered.line) * covered.units
    units = np.bincount(covered.sku, weights=covered.units, minlength=len(skus))
    mean = np.bincount(covered.sku, weights=worth, minlength=len(skus)) / np.maximum(units, 1)
    opened = costs_by_sku(reports, currency, len(skus)).open
    found = reserve_of(
        covered.days_left(len(skus)),
        past,
        severity_by_sku(reports, currency, np.where(units > 0, mean, _worth_of_open(reports, currency, len(skus)))),
        opened,
        chance,
    )
    if found is None:
        return {"expected_minor": None, "because": "few_settled"}
    rows = [
        {"sku": skus[k], "expected_minor": _minor(float(found.by_sku[k]))}
        for k in np.flatnonzero(found.by_sku).tolist()
    ]
    return {
        "expected_minor": _minor(found.expected),
        "low_minor": _minor(found.low),
        "high_minor": _minor(found.high),
        "to_come_minor": _minor(found.to_come),
        "open_minor": _minor(found.open_claims),
        "covered_units": int(units.sum()),
        "expected_reports": round(found.reports, 1),
        "open_claims": int(opened.sum()),
        "unseen_share": _exact(found.unseen),
        "skus": sorted(rows, key=lambda row: (-int(row["expected_minor"]), row["sku"])),
    }


def _worth_of_open(reports: Reports, currency: int, skus: int) -> np.typing.NDArray[np.float64]:
    """What a unit of each SKU costs by its claims, for SKUs of which nothing is covered any more."""
    mine = reports.currency == currency
    total = np.bincount(reports.sku[mine], weights=reports.unit_minor[mine], minlength=skus)
    return total / np.maximum(np.bincount(reports.sku[mine], minlength=skus), 1)


def _minor(value: float) -> int:
    return round_half_up(Fraction(value))
