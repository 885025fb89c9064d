"""Promises that were given, as a festival plan looks at them: where to, by whom, for which day."""

from pathlib import Path

import numpy as np

from houbei.calendars.days import Days
from houbei.delivery.festival_checks import Given
from houbei.facts.dictionary import Dictionaries
from houbei.facts.promises import KNOWN, DeliveryReading, read_promises
from houbei.store.files import RowFile


def read_given(path: Path, *, zone: str) -> tuple[list[Given], int]:
    """Read a file of promises given, CSV or Parquet.

    Args:
        path: The file.
        zone: The plan's, in which a promise of a date ends and a moment is on a day.

    Returns:
        The promises that have a region, and how many rows were rejected.

    Raises:
        InputError: there is no such file, or a required column is absent.

    Cost: some µs a row.
    """
    file, found, rejected = RowFile(path, contract=KNOWN), [], 0
    for batch in file.batches():
        told = read_promises(
            file.read(batch, file.columns),
            first_row=batch.first_row,
            reading=DeliveryReading(zone=zone),
            dictionaries=Dictionaries(),
            broken=file.broken,
        )
        live = np.flatnonzero(told.live & (told.regions.codes >= 0))
        rejected += int((~told.findings.accepted).sum())
        if not len(live):
            continue
        last_us = told.by_us[live] - 1
        days = Days.over(zone, from_us=int(last_us.min()), to_us=int(last_us.max())).day_of(last_us)
        regions, carriers = told.regions.codes[live].tolist(), told.carriers.codes[live].tolist()
        found += [
            Given(
                region=told.regions.values[region],
                carrier=told.carriers.values[carrier] if carrier >= 0 else None,
                day=day,
            )
            for region, carrier, day in zip(regions, carriers, days.tolist(), strict=True)
        ]
    return found, rejected
