"""Several processes on one store tell the same steps, pass the same deadlines and pay the same refunds at once: each happens once."""

from pathlib import Path

import numpy as np

from houbei.facts.moments import DAY_US
from houbei.facts.steps import What
from houbei.runs.audit import audit
from houbei.runs.case_refunds import tell_refunds
from houbei.runs.case_timers import tick
from houbei.runs.cases import tell
from houbei.runs.cycle import run_until_idle
from houbei.runs.reports import Report, report
from houbei.store.database import open_database
from tests.cases_live.appliances import AFTER, LAW, REPORTED, WASHER, promise, publish_documents, step_of
from tests.live.stores import rows_of
from tests.live.telling import tell_orders
from tests.reliability.sandboxes import MAKER

UNITS, WRITERS = 12, 3
LINES = [{**WASHER, "line_id": f"L{k}", "order_id": f"O{k}", "serials": f'["SN{k}"]'} for k in range(UNITS)]
LATER = REPORTED + 30 * DAY_US
STORY = [
    (What.RECEIVED, {}),
    (What.INSPECTED, {"verdict": "confirmed"}),
    (What.OUT_OF_STOCK, {}),
    (What.CHOSE, {"choice": "refund"}),
]


def writes(path: Path, seed: int) -> None:
    """Report every unit and lead each case to its refund, the cases in an order of one's own; then let every deadline pass."""
    dice, database = np.random.default_rng(seed), open_database(path)
    for unit in dice.permutation(UNITS).tolist():
        told = Report(
            source=f"app {seed}",
            step_id=f"r{unit}",
            at_us=REPORTED,
            channel="app",
            line_id=f"L{unit}",
            serial=f"SN{unit}",
            fault="noise",
        )
        found = report(database, told, now_us=REPORTED)
        for number, (what, more) in enumerate(STORY):
            serial = {"serial": f"SN{unit}"} if what is What.RECEIVED else {}
            step = step_of(found.led.now.case_id, what, REPORTED, step_id=f"{unit}.{number}", **more, **serial)
            tell(database, step, now_us=REPORTED)
        tell_refunds(database, now_us=REPORTED)
    tick(database, now_us=LATER, cases_max=2)
    database.dispose()


def test_writers_that_tell_the_same_at_once_tell_it_once(tmp_path: Path) -> None:
    path = tmp_path / "houbei.db"
    database = open_database(path, create=True)
    publish_documents(database, promise(AFTER), LAW)
    tell_orders(database, *LINES)
    run_until_idle(database, now_us=REPORTED - DAY_US)
    database.dispose()
    writers = [MAKER.Process(target=writes, args=(path, seed)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(180)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert rows_of(database, "SELECT COUNT(*), COUNT(DISTINCT line) FROM cases") == [(UNITS, UNITS)]
    told = dict(rows_of(database, "SELECT what, COUNT(*) FROM steps GROUP BY what"))
    once = {what.value: UNITS for what, _ in STORY}
    assert told == {"reported": UNITS * WRITERS, "judged": UNITS, "timed_out": UNITS, **once}
    owed = rows_of(database, "SELECT amount_minor FROM entries WHERE code = 'owed'")
    assert owed == [(4999_00,)] * UNITS
    assert rows_of(database, "SELECT COUNT(*) FROM actions") == [(UNITS,)]
    assert audit(database, progress=lambda *_: None).agrees
