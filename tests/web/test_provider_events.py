"""Where a provider tells of refunds: kept once, refused without its signature, and looked at only at the provider."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine
from standardwebhooks.webhooks import Webhook

from houbei.store.database import open_database, reading
from houbei.store.provider_events import waiting_events
from houbei.web.app import create_app

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, 32").decode()


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    return open_database(tmp_path / "store.db", create=True)


def told(event: str, reference: str = "re_1", *, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"id": event, "type": "refund.updated", "data": {"id": reference, "state": "succeeded"}})
    now = datetime.now(tz=UTC)  # noqa: TID251  signatures are checked against the system's clock
    signature = Webhook(secret).sign(event, now, body)
    headers = {"webhook-id": event, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return headers, body.encode()


def test_a_signed_event_is_kept_once_however_often_it_is_told(database: Engine):
    with TestClient(create_app(database, hook_secret=SECRET)) as client:
        headers, body = told("evt_1")
        answers = [client.post("/hooks/sandbox", headers=headers, content=body).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    with reading(database) as connection:
        assert waiting_events(connection, most=9) == [("evt_1", "re_1")]
    database.dispose()


def test_a_forged_event_and_a_body_that_was_changed_are_refused(database: Engine):
    other = "whsec_" + base64.b64encode(b"another secret of thirty-two byt").decode()
    with TestClient(create_app(database, hook_secret=SECRET)) as client:
        headers, body = told("evt_2", secret=other)
        assert client.post("/hooks/sandbox", headers=headers, content=body).status_code == 401
        headers, body = told("evt_3")
        changed = client.post("/hooks/sandbox", headers=headers, content=body.replace(b"re_1", b"re_2"))
        assert (changed.status_code, changed.json()["code"]) == (401, "bad_signature")
    with reading(database) as connection:
        assert waiting_events(connection, most=9) == []
    database.dispose()


def test_without_a_secret_no_events_are_taken(database: Engine):
    with TestClient(create_app(database)) as client:
        headers, body = told("evt_4")
        assert client.post("/hooks/sandbox", headers=headers, content=body).status_code in {404, 405}
    database.dispose()
