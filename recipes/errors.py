"""The errors that several rooms raise, as one tree; a room's own errors are beside the code that raises them.

InferstackError
├── InvalidInput            the caller can fix it
│   ├── Malformed           not what its type says: broken PNG, JSON, base64, npy
│   ├── NotReadable         an upload that was deleted, replaced or archived before it was read, or is encrypted with an own key
│   ├── UnsupportedType     a type nothing here reads
│   ├── TooLarge            over a limit on bytes, pixels or instances
│   ├── BlankImage          a picture with nothing drawn on it
│   ├── WrongShape          readable, but not instances of the recipe's shape
│   ├── NotANumber          a value that is not a number
│   └── OutOfRange          a number outside the recipe's range
├── EndpointError           the endpoint could not answer; the caller can only wait
│   ├── EndpointStarting    scaling from zero, or being created
│   ├── EndpointBusy        throttled, or its queue is full
│   ├── EndpointTimeout     no answer before the deadline
│   └── EndpointFailed      missing, failed, or an answer nobody can read
├── InvalidArtifact         a model archive that is not one, or whose digest differs
├── NotBuilt                what a command needs was not built; the message names the command that does
└── InvalidSettings         a combination no stage can have; the message names the fix

`code` is the error's public name (problem types and logs use it), `str(error)` says what, got and expected, `advice` what to do about it.
"""

from typing import ClassVar


class InferstackError(Exception):
    """An error with a public name, a sentence for people and advice."""

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.advice = advice

    def release_frames(self) -> None:
        """Take from the error what holds bytes of the input: the frames that it came through, and the errors before it."""
        self.__traceback__ = self.__context__ = self.__cause__ = None


class InvalidInput(InferstackError):
    """The input cannot be answered as it is."""

    code = "invalid-input"
    title = "Invalid input"


class Malformed(InvalidInput):
    """The bytes are not what their type says they are."""

    code = "malformed"
    title = "Malformed input"


class NotReadable(InvalidInput):
    """An upload that is not there to be read any more (deleted, replaced or archived), or whose key of encryption cannot be used here."""

    code = "not-readable"
    title = "Upload not readable"


class UnsupportedType(InvalidInput):
    """Nothing here reads this content type."""

    code = "unsupported-type"
    title = "Unsupported content type"


class TooLarge(InvalidInput):
    """Over a limit on bytes, pixels or instances."""

    code = "too-large"
    title = "Input too large"


class BlankImage(InvalidInput):
    """A picture with nothing drawn on it."""

    code = "blank-image"
    title = "Blank image"


class WrongShape(InvalidInput):
    """Readable, but not instances of the shape the recipe takes."""

    code = "wrong-shape"
    title = "Wrong shape"


class NotANumber(InvalidInput):
    """A value that is not a number."""

    code = "not-a-number"
    title = "Not a number"


class OutOfRange(InvalidInput):
    """A number outside the range the recipe takes."""

    code = "out-of-range"
    title = "Value out of range"


class EndpointError(InferstackError):
    """The endpoint could not answer."""

    code = "endpoint-error"
    title = "Endpoint error"


class EndpointStarting(EndpointError):
    """The endpoint is scaling from zero or being created."""

    code = "endpoint-starting"
    title = "Endpoint starting"


class EndpointBusy(EndpointError):
    """The endpoint throttles, or its queue is full."""

    code = "endpoint-busy"
    title = "Endpoint busy"


class EndpointTimeout(EndpointError):
    """No answer before the deadline."""

    code = "endpoint-timeout"
    title = "Endpoint timeout"


class EndpointFailed(EndpointError):
    """The endpoint is missing, failed, or gave an answer nobody can read."""

    code = "endpoint-failed"
    title = "Endpoint failed"


class InvalidArtifact(InferstackError):
    """A model archive that is not one, or whose digest differs from its manifest's."""

    code = "invalid-artifact"
    title = "Invalid model artifact"


class NotBuilt(InferstackError):
    """Something that a command needs has not been built."""

    code = "not-built"
    title = "Not built"


class InvalidSettings(InferstackError):
    """A combination of settings no stage can have; the message names the fix."""

    code = "invalid-settings"
    title = "Invalid settings"
