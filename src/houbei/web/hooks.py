"""Where a payment provider tells of its refunds: checked and kept, nothing more. What it says is never believed."""

import asyncio
from typing import Any

from litestar import Request, Response, post
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import Engine

from houbei.runs.clock import Clock
from houbei.runs.hooks import take_event

BODY_BYTES_MAX = 65_536
_REFUSED = b'{"type":"about:blank","title":"The signature is wrong or old.","status":401,"code":"bad_signature"}'


def hook_route(database: Engine, *, secret: str, clock: Clock) -> HTTPRouteHandler:
    """Make the address that a provider is told: `POST /hooks/sandbox`.

    It answers 200 for an event that is kept, the second time too; 401 for one whose signature is wrong or older than five minutes;
    503 where the store cannot be written, so that the provider tells again.

    Args:
        database: The store.
        secret: What events are signed with, `whsec_` and base64.
        clock: What time it is.
    """

    @post("/hooks/sandbox", status_code=200, request_max_body_size=BODY_BYTES_MAX)
    async def hook(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        headers = dict(request.headers)
        kept = await asyncio.to_thread(take_event, database, secret=secret, headers=headers, body=body, now_us=clock())
        if kept:
            return Response(b"", status_code=200, media_type=MediaType.TEXT)
        return Response(_REFUSED, status_code=401, media_type="application/problem+json")

    return hook
