"""How the command reaches an account."""

from pathlib import Path

import boto3
import pytest
from botocore import exceptions

from cli.main import app
from cli.stage.aws import AwsFailed, connect, translate_aws_errors
from tests.command import CliRunner
from tests.moto_aws import empty_account


@pytest.fixture(autouse=True)
def _no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")


def test_reaches_the_region_that_cdk_deploys_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """cdk takes AWS_REGION before all else; boto3 does not read it."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert connect("dev")("sts").meta.region_name == "eu-west-1"
    assert connect("dev", "eu-central-1")("sts").meta.region_name == "eu-central-1"
    monkeypatch.delenv("AWS_REGION")
    assert connect("dev")("sts").meta.region_name == "us-east-1"


def test_says_of_a_file_that_was_not_taken_what_s3_said(tmp_path: Path) -> None:
    """boto3 wraps S3's error in one of its own, which is none of botocore's."""
    (tmp_path / "data.csv").write_bytes(b"1")
    with empty_account(), pytest.raises(AwsFailed) as failed, translate_aws_errors():
        boto3.client("s3", region_name="eu-west-1").upload_file(str(tmp_path / "data.csv"), "missing", "data.csv")
    assert failed.value.aws_code == "NoSuchBucket"


def refuse(code: str, message: str) -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "detail", "advice"),
    [
        (exceptions.NoCredentialsError(), "there are no AWS credentials here", "aws sso login"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "there are no AWS credentials",
            "AWS_PROFILE",
        ),
        (exceptions.SSOTokenLoadError(error_msg="gone"), "the sign-in to AWS has ended or failed", "aws sso login"),
        (exceptions.NoRegionError(), "no AWS region is set", "export AWS_REGION="),
        (exceptions.ProfileNotFound(profile="mine"), "(mine) could not be found", "aws configure list-profiles"),
        (exceptions.EndpointConnectionError(endpoint_url="https://sts.moon-1.example"), "AWS does not answer", "AWS_REGION"),
        (refuse("ExpiredToken", "any"), "the AWS credentials have ended", "aws sso login"),
        (refuse("InvalidClientTokenId", "any"), "AWS does not know these credentials", "AWS_PROFILE"),
        (refuse("AccessDenied", "User: x is not authorized to perform: y"), "is not authorized to perform: y", "ask for the right"),
        (refuse("ValidationError", "Stack with id Inferstack-dev-Web does not exist"), "the stage dev is not deployed", "-c stage=dev`"),
        (
            refuse("ValidationError", "Stack with id Inferstack-dev-stop-search-Inference does not exist"),
            "the stage dev has no recipe stop_search beside its first",
            "leave --recipe out for the first",
        ),
        (refuse("ValidationError", "Stack with id Inferstack-local-Web does not exist"), "the stage local is not deployed", "`make up`"),
        (refuse("InternalFailure", "any"), "any", "inferstack doctor"),
    ],
)
def test_says_what_an_error_means_and_what_to_do(error: Exception, detail: str, advice: str) -> None:
    with pytest.raises(AwsFailed) as failed, translate_aws_errors():
        raise error
    assert detail in failed.value.detail
    assert advice in failed.value.advice


@pytest.mark.parametrize("command", [("verify",), ("models", "list"), ("jobs", "dead"), ("inbox",), ("open",), ("ab", "report")])
def test_says_of_a_stage_without_an_account_what_is_missing(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    result = CliRunner().invoke(app, [*command, "--stage", "dev"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error there are no AWS credentials here\n")


def test_says_that_no_region_is_set() -> None:
    assert "error no AWS region is set\n" in CliRunner().invoke(app, ["verify", "--stage", "dev"]).stderr
