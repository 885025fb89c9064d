"""`houbei serve`: it says where, answers there, ends when told to, and says what to do where it cannot begin."""

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from houbei.cli import run
from houbei.cli.serve import command
from houbei.store.database import open_database


def test_the_console_says_where_it_is_and_answers_there(tmp_path: Path):
    store = tmp_path / "houbei.db"
    open_database(store, create=True).dispose()
    call = [
        sys.executable,
        "-m",
        "houbei",
        "serve",
        "--store",
        str(store),
        "--port",
        "0",
        "--no-open",
        "--shop",
        "Elmside",
    ]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("Console: http://127.0.0.1:")
        with urllib.request.urlopen(said.split()[1] + "en/") as answer:  # noqa: S310  our own address
            assert "No orders yet." in answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) in {0, -signal.SIGINT}


def test_an_address_that_is_taken_and_a_store_that_is_not_there_are_told(tmp_path: Path, capsys):
    store = tmp_path / "houbei.db"
    assert run(["serve", "--store", str(store)]) == 2
    assert "no such database" in capsys.readouterr().err
    open_database(store, create=True).dispose()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--store", str(store), "--port", str(port), "--no-open"]) == 2
    assert "cannot be listened at" in capsys.readouterr().err


def test_the_help_says_that_its_pages_only_read():
    assert "Its pages only read" in CliRunner().invoke(command, ["--help"]).output
