"""SageMaker's errors, in the shapes botocore reads."""

from typing import Any


class SageMakerError(Exception):
    """An error a client sees.

    Args:    status: HTTP's.
             code: the exception's name in SageMaker's model.
             fields: what the shape has beside its message.
    """

    def __init__(self, status: int, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.fields = status, code, fields

    def body(self) -> dict[str, Any]:
        """Return the JSON that says it."""
        return {"__type": self.code, "Message": str(self), "message": str(self), **self.fields}


def invalid(message: str) -> SageMakerError:
    """A request that can never work."""
    return SageMakerError(400, "ValidationException", message)


def invalid_invocation(message: str) -> SageMakerError:
    """An invocation that can never work: the runtime has a name of its own for it."""
    return SageMakerError(400, "ValidationError", message)


def not_ready(message: str) -> SageMakerError:
    """The model is being loaded."""
    return SageMakerError(429, "ModelNotReadyException", message)


def model_error(status: int, message: str, endpoint: str, account: str, region: str) -> SageMakerError:
    """The container answered with an error of its own."""
    return SageMakerError(
        424,
        "ModelError",
        f'Received client error ({status}) from primary with message "{message}".'
        if status < 500
        else f'Received server error ({status}) from primary with message "{message}".',
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:/aws/sagemaker/Endpoints/{endpoint}",
    )
