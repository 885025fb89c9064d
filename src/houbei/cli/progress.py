"""A progress bar on standard error, for what takes longer than two seconds; nothing where nobody watches."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from houbei.backtest.inputs import Progress

_PATIENCE_S = 2.0
_STAGES = {
    "read": "reading files",
    "check": "checking line ids",
    "prices": "reading prices",
    "lines": "deciding lines",
    "prepare": "preparing",
    "windows": "trying lengths",
    "judging": "judging midnights",
    "watching": "watching",
    "crews": "counting crews",
    "store": "living on the store",
    "weeks": "promising week by week",
    "weeks_each": "promising each alone",
    "weeks_together": "promising all together",
    "weeks_without": "promising without the estimate",
}


@contextmanager
def shown_progress(title: str = "") -> Iterator[Progress]:
    """Give a progress callback that draws a bar once two seconds have passed.

    Args:
        title: Stands before the stage, when several jobs follow each other.
    """
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  0.13 s that a short or silent run need not pay
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=False) as bar:
        task = bar.add_task("", total=None, visible=False)
        patience = threading.Timer(_PATIENCE_S, lambda: bar.update(task, visible=True))
        patience.daemon = True
        patience.start()
        yield lambda stage, done, total: bar.update(
            task, description=f"{title}{_STAGES.get(stage, stage)}", completed=done, total=total
        )
        patience.cancel()
