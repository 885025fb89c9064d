"""Every row of the pages on replacements and on the law beside them, judged as a history of claims is."""

import numpy as np
import pytest

from houbei.facts.claims import KNOWN
from houbei.money import minor_of, text_of
from houbei.owed.replacement import other_model_minor, refund_minor, set_against_minor
from tests.clauses.claim_pages import answers, bought_of, claims_of, promise_of, promises_of
from tests.clauses.pages import Row, parts, rows_of

ANSWERED = rows_of("case", "promise", "bought", "reported", "answer")
SIDE_BY_SIDE = rows_of("case", "promises", "bought", "reported", "answer")
MONEY = rows_of("case", "promise", "paid", "adjusted", "instead", "goes back", "buyer pays")


@pytest.mark.parametrize("row", ANSWERED, ids=str)
def test_a_claim_comes_to_what_its_row_says(row: Row):
    promises, orders = [promise_of(row.cells["promise"])], bought_of(row.cells["bought"])
    came = answers(promises, orders, claims_of(row.cells["reported"]), named=False)
    assert came == parts(row.cells["answer"])


@pytest.mark.parametrize("row", SIDE_BY_SIDE, ids=str)
def test_of_several_promises_the_one_answers_that_its_row_says(row: Row):
    promises, orders = promises_of(row.cells["promises"]), bought_of(row.cells["bought"])
    came = answers(promises, orders, claims_of(row.cells["reported"]), named=True)
    assert came == parts(row.cells["answer"])


@pytest.mark.parametrize("row", MONEY, ids=str)
def test_money_goes_back_as_its_row_says(row: Row):
    promises = promise_of(row.cells["promise"]).replacement
    assert promises is not None
    paid, adjusted = (np.array([minor_of(row.cells[name], "CNY", where=name)]) for name in ("paid", "adjusted"))
    if row.cells["instead"] == "money":
        back = refund_minor(paid, adjusted_minor=adjusted, net=promises.refund_net_of_price_protection)
        assert (text_of(int(back[0]), "CNY"), "") == (row.cells["goes back"], row.cells["buyer pays"])
        return
    price = np.array([minor_of(row.cells["instead"], "CNY", where="instead")])
    against = set_against_minor(paid, adjusted_minor=adjusted, promises=promises)
    up, back = other_model_minor(against, price, pay_up=promises.pay_up, pay_down=promises.pay_down)
    pays = "cannot" if up[0] < 0 else text_of(int(up[0]), "CNY")
    assert (text_of(int(back[0]), "CNY"), pays) == (row.cells["goes back"], row.cells["buyer pays"])


def test_the_pages_show_every_kind_of_answer():
    said = " ".join(row.cells["answer"] for row in ANSWERED + SIDE_BY_SIDE)
    assert all(word in said for word in ("replace", "refund", "repair", "refused", "referred", "same case"))


def test_the_contract_of_claims_names_every_column():
    named = {row.cells["column"].strip("`") for row in rows_of("column", "what it says")} - {"any other"}
    assert named == KNOWN - {"claim_id", "line_id", "reported_at", "channel"}
