"""`/docs`: the OpenAPI document as a page, with nothing from any other host."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from fastapi import Response
from fastapi.responses import HTMLResponse

from app.operations.table import GET_DOCS, GET_DOCS_FILE
from app.problems.problem import Problem, shown
from app.requests.dependencies import Linked
from app.routes.route import Router

router = Router(include_in_schema=False)

ASSETS = files("fastapi_offline") / "static"
"""The scripts and styles of Swagger UI, from an installed package."""

START = """window.onload = () => {
  SwaggerUIBundle({ url: "ROOT/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
};
"""

# ROOT is what stands before every path of this server.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mho</title>
<link rel="stylesheet" href="ROOT/docs/swagger-ui.css">
<link rel="icon" href="ROOT/docs/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="ROOT/docs/swagger-ui-bundle.js"></script>
<script src="ROOT/docs/start.js"></script>
</body>
</html>
"""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Sources that the page may load from: this server, and for pictures its style sheet as well."""

SERVED: Mapping[str, str] = MappingProxyType(
    {
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "swagger-ui.css": "text/css; charset=utf-8",
        "favicon.png": "image/png",
        "start.js": "text/javascript; charset=utf-8",
    }
)
"""Every file of the page, with its media type."""


@router.operation(GET_DOCS)
def docs(links: Linked) -> HTMLResponse:
    """The page."""
    return HTMLResponse(PAGE.replace("ROOT", links.root), headers={"Content-Security-Policy": POLICY})


@router.operation(GET_DOCS_FILE)
def docs_file(name: str, links: Linked) -> Response:
    """A file of the page. The name is only compared, never joined into a path."""
    for known, media_type in SERVED.items():
        if name == known:
            start = START.replace("ROOT", links.root).encode()
            content = start if known == "start.js" else (ASSETS / known).read_bytes()
            return Response(content, media_type=media_type, headers={"Cache-Control": "max-age=3600"})
    raise Problem("NOT_FOUND", f"got {shown(name)}; /docs has: {', '.join(SERVED)}; /openapi.json lists all paths.")
