"""What an error of AWS means for an operator, and what to do: botocore's own words name neither a stage nor a remedy."""

import re
from dataclasses import dataclass

ADVICE = "`inferstack doctor --stage …` looks for credentials, region and stack"
SIGN_IN = "sign in with `aws sso login` or `aws configure`, or name a profile with AWS_PROFILE"
ABOUT_REQUEST = {"ValidationException", "ValidationError"}  # AWS says what is wrong with what was asked for: no credentials mend that
ENDED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEYS = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthFailure"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
SIGN_IN_FAILED = {
    "CredentialRetrievalError",
    "LoginError",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "NoAuthTokenError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
NO_ANSWER = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}
MISSING_STACK = re.compile(r"Stack with id (Inferstack-([a-z]+)-(?:([a-z0-9-]+)-)?[A-Za-z]+) does not exist")


@dataclass(frozen=True, slots=True)
class Meaning:
    """An error in a sentence, and what to do; empty where that is plain."""

    detail: str
    advice: str


def explain_refusal(code: str, message: str) -> Meaning:
    """Return what an answer of AWS means.

    Args:    code: AWS's, like AccessDenied.
             message: with the operation, as botocore writes it.
    """
    if missing := MISSING_STACK.search(message):
        name, stage, recipe = missing.groups()
        if recipe:
            detail = f"the stage {stage} has no recipe {recipe.replace('-', '_')} beside its first: there is no stack {name}"
            return Meaning(detail, "leave --recipe out for the first, or deploy with -c recipes=…")
        start = "`make up`" if stage == "local" else f"`npx cdk deploy --all -c stage={stage}`"
        return Meaning(
            f"the stage {stage} is not deployed in this account and region, or not whole: there is no stack {name}",
            f"deploy it with {start}, or look at AWS_PROFILE and AWS_REGION; `inferstack doctor --stage {stage}` shows which are used",
        )
    if code in ENDED:
        return Meaning(f"the AWS credentials have ended ({code})", SIGN_IN)
    if code in UNKNOWN_KEYS:
        return Meaning(f"AWS does not know these credentials: {message}", SIGN_IN)
    if code in DENIED:
        return Meaning(message, "these credentials may not do that: ask for the right, or use another AWS_PROFILE")
    return Meaning(message, "" if code in ABOUT_REQUEST and "does not exist" not in message else ADVICE)


def explain_failure(kind: str, message: str) -> Meaning:
    """Return what it means that there was no answer.

    Args:    kind: the name of botocore's exception.
    """
    if kind in {"NoCredentialsError", "PartialCredentialsError"}:
        return Meaning("there are no AWS credentials here", SIGN_IN)
    if kind in SIGN_IN_FAILED:
        return Meaning(f"the sign-in to AWS has ended or failed: {message}", SIGN_IN)
    if kind == "NoRegionError":
        return Meaning("no AWS region is set", "set AWS_REGION, like `export AWS_REGION=eu-west-1`, or `aws configure set region …`")
    if kind == "ProfileNotFound":
        return Meaning(message, "`aws configure list-profiles` shows those there are; look at AWS_PROFILE and --profile")
    if kind in NO_ANSWER:
        return Meaning(f"AWS does not answer: {message}", "look at the network, the proxy and AWS_REGION")
    return Meaning(message, ADVICE)
