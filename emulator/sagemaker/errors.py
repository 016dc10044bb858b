"""SageMaker's errors, in the shapes that botocore reads."""

from typing import Any

from deployment.this_machine import ACCOUNT, REGION


class SageMakerError(Exception):
    """An error that a client sees.

    Args:    status: HTTP's.
             code: the exception's name in SageMaker's model.
             fields: what the shape has beside its message.
    """

    def __init__(self, status: int, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.fields = status, code, fields

    def body(self) -> dict[str, Any]:
        """Return the response's JSON."""
        return {"__type": self.code, "Message": str(self), "message": str(self), **self.fields}


def validation_exception(message: str) -> SageMakerError:
    """Return the control plane's error for a request that can never succeed."""
    return SageMakerError(400, "ValidationException", message)


def access_denied(message: str) -> SageMakerError:
    """Return the error for a caller that may not do what it asks for."""
    return SageMakerError(400, "AccessDeniedException", message)


def validation_error(message: str) -> SageMakerError:
    """Return the runtime's error for an invocation that can never succeed; its code is not the control plane's."""
    return SageMakerError(400, "ValidationError", message)


def resource_not_found(message: str) -> SageMakerError:
    """Return the error for a pipeline or an execution that does not exist."""
    return SageMakerError(400, "ResourceNotFound", message)


def service_unavailable(message: str) -> SageMakerError:
    """Return the runtime's error when nothing can answer now."""
    return SageMakerError(503, "ServiceUnavailable", message)


def model_not_ready(message: str) -> SageMakerError:
    """Return the error while a model is loading."""
    return SageMakerError(429, "ModelNotReadyException", message)


def model_error(status: int, message: str, endpoint: str) -> SageMakerError:
    """Return the error for a container that answered with an error of its own."""
    side = "client" if status < 500 else "server"
    return SageMakerError(
        424,
        "ModelError",
        f'Received {side} error ({status}) from primary with message "{message}".',
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/{endpoint}",
    )
