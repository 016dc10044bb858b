"""The endpoint's stack, by CloudFormation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from functions.rollout.interface import CONFIG_OUTPUT, IN_PROGRESS, PACKAGE_PARAMETER, SETTLED, NeedsPerson, NotYet, StackState

ENDS_BY_ITSELF = {
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TokenAlreadyExistsException",
    "OperationInProgressException",
}
NOTHING_TO_UPDATE = "No updates are to be performed"
MISSING = "does not exist"  # the versions outlive the endpoint's stack where data is retained: it comes with the next deployment
CANCELLED = "cancelled"  # the reason of a resource that stopped because another had failed


class EndpointStack:
    """A stack with the parameter PACKAGE_PARAMETER.

    Args:    cloudformation: botocore's client.
             name: the stack's.
             role_arn: what CloudFormation acts as. Without it CloudFormation acts as the role of the stack's last operation,
                       `cdk deploy`'s, which may do anything.
    """

    def __init__(self, cloudformation: Any, name: str, role_arn: str) -> None:
        self._cloudformation, self._name, self._role_arn = cloudformation, name, role_arn

    def describe(self) -> StackState:
        """Return how the stack is now; it has no outputs before it is created."""
        stack = self._describe()
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
        for kind, name, present in (("parameter", PACKAGE_PARAMETER, parameters), ("output", CONFIG_OUTPUT, outputs)):
            if name not in present and stack["StackStatus"] in SETTLED:
                raise NeedsPerson(f"the stack {self._name} has no {kind} {name}; deploy it again", advice="deploy it again")
        updated_at = stack.get("LastUpdatedTime") or stack["CreationTime"]
        package_arn, config_name = parameters.get(PACKAGE_PARAMETER, ""), outputs.get(CONFIG_OUTPUT, "")
        return StackState(stack["StackStatus"], package_arn, config_name, updated_at.isoformat())

    def read_last_token(self) -> str:
        """Return the ClientRequestToken of the last operation; empty when it had none."""
        with _translate_errors():
            return str(next(self._list_events(), {}).get("ClientRequestToken", ""))

    def find_failure(self, token: str) -> str:
        """Return the reason of the first failure in the newest operation, which has this token."""
        first = "CloudFormation gave no reason"
        with _translate_errors():
            for event in self._list_events():  # the newest first
                if event.get("ClientRequestToken") != token:
                    break
                reason = event.get("ResourceStatusReason", "")
                if event["ResourceStatus"].endswith("_FAILED") and reason and CANCELLED not in reason:
                    first = f"{event['LogicalResourceId']}: {reason}"
        return first

    def update(self, package_arn: str, token: str) -> bool:
        """Begin an update of nothing but the package; return False when it would change nothing."""
        stack = self._describe()
        others = [each["ParameterKey"] for each in stack["Parameters"] if each["ParameterKey"] != PACKAGE_PARAMETER]
        try:
            with _translate_errors():
                self._cloudformation.update_stack(
                    StackName=self._name,
                    UsePreviousTemplate=True,
                    Parameters=[
                        *({"ParameterKey": key, "UsePreviousValue": True} for key in others),
                        {"ParameterKey": PACKAGE_PARAMETER, "ParameterValue": package_arn},
                    ],
                    Capabilities=stack.get("Capabilities", []),
                    RoleARN=self._role_arn,
                    ClientRequestToken=token,
                )
        except ClientError as error:
            if NOTHING_TO_UPDATE in str(error):
                return False
            raise
        return True

    def _describe(self) -> dict[str, Any]:
        with _translate_errors():
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self._name)["Stacks"][0]
        return stack

    def _list_events(self) -> Iterator[dict[str, Any]]:
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._name)
        return (event for page in pages for event in page["StackEvents"])


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise NotYet for what ends by itself, such as a person's deploy that begins between two of our calls, or has not begun."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ENDS_BY_ITSELF or f"{IN_PROGRESS} state" in str(error) or MISSING in str(error):
            raise NotYet(str(error)) from error
        raise
