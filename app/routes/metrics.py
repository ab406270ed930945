"""`/metrics`: the figures of this server for Prometheus."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from app.operations.table import GET_METRICS
from app.problems.problem import Responses
from app.requests.dependencies import Figures
from app.routes.route import Router

router = Router(tags=["health"])

ANSWERS: Responses = {
    200: {"description": "Every figure", "content": {"text/plain": {"schema": {"type": "string"}}}},
}
"""Answers with the figures when all is well."""


@router.operation(GET_METRICS, summary="Figures for Prometheus", response_class=PlainTextResponse, responses=ANSWERS)
def get_metrics(metrics: Figures) -> Response:
    """Jobs by state, waits, requests by route, what the reconciler put right, what answers, memory of the process."""
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
