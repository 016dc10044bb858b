"""What ends `up` early."""

from local.run_state import RunState
from recipes.errors import InferstackError


class LocalStackError(InferstackError):
    """The stack could not be started; nothing of it is left running."""

    code = "local-stack-failed"
    title = "Local stack failed"


class NoPorts(InferstackError):
    """There are no four ports to start on; the message says what to do."""

    code = "no-ports"
    title = "No ports"


class StackRunsAlready(LocalStackError):
    """Another `up` started a stack here; it stays as it is."""

    def __init__(self, state: RunState) -> None:
        super().__init__(f"a stack runs already, on port {state.port}")
        self.state = state
