"""What the function, the stacks and the local run share."""

from functions.shared import areas
from functions.shared.jobs import RECORD, STARTED, SUMMARY

OPERATORS = "operators"  # the group of the user pool whose members may see the status
# The objects of a job that say how it is; not its results.
JOB_OBJECTS = (
    *(f"{areas.JOBS}/*/{name}" for name in (RECORD, STARTED, SUMMARY)),
    *(f"{areas.INBOX}/*/{name}" for name in (STARTED, SUMMARY)),
)
