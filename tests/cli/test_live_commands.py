"""The live store from the command line: import, run, audit, settle, explain, and what each says when it cannot."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from litestar.testing import TestClient

from houbei.cli import run
from houbei.sandbox.process import start_sandbox
from houbei.store.database import open_database
from houbei.web.app import create_app

TERMS = """
term: fridge-30
version: 1
kind: price_protection
zone: Asia/Shanghai
window: {opens: {at: paid}, closes: {after: {at: paid}, length: P30D}}
remedy: {pay: {when: at_once}, clause: F-1}
clauses: [{id: F-1, text: {zh: 三十天内降价退差价, en: The difference within thirty days}}]
"""
ORDERS = """order_id,line_id,sku,quantity,paid,currency,placed_at
o1,L1,fridge,1,4999.00,CNY,2026-11-01T10:00+08:00
o2,L2,fridge,2,9000.00,CNY,2026-11-02T10:00+08:00
o3,L3,fridge,one,4999.00,CNY,2026-11-02T10:00+08:00
"""
PRICES = """price_id,sku,at,price,currency
p1,fridge,2026-11-05T00:00+08:00,4799.00,CNY
p2,fridge,2026-11-09T00:00+08:00,4399.00,CNY
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a shop's files, and a store they were imported into."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("terms.yaml", TERMS), ("orders.csv", ORDERS), ("prices.csv", PRICES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(["import", "--terms", "terms.yaml", "--orders", "orders.csv", "--prices", "prices.csv"]) == 0
    return tmp_path


def test_an_import_says_what_became_of_every_row(shop: Path, capsys: pytest.CaptureFixture[str]):
    report = json.loads((shop / "houbei-import" / "reconciliation.json").read_text("utf-8"))
    assert report["orders"] == {
        "rows": 3,
        "new": 2,
        "known": 0,
        "changed": 0,
        "rejected": 1,
        "rejected_by_code": {"bad_number": 1},
        "paid_minor": {"CNY": 1_399_900},
    }
    assert "orders,3,bad_number," in (shop / "houbei-import" / "rejected.csv").read_text("utf-8")
    capsys.readouterr()
    assert run(["import", "--orders", "orders.csv"]) == 0
    assert "taken in before: nothing new" in capsys.readouterr().out


@pytest.mark.usefixtures("shop")
def test_what_is_owed_is_paid_once_and_the_audit_agrees(capsys: pytest.CaptureFixture[str]):
    with start_sandbox() as sandbox, closing(httpx2.Client(base_url=sandbox.address, trust_env=False)) as client:
        paid = [("o1", 499_900), ("o2", 900_000)]
        payments = [{"payment": order, "captured_minor": minor, "currency": "CNY"} for order, minor in paid]
        client.post("/payments", json={"payments": payments}).raise_for_status()
        for _ in range(2):
            assert run(["run", "--once", "--provider", f"sandbox={sandbox.address}"]) == 0
        refunds = client.get("/refunds").json()["data"]
    assert sorted((one["payment"], one["amount_minor"]) for one in refunds) == [
        ("o1", 20_000),
        ("o1", 40_000),
        ("o2", 20_200),
    ]
    capsys.readouterr()
    assert run(["audit"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 covers, 0 cases, 0 deliveries, 12 entries; owed in all: CNY 802.00",
        "The ledger agrees with the facts to the cent.",
    ]


def test_without_a_provider_what_is_owed_is_posted_and_waits(shop: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["run", "--once"]) == 0
    with closing(sqlite3.connect(shop / "houbei.db")) as store:
        assert store.execute("SELECT state, amount_minor FROM actions ORDER BY cover, sequence").fetchall() == [
            ("due", 20_000),
            ("due", 40_000),
            ("due", 20_200),
        ]
    assert run(["explain", "L2", "--store", "houbei.db"]) == 0
    told = capsys.readouterr().out
    assert "2 × (4,500.00 − 4,399.00) = 202.00" in told
    assert "2-1  owed  CNY 202.00  debit price_guarantee, credit payable_to_buyers  F-1, price:p2" in told


@pytest.mark.parametrize(
    ("table", "change", "named"),
    [
        ("entries", "UPDATE entries SET amount_minor = amount_minor + 1 WHERE cover = 2", "line L2 under fridge-30"),
        ("entries", "DELETE FROM entries WHERE cover = 1 AND sequence = 1", "one is missing"),
        ("prices", "UPDATE prices SET price_minor = price_minor - 1 WHERE price_id = 'p2'", "line L1 under fridge-30"),
        ("lines", "UPDATE lines SET category = 'washer' WHERE line_id = 'L1'", "a row of lines is not as it was added"),
    ],
    ids=["one cent", "one missing entry", "one changed price", "one changed fact that moves no money"],
)
def test_an_audit_finds_what_was_changed_by_hand(
    shop: Path, capsys: pytest.CaptureFixture[str], table: str, change: str, named: str
):
    assert run(["run", "--once"]) == 0
    with closing(sqlite3.connect(shop / "houbei.db")) as store:
        guards = store.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
        for name, _ in guards:
            store.execute(f"DROP TRIGGER {name}")
        store.execute(change)
        for _, guard in guards:
            store.execute(guard)
        store.commit()
    capsys.readouterr()
    assert run(["audit"]) == 1
    assert named in capsys.readouterr().out


@pytest.mark.usefixtures("shop")
def test_an_audit_before_the_first_run_says_that_facts_wait(capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    run(["audit"])
    assert "Facts wait that nobody has looked at yet" in capsys.readouterr().out
    assert run(["run", "--once"]) == 0
    capsys.readouterr()
    assert run(["audit"]) == 0
    assert "Facts wait" not in capsys.readouterr().out


def test_a_guard_that_was_taken_away_is_missed(shop: Path, capsys: pytest.CaptureFixture[str]):
    with closing(sqlite3.connect(shop / "houbei.db")) as store:
        store.execute("DROP TRIGGER entries_refuses_update")
    assert run(["audit"]) == 1
    assert "the database no longer refuses to update rows of entries" in capsys.readouterr().out


@pytest.mark.usefixtures("shop")
def test_a_refusal_that_is_nobodys_fault_waits_and_a_person_settles_it(capsys: pytest.CaptureFixture[str]):
    with start_sandbox() as sandbox:
        assert run(["run", "--once", "--provider", f"sandbox={sandbox.address}"]) == 0
    capsys.readouterr()
    assert run(["settle"]) == 0
    waiting = capsys.readouterr().out.splitlines()
    assert waiting[0] == "1/1  line L1  CNY 200.00  refused: payment_unknown"
    assert len(waiting) == 3
    assert run(["settle", "1/1", "--credit", "--by", "Zhou Min"]) == 0
    capsys.readouterr()
    assert run(["settle"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["audit"]) == 0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            ["import"],
            "nothing to import; expected --orders, --prices, --promises, --scans, --closures or --terms. Name a file.",
        ),
        (["import", "--orders", "none.csv"], "none.csv: no such file"),
        (["run", "--store", "none.db", "--once"], "none.db: no such database"),
        (["run", "--once", "--provider", "stripe"], "--provider: 'stripe'; expected one of sandbox"),
        (["settle", "1/1", "--paid", "re_1"], "expected COVER/SEQUENCE with --by NAME"),
        (["settle", "9/9", "--credit", "--by", "Zhou Min"], "9/9: no settlement; expected one that waits for a person"),
        (["explain", "L9", "--store", "houbei.db"], "the line 'L9'; expected a line that a published promise covers"),
    ],
)
def test_a_call_that_cannot_be_used_says_so_in_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str], call: list[str], told: str
):
    assert shop.is_dir()
    capsys.readouterr()
    assert run(call) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("told", "shown"), [(None, "less revenue"), ("expense", "expense")])
def test_the_shop_says_what_the_guarantees_cost_is_in_its_books(shop: Path, told: str | None, shown: str):
    if told is not None:
        assert run(["import", "--guarantee-is", told]) == 0
    assert run(["run", "--once"]) == 0
    database = open_database(shop / "houbei.db")
    with TestClient(create_app(database)) as client:
        rows = re.findall(r"<tr.*?</tr>", client.get("/en/ledger").text, flags=re.DOTALL)
    database.dispose()
    cost = next(row for row in rows if "account=price_guarantee" in row)
    assert shown in re.sub(r"<[^>]*>", " ", cost).lower()


def test_a_published_document_is_never_changed(shop: Path, capsys: pytest.CaptureFixture[str]):
    (shop / "terms.yaml").write_text(TERMS.replace("P30D", "P60D"), encoding="utf-8")
    assert run(["import", "--terms", "terms.yaml"]) == 2
    assert "version 1 of fridge-30, which differs from the one published" in capsys.readouterr().err
