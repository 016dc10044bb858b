"""CDK's own helpers allow actions by pattern, like s3:GetObject*, of which they use one each: here every action has its whole name."""

import jsii
from aws_cdk import Aspects, IAspect, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct

# What the helper that copies the page's files and the one that builds the server's image do with the pattern's permission.
USED: dict[str, list[str]] = {
    "s3:GetObject*": ["s3:GetObject"],
    "s3:List*": ["s3:ListBucket"],
    "s3:GetBucket*": ["s3:GetBucketTagging"],  # the page's bucket has a tag while a copy of its files belongs there
    "s3:DeleteObject*": ["s3:DeleteObject"],
    "s3:Abort*": ["s3:AbortMultipartUpload"],
    # Granted with every write, and used by neither: no bucket here has locks, and no object has tags.
    "s3:PutObjectLegalHold": [],
    "s3:PutObjectRetention": [],
    "s3:PutObjectTagging": [],
    "s3:PutObjectVersionTagging": [],
}


def name_actions(scope: IConstruct) -> None:
    """Replace the patterns in each role's policies below the scope, at the end of the synthesis, when all that CDK grants is there."""
    Aspects.of(scope).add(_NameActions())


@jsii.implements(IAspect)
class _NameActions:
    def visit(self, node: IConstruct) -> None:
        """Rewrite the statements of a policy that have patterns, each by its place: what they refer to is resolved later."""
        if not isinstance(node, iam.CfnPolicy):
            return
        for place, statement in enumerate(Stack.of(node).resolve(node.policy_document)["Statement"]):
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            if any("*" in action for action in actions):
                names = [name for action in actions for name in USED.get(action, [action])]
                node.add_property_override(f"PolicyDocument.Statement.{place}.Action", names)
