"""What buyers are told goes to addresses that may be called, and to no other: checked at the start and before each call."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from houbei.cli import run
from houbei.errors import InputError
from houbei.runs.clock import now_us as machine_us
from houbei.runs.telling_channel import Channel
from houbei.store.database import open_database
from tests.deliveries_live.lookouts import looks
from tests.deliveries_live.parcels import SLOT, sell
from tests.deliveries_live.receivers import SECRET, Receiver, receiving
from tests.live.stores import count, empty_store
from tests.live.telling import moment

MORNING = moment("11-03T10:00")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.mark.parametrize(
    ("number", "inside", "outside"),
    [
        ("93.184.216.34", True, True),
        ("10.0.0.8", True, False),
        ("127.0.0.1", True, False),
        ("::1", True, False),
        ("fd00::1", True, False),
        ("::ffff:10.0.0.8", True, False),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104  it is refused
        ("224.0.0.1", False, False),
    ],
)
def test_only_addresses_that_may_be_called_are_called(number: str, *, inside: bool, outside: bool) -> None:
    for is_inside, may in ((True, inside), (False, outside)):
        made = lambda is_inside=is_inside: Channel(  # noqa: E731
            "https://buyers.example/x", SECRET, inside=is_inside, clock=machine_us, resolve=lambda *_: [number]
        )
        if may:
            made().close()
        else:
            with pytest.raises(InputError, match=r"--tell"):
                made()


@pytest.mark.parametrize("url", ["http://buyers.example/", "ftp://buyers.example/", "https://", "buyers"])
def test_an_address_in_the_open_must_be_one_of_the_web_and_encrypted(url: str) -> None:
    with pytest.raises(InputError, match=r"--tell"):
        Channel(url, SECRET, inside=False, clock=machine_us, resolve=lambda *_: ["93.184.216.34"])


def test_a_name_that_leads_elsewhere_later_is_not_followed(receiver: Receiver) -> None:
    """The name led to the shop when the process started, and to where machines keep their secrets when a buyer is to be told."""
    numbers = iter([["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1"]])
    port = receiver.address.rpartition(":")[2]
    channel = Channel(
        f"http://buyers.example:{port}/", SECRET, inside=True, clock=machine_us, resolve=lambda *_: next(numbers)
    )
    with empty_store(SLOT) as database:
        sell(database)
        looks(database, MORNING, channel=channel)
        assert receiver.heard() == []
        looks(database, MORNING + 60_000_000, channel=channel)
        assert (len(receiver.heard()), count(database, "told")) == (1, 1)
    channel.close()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(InputError, match="--tell-secret"):
        Channel("http://127.0.0.1:1/", secret, inside=True, clock=machine_us)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--tell", "http://127.0.0.1:9/", "--tell-secret", SECRET), 2),
        (("--tell", "http://127.0.0.1:9/", "--tell-secret", SECRET, "--tell-inside"), 0),
        (("--tell", "http://127.0.0.1:9/", "--tell-inside"), 2),
        (("--network", "sample-cn"), 0),
        (("--network", "no-such-network"), 2),
    ],
)
def test_the_live_loop_refuses_a_channel_that_it_may_not_use(
    tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    store = tmp_path / "houbei.db"
    open_database(store, create=True).dispose()
    assert run(["run", "--once", "--store", str(store), *options]) == code


def test_lead_times_of_moving_days_need_a_network_that_says_which_these_are(tmp_path: Path) -> None:
    store, model = tmp_path / "houbei.db", tmp_path / "model.json"
    open_database(store, create=True).dispose()
    told = {"kind": "lead_times", "version": "a sample", "starts": "handover", "days_max": 1, "keys": [], "groups": []}
    for counts, more, code in (("moving", (), 2), ("moving", ("--network", "sample-cn"), 0), ("calendar", (), 0)):
        model.write_text(
            json.dumps({**told, "counts": counts, "groups": [{"key": {}, "count": 1, "within_permille": [0, 900]}]})
        )
        assert run(["run", "--once", "--store", str(store), "--model", str(model), *more]) == code
