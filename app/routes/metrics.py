"""`/metrics`: the figures of this server for Prometheus."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from app.answers.metrics import Metrics
from app.problems.problem import Responses
from app.routes.route import Router

router = Router(tags=["health"])

ANSWERS: Responses = {
    200: {"description": "Every figure", "content": {"text/plain": {"schema": {"type": "string"}}}},
}
"""What the route answers when all is well."""


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse, responses=ANSWERS)
def get_metrics(request: Request) -> Response:
    """Jobs by state, waits, requests by route, what the reconciler put right, what answers, memory of the process."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
