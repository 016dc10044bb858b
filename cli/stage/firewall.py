"""The stack of a stage's firewall, which is in the one region that CloudFront takes web ACLs from."""

from typing import Any

from cli.stage.aws import ConnectAws
from cli.stage.stacks import StageStack, read_retention, read_stacks
from deployment.stages import FIREWALL, FIREWALL_REGION, stack_name

WAIT = {"Delay": 5, "MaxAttempts": 60}
OUTPUT = "WebAclArn"  # as stacks/firewall_stack.py has it


class StageFirewall:
    """The stack, if there is one.

    Args:    connect: makes AWS's clients of a stage and a region.

    stacks  none, or one
    """

    stacks: list[StageStack]

    def __init__(self, stage: str, connect: ConnectAws) -> None:
        self.stacks = []
        if stage != "local":
            self._clients = connect(stage, FIREWALL_REGION)
            self._cloudformation: Any = self._clients("cloudformation")
            found = read_stacks(self._cloudformation, [stack_name(stage, FIREWALL)]).values()
            self.stacks = [read_retention(self._cloudformation, stack) for stack in found]

    def list_users(self, stack: StageStack) -> list[str]:
        """Return the domains of the distributions that it protects: the same stage of another region shares it."""
        arn = stack.outputs.get(OUTPUT)
        if arn is None:
            return []
        found = self._clients("cloudfront").list_distributions_by_web_acl_id(WebACLId=arn)["DistributionList"]
        return [str(each["DomainName"]) for each in found.get("Items", ())]

    def delete(self, stack: StageStack) -> None:
        """Delete the stack, after all that uses it, and wait until it is gone."""
        self._cloudformation.delete_stack(StackName=stack.name)
        self._cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig=WAIT)
