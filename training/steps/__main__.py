"""`python -m training.steps prepare|train|evaluate …`: what every job of the pipeline runs."""

import sys
from importlib import import_module

from recipes.errors import InferstackError
from training.steps import layout

STEPS = ("prepare", "train", "evaluate")
# What says by itself what is wrong with the data or the parameters.
EXPECTED = (InferstackError, OSError, ValueError, KeyError, RuntimeError)


def main() -> int:
    """Run the step; leave an error's reason where SageMaker looks for it."""
    if len(sys.argv) < 2 or sys.argv[1] not in STEPS:
        sys.stderr.write(f"got {' '.join(sys.argv[1:]) or 'nothing'}; expected one of {', '.join(STEPS)} first\n")
        return 2
    try:
        import_module(f"training.steps.{sys.argv[1]}").main(sys.argv[2:])
    except Exception as error:
        # A KeyError's own text is its argument quoted.
        reason = f"{type(error).__name__}: {error.args[0] if isinstance(error, KeyError) and error.args else error}"
        layout.leave_failure(reason)
        if not isinstance(error, EXPECTED):
            raise  # the log is to have where
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
