# ruff: noqa: INP001, T201  a script beside its page, no package; it prints what it counted
"""Order lines and prices out of the UCI data set Online Retail: every row becomes a line, a return, or is left out and counted.

    python docs/recipes/online_retail.py online_retail.parquet out/online-retail

The page beside this file, online-retail.md, says where the data come from and why each step is as it is.
"""

import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

PRODUCT = r"^([0-9]{5}[A-Z]{0,2}|DCGS.*)$"
"""Five digits and at most two letters, or an article of the gift line; all else is postage, fees, vouchers, samples."""
CELLS = ["InvoiceNo", "sku", "Description", "Quantity", "InvoiceDate", "pence", "buyer_id", "Country"]
EVER_BEFORE = -(2**62)


def read_rows(path: Path) -> pa.Table:
    """Read the file; add the row's number, the code in capitals, whole pence, and the customer as text."""
    rows = pq.read_table(path).combine_chunks()
    rows = rows.append_column("row", pa.array(range(1, len(rows) + 1)))
    rows = rows.append_column("sku", pc.utf8_upper(pc.utf8_trim_whitespace(rows["StockCode"])))
    rows = rows.append_column("pence", pc.round(pc.multiply(rows["UnitPrice"], 100)).cast(pa.int64()))
    return rows.append_column("buyer_id", rows["CustomerID"].cast(pa.int64()).cast(pa.string()))


def sort_rows(rows: pa.Table) -> pa.Table:
    """Add `verdict`: `sale`, `return`, or why the row is neither; the first reason that applies."""
    first = rows.group_by(CELLS).aggregate([("row", "min")])["row_min"]
    cancelled = pc.starts_with(rows["InvoiceNo"], "C")
    reasons = {
        "duplicate": pc.invert(pc.is_in(rows["row"], first)),
        "no_product": pc.invert(pc.match_substring_regex(rows["sku"], PRODUCT)),
        "stock_correction": pc.and_(pc.less_equal(rows["Quantity"], 0), pc.invert(cancelled)),
        "no_price": pc.less(rows["pence"], 1),
        "return_of_nobody": pc.and_(cancelled, pc.is_null(rows["buyer_id"])),
        "return": cancelled,
    }
    verdict = pc.case_when(pc.make_struct(*reasons.values()), *reasons, "sale")
    return rows.append_column("verdict", verdict)


def match_returns(rows: pa.Table) -> tuple[pa.Table, Counter[str]]:
    """Give each return to the customer's latest earlier sale of the article at that price; count what fits none."""
    key = ["buyer_id", "sku", "pence"]
    sales = rows.filter(pc.equal(rows["verdict"], "sale")).select(["InvoiceDate", *key, "row", "Quantity"])
    backs = rows.filter(pc.equal(rows["verdict"], "return")).select(["InvoiceDate", *key, "Quantity"])
    backs = backs.rename_columns(["InvoiceDate", *key, "back"]).sort_by("InvoiceDate")
    found = backs.join_asof(sales.sort_by("InvoiceDate"), on="InvoiceDate", by=key, tolerance=EVER_BEFORE)
    matched = found.filter(pc.is_valid(found["row"]))
    per_line = matched.group_by(["row", "Quantity"]).aggregate([("back", "sum"), ("InvoiceDate", "min")])
    back = pc.negate(per_line["back_sum"])
    taken = pc.min_element_wise(back, per_line["Quantity"])
    returns = pa.table({"row": per_line["row"], "returned_quantity": taken, "returned_at": per_line["InvoiceDate_min"]})
    counts = Counter(
        returns_matched=len(matched),
        returns_without_sale=len(found) - len(matched),
        units_returned=pc.sum(taken).as_py() or 0,
        units_beyond_the_sale=(pc.sum(back).as_py() or 0) - (pc.sum(taken).as_py() or 0),
    )
    return returns, counts


def order_lines(rows: pa.Table, returns: pa.Table) -> pa.Table:
    """The sales as order lines; moments without a zone are read in the zone of the terms."""
    sales = rows.filter(pc.equal(rows["verdict"], "sale")).join(returns, "row").sort_by("row").combine_chunks()
    row = sales["row"].cast(pa.string())
    return pa.table(
        {
            "order_id": sales["InvoiceNo"],
            "line_id": pc.binary_join_element_wise(sales["InvoiceNo"], row, "-"),
            "buyer_id": sales["buyer_id"],
            "sku": sales["sku"],
            "audience": pc.if_else(pc.is_valid(sales["buyer_id"]), "account", "guest"),
            "country": sales["Country"],
            "quantity": sales["Quantity"],
            "paid_minor": pc.multiply(sales["Quantity"], sales["pence"]),
            "currency": pa.repeat("GBP", len(sales)),
            "placed_at": sales["InvoiceDate"],
            "returned_at": sales["returned_at"],
            "returned_quantity": sales["returned_quantity"],
        }
    )


def price_readings(rows: pa.Table, lines: pa.Table) -> dict[str, pa.Table]:
    """What was charged, read as prices in four ways; each sale is an observation in the first three.

    A price holds until the next sale; one for a quantity or more only until that midnight, for the next sale of just that
    quantity may be months away.
    """
    sales = rows.filter(pc.equal(rows["verdict"], "sale")).sort_by("row").combine_chunks()
    anybody = pa.table(
        {
            "sku": sales["sku"],
            "at": sales["InvoiceDate"],
            "price_minor": sales["pence"],
            "currency": pa.repeat("GBP", len(sales)),
            "units": sales["Quantity"],
        }
    )
    same_class = anybody.append_column("audience", lines["audience"])
    midnight = pc.ceil_temporal(sales["InvoiceDate"], unit="day", ceil_is_strictly_greater=True)
    tiers = same_class.append_column("min_quantity", sales["Quantity"]).append_column("until", midnight)
    return {
        "prices-anybody": anybody,
        "prices-class": same_class,
        "prices-tiers": tiers,
        "prices-usual": usual_prices(anybody),
    }


def usual_prices(anybody: pa.Table) -> pa.Table:
    """Each day's most frequent price of an article (the lower of two as frequent), from the day's first sale on."""
    days = anybody.append_column("day", pc.floor_temporal(anybody["at"], unit="day"))
    seen = days.group_by(["sku", "day", "price_minor"]).aggregate([("at", "count")])
    seen = seen.sort_by([("at_count", "descending"), ("price_minor", "ascending"), ("day", "ascending")])
    usual = seen.group_by(["sku", "day"], use_threads=False).aggregate([("price_minor", "first")])
    opened = days.group_by(["sku", "day"]).aggregate([("at", "min")])
    joined = usual.join(opened, ["sku", "day"]).sort_by([("day", "ascending"), ("sku", "ascending")])
    return pa.table(
        {
            "sku": joined["sku"],
            "at": joined["at_min"],
            "price_minor": joined["price_minor_first"],
            "currency": pa.repeat("GBP", len(joined)),
        }
    )


def main(source: Path, out: Path) -> None:
    """Read `source`, write the files into `out`, and say what became of every row."""
    rows = sort_rows(read_rows(source))
    returns, counts = match_returns(rows)
    lines = order_lines(rows, returns)
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(lines, out / "orders.parquet")
    for name, prices in price_readings(rows, lines).items():
        pq.write_table(prices, out / f"{name}.parquet")
    neither = pc.invert(pc.is_in(rows["verdict"], pa.array(["sale", "return"])))
    pcsv.write_csv(rows.filter(neither).select(["row", "verdict", *CELLS]), out / "left-out.csv")
    verdicts = {one["values"]: one["counts"] for one in pc.value_counts(rows["verdict"]).to_pylist()}
    for name, count in sorted({**verdicts, **counts, "rows": len(rows)}.items()):
        print(f"{name:24} {count:>9,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
