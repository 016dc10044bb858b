"""The rollout of an approved version of the model to the endpoint."""

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.alarms import list_names, notify
from stacks.constructs.encryption import use_key
from stacks.constructs.rollout.model_registry import ModelRegistry


class ModelRegistryStack(Stack):
    """The rollouts, in their own stack: their function updates the endpoint's stack, and a stack should not update itself.

    Args:    endpoint_stack: the endpoint's.
             image_stack: the one that builds the server's image, if that is another.

    alarm_names  of the rollouts' alarms
    """

    alarm_names: list[str]

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        endpoint_stack: str,
        image_stack: str = "",
        encryption_key: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        use_key(self, encryption_key)
        registry = ModelRegistry(self, "Registry", settings=settings, endpoint_stack=endpoint_stack, image_stack=image_stack)
        notify(self, settings, registry.alarms)
        self.alarm_names = list_names(registry.alarms)
