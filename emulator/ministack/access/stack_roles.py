"""CloudFormation acts as the role that a stack was given: ministack takes the role's ARN and does not use it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers, stacks

from emulator.access import AccessDeniedError, Actor, Assume, Check, pass_role
from emulator.cloudformation.references import list_parameter_checks, list_read_checks
from emulator.ministack.access.roles import require_of_caller

SERVICE = "cloudformation.amazonaws.com"
TAKE_A_ROLE = {"CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ContinueUpdateRollback", "RollbackStack"}
CHANGE_STACKS = {*TAKE_A_ROLE, "ExecuteChangeSet"}
_role: ContextVar[str] = ContextVar("role", default="")  # of the stack operation that runs
_caller: ContextVar[Mapping[str, str] | None] = ContextVar("caller", default=None)  # the headers of the request that started it
_references: ContextVar[dict[str, Any] | None] = ContextVar("references", default=None)  # the properties that are being resolved


class StackRoles:
    """The roles of stacks, each of which keeps the one that last changed it."""

    def __init__(self, assume: Assume) -> None:
        self._assume = assume

    def install(self) -> None:
        """Let CloudFormation take a role only from who may pass it, and change resources as the role may."""
        handle = app.SERVICE_HANDLERS["cloudformation"]
        resolve_parameters = handlers._resolve_parameters
        resolve, provision, update = stacks._resolve_refs, stacks._provision_resource, stacks._update_resource

        async def handle_as_role(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
            parameters = read_request(body, query)
            action, given = parameters.get("Action", ""), parameters.get("RoleARN", "")
            if given and action in TAKE_A_ROLE:
                try:
                    require_of_caller(headers, pass_role(given, SERVICE))
                    self._assume(given, SERVICE)
                except AccessDeniedError as error:
                    return helpers._error("AccessDenied", str(error), 403)
            _role.set(given or _find_role(parameters) if action in CHANGE_STACKS else "")
            _caller.set(headers if action in CHANGE_STACKS else None)
            response = await handle(method, path, headers, body, query)
            if given and response[0] == 200:
                _keep_role(parameters, given)
            return _write_roles(response) if action == "DescribeStacks" else response

        def resolve_as_role(value: Any, resources: Any, parameters: Any, conditions: Any, *rest: Any) -> Any:
            if isinstance(value, dict) and (actor := self._current()) is not None:
                _references.set({"value": value, "resources": resources, "conditions": conditions})
                for check in list_read_checks(value, resources, conditions, only_stacks=True):
                    actor.require(check)
            return resolve(value, resources, parameters, conditions, *rest)

        def provision_as_role(type_: str, logical_id: str, properties: dict[str, Any], *rest: Any) -> Any:
            self._read_references()
            return provision(type_, logical_id, properties, *rest)

        def update_as_role(type_: str, id_: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
            if old != new:
                self._read_references()
            return update(type_, id_, old, new, *rest)

        def read_parameters(template: dict[str, Any], *rest: Any) -> Any:
            for check in list_parameter_checks(template):
                self._require_of_both(check)
            return resolve_parameters(template, *rest)

        app.SERVICE_HANDLERS["cloudformation"] = handle_as_role
        handlers._resolve_parameters = changesets._resolve_parameters = read_parameters
        stacks._resolve_refs, stacks._provision_resource, stacks._update_resource = resolve_as_role, provision_as_role, update_as_role

    def require(self, check: Check) -> None:
        """Raise RuntimeError, as a resource's handler does, unless the role of the stack operation that runs allows it."""
        if (actor := self._current()) is None:
            return
        try:
            actor.require(check)
        except AccessDeniedError as error:
            raise RuntimeError(f'Resource handler returned message: "{error}" (HandlerErrorCode: AccessDenied)') from error

    def _require_of_both(self, check: Check) -> None:
        """Raise ValueError, which refuses the operation, unless the sender of the request allows it, and the stack's role if it has one."""
        try:
            if (headers := _caller.get()) is not None:
                require_of_caller(headers, check)
            if (actor := self._current()) is not None:
                actor.require(check)
        except AccessDeniedError as error:
            raise ValueError(str(error)) from error

    def _read_references(self) -> None:
        """Read what the properties that are being resolved refer to, as CloudFormation may do for what it creates or changes."""
        references = _references.get()
        if references is not None:
            for check in list_read_checks(**references):
                self.require(check)

    def _current(self) -> Actor | None:
        return self._assume(_role.get(), SERVICE) if _role.get() else None


def read_request(body: bytes, query: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a request to CloudFormation."""
    form = {**query, **parse_qs(body.decode("utf-8", "replace"))}
    return {name: value[0] if isinstance(value, list) else value for name, value in form.items()}


def find_stack(parameters: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the stack that a request names, if it is there."""
    name = parameters.get("StackName", "")
    name = name.split("/")[1] if name.startswith("arn:") else name
    stack: dict[str, Any] | None = cloudformation._stacks.get(name)
    return stack


def _find_role(parameters: Mapping[str, str]) -> str:
    stack = find_stack(parameters)
    return str((stack or {}).get("RoleARN", ""))


def _keep_role(parameters: Mapping[str, str], role: str) -> None:
    if (stack := find_stack(parameters)) is not None:
        stack["RoleARN"] = role


def _write_roles(response: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], bytes]:
    """Return DescribeStacks' response with the role of each stack."""
    status, headers, body = response
    for stack in cloudformation._stacks.values():
        if "RoleARN" in stack:
            id_ = f"<StackId>{stack['StackId']}</StackId>"
            body = body.replace(id_.encode(), f"{id_}<RoleARN>{stack['RoleARN']}</RoleARN>".encode())
    return status, headers, body
