"""Several processes on one store, with the same facts at the same time: each drop is posted once, each refund made once."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from houbei.payments.sandbox import Sandbox
from houbei.runs.cycle import run_cycle
from houbei.runs.outbox import run_outbox
from houbei.store.database import open_database
from tests.reliability.sandboxes import MAKER
from tests.reliability.shop import DAY_US, START_US, Shop, line, price, rows_of, settled_once, tell

GOODS = ("tea", "pot", "cup")
LINES = [line(f"l{k}", order=f"o{k}", sku=GOODS[k % 3]) for k in range(45)]
DROPS = [price(f"p{k}", 990 - 10 * k, at_us=START_US + DAY_US + k, sku=GOODS[k % 3]) for k in range(30)]
NOW_US = START_US + 2 * DAY_US
WRITERS = 3


def writes(path: Path, address: str | None, seed: int) -> None:
    """Tell all of the facts in an order of one's own, and decide and pay between them."""
    dice = np.random.default_rng(seed)
    database = open_database(path)
    provider = None if address is None else Sandbox(address)
    facts = [("lines", one) for one in LINES] + [("prices", one) for one in DROPS]
    for place in dice.permutation(len(facts)).tolist():
        kind, row = facts[place]
        tell(database, **{kind: [row]}, now_us=NOW_US)
        if dice.random() < 0.4:
            run_cycle(database, now_us=NOW_US, facts_max=int(dice.integers(1, 9)))
        if provider is not None and dice.random() < 0.2:
            run_outbox(database, provider, now_us=NOW_US, holder=f"writer {seed}", threads=2, most=5)
    while run_cycle(database, now_us=NOW_US).facts:
        pass
    database.dispose()
    if provider is not None:
        provider.close()


@pytest.mark.parametrize("pays", [False, True])
def test_writers_that_tell_decide_and_pay_the_same_at_once_post_each_drop_once(shop: Shop, *, pays: bool):
    shop.stage.capture({one["order_id"]: one["paid_minor"] for one in LINES})
    shop.turn(NOW_US - shop.now_us)
    address = str(shop.stage.web.base_url) if pays else None
    path = Path(str(shop.database.url.database))
    writers = [MAKER.Process(target=writes, args=(path, address, seed)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    shop.settle_all()
    lowest = Counter({sku: min(one["price_minor"] for one in DROPS if one["sku"] == sku) for sku in GOODS})
    owed = rows_of(
        shop.database,
        "SELECT l.line_id, l.sku, SUM(e.amount_minor) FROM entries e JOIN covers c ON c.cover = e.cover"
        " JOIN lines l ON l.seq = c.line WHERE e.code = 'owed' GROUP BY l.line_id",
    )
    stopped = rows_of(shop.database, "SELECT COUNT(*) FROM entries WHERE code IN ('stopped', 'given', 'taken_up')")
    assert stopped == [(0,)]
    assert {(name, minor) for name, sku, minor in owed} == {
        (one["line_id"], 1000 - lowest[one["sku"]]) for one in LINES
    }
    settled_once(shop)
