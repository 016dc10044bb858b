"""Whether the stage's stacks are in a state that a deploy can start from."""

from collections.abc import Mapping

from cli.finding import Finding
from cli.stage.stacks import NEVER_CREATED, StageStack
from deployment.settings import Settings
from deployment.stages import PARTS, RECIPE_PARTS, stack_name

NO_ROLLBACK = "its events say what failed: deploy again with `--no-rollback`, or take it back: `npx cdk rollback --app cdk.out …`"
FIXES = {
    "CREATE_FAILED": NO_ROLLBACK,
    "UPDATE_FAILED": NO_ROLLBACK,
    "UPDATE_ROLLBACK_FAILED": "its events say what could not be restored: mend that, then `aws cloudformation continue-update-rollback`",
    "ROLLBACK_FAILED": "delete it: `aws cloudformation delete-stack --stack-name …`",
    "DELETE_FAILED": "its events say what could not be deleted: delete that, then the stack again",
}
# A first deployment failed and was taken back: cdk deletes such a stack and begins anew, unless the stack is protected.
TAKEN_BACK = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
UNPROTECT = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name"


def list_stack_names(settings: Settings) -> list[str]:
    """Return the names of the stage's stacks, those of its other recipes too."""
    others = [stack_name(settings.stage, part, each.recipe) for each in settings.split()[1:] for part in RECIPE_PARTS]
    return [*(stack_name(settings.stage, part) for part in PARTS), *others]


def judge_stacks(stacks: Mapping[str, StageStack], expected: int = len(PARTS)) -> Finding:
    """Return whether every stack is in a state that a deploy can start from.

    Args:    expected: how many the stage has once it is deployed.
    """
    if not stacks:
        return Finding("stacks", True, "none is deployed yet")
    taken_back = [name for name, stack in stacks.items() if stack.status in TAKEN_BACK]
    protected = {name: f"`{UNPROTECT} {name}`, then deploy again" for name in taken_back if stacks[name].is_protected}
    stuck = {name: FIXES[stack.status] for name, stack in stacks.items() if stack.status in FIXES} | protected
    busy = {name: "wait until it has ended" for name, stack in stacks.items() if stack.is_changing}
    if wrong := stuck or busy:
        found = ", ".join(f"{name} is {stacks[name].status}" for name in wrong)
        return Finding("stacks", False, found, next(iter(wrong.values())))
    deployed = sum(stack.status not in {*TAKEN_BACK, NEVER_CREATED} for stack in stacks.values())
    return Finding("stacks", True, f"{deployed} of {expected} are deployed")
