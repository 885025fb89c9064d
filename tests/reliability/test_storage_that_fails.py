"""The disk is full, the log is torn, a byte has flipped: nothing is half kept, and nothing is paid from books that are damaged."""

from pathlib import Path

from houbei.runs.imports import import_orders
from tests.reliability.shop import audited, line, new_store, write_csv


def test_a_return_that_a_text_file_tells_is_kept_as_its_digest_says(tmp_path: Path):
    database = new_store(tmp_path / "houbei.db")
    sold = line("a", order="o1", quantity=3, paid=3000)
    returned = {**sold, "returned_at": "2026-11-02T09:00:00Z", "returned_quantity": "2"}
    for name, row in (("sold", sold), ("returned", returned)):
        file = write_csv(tmp_path / f"{name}.csv", [row])
        import_orders(database, file, source="shop", zone="UTC", now_us=0, progress=lambda *_: None)
    assert audited(database).differences == ()
    database.dispose()
