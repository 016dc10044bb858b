"""The tags of SageMaker's resources, by ARN."""

from emulator.sagemaker.operation import Operation, Request, Response


class Tags:
    """The tags."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {"AddTags": self.add, "ListTags": lambda request: {"Tags": self._list(request["ResourceArn"])}}

    def add(self, request: Request) -> Response:
        """AddTags."""
        arn = request["ResourceArn"]
        self._tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return {"Tags": self._list(arn)}

    def find(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource."""
        return self._tags.get(arn, {})

    def _list(self, arn: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.find(arn).items()]
