"""Promises of arrival from the command line: import, tell by hand, list, show, pay, audit; and what each says when it cannot."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from houbei.cli import run
from houbei.sandbox.process import start_sandbox
from houbei.store.database import open_database
from houbei.store.people import key_of
from tests.live.stores import rows_of

TERMS = """
term: slot
version: 1
kind: delivery_promise
title: {zh: 准时送达, en: On time}
zone: Asia/Shanghai
promise: {clause: S-1, slot_clause: S-1}
breach: [{pay: [{slot_fee: true}, {points: 1000}], clause: S-2}]
excused: [{code: snow, text: {zh: 大雪, en: Snow}, effect: waives, evidence: required, clause: S-1}]
dispute: {clause: S-1}
remedy: {pay: {form: original_tenders, when: at_once}, clause: S-2}
clauses:
  - {id: S-1, text: {zh: 按时送达。, en: It comes in time.}}
  - {id: S-2, text: {zh: 迟到退费送积分。, en: 'Late: the fee and points.'}}
"""
ORDERS = """order_id,line_id,sku,quantity,paid,currency,placed_at,region
o1,L1,fridge,1,4999.00,CNY,2026-11-01T10:00+08:00,CN-11
"""
PROMISES = """promise_id,order_id,shown_at,slot_from,promised_by,slot_fee,currency,chance_permille
p1,o1,2026-11-01T10:00+08:00,2026-11-03T14:00+08:00,2026-11-03T15:00+08:00,39.00,CNY,970
p2,o1,2026-11-01T10:00+08:00,2026-11-03T16:00+08:00,2026-11-03T15:00+08:00,39.00,CNY,970
"""
SCANS = """scan_id,order_id,what,at,told_by,person
s1,o1,delivered,2026-11-03T14:59+08:00,courier,Courier One
s2,o1,teleported,2026-11-03T14:59+08:00,courier,
"""
CLOSURES = """closure_id,code,from_at,known_at,regions
c1,snow,2026-11-03T06:00+08:00,2026-11-03T06:00+08:00,"[""CN-11""]"
"""
QUOTE: dict[str, Any] = {
    "asked_us": 1_793_498_400_000_000,
    "refused": None,
    "from_us": None,
    "by_us": 1_793_840_400_000_000,
    "chance_permille": 955,
    "is_provisional": True,
    "carrier": "sample",
    "fee": "0.00",
    "currency": "CNY",
    "network": {"name": "sample-cn", "sha256": "ab"},
    "model": "m1",
    "calendar": {"id": "cn", "version": "c1"},
    "reasons": [{"code": "cut_off", "figures": {}, "zh": "过了截单", "en": "after the cut-off"}],
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a shop's files, and a store they were imported into."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    files = {"terms.yaml": TERMS, "orders.csv": ORDERS, "promises.csv": PROMISES, "scans.csv": SCANS}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = ["--orders", "orders.csv", "--promises", "promises.csv", "--scans", "scans.csv"]
    assert run(["import", "--terms", "terms.yaml", *told]) == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *call: str) -> str:
    """What a call that is right says."""
    capsys.readouterr()
    assert run(list(call)) == 0
    return capsys.readouterr().out


def test_an_import_says_what_became_of_every_row(shop: Path, capsys: pytest.CaptureFixture[str]):
    report = json.loads((shop / "houbei-import" / "reconciliation.json").read_text("utf-8"))
    assert report["promises"]["rejected_by_code"] == {"impossible_order": 1}
    assert report["scans"]["rejected_by_code"] == {"bad_word": 1}
    again = PROMISES.splitlines()
    (shop / "again.csv").write_text("\n".join((*again[:2], "")), "utf-8")
    assert "0 new, 1 known, 0 with news, 0 rejected" in said(capsys, "import", "--promises", "again.csv")
    (shop / "other.csv").write_text("\n".join((again[0], again[1].replace("39.00", "38.00"), "")), "utf-8")
    assert "0 new, 0 known, 0 with news, 1 rejected" in said(capsys, "import", "--promises", "other.csv")
    assert "promises,1,known_differently," in (shop / "houbei-import" / "rejected.csv").read_text("utf-8")
    database = open_database(shop / "houbei.db")
    assert rows_of(database, "SELECT person FROM scans") == [(key_of("Courier One"),)]
    assert rows_of(database, "SELECT name FROM people") == [("Courier One",)]
    assert json.loads(rows_of(database, "SELECT more FROM promises_given")[0][0]) == {"chance_permille": 970}
    database.dispose()


@pytest.mark.usefixtures("shop")
def test_a_dispute_is_told_looked_at_paid_and_explained(capsys: pytest.CaptureFixture[str]):
    with start_sandbox() as sandbox, closing(httpx2.Client(base_url=sandbox.address, trust_env=False)) as client:
        payments = [{"payment": "o1", "captured_minor": 503_800, "currency": "CNY"}]
        client.post("/payments", json={"payments": payments}).raise_for_status()
        pays = ("run", "--once", "--provider", f"sandbox={sandbox.address}")
        said(capsys, *pays)
        assert said(capsys, "delivery", "list") == "o1  kept  by 2026-11-03 15:00  \n"
        told = said(capsys, "delivery", "dispute", "o1", "--at", "2026-11-03T16:10")
        assert "nothing is paid until a person has looked" in told
        assert "Held until a person has looked: CNY 39.00 and 1,000 points." in told
        assert said(capsys, "delivery", "list", "--disputed").startswith("o1  disputed")
        said(capsys, *pays)
        assert client.get("/refunds").json()["data"] == []
        looked = ("delivery", "uphold", "o1", "--as", "Clerk One", "--role", "clerk", "--at", "2026-11-04T10:00")
        assert "that scan is void" in said(capsys, *looked)
        assert "nothing changed" in said(capsys, *looked)
        assert "Owed: CNY 39.00 and 1,000 points." in said(
            capsys, "delivery", "scan", "o1", "delivered", "--by", "courier", "--at", "2026-11-03T16:08"
        )
        said(capsys, *pays)
        said(capsys, *pays)
        refunds = client.get("/refunds").json()["data"]
    assert [(one["payment"], one["amount_minor"]) for one in refunds] == [("o1", 3900)]
    shown = said(capsys, "delivery", "show", "o1", "--lang", "zh")
    assert "迟到：承诺2026-11-03 15:00之前，2026-11-03 16:08送到。应赔CNY 39.00和1,000积分。" in shown
    assert "2026-11-04 10:00 核对后支持买家（商店 Clerk One，" in shown
    assert "1-2  owed  points 1000  借 delivery_guarantee，贷 payable_to_buyers  S-2, promise:shop/p1" in shown
    explained = said(capsys, "explain", "L1", "--store", "houbei.db")
    assert "S-2: Late: the fee and points." in explained
    assert "2026-11-03 15:00  late: CNY 39.00  S-2" in explained
    assert "1 deliveries" in said(capsys, "audit")


@pytest.mark.usefixtures("shop")
def test_a_closure_excuses_only_with_evidence_and_until_it_ended(shop: Path, capsys: pytest.CaptureFixture[str]):
    (shop / "closures.csv").write_text(CLOSURES, "utf-8")
    late = ("delivery", "scan", "o1", "delivered", "--at", "2026-11-05T10:00")
    upheld = ("--as", "Clerk One", "--role", "clerk", "--scan", "s1")
    said(capsys, "delivery", "dispute", "o1", "--scan", "s1", "--at", "2026-11-03T16:10")
    said(capsys, "delivery", "uphold", "o1", *upheld, "--at", "2026-11-03T17:00")
    said(capsys, *late)
    said(capsys, "import", "--closures", "closures.csv")
    said(capsys, "run", "--once")
    assert "o1  late" in said(capsys, "delivery", "list")
    snow = ("--from", "2026-11-03T06:00", "--region", "CN", "--evidence", "bulletin 12", "--id", "snow-2")
    said(capsys, "delivery", "close", "snow", *snow)
    assert "o1  excused" in said(capsys, "delivery", "list")
    assert "Snow: from 2026-11-03 06:00, not over yet (snow-2), evidence bulletin 12" in said(
        capsys, "delivery", "show", "o1"
    )
    said(capsys, "delivery", "reopen", "snow-2", "--at", "2026-11-03T07:00")
    assert "Snow: from 2026-11-03 06:00 until 2026-11-03 07:00" in said(capsys, "delivery", "show", "o1")
    assert "o1  excused" in said(capsys, "delivery", "list")
    assert said(capsys, "delivery", "list", "--open") == "There is none.\n"


@pytest.mark.usefixtures("shop")
def test_a_promise_is_taken_from_a_quote_and_moved_by_the_buyer(shop: Path, capsys: pytest.CaptureFixture[str]):
    said(capsys, "run", "--once")
    (shop / "quote.json").write_text(json.dumps(QUOTE), "utf-8")
    said(capsys, "delivery", "give", "--order", "o1", "--delivery", "o1-b", "--line", "L1", "--quote", "quote.json")
    database = open_database(shop / "houbei.db")
    given = rows_of(
        database, "SELECT lines, by_us, provisional, carrier, fee_minor FROM promises_given WHERE delivery_id = 'o1-b'"
    )
    assert given == [('["L1"]', QUOTE["by_us"], 1, "sample", None)]
    kept = rows_of(database, "SELECT provisional, chance_permille, carrier FROM deliveries WHERE delivery_id = 'o1-b'")
    assert kept == [(1, 955, "sample")]
    moved = ("--by", "2026-11-20", "--at", "2026-11-02T09:00")
    assert "the new time counts" in said(capsys, "delivery", "move-slot", "o1-b", *moved)
    assert rows_of(database, "SELECT asked_by, carrier FROM promises_given ORDER BY seq DESC LIMIT 1") == [
        ("buyer", "sample")
    ]
    assert "moved by the buyer 2026-11-02 09:00: there before 2026-11-21 00:00 (this one counts)" in said(
        capsys, "delivery", "show", "o1-b"
    )
    database.dispose()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (["uphold", "o1"], "nobody who looked"),
        (["uphold", "o1", "--as", "Clerk One"], "--as without --role"),
        (["uphold", "o1", "--as", "Clerk One", "--role", "clerk"], "expected a delivery with a dispute"),
        (["dispute", "nowhere"], "expected a delivery that arrived"),
        (["move-slot", "nowhere", "--by", "2026-11-20"], "expected a delivery that was promised"),
        (["reopen", "nothing"], "expected a closure that was told"),
        (["show", "nowhere"], "no delivery nowhere"),
        (["give", "--order", "o1"], "neither --by nor --quote"),
        (["give", "--order", "o1", "--by", "soon"], "the moment is not an ISO 8601 date"),
        (["give", "--order", "o1", "--by", "2026-11-20", "--quote", "none.json"], "no quote"),
        (["scan", "o1", "lost", "--id", "s1", "--source", "shop"], "what is known under this id is different"),
        (["close", "snow", "--from", "2026-11-03", "--until", "2026-11-02"], "ends before it begins"),
        (["give", "--order", "o1", "--by", "soon"], "promised_by soon"),
        (["give", "--order", "", "--by", "2026-12-03"], "order_id"),
        (["give", "--order", "o1", "--by", "2026-12-03", "--fee", "39.00"], "--fee without --currency"),
        (["give", "--order", "o1", "--by", "2026-12-03", "--parcels", "99999999999999999999"], "not in the range"),
        (["give", "--order", "o1", "--by", "2020-11-03"], "expected promised_by after shown_at. Correct"),
        (["dispute", "o1", "--scan", "nothing"], "no scan nothing"),
        (["dispute", "o1", "--scan", "delivered:nothing"], "no scan delivered:nothing"),
        (["dismiss", "o1", "--as", "", "--role", ""], "nobody who looked"),
        (["dismiss", "o1", "--as", "", "--role", "clerk"], "--role without --as"),
    ],
)
def test_a_call_that_cannot_be_used_says_so_in_one_line(call: list[str], told: str, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert run(["delivery", *call]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "told",
    [
        "not JSON",
        "[]",
        '{"refused": null, "by_us": 5}',
        json.dumps({**QUOTE, "calendar": 7}),
        json.dumps({**QUOTE, "is_provisional": "maybe"}),
        json.dumps({**QUOTE, "refused": "no_way", "by_us": None}),
    ],
)
def test_a_file_that_is_no_quote_gives_no_promise(told: str, shop: Path, capsys: pytest.CaptureFixture[str]):
    (shop / "quote.json").write_text(told, "utf-8")
    capsys.readouterr()
    assert run(["delivery", "give", "--order", "o1", "--quote", "quote.json"]) == 2
    assert "quote.json: " in capsys.readouterr().err


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "call",
    [
        ("give", "--order", "o1", "--by", "2199-12-03"),
        ("scan", "o1", "moved"),
        ("move-slot", "o1", "--by", "2199-12-05"),
    ],
)
def test_what_is_said_again_the_same_day_is_said_once(call: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    assert "nothing changed" not in said(capsys, "delivery", *call)
    assert "nothing changed" in said(capsys, "delivery", *call)


@pytest.mark.usefixtures("shop")
def test_an_arrival_that_only_the_order_tells_of_can_be_disputed(shop: Path, capsys: pytest.CaptureFixture[str]):
    header, row = ORDERS.replace("o1,L1", "o2,L2").splitlines()
    (shop / "orders.csv").write_text(f"{header},delivered_at\n{row},2026-11-03T14:00+08:00\n", "utf-8")
    (shop / "promises.csv").write_text(PROMISES.replace("p1,o1", "p3,o2").replace("p2,o1", "p4,o2"), "utf-8")
    said(capsys, "import", "--orders", "orders.csv", "--promises", "promises.csv")
    said(capsys, "run", "--once")
    assert "Held until a person has looked" in said(capsys, "delivery", "dispute", "o2", "--at", "2026-11-03T16:10")
    looked = ("--as", "Clerk One", "--role", "clerk")
    assert "Owed: CNY 39.00" in said(capsys, "delivery", "uphold", "o2", *looked, "--at", "2026-11-03T17:00")


@pytest.mark.usefixtures("shop")
def test_a_scan_of_what_nobody_knows_yet_says_so(capsys: pytest.CaptureFixture[str]):
    assert "No order or promise of o9 is known yet" in said(capsys, "delivery", "scan", "o9", "delivered")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (["--promises", "promises.csv", "--zone", "Mars/X"], "--zone: the zone “Mars/X”"),
        (["--promises", "promises.csv", "--source", ""], "--source: no source"),
        (["--scans", "none.csv"], "none.csv: no such file"),
        (["--closures", "scans.csv"], "no column closure_id, code, from_at, known_at"),
    ],
)
def test_an_import_that_cannot_be_read_says_so_in_one_line(
    call: list[str], told: str, capsys: pytest.CaptureFixture[str]
):
    capsys.readouterr()
    assert run(["import", *call]) == 2
    assert told in capsys.readouterr().err
