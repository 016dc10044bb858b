"""The deployment that is verified: where it is, how its API is asked, and its AWS clients."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.api.client import Api
from cli.api.sign_in import Keys, SignIn, find_keys, read_keys, send_token, sign_requests
from cli.services import Services
from cli.stage.aws import AwsFailed, Clients
from cli.stage.outputs import read_all_outputs, read_stack_outputs
from cli.stage.stacks import list_resources
from cli.verify.temporary_user import TemporaryUser
from deployment.stages import PARTS, RECIPE_PARTS, settings_for, stack_name
from functions.status.interface import OPERATORS
from local.run_state import read_state
from recipes.recipe import Recipe, load

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stage and how it is reached.

    Args:    recipe: which one is asked for; the default's, unless `of_recipe` chose another.
             outputs: of all its stacks, by name; those of the recipe's endpoint and group are that recipe's.
             others: the outputs that are a recipe's own, for each but the default.
             api: asked as a caller who has signed in.
             stranger: the same API, asked by somebody who has not.
             operator: makes the caller an operator, and returns the API; None where there is no user of ours who could become one.
             clients: the operator's, by service.
             folder: for files that are uploaded.
             token: returns the caller's token where auth is jwt.
             keys: the caller's where auth is iam.
             marker: a word that is in all that is sent, so that a log that holds it holds what people send.
             begin_s: when the verification began, in seconds since 1970.
    """

    stage: str
    recipe: Recipe
    auth: str
    outputs: Mapping[str, str]
    api: Api
    stranger: Api
    clients: Clients
    folder: Path
    sleep: Callable[[float], object]
    clock: Callable[[], float]
    begin_s: float
    operator: Callable[[], Api] | None = None
    token: Callable[[], str] | None = None
    keys: Keys | None = None
    marker: str = field(default_factory=lambda: f"verify{secrets.token_hex(8)}")
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    choice: str = ""  # the recipe's name where it is not the default

    @property
    def http(self) -> "httpx.Client":
        """The client for the page, S3's forms and results."""
        return self.api.http

    @property
    def path(self) -> str:
        """What the API's paths of the recipe begin with; empty for the default."""
        return f"/models/{self.choice}" if self.choice else ""

    @property
    def model_path(self) -> str:
        """The path that names the recipe's running model."""
        return self.path or "/model"

    def of_recipe(self, name: str) -> "Deployment":
        """Return the deployment as another of its recipes has it."""
        return replace(self, recipe=load(name), outputs={**self.outputs, **self.others[name]}, choice=name)

    def split(self) -> "list[Deployment]":
        """Return the deployment as each of its recipes has it, the default first."""
        return [self, *map(self.of_recipe, self.others)]

    def list_resources(self, type_: str) -> list[str]:
        """Return the physical ids of the resources of a type, of all its stacks."""
        stacks = [stack_name(self.stage, part) for part in PARTS]
        stacks += [stack_name(self.stage, part, recipe) for recipe in self.others for part in RECIPE_PARTS]
        resources = [each for stack in stacks for each in list_resources(self.clients("cloudformation"), stack)]
        return [each.id for each in resources if each.kind == type_]

    def wait_until(self, is_done: Callable[[], Any], limit_s: float, pause_s: float = 0.5) -> Any:
        """Return what `is_done` returns once that is true, or what it last returned when the time is over."""
        deadline = self.clock() + limit_s
        while not (last := is_done()) and self.clock() < deadline:
            self.sleep(pause_s)
        return last


@contextmanager
def open_deployment(stage: str, services: Services, folder: Path, begin_s: float, token: str | None = None) -> Iterator[Deployment]:
    """Find a stage's deployment; a user that it needed is removed at the end.

    Args:    token: of a user; without one, a user is created for as long as the verification runs where auth is jwt.
    Raises:  AwsFailed: a stack is missing or older than this, or AWS does not answer.
    """
    clients = cache(services.connect_aws(stage))
    outputs = read_all_outputs(stage, clients("cloudformation"))
    try:
        auth, url, recipe = outputs["Auth"], outputs["ApiUrl"], load(outputs["Recipe"])
    except KeyError as error:
        raise AwsFailed(f"the stacks of {stage} have no output {error.args[0]}", advice="deploy them again: they are older") from error
    others = {name: _read_recipe(stage, name, clients("cloudformation")) for name in outputs.get("Recipes", "").split(",")[1:]}
    user = TemporaryUser(clients, outputs, services.clock) if auth == "jwt" and token is None else None
    keys = _find_keys(stage, url) if auth == "iam" else None
    get_token = (lambda: token) if token else user.get_token if user else None
    sign_in = _build_sign_in(get_token, keys)
    with services.open_http() as http:
        api = Api(url, http, sign_in)

        def become_operator(user: TemporaryUser) -> Api:
            user.join(OPERATORS)
            return api

        try:
            yield Deployment(
                stage=stage,
                recipe=recipe,
                auth=auth,
                outputs=outputs,
                api=api,
                stranger=Api(url, http),
                operator=partial(become_operator, user) if user else None,
                clients=clients,
                folder=folder,
                sleep=services.sleep,
                clock=services.clock,
                begin_s=begin_s,
                token=get_token,
                keys=keys,
                others=others,
            )
        finally:
            if user:
                user.delete()


def _read_recipe(stage: str, name: str, cloudformation: Any) -> dict[str, str]:
    """Return the outputs of another recipe than the default: its endpoint, its pipeline and its group."""
    outputs = {}
    for part in RECIPE_PARTS:
        outputs.update(read_stack_outputs(stack_name(stage, part, name), cloudformation))
    return {**outputs, "ModelPackageGroupName": settings_for(stage, recipe=name).model_group}


def _find_keys(stage: str, url: str) -> Keys:
    state = read_state() if stage == "local" else None
    return read_keys(state) if state else find_keys(None, url)


def _build_sign_in(get_token: Callable[[], str] | None, keys: Keys | None) -> SignIn | None:
    if get_token:
        return send_token(get_token)  # where nobody can sign in, each check says so
    return sign_requests(keys) if keys else None
