"""One sandbox and one mailbox for all tests; each begins on a good day."""

from collections.abc import Iterator
from threading import Thread

import pytest

from houbei.sandbox.process import start_sandbox
from tests.sandbox.provider import SECRET, Mailbox, Provider


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    reader = Thread(target=box.server.serve_forever, kwargs={"poll_interval": 0.01})
    reader.start()
    yield box
    box.server.shutdown()
    box.server.server_close()
    reader.join()


@pytest.fixture(scope="session")
def running(mailbox: Mailbox) -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONWARNINGS", "error")  # in the other process, as in this one
        with start_sandbox(webhook=(mailbox.address, SECRET)) as sandbox, Provider(sandbox.address) as provider:
            yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.faults()
    running.clock(None)
    return running
