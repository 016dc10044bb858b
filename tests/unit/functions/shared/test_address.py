"""Where SageMaker's runtime API is: botocore's rules beside ours in every region, and what is refused."""

import itertools

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

from functions.shared.aws.address import Address, find_runtime, read_region
from recipes.errors import InvalidSettings

LOADER = create_loader()
PARTITIONS = LOADER.load_data("partitions")
RULES = EndpointProvider(LOADER.load_service_model("sagemaker-runtime", "endpoint-rule-set-1"), PARTITIONS)
REGIONS = [region for each in PARTITIONS["partitions"] for region in each["regions"] if not region.endswith("-global")]
DIGITS = Address(is_secure=True, host="runtime.sagemaker.eu-west-1.amazonaws.com", port=None)


@pytest.mark.parametrize(("fips", "dual"), list(itertools.product([False, True], repeat=2)))
def test_is_where_botocore_finds_it_in_every_region(fips: bool, dual: bool) -> None:
    environment = {"AWS_USE_FIPS_ENDPOINT": str(fips), "AWS_USE_DUALSTACK_ENDPOINT": str(dual)}
    for region in REGIONS:
        expected = RULES.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual).url
        assert f"https://{find_runtime(environment, region).host}" == expected


def test_knows_the_domains_of_all_partitions() -> None:
    assert len(REGIONS) > 30
    assert {each["id"] for each in PARTITIONS["partitions"]} >= {"aws", "aws-cn", "aws-us-gov", "aws-eusc"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, DIGITS),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, Address(is_secure=False, host="127.0.0.1", port=4566)),
        ({"AWS_ENDPOINT_URL": "http://[::1]:4566/"}, Address(is_secure=False, host="::1", port=4566)),
        (
            {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "https://vpce-1.test/a/", "AWS_ENDPOINT_URL": "http://b.test"},
            Address(True, "vpce-1.test", None, "/a"),
        ),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, DIGITS),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost, .amazonaws.com"}, DIGITS),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "*"}, DIGITS),
        ({"HTTP_PROXY": "http://proxy:3128"}, DIGITS),
        (
            {"HTTP_PROXY": "http://proxy:3128", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
            Address(is_secure=False, host="127.0.0.1", port=4566),
        ),
    ],
)
def test_follows_the_variables_of_the_sdks(environment: dict[str, str], expected: Address) -> None:
    assert find_runtime(environment, "eu-west-1") == expected


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_USE_FIPS_ENDPOINT": "true"}, "FIPS"),
        ({"AWS_ENDPOINT_URL": "127.0.0.1:4566"}, "expected one like https://"),
        ({"AWS_ENDPOINT_URL": "ftp://a.test"}, "expected one like https://"),
        ({"AWS_ENDPOINT_URL": "http://a.test:port"}, "expected one like https://"),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "no proxy is used here"),
        (
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "aws.com,xamazonaws.com"},
            "add runtime.sagemaker.eu-west-1.amazonaws.com to NO_PROXY",
        ),
    ],
)
def test_refuses_what_it_would_have_to_leave_aside(environment: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidSettings, match=words):
        find_runtime(environment, "eu-west-1")


def test_botocore_refuses_the_same_contradiction() -> None:
    with pytest.raises(EndpointProviderError, match="FIPS and custom endpoint"):
        RULES.resolve_endpoint(Region="eu-west-1", Endpoint="http://127.0.0.1:1", UseFIPS=True)


@pytest.mark.parametrize(
    ("address", "authority"),
    [(DIGITS, DIGITS.host), (Address(False, "127.0.0.1", 80), "127.0.0.1:80"), (Address(False, "::1", 4566), "[::1]:4566")],
)
def test_names_the_host_as_its_header_does(address: Address, authority: str) -> None:
    assert address.authority == authority


def test_takes_the_region_that_lambda_sets() -> None:
    assert read_region({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1"}) == "eu-west-1"
    with pytest.raises(InvalidSettings, match="AWS_DEFAULT_REGION"):
        read_region({})
