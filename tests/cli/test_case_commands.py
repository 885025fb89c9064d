"""Cases from the command line: one plain sentence back, everything twice is once, and what each says when it cannot."""

import json
import os
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from houbei.cli import run
from houbei.facts.moments import DAY_US
from houbei.store.database import open_database
from houbei.store.exhibits import exhibits_of, open_exhibit
from tests.cases_live.appliances import LAW, promise
from tests.live.stores import count, rows_of

ORDERS = """order_id,line_id,sku,quantity,paid,currency,placed_at,delivered_at,serials,buyer_id,category
O1,L1,SJW10,1,4999.00,CNY,2026-11-01T10:00:00+08:00,2026-11-03T10:00:00+08:00,"[""SN1""]",B1,washer
"""
NUMBER = "R-2026-0001"
STOREKEEPER = ["--as", "Storekeeper One", "--role", "storekeeper"]
COURIER = ["--as", "Courier One", "--role", "courier"]
CLERK = ["--as", "Clerk One", "--role", "clerk"]
NOW_US = 1_795_000_000_000_000
"""2026-11-18."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a store in which the shop's promise, the law and one washer are known; it is the 18th of November."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    moment = iter(range(NOW_US, NOW_US + 10**12, 1_000_000))
    told = [f"case_{name}" for name in ("report", "steps", "files", "inspect", "claim", "send", "lists")]
    for module in (*told, "import_", "run"):
        monkeypatch.setattr(import_module(f"houbei.cli.{module}"), "now_us", lambda: next(moment))
    for name, text in (("shop.yaml", promise()), ("law.yaml", LAW), ("orders.csv", ORDERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(["import", "--terms", "shop.yaml", "--terms", "law.yaml", "--orders", "orders.csv"]) == 0
    assert run(["run", "--once"]) == 0
    capsys.readouterr()
    return tmp_path


def says(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """Call `houbei case …` and give what it says."""
    found = run(["case", *words])
    said = capsys.readouterr()
    assert found == code, said.err
    return (said.out if code == 0 else said.err).strip()


def steps() -> list[str]:
    return [row[0] for row in rows_of(open_database(Path("houbei.db")), "SELECT what FROM steps ORDER BY seq")]


@pytest.mark.usefixtures("shop")
def test_a_whole_swap_is_told_in_plain_sentences(capsys: pytest.CaptureFixture[str]):
    said = says(capsys, "report", "--order", "O1", "--serial", "SN1", "--fault", "noise", "--words", "it rattles")
    assert said == (
        "R-2026-0001: the report is taken down. A new unit. Clause c-swap. Next: the buyer chooses a visit,"
        " by 2026-11-21 19:06 at the latest."
    )
    visit = ["--from", "2026-11-20T09:00", "--until", "2026-11-20T11:00"]
    assert "the visit is booked" in says(capsys, "slot", NUMBER, *visit)
    assert "Next: the new unit leaves" in says(
        capsys, "reserve", NUMBER, "--serial", "SN2", "--cost", "2180", *STOREKEEPER
    )
    assert "the new unit left" in says(capsys, "dispatch", NUMBER, *STOREKEEPER)
    swapped = says(capsys, "swapped", NUMBER, "--old", "SN1", "--new", "SN2", "--service", "130.00", *COURIER)
    assert "swapped at the door" in swapped
    assert "the old unit is inspected" in says(capsys, "receive", NUMBER, "--serial", "SN1", *STOREKEEPER)
    inspector = ["--as", "Inspector One", "--role", "inspector"]
    ended = says(capsys, "inspect", NUMBER, "--verdict", "confirmed", "--findings", "bearing worn", *inspector)
    assert ended.endswith("Next: it is swapped, and nothing is left to do for the buyer.")
    claimed = says(capsys, "claim", NUMBER, "--supplier", "brand", "--out", "claim.json", *CLERK)
    assert "Next: the supplier answers" in claimed
    document = json.loads(Path("claim.json").read_text("utf-8"))
    assert (document["to"], document["amount"], document["why"]["verdict"]) == ("brand", "2310.00", "confirmed")
    assert "the supplier paid" in says(capsys, "recovered", NUMBER, "--amount", "2310")
    shown = says(capsys, "show", NUMBER)
    for line in ("day 15 of 180", "unit_cost  2180.00", "net cost to the shop  CNY 0.00", "  courier  Courier One"):
        assert line in shown
    assert says(capsys, "list") == "No case is open."
    assert run(["audit"]) == 0


@pytest.mark.usefixtures("shop")
def test_what_is_said_again_right_away_is_said_once_and_what_happens_again_is_another_step(
    capsys: pytest.CaptureFixture[str],
):
    report = ["report", "--serial", "SN1", "--fault", "noise"]
    says(capsys, *report)
    assert "this was told before and is not told twice" in says(capsys, *report)
    early = says(capsys, "dispatch", NUMBER, *STOREKEEPER)
    assert "cannot happen here; it is kept, changed nothing, and a person looks" in early
    says(capsys, "slot", NUMBER, "--from", "2026-11-20T09:00", "--until", "2026-11-20T11:00")
    says(capsys, "reserve", NUMBER, "--serial", "SN2", *STOREKEEPER)
    assert "the new unit left." in says(capsys, "dispatch", NUMBER, *STOREKEEPER)
    assert "told before" in says(capsys, "dispatch", NUMBER, *STOREKEEPER)
    for day in ("21", "22"):
        assert "nobody was there." in says(capsys, "absent", NUMBER, *COURIER)
        says(capsys, "slot", NUMBER, "--from", f"2026-11-{day}T09:00", "--until", f"2026-11-{day}T11:00")
    assert steps().count("absent") == steps().count("dispatched") == 2


@pytest.mark.usefixtures("shop")
def test_a_second_report_of_a_unit_says_that_it_has_a_case(capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise", "--channel", "app")
    said = says(capsys, "report", "--order", "O1", "--channel", "phone", *CLERK)
    assert said.startswith("R-2026-0001: this unit has a case already")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dispatch", NUMBER], "Name the person"),
        (["dispatch", NUMBER, "--as", "Somebody"], "--as without --role"),
        (["dispatch", "R-2026-0009", *STOREKEEPER], "no case R-2026-0009"),
        (["absent", NUMBER, *COURIER, "--at", "yesterday"], "expected a moment"),
        (["hold", NUMBER, "--amount", "1,000", "--reference", "h"], "Write the amount in CNY like 1234.56"),
        (["answer", NUMBER, "--say", "maybe", "--reason", "x"], "Invalid value for '--say'"),
        (["report", "--serial", "SN404"], "which no line is known by"),
        (["report"], "which no line is known by"),
        (["evidence", NUMBER, "missing.jpg"], "no such file"),
        (["claim", NUMBER, "--supplier", "brand", *CLERK], "a claim of nothing"),
        (["inspect", NUMBER, "--verdict", "confirmed"], "Name the person"),
        (["show", "R-1"], "no case R-1"),
        (["send", "missing.jsonl"], "no such file"),
        (["people", "Nobody", "--unnamed"], ""),
    ],
)
def test_what_cannot_be_taken_in_says_why_and_keeps_nothing(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise")
    assert said in says(capsys, *words, code=2)
    assert steps() == ["reported", "judged"]


def test_a_photo_is_kept_beside_the_store_and_a_file_of_no_kind_is_refused(
    shop: Path, capsys: pytest.CaptureFixture[str]
):
    says(capsys, "report", "--serial", "SN1", "--fault", "dent")
    (shop / "note.txt").write_text("no photo", "utf-8")
    assert "note.txt: " in says(capsys, "evidence", NUMBER, "note.txt", code=2)
    assert steps() == ["reported", "judged"]
    Image.new("RGB", (64, 48), (200, 30, 30)).save(shop / "dent.jpg")
    assert "decide" in says(capsys, "evidence", NUMBER, "dent.jpg")
    database = open_database(Path("houbei.db"))
    ((sha256, kind, width),) = rows_of(database, "SELECT sha256, kind, width FROM exhibits")
    assert (kind, width) == ("photo", 64)
    opened = open_exhibit(shop / "houbei.db.exhibits", sha256)
    assert opened is not None
    opened.content.close()
    assert "the decision is taken down. Next: the buyer chooses a visit" in says(
        capsys, "answer", NUMBER, "--say", "replace", "--reason", "plain to see", *CLERK
    )


@pytest.mark.usefixtures("shop")
def test_a_form_that_is_not_filled_in_is_refused_question_by_question(capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise")
    assert says(capsys, "form", NUMBER).startswith("washer-1")
    Path("answers.json").write_text('{"serial": "SN1"}', "utf-8")
    inspector = ["--as", "Inspector One", "--role", "inspector"]
    said = says(capsys, "inspect", NUMBER, "--verdict", "confirmed", "--answers", "answers.json", *inspector, code=2)
    assert "serial_same: This has no answer yet." in said
    assert steps() == ["reported", "judged"]


@pytest.mark.usefixtures("shop")
def test_a_phones_queue_is_taken_in_whole_though_some_lines_are_known_and_some_cannot_be_read(
    capsys: pytest.CaptureFixture[str],
):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise")
    by = {"name": "Courier One", "role": "courier"}
    visit = {"from_us": NOW_US + 10**10, "until_us": NOW_US + 2 * 10**10}
    lines = [
        {"id": "1", "case": NUMBER, "what": "slot_chosen", "teller": "buyer", "at": "2026-11-18T20:00", "told": visit},
        {"id": "2", "case": "R-2026-0042", "what": "absent", "teller": "courier", "at": "2026-11-18T20:00", "by": by},
        "no json",
        {"id": "3", "case": NUMBER, "what": "flown", "teller": "courier", "at": "2026-11-18T20:00"},
        {"id": "4", "case": NUMBER, "what": "absent", "teller": "courier", "at": "2026-11-18T20:01", "by": by},
    ]
    Path("queue.jsonl").write_text(
        "\n\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), "utf-8"
    )
    assert run(["case", "send", "queue.jsonl", "--source", "phone 7"]) == 1
    said = capsys.readouterr()
    assert said.out.strip() == "1 taken in, 0 known, 1 set aside for a person, 3 lines refused"
    assert [line.split(": ")[0] for line in said.err.splitlines()] == [f"queue.jsonl:{n}" for n in (3, 5, 7)]
    assert run(["case", "send", "queue.jsonl", "--source", "phone 7"]) == 1
    assert capsys.readouterr().out.startswith("0 taken in, 2 known")
    assert steps() == ["reported", "judged", "slot_chosen", "absent"]


@pytest.mark.usefixtures("shop")
def test_what_a_phone_tells_late_happened_when_it_happened(capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise", "--at", "2026-11-10T08:00")
    (at_us, known_us) = rows_of(open_database(Path("houbei.db")), "SELECT at_us, known_us FROM steps")[0]
    assert at_us < NOW_US <= known_us


@pytest.mark.usefixtures("shop")
def test_a_name_that_is_taken_back_is_gone_from_what_is_shown(capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise")
    says(capsys, "call", NUMBER, "--outcome", "ok", *CLERK)
    assert "Clerk One" in says(capsys, "show", NUMBER)
    assert says(capsys, "people", "Clerk One", "--unnamed") == "Clerk One is no longer named, anywhere."
    assert "Clerk One" not in says(capsys, "show", NUMBER)
    says(capsys, "call", NUMBER, "--outcome", "again", *CLERK)
    assert "Clerk One" not in says(capsys, "show", NUMBER)


@pytest.mark.usefixtures("shop")
def test_the_list_puts_what_needs_a_person_first(capsys: pytest.CaptureFixture[str]):
    says(capsys, "report", "--serial", "SN1", "--fault", "noise")
    assert says(capsys, "list") == ("R-2026-0001  the buyer chooses a visit, by 2026-11-21 19:06 at the latest")
    says(capsys, "hand-over", NUMBER, "--reason", "she is upset", *CLERK)
    assert says(capsys, "list").startswith("R-2026-0001  it needs a person to look at it (the buyer chooses a visit)")
    assert says(capsys, "list", "--stage", "settled") == "No case is open."


@pytest.mark.usefixtures("shop")
def test_everything_is_said_in_chinese_too(capsys: pytest.CaptureFixture[str]):
    said = says(capsys, "report", "--serial", "SN1", "--fault", "noise", "--lang", "zh")
    assert said == "R-2026-0001：已登记报告。换新。依据c-swap。接下来等买家选上门时间，最迟2026-11-21 19:06。"
    assert says(capsys, "absent", NUMBER, *COURIER, "--lang", "zh").startswith(
        "R-2026-0001：“上门没有人”在这时不会发生"
    )
    assert count(open_database(Path("houbei.db")), "steps") == 3


def test_what_a_crash_left_of_a_file_is_gone_after_a_day(shop: Path):
    folder = exhibits_of(shop / "houbei.db")
    folder.mkdir(exist_ok=True)
    old, fresh = folder / ".part-old", folder / ".part-fresh"
    for path, us in ((old, NOW_US - 2 * DAY_US), (fresh, NOW_US)):
        path.write_bytes(b"half")
        os.utime(path, ns=(us * 1000, us * 1000))
    assert run(["run", "--once"]) == 0
    assert (old.exists(), fresh.exists()) == (False, True)
