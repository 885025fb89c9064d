"""For trying one's own orders: payments that nobody registered, where that is asked for."""

from contextlib import closing

import httpx2
import pytest

from houbei.sandbox.process import start_sandbox


@pytest.mark.parametrize(("any_payment", "status"), [(1, 201), (0, 404)])
def test_a_payment_that_nobody_registered_is_refunded_only_where_that_is_asked_for(any_payment: int, status: int):
    with (
        start_sandbox(faults={"any_payment": any_payment}) as sandbox,
        closing(httpx2.Client(base_url=sandbox.address, trust_env=False)) as client,
    ):
        asked = {"payment": "own-order-1", "amount_minor": 300, "currency": "CNY", "metadata": {}}
        answer = client.post("/refunds", json=asked, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == status
