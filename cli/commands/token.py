"""`inferstack token`: the access token of a user, for any client of a stage with auth=jwt."""

from typing import Annotated

import typer

from cli.api.user_token import fetch_token
from cli.console import out, print_json
from cli.failures import CommandFailed
from cli.options import Json, Stage
from cli.services import get_services
from cli.stage.outputs import find_user_pool
from local.run_state import read_state


def token(
    context: typer.Context,
    stage: Stage = "local",
    user: Annotated[str, typer.Option(help="Who signs in, like you@example.com; the local stack has a user of its own.")] = "",
    password: Annotated[
        str,
        typer.Option(
            help="Leave it out to be asked for it, so that it is not in your shell's history.",
            envvar="INFERSTACK_PASSWORD",
            show_envvar=True,
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Sign in as a user and print the access token, which is valid for the stage's token_minutes, 5 by default.

    Examples:
    curl -H "authorization: Bearer $(inferstack token)" …
    inferstack token --stage dev --user you@example.com
    """
    clients = get_services(context).connect_aws(stage)
    state = read_state() if stage == "local" and not user else None
    here = state.demo_user if state else {}
    if not user and not here:
        advice = "start the stack with `inferstack up -c auth=jwt`, or name somebody with --user"
        raise CommandFailed("nobody is named who could sign in", advice=advice)
    known = here or {
        **find_user_pool(stage, clients("cloudformation")),
        "username": user,
        "password": password or typer.prompt("password", hide_input=True, err=True),
    }
    access_token = fetch_token(clients("cognito-idp"), known)
    if as_json:
        print_json({"access_token": access_token.text, "expires_in": access_token.valid_s})
    else:
        out.print(access_token.text, soft_wrap=True, markup=False)
