"""Where a region's API is, by the variables that AWS's SDKs read; the tests hold botocore's rules beside it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from recipes.errors import InvalidSettings

# The beginning of a region's name, the domain of its APIs, and the domain of those that have IPv6 too. The first that fits counts.
PARTITIONS = (
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("", "amazonaws.com", "api.aws"),
)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Address(NamedTuple):
    """Where an API is.

    Args:    port: None for the scheme's own.
             path: what every path begins with; "" where that is nothing.
    """

    is_secure: bool
    host: str
    port: int | None
    path: str = ""

    @property
    def authority(self) -> str:
        """The header `host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Its URL, without a slash at its end."""
        return f"http{'s' * self.is_secure}://{self.authority}{self.path}"


def read_region(environment: Mapping[str, str]) -> str:
    """Return the function's region; raise InvalidSettings if the environment has none."""
    if region := environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION"):
        return region
    raise InvalidSettings("the environment has no AWS_DEFAULT_REGION; Lambda sets it", advice="Lambda sets it")


def find_runtime(environment: Mapping[str, str], region: str) -> Address:
    """Return where SageMaker's runtime API is.

    Raises:  InvalidSettings: variables contradict each other, an address is none, or a proxy stands between.
    """
    return find_api(environment, "SAGEMAKER_RUNTIME", region, _name_runtime)


def parse_address(url: str, name: str = "AWS_ENDPOINT_URL") -> Address:
    """Return the address that a URL is.

    Args:    name: of the variable that has it.
    Raises:  InvalidSettings: it is no URL of HTTP.
    """
    from urllib.parse import urlsplit  # noqa: PLC0415 - in AWS the predict function's start needs it never

    try:
        parts = urlsplit(url)
        address = Address(parts.scheme == "https", parts.hostname or "", parts.port, parts.path.rstrip("/"))
    except ValueError:  # of a port, or of brackets
        address = None
    if address is None or not address.host or parts.scheme not in {"http", "https"}:
        raise InvalidSettings(f"{name} is {url[:80]!r}; expected one like https://vpce-1.example.com", advice="correct it")
    return address


def find_api(environment: Mapping[str, str], name: str, region: str, name_host: Callable[[str, bool, bool], str]) -> Address:
    """Return where an API is.

    Args:    name: of its own variable, behind AWS_ENDPOINT_URL_.
             name_host: of the region, whether by FIPS, whether by IPv6 too.
    Raises:  InvalidSettings: as `find_runtime`.
    """
    is_fips, is_dual = (environment.get(f"AWS_USE_{variant}_ENDPOINT", "").lower() == "true" for variant in ("FIPS", "DUALSTACK"))
    is_ignored = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    url = "" if is_ignored else environment.get(f"AWS_ENDPOINT_URL_{name}") or environment.get("AWS_ENDPOINT_URL", "")
    if url and (is_fips or is_dual):
        raise InvalidSettings("AWS_ENDPOINT_URL has no FIPS or dual-stack variant", advice="leave out one of the variables")
    address = parse_address(url) if url else Address(is_secure=True, host=name_host(region, is_fips, is_dual), port=None)
    refuse_proxy(environment, address)
    return address


def find_partition(region: str) -> tuple[str, str, str]:
    """Return the row of PARTITIONS that a region is in."""
    return next(each for each in PARTITIONS if region.startswith(each[0]))


def _name_runtime(region: str, is_fips: bool, is_dual: bool) -> str:
    prefix, domain, dual_domain = find_partition(region)
    if not is_fips:
        return f"runtime.sagemaker.{region}.{dual_domain if is_dual else domain}"
    if is_dual:
        return f"runtime.sagemaker-fips.{region}.{dual_domain}"
    if region.startswith("us-gov-"):
        return f"runtime.sagemaker.{region}.{domain}"
    return f"runtime.sagemaker-fips.{region}.{domain}" if prefix else f"runtime-fips.sagemaker.{region}.{domain}"


def refuse_proxy(environment: Mapping[str, str], address: Address) -> None:
    """Refuse to go past a proxy that whoever set its variable wants to be used."""
    name = "HTTPS_PROXY" if address.is_secure else "HTTP_PROXY"
    proxy = environment.get(name.lower()) or environment.get(name)
    exempt = [each.strip().lstrip(".") for each in (environment.get("no_proxy") or environment.get("NO_PROXY") or "").split(",")]
    is_exempt = any(each == "*" or (each and f".{address.host}".endswith(f".{each}")) for each in exempt)
    if proxy and not is_exempt and address.host not in LOOPBACK:
        advice = f"Lambda reaches AWS without one: add {address.host} to NO_PROXY, or give the function a VPC endpoint"
        raise InvalidSettings(f"{name} is set, and no proxy is used here; {advice}", advice=advice)
