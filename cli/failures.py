"""Why a command ends early. `cli.exit_codes.run` prints it, as JSON where the call asks for that, and gives the exit code."""

from recipes.errors import InferstackError


class CommandFailed(InferstackError):
    """The command cannot do what it was called for: exit code 1."""

    code = "command-failed"
    title = "Command failed"


class WrongCall(CommandFailed):
    """The call names something that there is not, or lacks something: exit code 2."""

    code = "wrong-call"
    title = "Wrong call"
