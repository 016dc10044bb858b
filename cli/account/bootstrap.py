"""The toolkit stack, which holds the assets of deployments and the roles that deploy."""

from cli.finding import Finding

LEAST_VERSION = 6  # what cdk writes into each stack that it synthesizes, and CloudFormation checks
PARAMETER = "/cdk-bootstrap/hnb659fds/version"


def judge_bootstrap(version: str | None, place: str, name: str = "CDK bootstrap") -> Finding:
    """Return whether an environment is bootstrapped, and new enough.

    Args:    version: of the toolkit stack; None if there is none.
             place: the environment as cdk writes it, aws://ACCOUNT/REGION.
             name: the finding's.
    """
    fix = f"npx cdk bootstrap {place} --app cdk.out"
    if version is None:
        return Finding(name, False, f"{place} is not bootstrapped", fix)
    is_enough = version.isdecimal() and int(version) >= LEAST_VERSION
    return Finding(name, is_enough, f"version {version}" + ("" if is_enough else f", {LEAST_VERSION} needed"), fix)
