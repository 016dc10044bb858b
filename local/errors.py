"""What ends `up` early."""


class LocalStackError(RuntimeError):
    """The stack could not be started; nothing of it is left running."""
