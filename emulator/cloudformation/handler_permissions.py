"""What a stack's role needs for SageMaker resources: the `permissions` of the handlers in AWS's public resource schemas."""

from collections.abc import Callable, Mapping

from emulator.access import Check
from emulator.sagemaker.operation import Operation, Request, Response
from emulator.sagemaker.permissions.operations import FindTags, list_checks

# What a handler reads after its change; the change itself is an operation of the same name.
READ_AFTER = {
    "CreateModel": ("DescribeModel", "ListTags"),
    "CreateEndpointConfig": ("DescribeEndpointConfig", "ListTags"),
    "CreateEndpoint": ("DescribeEndpoint", "ListTags"),
    "UpdateEndpoint": ("DescribeEndpoint", "ListTags"),
}


def check_operations(operations: Mapping[str, Operation], require: Callable[[Check], None], find_tags: FindTags) -> dict[str, Operation]:
    """Return the operations as a stack's role calls them: each asks `require` first, but for lists, which only our own handlers use."""
    return {
        name: operation if name.startswith("List") else _check_operation(name, operation, require, find_tags)
        for name, operation in operations.items()
    }


def _check_operation(name: str, operation: Operation, require: Callable[[Check], None], find_tags: FindTags) -> Operation:
    def call(request: Request) -> Response:
        for check in list_checks(name, request, find_tags):
            require(check)
        for read in READ_AFTER.get(name, ()):
            first = list_checks(name, request)[0]
            require(Check(f"sagemaker:{read}", first.resource))
        return operation(request)

    return call
