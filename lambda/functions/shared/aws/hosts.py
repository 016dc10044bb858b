"""Where the APIs are that uploads need beside SageMaker's runtime: S3, SQS and EventBridge; the tests hold botocore's rules beside it."""

import re
from collections.abc import Mapping

from functions.shared.aws.address import Address, find_api, find_partition, refuse_proxy
from recipes.errors import InvalidSettings

_HOSTED = re.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")  # S3's certificate is of one name before its host: no point in it
_IP = re.compile(r"[0-9.]+|[^:]*:.*")


def find_bucket(environment: Mapping[str, str], region: str, bucket: str) -> Address:
    """Return where a bucket of S3 is: a host of its own, where its name and S3's host allow one.

    It is the region's, in us-east-1 too: what is signed for another is redirected, a form cannot follow, and a page may talk to no other.

    Raises:  InvalidSettings: as `find_runtime`.
    """
    address = find_api(environment, "S3", region, _name_s3)
    if not _HOSTED.fullmatch(bucket) or _IP.fullmatch(address.host):
        return address._replace(path=f"{address.path}/{bucket}")
    hosted = address._replace(host=f"{bucket}.{address.host}")
    refuse_proxy(environment, hosted)
    return hosted


def find_sqs(environment: Mapping[str, str], region: str) -> Address:
    """Return where SQS is; raise InvalidSettings as `find_runtime`."""
    return find_api(environment, "SQS", region, _name_sqs)


def find_events(environment: Mapping[str, str], region: str) -> Address:
    """Return where EventBridge is; raise InvalidSettings as `find_runtime`."""
    return find_api(environment, "EVENTBRIDGE", region, _name_events)


def _name_s3(region: str, is_fips: bool, is_dual: bool) -> str:
    prefix, domain, _ = find_partition(region)
    if is_fips and prefix == "cn-":
        raise InvalidSettings("S3 has no FIPS variant in China", advice="leave out AWS_USE_FIPS_ENDPOINT")
    return f"s3{'-fips' * is_fips}{'.dualstack' * is_dual}.{region}.{domain}"


def _name_sqs(region: str, is_fips: bool, is_dual: bool) -> str:
    _, domain, dual_domain = find_partition(region)
    is_marked = is_fips and (is_dual or not region.startswith("us-gov-"))
    return f"sqs{'-fips' * is_marked}.{region}.{dual_domain if is_dual else domain}"


def _name_events(region: str, is_fips: bool, is_dual: bool) -> str:
    _, domain, dual_domain = find_partition(region)
    is_marked = is_fips and not region.startswith("us-gov-")
    return f"events{'-fips' * is_marked}.{region}.{dual_domain if is_dual else domain}"
