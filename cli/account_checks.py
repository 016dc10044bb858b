"""What the AWS account in the environment has of all that a deploy needs. Reads only."""

from collections.abc import Callable, Iterator

from cli.machine_checks import Finding


def check_account() -> Iterator[Finding]:
    """Yield a finding for each thing; without a region or credentials nothing else is asked."""
    import boto3  # noqa: PLC0415 - 300 ms that a local check need not pay
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    session = boto3.Session()
    config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})

    def check(name: str, read: Callable[[], str], fix: str) -> Finding:
        try:
            return Finding(name, True, read())
        except (BotoCoreError, ClientError) as error:
            return Finding(name, False, str(error), fix)

    region = session.region_name
    yield Finding("region", region is not None, region or "none", "set AWS_REGION or `aws configure set region …`")
    if region is None:
        return

    def read_account() -> str:
        return str(session.client("sts", config=config).get_caller_identity()["Account"])

    def read_bootstrap_version() -> str:
        parameter = session.client("ssm", config=config).get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
        return f"version {parameter['Parameter']['Value']}"

    def list_endpoints() -> str:
        endpoints = session.client("sagemaker", config=config).list_endpoints(MaxResults=1)["Endpoints"]
        return "reachable, endpoints can be listed" if endpoints else "reachable, no endpoint yet"

    credentials = check("credentials", read_account, "sign in: `aws sso login`, or set AWS_PROFILE")
    yield credentials
    if credentials.ok:
        yield check("CDK bootstrap", read_bootstrap_version, "npx cdk bootstrap")
        yield check("SageMaker", list_endpoints, "allow sagemaker:ListEndpoints, or choose a region that has SageMaker")
