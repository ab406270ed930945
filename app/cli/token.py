"""`mho token`: who may use a service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.options import Json
from app.serving.read_settings import prepare_home, read_settings
from worker.contract import Scope, Token, TokenStore, upgrade
from worker.contract.process.harmless import one_line

DAYS = 90

Home = Annotated[
    Path | None,
    typer.Option(envvar="MHO_HOME", metavar="DIR", help="The service's home folder; ~/.local/share/mho."),
]

token = typer.Typer(
    name="token",
    no_args_is_help=True,
    help="Make, list and revoke the access tokens of a service: for whoever runs it, on its database "
    "(MHO_HOME or MHO_DATABASE_URL). What a client sends is in MHO_TOKEN.",
)


@token.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, for `mho token list`.")],
    scope: Annotated[
        list[Scope],
        typer.Option("--scope", help="What it allows; submit includes read, admin includes both and everybody's jobs."),
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=36_500, help="For how long it is good.")] = DAYS,
    forever: Annotated[bool, typer.Option("--forever", help="Good until it is revoked.")] = False,
    home: Home = None,
    json_output: Json = False,
) -> None:
    """Make a token and print it, once: it is kept nowhere, only its SHA-256 is.

    The token alone goes to standard output. From the first one on the service wants a token of everybody.
    """
    expires_at = None if forever else datetime.now(UTC) + timedelta(days=days)
    with _tokens(home) as tokens:
        made, secret = tokens.create(name, scope, expires_at)
    if json_output:
        typer.echo(json.dumps({**_document(made), "token": secret}))
        return
    typer.echo(secret)
    until = "until it is revoked" if made.expires_at is None else f"until {made.expires_at:%Y-%m-%d}"
    typer.echo(f"token {made.id} ({', '.join(made.scopes)}) is good {until}; it is shown this once", err=True)


@token.command("list")
def list_tokens(home: Home = None, json_output: Json = False) -> None:
    """List every token there ever was, newest first, without the tokens themselves: columns between tabs."""
    with _tokens(home) as tokens:
        found = tokens.list()
    if json_output:
        typer.echo(json.dumps([_document(each) for each in found]))
        return
    typer.echo("\t".join(("id", "state", "scopes", "created", "expires", "name")))
    for each in found:
        document = _document(each)
        expires = (document["expires_at"] or "never")[:10]
        columns = (each.id, document["state"], ",".join(each.scopes), document["created_at"][:10], expires, each.name)
        typer.echo("\t".join(map(one_line, columns)))


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as `mho token list` shows it.")],
    home: Home = None,
) -> None:
    """Make a token good for nothing; a server may believe it for a second more. Its jobs stay."""
    with _tokens(home) as tokens:
        revoked = tokens.revoke(token_id)
    typer.echo(f"{revoked.id} revoked")


@contextmanager
def _tokens(home: Path | None) -> Iterator[TokenStore]:
    """The tokens of the service with this home, which need not run or even have run."""
    settings = read_settings(home=home)
    if settings.database_url.startswith("sqlite"):
        prepare_home(settings.home)
    upgrade(settings.database_url)
    with closing(TokenStore(settings.database_url)) as tokens:
        yield tokens


def _document(each: Token) -> dict[str, Any]:
    """A token for machines."""
    return {
        "id": each.id,
        "name": each.name,
        "scopes": [scope.value for scope in each.scopes],
        "state": each.state(datetime.now(UTC)),
        "created_at": each.created_at.isoformat(),
        "expires_at": None if each.expires_at is None else each.expires_at.isoformat(),
        "revoked_at": None if each.revoked_at is None else each.revoked_at.isoformat(),
    }
