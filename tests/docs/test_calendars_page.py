"""What `docs/calendars.md` says of spans and of documents is what the code does."""

import re
from pathlib import Path

from houbei.calendars.carrier_documents import carriers_of
from houbei.calendars.documents import packaged_document
from houbei.calendars.doubt import widest_breaks
from houbei.calendars.festivals import NAMES
from houbei.cli import run
from houbei.store.calendar_files import shipped_carriers
from houbei.terms.yaml_tree import read_yaml

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "calendars.md").read_text("utf-8")
SHORT = {"Qingming": "qingming", "Dragon Boat": "dragon_boat", "Mid-Autumn": "mid_autumn"}
KEYS = {en: key for key, (_, en) in NAMES.items()} | SHORT


def test_the_spans_on_the_page_are_those_of_the_packaged_calendar():
    rows = re.findall(r"^\| ([^|]+) \| ([0-9]+) \| ([0-9]+) \|$", PAGE, flags=re.MULTILINE)
    said = {
        KEYS[name.removesuffix(", from New Year")]: (int(before), int(after))
        for names, before, after in rows
        for name in ([names] if "from New Year" in names else names.split(", "))
    }
    assert said == widest_breaks(packaged_document("cn").years)


def test_the_document_on_the_page_can_be_read():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    document = carriers_of(read_yaml(text, where="the page").root, where="the page")
    assert [carrier.carrier for carrier in document.carriers] == ["express"]


def test_the_page_names_the_documents_that_ship_and_the_years_that_are_announced():
    assert all(f"`{name}`" in PAGE for name in shipped_carriers())
    announced, predicted = packaged_document("cn").announced, packaged_document("cn").predicted
    assert f"{announced[0]} to {announced[-1]} announced, to {predicted[-1]} predicted" in PAGE


def test_the_calls_on_the_page_can_be_made(tmp_path: Path, monkeypatch):
    """But for the notice, which is not published yet, and what rests on it."""
    monkeypatch.chdir(tmp_path)
    calls = [line.split("#")[0].split() for line in PAGE.splitlines() if line.startswith("houbei calendar")]
    made = [call[1:] for call in calls if "cn.json" not in call]
    assert len(made) == 3
    assert [run(call) for call in made] == [0, 0, 0]
