"""ministack's CloudFormation: how its stacks handle resource types."""

from collections.abc import Callable, Mapping

from ministack.services.cloudformation import provisioners, stacks

from emulator.cloudformation.resource_type import Attributes, Properties, Resource, ResourceRequest, ResourceType


def register_types(types: Mapping[str, ResourceType]) -> None:
    """Let CloudFormation handle resource types by name; a type of the same name is replaced."""
    for name, type_ in types.items():
        provisioners._RESOURCE_HANDLERS[name] = _handler(type_)
    blocking = {name for name, type_ in types.items() if type_.is_blocking}
    runs_on_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name in blocking or runs_on_thread(name)


def _handler(type_: ResourceType) -> dict[str, object]:
    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        return type_.create(ResourceRequest(properties, logical_id=logical_id, stack=stack))

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None) -> tuple[str, Attributes]:
        return type_.update(ResourceRequest(new, old, logical_id or "", physical_id, stack))

    def delete(physical_id: str, properties: Properties) -> None:
        type_.delete(ResourceRequest(properties, physical_id=physical_id))

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def after_change(name: str, complete: Callable[[Resource], Attributes]) -> None:
    """Let `complete` see each resource of a type of ministack's that was created or updated, and return its attributes."""
    handler = provisioners._RESOURCE_HANDLERS[name]

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        physical_id, attributes = handler["create"](logical_id, properties, stack)
        return physical_id, complete(Resource(physical_id, properties, attributes))

    def update(physical_id: str, old: Properties, new: Properties, *rest: object) -> tuple[str, Attributes]:
        physical_id, attributes = handler["update"](physical_id, old, new, *rest)
        return physical_id, complete(Resource(physical_id, new, attributes))

    provisioners._RESOURCE_HANDLERS[name] = {**handler, "create": create, "update": update}


def delete_with(name: str, delete: Callable[[str], None]) -> None:
    """Let `delete` delete the resources of a type of ministack's, by their physical id."""
    provisioners._RESOURCE_HANDLERS[name] = {**provisioners._RESOURCE_HANDLERS[name], "delete": lambda physical_id, _: delete(physical_id)}
