"""The same promise in Polars expressions, streamed. See `duckdb_sql` for the shadow of a price, on which this rests.

Tried, and the fastest kept: a range join on the SKU (kept for totals where a SKU has few prices); ASOF joins on a sparse
table of minima (no faster, and everything in memory).
"""

from typing import Any

import polars as pl

from benchmarks.rivals.job import DAY_US, FAR_US, SHANGHAI_US, STRETCH_US, SWEEP_DAYS, Job, add_up_windows, read_job

LAGS = 8
"""How many earlier prices are looked at for the shadow before a join has to find it."""
FEW_PRICES = 30
"""Up to so many prices a SKU, joining them all and filtering is faster than laying out shadows."""


def us(column: str) -> pl.Expr:
    """Read a moment as microseconds."""
    return pl.col(column).dt.epoch("us")


def read_prices(job: Job) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the SKUs (`sku`, `sid`), and give every price the moment it `ends` and, unless far back, its shadow."""
    read = pl.scan_parquet(job.prices).select("sku", us("at").alias("t"), pl.col("price_minor").alias("p"), "price_id")
    rows = read.collect()
    series = rows.select(pl.col("sku").unique()).with_row_index("sid")
    rows = rows.join(series, on="sku").drop("sku").sort("sid", "t")
    same = [pl.col("sid").shift(k) == pl.col("sid") for k in range(LAGS + 1)]
    shadow: Any = pl.when(~same[1]).then(0)
    for k in range(1, LAGS + 1):
        shadow = shadow.when(pl.col("p").shift(k) <= pl.col("p")).then(pl.col("t").shift(k - 1))
        if k < LAGS:
            shadow = shadow.when(~same[k + 1]).then(0)
    ends = pl.when(pl.col("sid").shift(-1) == pl.col("sid")).then(pl.col("t").shift(-1)).otherwise(FAR_US)
    return series, rows.with_columns(ends=ends, shadow=shadow)


def lay_out(prices: pl.DataFrame, job: Job) -> pl.DataFrame:
    """Lay each price into every stretch of days in which a line may be placed that is paid for it."""
    unknown = prices.filter(pl.col("shadow").is_null()).select("sid", "t", "p")
    far = (
        unknown.lazy()
        .join(prices.lazy().select("sid", "ends", earlier="t", low="p"), on="sid")
        .filter((pl.col("earlier") < pl.col("t")) & (pl.col("low") <= pl.col("p")))
        .group_by("sid", "t")
        .agg(far=pl.col("ends").max())
        .collect(engine="streaming")
    )
    placed = pl.scan_parquet(job.orders).select(lo=us("placed_at").min(), hi=us("placed_at").max()).collect()
    lo, hi = placed.row(0)
    first = pl.max_horizontal("shadow", pl.lit(lo)) // STRETCH_US
    last = (pl.min_horizontal("ends", pl.lit(hi + 1)) - 1) // STRETCH_US
    return (
        prices.join(far, on=["sid", "t"], how="left")
        .with_columns(pl.coalesce("shadow", "far", pl.lit(0)).alias("shadow"))
        .drop("far")
        .filter((pl.col("ends") > lo) & (pl.col("shadow") <= hi))
        .with_columns(stretch=pl.int_ranges(first, last + 1))
        .explode("stretch")
    )


def read_lines(series: pl.DataFrame, job: Job) -> pl.LazyFrame:
    """Read the lines with their row number `n`, when they open and close, and the day of delivery."""
    day = (us("delivered_at") + SHANGHAI_US) // DAY_US
    return (
        pl.scan_parquet(job.orders, row_index_name="n")
        .join(series.lazy(), on="sku")
        .select(
            "n",
            "line_id",
            "sid",
            us("placed_at").alias("opens"),
            day.alias("day"),
            ((day + job.days + 1) * DAY_US - SHANGHAI_US).fill_null(FAR_US).alias("closes"),
            (us("placed_at") // STRETCH_US).alias("stretch"),
            q="quantity",
            paid="paid_minor",
        )
    )


def paid_for(lines: pl.LazyFrame, laid: pl.DataFrame) -> pl.LazyFrame:
    """Join lines to exactly the prices that they are paid for."""
    placed = (pl.col("opens") >= pl.col("shadow")) & (pl.col("opens") < pl.col("ends"))
    reached = (pl.col("t") < pl.col("closes")) & (pl.col("paid") > pl.col("q") * pl.col("p"))
    return lines.join(laid.lazy(), on=["sid", "stretch"]).filter(placed & reached)


def count_totals(lines: pl.LazyFrame, prices: pl.DataFrame, *, job: Job, series: pl.DataFrame) -> dict[str, Any]:
    """Add up what is owed, without listing it."""
    if len(prices) <= FEW_PRICES * len(series):
        reached = (pl.col("t") < pl.col("closes")) & (pl.col("ends") > pl.col("opens"))
        owing = lines.join(prices.lazy(), on="sid").filter(reached & (pl.col("paid") > pl.col("q") * pl.col("p")))
    else:
        owing = paid_for(lines, lay_out(prices, job))
    owed = owing.group_by("n").agg(owed=(pl.col("paid") - pl.col("q") * pl.col("p")).max())
    answer = owed.select(pl.col("owed").sum(), pl.len()).collect(engine="streaming")
    return {"owed_minor": answer.row(0)[0], "lines_owed": answer.row(0)[1]}


def steps(lines: pl.LazyFrame, laid: pl.DataFrame) -> pl.DataFrame:
    """Give every step of every line's mark; `before` is the price of the step before, null at the first."""
    wanted = ("n", "line_id", "day", "opens", "t", "price_id", "p", "q", "paid")
    rows = paid_for(lines, laid).select(wanted).collect(engine="streaming").sort("n", "t")
    before = pl.when(pl.col("n").shift(1) == pl.col("n")).then(pl.col("p").shift(1))
    rows = rows.with_columns(before=before)
    first_step = pl.col("paid") - pl.col("q") * pl.col("p")
    later_step = pl.col("q") * (pl.col("before") - pl.col("p"))
    only_larger = pl.col("p") == pl.col("paid") // pl.col("q")
    return rows.with_columns(
        owed=pl.when(pl.col("before").is_null()).then(first_step).otherwise(later_step),
        units=pl.when(only_larger).then(pl.col("paid") % pl.col("q")).otherwise(pl.col("q")),
        t=pl.max_horizontal("t", "opens"),
    )


def write_payouts(rows: pl.DataFrame, job: Job) -> dict[str, Any]:
    """Write one row for each step, and add them up."""
    rows.select(
        "line_id",
        pl.from_epoch("t", time_unit="us").dt.replace_time_zone("UTC").alias("at"),
        "price_id",
        price_minor="p",
        quantity="units",
        owed_minor="owed",
    ).write_parquet(job.payouts)
    return {"payouts": len(rows), "owed_minor": rows["owed"].sum()}


def sweep_windows(rows: pl.DataFrame) -> dict[str, Any]:
    """Add up what each window owes: the steps of the longest, each counted from the first window that reaches it."""
    reached = ((pl.col("t") + SHANGHAI_US) // DAY_US - pl.col("day")).fill_null(0).clip(*SWEEP_DAYS)
    by_days = rows.group_by(reached.alias("days")).agg(pl.col("owed").sum(), pl.col("before").is_null().sum())
    return add_up_windows(by_days.rows())


def main() -> None:
    """Do one job."""
    job = read_job(__doc__)
    series, prices = read_prices(job)
    lines = read_lines(series, job)
    if job.job == "totals":
        job.answer(count_totals(lines, prices, job=job, series=series))
        return
    rows = steps(lines, lay_out(prices, job))
    job.answer(write_payouts(rows, job) if job.job == "payouts" else sweep_windows(rows))


if __name__ == "__main__":
    main()
