"""Sandboxes in processes of their own, made from one that has loaded everything: a new one takes a tenth of a second."""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from houbei.sandbox.faults import Faults, with_changes
from houbei.sandbox.server import Settings, serve

MAKER = multiprocessing.get_context("forkserver")
MAKER.set_forkserver_preload(["tests.reliability.sandboxes"])


@contextmanager
def sandbox_in(
    folder: Path, *, seed: int = 0, faults: Mapping[str, int] | None = None, webhook: tuple[str, str] | None = None
) -> Iterator[str]:
    """Run a sandbox with a file in a folder until the block ends, and give its address."""
    url, secret = webhook or (None, "")
    settings = Settings(
        database=folder / "sandbox.db",
        seed=seed,
        faults=with_changes(Faults(), faults or {}),
        webhook_url=url,
        webhook_secret=secret,
    )
    here, there = MAKER.Pipe(duplex=False)
    process = MAKER.Process(target=_serve, args=(settings, there))
    process.start()
    there.close()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def _serve(settings: Settings, told: Connection) -> None:
    serve(settings, announce=told.send)
