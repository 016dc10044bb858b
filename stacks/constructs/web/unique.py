"""What makes a name one that no other stack has, nor this one after it was deleted and created again."""

from aws_cdk import Aws, Fn


def unique_part() -> str:
    """Return eight letters and digits of the stack's id, known only while deploying."""
    return Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))
