"""The same promise in ClickHouse's SQL, embedded (chDB). See `duckdb_sql` for the shadow of a price, on which this rests.

Tried, and the fastest kept: one join on the SKU of every line with every price (a third slower, even where a SKU has few
prices). The shadow is found by arrays, a SKU a row, which is faster here than window functions.
"""

from typing import Any

from chdb.session import Session

from benchmarks.rivals.job import DAY_US, FAR_US, SHANGHAI_US, STRETCH_US, SWEEP_DAYS, Job, add_up_windows, read_job


def ask(session: Session, query: str) -> list[list[int]]:
    """Run a query whose answer, if any, is rows of whole numbers."""
    return [[int(cell) for cell in row.split(",")] for row in str(session.query(query, "CSV")).splitlines()]


def read_prices(session: Session, job: Job) -> None:
    """Number the SKUs, and give every price the moment it `ends` and its shadow."""
    prices = f"file('{job.prices}', Parquet)"
    ask(session, "CREATE DATABASE b")
    ask(
        session,
        f"""CREATE TABLE b.series ENGINE = Memory AS
        SELECT assumeNotNull(sku) AS sku, toUInt32(rowNumberInAllBlocks()) AS sid FROM (SELECT DISTINCT sku FROM {prices})""",
    )
    ask(
        session,
        f"""CREATE TABLE b.prices ENGINE = Memory AS
        SELECT sid, x.1 AS t, x.2 AS p, x.3 AS price_id, x.4 AS ends, x.5 AS shadow FROM (
            SELECT s.sid AS sid,
                arraySort(groupArray((toUnixTimestamp64Micro(assumeNotNull(at)), assumeNotNull(price_minor),
                    assumeNotNull(price_id)))) AS rows, rows.1 AS ts, rows.2 AS ps,
                arrayPushBack(arrayPopFront(ts), {FAR_US}) AS es,
                arrayMap(i -> es[arrayLastIndex(v -> v <= ps[i], arraySlice(ps, 1, i - 1))], arrayEnumerate(ps)) AS shadows
            FROM {prices} AS f JOIN b.series AS s ON f.sku = s.sku GROUP BY s.sid)
        ARRAY JOIN arrayZip(ts, ps, rows.3, es, shadows) AS x""",
    )


def lay_out(session: Session, job: Job) -> None:
    """Lay each price into every stretch of days in which a line may be placed that is paid for it."""
    ask(
        session,
        f"""CREATE TABLE b.laid ENGINE = Memory AS
        WITH (SELECT toUnixTimestamp64Micro(min(assumeNotNull(placed_at))) FROM file('{job.orders}', Parquet)) AS lo,
            (SELECT toUnixTimestamp64Micro(max(assumeNotNull(placed_at))) FROM file('{job.orders}', Parquet)) AS hi
        SELECT sid, shadow, t, ends, p, price_id, toInt32(arrayJoin(range(
            toUInt64(intDiv(greatest(shadow, assumeNotNull(lo)), {STRETCH_US})),
            toUInt64(intDiv(least(ends, assumeNotNull(hi) + 1) - 1, {STRETCH_US}) + 1)))) AS stretch
        FROM b.prices WHERE ends > assumeNotNull(lo) AND shadow <= assumeNotNull(hi)""",
    )


def paid_for(job: Job) -> str:
    """Join lines to exactly the prices that they are paid for."""
    return f"""(
        SELECT rowNumberInAllBlocks() AS n, f.line_id AS line_id, s.sid AS sid, assumeNotNull(f.quantity) AS q,
            assumeNotNull(f.paid_minor) AS paid, toUnixTimestamp64Micro(assumeNotNull(f.placed_at)) AS opens,
            toInt32(intDiv(opens, {STRETCH_US})) AS stretch,
            intDiv(toUnixTimestamp64Micro(f.delivered_at) + {SHANGHAI_US}, {DAY_US}) AS day,
            ifNull((day + {job.days + 1}) * {DAY_US} - {SHANGHAI_US}, {FAR_US}) AS closes
        FROM file('{job.orders}', Parquet) AS f JOIN b.series AS s ON f.sku = s.sku) AS l
        JOIN b.laid AS x ON l.sid = x.sid AND l.stretch = x.stretch
        WHERE opens >= shadow AND opens < ends AND t < closes AND paid > q * p"""


def steps_sql(job: Job) -> str:
    """Select every step of every line's mark; `before` is the price of the step before, null at the first."""
    return f"""SELECT line_id, day, greatest(t, opens) AS t, price_id, p, before, if(p = intDiv(paid, q), paid % q, q) AS units,
            if(isNull(before), paid - q * p, q * (assumeNotNull(before) - p)) AS owed
        FROM (SELECT n, line_id, q, paid, opens, day, t, price_id, p, lagInFrame(toNullable(p)) OVER (
            PARTITION BY n ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before FROM {paid_for(job)})"""


def count_totals(session: Session, job: Job) -> dict[str, Any]:
    """Add up what is owed, without listing it."""
    [[owed_minor, lines_owed]] = ask(
        session, f"SELECT sum(owed), count() FROM (SELECT max(paid - q * p) AS owed FROM {paid_for(job)} GROUP BY n)"
    )
    return {"owed_minor": owed_minor, "lines_owed": lines_owed}


def write_payouts(session: Session, job: Job) -> dict[str, Any]:
    """Write one row for each step, and add them up."""
    ask(
        session,
        f"""SELECT line_id, fromUnixTimestamp64Micro(t, 'UTC') AS at, price_id, p AS price_minor, units AS quantity,
        owed AS owed_minor FROM ({steps_sql(job)}) INTO OUTFILE '{job.payouts}' TRUNCATE FORMAT Parquet""",
    )
    [[payouts, owed_minor]] = ask(session, f"SELECT count(), sum(owed_minor) FROM file('{job.payouts}', Parquet)")
    return {"payouts": payouts, "owed_minor": owed_minor}


def sweep_windows(session: Session, job: Job) -> dict[str, Any]:
    """Add up what each window owes: the steps of the longest, each counted from the first window that reaches it."""
    first, last = SWEEP_DAYS
    reached = f"ifNull(intDiv(t + {SHANGHAI_US}, {DAY_US}) - day, 0)"
    rows = ask(
        session,
        f"""SELECT least({last}, greatest({first}, {reached})) AS days, sum(owed), countIf(isNull(before))
        FROM ({steps_sql(job)}) GROUP BY days""",
    )
    return add_up_windows([(days, owed_minor, lines_owed) for days, owed_minor, lines_owed in rows])


def main() -> None:
    """Do one job."""
    job = read_job(__doc__)
    session = Session()
    ask(session, f"SET max_threads = {job.threads}")
    read_prices(session, job)
    lay_out(session, job)
    jobs = {"totals": count_totals, "payouts": write_payouts, "sweep": sweep_windows}
    job.answer(jobs[job.job](session, job))


if __name__ == "__main__":
    main()
