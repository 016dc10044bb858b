"""How CloudFormation creates, updates and deletes the resources of one type."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]
Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """One change of one resource, with what CloudFormation tells a custom resource.

    Args:    properties: those of the template.
             old_properties: those before an update.
             logical_id: the name in the template; empty for an update, because ministack does not pass it.
             physical_id: what its creation returned; empty for a creation.
             stack: the stack's name.
    """

    properties: Properties
    old_properties: Properties = field(default_factory=dict)
    logical_id: str = ""
    physical_id: str = ""
    stack: str = ""

    def is_changed(self, *names: str) -> bool:
        """Return whether an update changes one of these properties."""
        return any(self.properties.get(name) != self.old_properties.get(name) for name in names)


@dataclass(frozen=True, slots=True)
class ResourceType:
    """How one type is handled. A creation and an update return the physical id and the attributes.

    Args:    is_blocking: it waits for something, so it runs on a thread of its own.
    """

    create: Callable[[ResourceRequest], tuple[str, Attributes]]
    update: Callable[[ResourceRequest], tuple[str, Attributes]]
    delete: Callable[[ResourceRequest], None]
    is_blocking: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that was just created or updated."""

    physical_id: str
    properties: Properties
    attributes: Attributes
