"""From answers to replies on the web; an answer that is lost hangs up instead."""

from typing import Any

from litestar import Request, Response

from houbei.sandbox.shapes import RETRY_AFTER_S, Answer, problem

PAGE_MAX = 1000
_COME_AGAIN = {429, 503}
Asking = Request[Any, Any, Any]
Reply = Response[bytes]


def reply(answer: Answer) -> Reply:
    """Reply with an answer."""
    headers = {}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    if answer.status in _COME_AGAIN:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    media_type = "application/problem+json" if answer.is_problem else "application/json"
    return Response(answer.body, status_code=answer.status, media_type=media_type, headers=headers)


async def reply_or_hang_up(request: Asking, answer: Answer | None) -> Reply:
    """Reply with an answer; close the connection where there is none."""
    if answer is None:
        await request.app.state.server.hang_up(request)
        return reply(problem("internal", "Nobody reads this."))
    return reply(answer)
