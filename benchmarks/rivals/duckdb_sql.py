"""The same promise in DuckDB's SQL.

Tried, and the fastest kept. Totals: ASOF joins on a sparse table of minima (twice the time of what stands here); one range
join on the SKU (kept where a SKU has few prices). Payouts: a running minimum over that range join (five times slower where
prices move often); links to the next lower price, with no window at the end (the same time).

What stands here rests on the *shadow* of a price: the end of the latest earlier price of the SKU that was as low. A line is
paid for a price exactly when it was placed after the shadow ended, before the price ended, and the price came before the
line closed. So each price is laid into the stretches of days that a line might have been placed in, and found by equality.

The amounts of a line's units differ by a cent at most, the larger first; so a line is owed `paid - quantity * lowest`, or
nothing, and a price equal to the smaller share moves only the units with the larger one.
"""

from pathlib import Path
from typing import Any

import duckdb

from benchmarks.rivals.job import DAY_US, FAR_US, SHANGHAI_US, STRETCH_US, SWEEP_DAYS, Job, add_up_windows, read_job

LAGS = 8
"""How many earlier prices are looked at for the shadow before a join has to find it."""
FEW_PRICES = 30
"""Up to so many prices a SKU, joining them all and filtering is faster than laying out shadows."""
LINE, PART_OF_LINE = "n", "n, part"
USABLE = "sku IS NOT NULL AND currency = 'CNY'"


def lines_sql(job: Job) -> str:
    """Select the lines: row number `n`, `line_id`, `sid`, `q`, `paid`, `opens`, `closes`, `day` of delivery."""
    day = f"(epoch_us(delivered_at) + {SHANGHAI_US}) // {DAY_US}"
    back = ", returned_at, least(returned_quantity, quantity) AS back" if job.dirty else ""
    alive = "coalesce(delivered_at >= placed_at, true)"
    usable = f"WHERE {USABLE} AND quantity > 0 AND paid_minor >= 0 AND {alive}" if job.dirty else ""
    first = "QUALIFY row_number() OVER (PARTITION BY line_id ORDER BY file_row_number) = 1" if job.dirty else ""
    lines = f"""
        SELECT file_row_number AS n, line_id, sid, quantity AS q, paid_minor AS paid, epoch_us(placed_at) AS opens,
            {day} AS day, coalesce(({day} + {job.days + 1}) * {DAY_US} - {SHANGHAI_US}, {FAR_US}) AS closes {back}
        FROM read_parquet('{job.orders}', file_row_number = true) JOIN series USING (sku) {usable} {first}"""
    return split_returns(lines) if job.dirty else lines


def split_returns(lines: str) -> str:
    """Part the units that came back, those with the larger share first, from those that were kept."""
    return f"""
        WITH l AS ({lines}), r AS (SELECT *, back * (paid // q) + least(back, paid % q) AS paid_back FROM l)
        SELECT n, line_id, sid, q, paid, opens, day, closes, 0 AS part FROM l WHERE back IS NULL
        UNION ALL
        SELECT n, line_id, sid, back, paid_back, opens, day, least(closes, epoch_us(returned_at)), 1 FROM r WHERE back > 0
        UNION ALL
        SELECT n, line_id, sid, q - back, paid - paid_back, opens, day, closes, 2 FROM r WHERE back < q"""


def read_prices(con: duckdb.DuckDBPyConnection, job: Job) -> None:
    """Number the SKUs, and give every price the moment it `ends` and, unless it lies far back, its shadow."""
    usable = f"WHERE {USABLE} AND price_minor >= 0" if job.dirty else ""
    con.execute(f"""CREATE TEMP TABLE series AS
        SELECT sku, (row_number() OVER ())::INTEGER AS sid FROM (SELECT DISTINCT sku FROM '{job.prices}')""")
    lags = ", ".join(f"lag(p, {k}) OVER w AS p{k}, lag(t, {k}) OVER w AS t{k}" for k in range(1, LAGS + 1))
    cases = " ".join(f"WHEN p{k} <= p THEN {'t' if k == 1 else f't{k - 1}'}" for k in range(1, LAGS + 1))
    con.execute(f"""CREATE TEMP TABLE near AS
        SELECT sid, t, p, price_id, ends, CASE {cases} WHEN t{LAGS} IS NULL THEN 0 END AS shadow FROM (
            SELECT *, lead(t, 1, {FAR_US}) OVER w AS ends, {lags} FROM (
                SELECT sid, epoch_us("at") AS t, price_minor AS p, price_id
                FROM '{job.prices}' JOIN series USING (sku) {usable})
            WINDOW w AS (PARTITION BY sid ORDER BY t))""")


def lay_out(con: duckdb.DuckDBPyConnection, orders: Path) -> None:
    """Lay each price into every stretch of days in which a line may be placed that is paid for it."""
    con.execute("""CREATE TEMP TABLE far AS
        SELECT a.sid, a.t, coalesce(max(b.ends), 0) AS shadow
        FROM near a LEFT JOIN near b ON a.sid = b.sid AND b.t < a.t AND b.p <= a.p WHERE a.shadow IS NULL GROUP BY ALL""")
    con.execute(f"""CREATE TEMP TABLE laid AS
        SELECT sid, shadow, t, ends, p, price_id, unnest(range(
            greatest(shadow, lo) // {STRETCH_US}, (least(ends, hi + 1) - 1) // {STRETCH_US} + 1)) AS stretch
        FROM (SELECT near.* REPLACE (coalesce(near.shadow, far.shadow) AS shadow) FROM near LEFT JOIN far USING (sid, t)),
            (SELECT min(epoch_us(placed_at)) AS lo, max(epoch_us(placed_at)) AS hi FROM '{orders}')
        WHERE ends > lo AND shadow <= hi""")


def paid_for(lines: str) -> str:
    """Join lines to exactly the prices that they are paid for."""
    return f"""({lines}) l JOIN laid ON l.sid = laid.sid AND opens // {STRETCH_US} = stretch
        AND opens >= shadow AND opens < ends AND t < closes WHERE paid > q * p"""


def count_totals(con: duckdb.DuckDBPyConnection, job: Job, *, key: str) -> dict[str, Any]:
    """Add up what is owed, without listing it."""
    (few,) = con.execute(
        f"SELECT (SELECT count(*) FROM near) <= {FEW_PRICES} * (SELECT count(*) FROM series)"
    ).fetchall()[0]
    if few:
        joined = (
            f"({lines_sql(job)}) l JOIN near ON l.sid = near.sid AND t < closes AND ends > opens WHERE paid > q * p"
        )
    else:
        lay_out(con, job.orders)
        joined = paid_for(lines_sql(job))
    counted = "count(*)" if key == LINE else "count(DISTINCT n)"
    owed_minor, lines_owed = con.execute(f"""SELECT coalesce(sum(owed), 0)::BIGINT, {counted} FROM (
        SELECT n, max(paid - q * p) AS owed FROM {joined} GROUP BY {key})""").fetchall()[0]
    return {"owed_minor": owed_minor, "lines_owed": lines_owed}


def steps_sql(lines: str, *, key: str) -> str:
    """Select every step of every line's mark; `before` is the price of the step before, null at the first."""
    return f"""
        SELECT n, line_id, day, greatest(t, opens) AS t, price_id, p, before,
            CASE WHEN p = paid // q THEN paid % q ELSE q END AS units,
            CASE WHEN before IS NULL THEN paid - q * p ELSE q * (before - p) END AS owed
        FROM (SELECT *, lag(p) OVER (PARTITION BY {key} ORDER BY t) AS before FROM {paid_for(lines)})"""


def write_payouts(con: duckdb.DuckDBPyConnection, job: Job, *, key: str) -> dict[str, Any]:
    """Write one row for each step, and add them up."""
    payouts = f"""SELECT line_id, make_timestamptz(t) AS "at", price_id, p AS price_minor, units AS quantity, owed AS owed_minor
        FROM ({steps_sql(lines_sql(job), key=key)})"""
    if key == PART_OF_LINE:
        payouts = f"""SELECT line_id, "at", price_id, price_minor, sum(quantity)::BIGINT AS quantity,
            sum(owed_minor)::BIGINT AS owed_minor FROM ({payouts}) GROUP BY ALL"""
    con.execute(f"COPY ({payouts}) TO '{job.payouts}'")
    payouts_count, owed_minor = con.execute(
        f"SELECT count(*), coalesce(sum(owed_minor), 0)::BIGINT FROM '{job.payouts}'"
    ).fetchall()[0]
    return {"payouts": payouts_count, "owed_minor": owed_minor}


def sweep_windows(con: duckdb.DuckDBPyConnection, job: Job) -> dict[str, Any]:
    """Add up what each window owes: the steps of the longest, each counted from the first window that reaches it."""
    first, last = SWEEP_DAYS
    day = f"least({last}, greatest({first}, coalesce((t + {SHANGHAI_US}) // {DAY_US} - day, 0)))"
    rows = con.execute(f"""SELECT {day} AS days, sum(owed)::BIGINT, count(*) FILTER (before IS NULL)
        FROM ({steps_sql(lines_sql(job), key=LINE)}) GROUP BY ALL""").fetchall()
    return add_up_windows(rows)


def main() -> None:
    """Do one job."""
    job = read_job(__doc__)
    con = duckdb.connect()
    con.execute(f"SET threads = {job.threads}; SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    key = PART_OF_LINE if job.dirty else LINE
    read_prices(con, job)
    if job.job == "totals":
        job.answer(count_totals(con, job, key=key))
        return
    lay_out(con, job.orders)
    job.answer(write_payouts(con, job, key=key) if job.job == "payouts" else sweep_windows(con, job))


if __name__ == "__main__":
    main()
