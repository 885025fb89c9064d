"""`houbei terms check`: what is said, and the exit code, of good documents and of what users get wrong."""

from pathlib import Path

import pytest

from houbei.cli import run
from houbei.store.terms_files import load_terms, shipped_terms

GOOD = """
term: shelf-30
kind: price_protection
zone: Asia/Shanghai
scope: {where: "NOT gift"}
window: {closes: {after: {at: delivered}, length: P30D}}
clauses: [{id: S-1, text: {en: The difference is returned.}}]
examples:
  - name: a drop
    given: {paid: 49.90, delivered: 2026-12-05T10:00+08:00}
    when: [{price: 39.90, at: 2026-12-08}]
    then: [{pay: 10.00, clause: S-1}]
"""
WRONG_EXAMPLE = GOOD.replace("pay: 10.00", "pay: 20.00")
WRONG_EXAMPLE_SAID = (
    "houbei: {}, examples[1] “a drop”: pay 10.00 (S-1) at 2026-12-08T00:00:00+08:00; expected pay 20.00 (S-1)."
    " Correct the example, or the terms.\n"
)


def write(folder: Path, **documents: str) -> Path:
    for name, text in documents.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def version(number: int, effective: str = "") -> str:
    return f"version: {number}\neffective: {{{effective}}}{GOOD}"


def check(*paths: str | Path) -> int:
    return run(["terms", "check", *map(str, paths)])


def said_ok(file: Path, number: int = 1) -> str:
    sha256 = load_terms(str(file)).sha256
    return f"ok: {file}: shelf-30 version {number}, {sha256[:8]}, 1 example\n"


def test_a_good_document_is_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = write(tmp_path, shelf=GOOD) / "shelf.yaml"
    assert check(file) == 0
    assert capsys.readouterr() == (said_ok(file), "")


def test_a_document_without_examples_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = write(tmp_path, shelf=GOOD.split("examples:", maxsplit=1)[0]) / "shelf.yaml"
    assert check(file) == 0
    assert capsys.readouterr().out.endswith(", 0 examples\n")


@pytest.mark.parametrize("name", shipped_terms())
def test_every_document_that_ships_is_good_under_its_name(name: str, capsys: pytest.CaptureFixture[str]):
    terms = load_terms(name)
    assert check(name) == 0
    assert capsys.readouterr() == (
        f"ok: {name}: {name} version 1, {terms.sha256[:8]}, {len(terms.examples)} examples\n",
        "",
    )


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert check(tmp_path / "shelf.yaml") == 2
    expected = f"a terms document, or one of {', '.join(shipped_terms())}"
    assert capsys.readouterr() == (
        "",
        f"houbei: {tmp_path / 'shelf.yaml'}: no such file; expected {expected}. Check the path.\n",
    )


def test_a_folder_without_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert check(tmp_path) == 2
    assert capsys.readouterr() == (
        "",
        f"houbei: {tmp_path}: a folder without terms documents; expected files that end in .yaml. Add one.\n",
    )


def test_no_path_at_all(capsys: pytest.CaptureFixture[str]):
    assert check() == 2
    assert "Missing argument 'FILE|DIR...'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WRONG_EXAMPLE, WRONG_EXAMPLE_SAID),
        (
            GOOD.replace("scope:", "scop:"),
            (
                "houbei: {}, line 5, scop: the key “scop”; expected one of term, version, kind, title, jurisdiction, zone, calendar,"
                " effective, on_change, scope, window, compare, remedy, allocation, clauses, examples. Did you mean scope?\n"
            ),
        ),
        (
            GOOD.replace("NOT gift", "NOT gfit AND"),
            (
                "houbei: {}, line 5, scope.where: “NOT gfit AND”, which is not a whole condition; expected AND OR NOT ( ) = <> < <= > >= IN"
                " BETWEEN IS [NOT] NULL COALESCE + - ×, whole numbers, 'texts', true, false and names of facts."
                " Look for a missing value, operator or parenthesis.\n"
            ),
        ),
        (
            GOOD.replace("P30D", "30 days"),
            (
                "houbei: {}, line 6, window.closes.length: “30 days”; expected a length as ISO 8601 writes it, by the calendar"
                " (P30D, P1M, P1Y, P2W) or exact (PT720H). Correct it, or leave it out if it has a default.\n"
            ),
        ),
        (
            GOOD.replace("clause: S-1", "clause: S-2"),
            (
                "houbei: {}, line 9, examples[1] “a drop”: the clause S-2, which the document does not have; expected one of"
                " S-1. Correct the id.\n"
            ),
        ),
        (
            GOOD.replace("kind:", "\tkind:"),
            "houbei: {}, line 3: found a tab character that violates indentation; expected YAML. Correct the spelling there.\n",
        ),
        (
            GOOD.replace("window: {", "window: {{"),
            (
                "houbei: {}, line 6: a key that is a mapping or a list; expected plain keys and values, each key once."
                " Use a word as the key.\n"
            ),
        ),
    ],
    ids=["wrong example", "misspelt key", "broken condition", "no length", "no such clause", "a tab", "bad YAML"],
)
def test_a_document_that_cannot_be_published(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = write(tmp_path, shelf=text) / "shelf.yaml"
    assert check(file) == 1
    assert capsys.readouterr() == ("", message.format(file))


def test_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "shelf.yaml"
    file.write_bytes(GOOD.replace("The difference", "差价").encode("gbk"))
    assert check(file) == 1
    assert capsys.readouterr() == (
        "",
        f"houbei: {file}: bytes that are not UTF-8; expected a YAML file in UTF-8. Save it as UTF-8.\n",
    )


def test_one_bad_document_of_a_folder_does_not_hide_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    a, b, c = (GOOD.replace("shelf-30", name) for name in ("a-30", "b-30", "c-30"))
    write(tmp_path, a=a, b=b.replace("pay: 10.00", "pay: 20.00"), c=c)
    assert check(tmp_path) == 1
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == [
        f"ok: {tmp_path / 'a.yaml'}: a-30 version 1",
        f"ok: {tmp_path / 'c.yaml'}: c-30 version 1",
    ]
    assert err == WRONG_EXAMPLE_SAID.format(tmp_path / "b.yaml")


def test_an_unusable_path_is_worse_than_a_failed_check_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path, good=GOOD, bad=WRONG_EXAMPLE.replace("shelf-30", "shelf-60"))
    assert check(tmp_path / "none.yaml", tmp_path / "bad.yaml", tmp_path / "good.yaml") == 2
    out, err = capsys.readouterr()
    assert out == said_ok(tmp_path / "good.yaml")
    assert [line.split(";")[0] for line in err.splitlines()] == [
        f"houbei: {tmp_path / 'none.yaml'}: no such file",
        f"houbei: {tmp_path / 'bad.yaml'}, examples[1] “a drop”: pay 10.00 (S-1) at 2026-12-08T00:00:00+08:00",
    ]


def test_versions_that_follow_each_other_are_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(tmp_path, v3=version(3, "sold_from: 2026-06-01"), v4=version(4, "sold_from: 2026-06-02"))
    assert check(tmp_path) == 0
    assert capsys.readouterr() == (said_ok(tmp_path / "v3.yaml", 3) + said_ok(tmp_path / "v4.yaml", 4), "")


def test_two_documents_with_one_number_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(tmp_path, old=version(3, "sold_from: 2026-06-01"), new=version(3, "sold_from: 2026-06-02"))
    assert check(tmp_path) == 1
    assert capsys.readouterr().err == (
        "houbei: term shelf-30: versions [3, 3] of shelf-30; expected versions of one term, each number once."
        " Bind each term apart, and give every version a number of its own.\n"
    )


def test_one_document_twice_is_one(tmp_path: Path):
    write(tmp_path, one=GOOD, same=GOOD + "# a comment\n")
    assert check(tmp_path, tmp_path / "one.yaml") == 0


def test_a_version_that_a_later_one_covers_whole_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The later version forgot to say from when it is sold, so that nothing is sold under the earlier one."""
    write(tmp_path, v3=version(3, "sold_from: 2026-06-01"), v4=version(4))
    assert check(tmp_path) == 1
    assert capsys.readouterr().err == (
        "houbei: term shelf-30: version 3, under which nothing is ever sold; expected every version in force at some"
        " moment. Correct effective in it, or in the later version that is in force instead.\n"
    )
