"""SQS's limits of a request that ministack does not hold: how long a message may be hidden, delayed or waited for, and names of groups."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import sqs

LONGEST_S = {"DelaySeconds": 900, "VisibilityTimeout": 43_200, "WaitTimeSeconds": 20}
GROUP = re.compile(r"[!-~]{1,128}")  # letters, digits and punctuation
CHECKED = ("SendMessage", "ReceiveMessage", "ChangeMessageVisibility")


def hold_limits() -> None:
    """Refuse what SQS refuses: our code keeps to these limits, and only a refusal shows where it would not."""
    for operation in CHECKED:
        sqs._HANDLERS[operation] = _checked(sqs._HANDLERS[operation])
    sqs._act_send_message = sqs._HANDLERS["SendMessage"]  # that of each message of a batch, too


def _checked(act: Callable[[Mapping[str, Any], str], Any]) -> Callable[[Mapping[str, Any], str], Any]:
    def check_and_act(request: Mapping[str, Any], url: str) -> Any:
        for name, longest_s in LONGEST_S.items():
            if request.get(name) is not None and not 0 <= int(request[name]) <= longest_s:
                _refuse(f"Value {request[name]} for parameter {name} is invalid. Reason: Must be between 0 and {longest_s}, if provided.")
        group = request.get("MessageGroupId")
        if group is not None and not GROUP.fullmatch(group):
            words = "can only include alphanumeric and punctuation characters. 1 to 128 in length"
            _refuse(f"Value {group} for parameter MessageGroupId is invalid. Reason: MessageGroupId {words}.")
        return act(request, url)

    return check_and_act


def _refuse(message: str) -> None:
    raise sqs._Err("InvalidParameterValue", message)
