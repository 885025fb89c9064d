"""A shop of its own for every test, with a sandbox of its own and a mailbox for what it sends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.reliability.sandboxes import sandbox_in
from tests.reliability.shop import Shop
from tests.sandbox.provider import SECRET, Mailbox

Opened = Callable[..., Shop]


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Opened]:
    """Open a shop; `seed`, `faults` and `webhook` are its sandbox's."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> Shop:
            shop = Shop.opened(tmp_path / "houbei.db", stack.enter_context(sandbox_in(tmp_path, **settings)))
            stack.callback(shop.close)
            return shop

        yield opened


@pytest.fixture
def shop(open_shop: Opened) -> Shop:
    return open_shop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    reader = Thread(target=box.server.serve_forever, kwargs={"poll_interval": 0.01})
    reader.start()
    yield box
    box.server.shutdown()
    box.server.server_close()
    reader.join()


@pytest.fixture
def told_shop(open_shop: Opened, mailbox: Mailbox) -> Shop:
    """A shop whose provider tells of what it does."""
    return open_shop(webhook=(mailbox.address, SECRET))
