"""Where S3, SQS and EventBridge are: botocore's rules beside ours in every region."""

import itertools

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

from functions.shared.aws.hosts import find_bucket, find_events, find_sqs
from recipes.errors import InvalidSettings

LOADER = create_loader()
PARTITIONS = LOADER.load_data("partitions")
REGIONS = [region for each in PARTITIONS["partitions"] for region in each["regions"] if not region.endswith("-global")]
ENVIRONMENTS = list(itertools.product([False, True], repeat=2))


def load_rules(service: str) -> EndpointProvider:
    return EndpointProvider(LOADER.load_service_model(service, "endpoint-rule-set-1"), PARTITIONS)


S3, SQS, EVENTS = map(load_rules, ("s3", "sqs", "events"))


@pytest.mark.parametrize(("fips", "dual"), ENVIRONMENTS)
def test_are_where_botocore_finds_them_in_every_region(fips: bool, dual: bool) -> None:
    environment = {"AWS_USE_FIPS_ENDPOINT": str(fips), "AWS_USE_DUALSTACK_ENDPOINT": str(dual)}
    for region in REGIONS:
        parameters = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
        assert find_sqs(environment, region).url == SQS.resolve_endpoint(**parameters).url
        assert find_events(environment, region).url == EVENTS.resolve_endpoint(**parameters).url
        if fips and region.startswith("cn-"):
            with pytest.raises(EndpointProviderError, match="FIPS"):
                S3.resolve_endpoint(**parameters, Bucket="results", UseGlobalEndpoint=False)
            with pytest.raises(InvalidSettings, match="FIPS"):
                find_bucket(environment, region, "results")
        else:
            assert find_bucket(environment, region, "results").url == S3.resolve_endpoint(**parameters, Bucket="results").url


BUCKETS = ("results", "inferstack-local-123.4", "a.b", "With_Others", "x" * 63)
URLS = ("", "http://127.0.0.1:4566", "https://vpce.test", "http://localhost:4566/a")


@pytest.mark.parametrize(
    ("bucket", "url"),
    # Of a name with a point botocore makes a host without a certificate where there is no TLS; no bucket of ours has one.
    [(bucket, url) for bucket, url in itertools.product(BUCKETS, URLS) if not ("." in bucket and url.startswith("http://"))],
)
def test_a_bucket_is_where_botocore_finds_it(bucket: str, url: str) -> None:
    environment = {"AWS_ENDPOINT_URL_S3": url} if url else {}
    expected = S3.resolve_endpoint(Region="eu-west-1", Bucket=bucket, **({"Endpoint": url} if url else {})).url
    assert find_bucket(environment, "eu-west-1", bucket).url == expected


def test_a_bucket_is_not_asked_past_a_proxy() -> None:
    proxy = {"HTTPS_PROXY": "http://proxy:3128"}
    with pytest.raises(InvalidSettings, match="no proxy is used here"):
        find_bucket(proxy, "eu-west-1", "results")
    assert find_bucket({**proxy, "NO_PROXY": ".amazonaws.com"}, "eu-west-1", "results").host == "results.s3.eu-west-1.amazonaws.com"
