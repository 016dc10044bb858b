"""The endpoint's stack: the only code here that meets CloudFormation."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from functions.rollout.service import NeedsPerson, NotYet, StackState

PARAMETER = "ModelPackageArn"
WAIT_FOR = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TokenAlreadyExistsException", "OperationInProgressException"}
NOTHING_NEW = "No updates are to be performed"
FOLLOWS = "cancelled"  # a resource that stopped because another had failed


class Stack:
    """A stack with the parameter ModelPackageArn.

    Args:    cloudformation: botocore's client.
             name: the stack's.
             role_arn: what CloudFormation acts as. CloudFormation would else act as the role of the stack's last operation,
                       `cdk deploy`'s, which may do anything.
    """

    def __init__(self, cloudformation: Any, name: str, role_arn: str) -> None:
        self._cloudformation, self._name, self._role_arn = cloudformation, name, role_arn

    def state(self) -> StackState:
        """Return how the stack is now."""
        found = self._described()
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}
        if PARAMETER not in parameters:
            raise NeedsPerson(f"the stack {self._name} has no parameter {PARAMETER}; deploy it again", advice="deploy it again")
        updated = found.get("LastUpdatedTime") or found["CreationTime"]
        return StackState(found["StackStatus"], parameters[PARAMETER], updated.isoformat())

    def last_token(self) -> str:
        """Return the ClientRequestToken of the last operation."""
        return str(next(self._events(), {}).get("ClientRequestToken", ""))

    def failure(self, token: str) -> str:
        """Return the first failure's reason of the newest operation, which has this token."""
        said = "CloudFormation gave no reason"
        for event in self._events():  # newest first
            if event.get("ClientRequestToken") != token:
                break
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and reason and FOLLOWS not in reason:
                said = f"{event['LogicalResourceId']}: {reason}"
        return said

    def update(self, package_arn: str, token: str) -> bool:
        """Begin an update of nothing but the package; return False when it would change nothing."""
        found = self._described()
        kept = [{"ParameterKey": each["ParameterKey"], "UsePreviousValue": True} for each in found["Parameters"]]
        try:
            self._ask(
                "update_stack",
                StackName=self._name,
                UsePreviousTemplate=True,
                Parameters=[
                    *(each for each in kept if each["ParameterKey"] != PARAMETER),
                    {"ParameterKey": PARAMETER, "ParameterValue": package_arn},
                ],
                Capabilities=found.get("Capabilities", []),
                RoleARN=self._role_arn,
                ClientRequestToken=token,
            )
        except ClientError as error:
            if NOTHING_NEW in str(error):
                return False
            raise
        return True

    def _described(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("describe_stacks", StackName=self._name)["Stacks"][0]
        return answer

    def _events(self) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = self._ask("describe_stack_events", StackName=self._name, **more)
            yield from page["StackEvents"]
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._cloudformation, operation)(**request)
        except ClientError as error:
            code, said = error.response["Error"]["Code"], str(error)
            if code in WAIT_FOR or "_IN_PROGRESS state" in said:  # a person's deploy may begin between our look and our update
                raise NotYet(said) from error
            raise
        return answer
