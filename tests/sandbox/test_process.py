"""The sandbox as a process: what it keeps when it is killed, and what it does not start with."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from houbei.cli import run
from houbei.errors import InputError
from houbei.sandbox.process import start_sandbox
from tests.sandbox.provider import Provider, new_name, until


def test_a_sandbox_started_again_knows_its_refunds_and_its_keys(tmp_path: Path):
    database, key = tmp_path / "sandbox.db", new_name("key")
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        payment = provider.payment(1000)
        made = provider.refund(payment, 600, key=key).json()
        sandbox.kill()
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        assert provider.made(payment) == [made]
        assert provider.refund(payment, 600, key=key).json() == made
        assert provider.refund(payment, 600).json()["code"] == "exceeds_captured"
        assert provider.refund(payment, 400).json()["id"] > made["id"]


def test_a_refund_that_was_answered_survives_the_death_of_the_process(tmp_path: Path):
    database = tmp_path / "sandbox.db"
    answered: list[str] = []
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        payment = provider.payment(10**6)

        def ask_until_it_dies(_caller: int) -> None:
            try:
                while len(answered) < 5000:
                    answered.append(provider.refund(payment, 1).json()["id"])
            except httpx2.TransportError:
                return

        with ThreadPoolExecutor(4) as callers:
            asking = callers.map(ask_until_it_dies, range(4))
            until(lambda: len(answered) >= 200)
            sandbox.kill()
            list(asking)
    assert len(answered) < 5000
    with start_sandbox(database=database) as sandbox, Provider(sandbox.address) as provider:
        found = {refund["id"] for refund in provider.all_made(payment)}
        assert set(answered) <= found
        assert provider.web.get(f"/payments/{payment}").json()["refunded_minor"] == len(found)


def test_faults_can_be_there_from_the_start():
    with start_sandbox(faults={"unavailable": True, "slow_ms": 5}) as sandbox, Provider(sandbox.address) as provider:
        faults = provider.web.get("/faults").json()
        assert (faults["unavailable"], faults["slow_ms"], faults["slow"]) == (True, 5, 0)
        assert provider.web.get("/refunds").status_code == 503


def test_a_sandbox_that_cannot_start_is_not_waited_for(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(InputError, match="did not come up"), start_sandbox(faults={"lost_replies": 1}):
        pass
    assert "lost_replies" in capfd.readouterr().err


def test_two_sandboxes_do_not_share_a_database(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    database = tmp_path / "sandbox.db"
    with start_sandbox(database=database):
        assert run(["sandbox", "--port", "0", "--database", str(database)]) == 2
    assert "database is locked" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fault", "lost_reply"], "lost_reply"),
        (["--fault", "lost_reply=often"], "lost_reply"),
        (["--fault", "lost_reply=1001"], "1000"),
        (["--webhook-url", "http://127.0.0.1"], "one of the two alone"),
        (["--webhook-url", "ftp://127.0.0.1", "--webhook-secret", "whsec_c2VjcmV0"], "ftp"),
        (["--webhook-url", "http://127.0.0.1", "--webhook-secret", "whsec_"], "secret"),
        (["--host", "256.256.256.256"], "256.256.256.256"),
        (["--database", "no/such/folder/sandbox.db"], "unable to open"),
    ],
)
def test_what_a_sandbox_cannot_start_with_is_said_in_one_line(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert run(["sandbox", "--port", "0", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_sandbox_does_not_write_into_somebody_elses_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE refunds (id)")
    store.close()
    before = path.read_bytes()
    assert run(["sandbox", "--port", "0", "--database", str(path)]) == 2
    assert path.read_bytes() == before
    assert "somebody else's" in capsys.readouterr().err
