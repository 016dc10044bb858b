"""ministack's process: its version, its environment and its health. Nothing here imports ministack, which reads its environment then.

Every other file of this package touches ministack's private parts, so exactly one version is accepted.
"""

import os

from deployment.this_machine import HOST, REGION
from emulator.front.ports import Ports

PINNED_VERSION = "1.5.33"
HEALTH_PATH = "/_ministack/health"


def require_pinned_version(installed: str) -> None:
    """Raise RuntimeError unless ministack has the version that this package was written for."""
    if installed != PINNED_VERSION:
        raise RuntimeError(
            f"ministack is {installed}, but emulator/ministack was written for {PINNED_VERSION}: run `make setup`, or adapt the package"
        )


def set_environment(ports: Ports) -> None:
    """Give ministack, and through it every function, this run's addresses and account, and nothing of the checkout."""
    events_host = f"{HOST}:{ports.events}"
    os.environ.update(
        {
            "GATEWAY_PORT": str(ports.gateway),
            "BIND_HOST": HOST,
            "AUTH": "true",  # each request is allowed or refused by policies
            "IOT_MTLS_ENABLED": "0",  # both would listen on all addresses of this machine
            "SFTP_ENABLED": "0",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{ports.gateway}",
            "APPSYNC_EVENTS_HTTP_HOST_TEMPLATE": events_host,
            "APPSYNC_EVENTS_REALTIME_HOST_TEMPLATE": events_host,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    # A function sees its bundle and the runtime's boto3. With the checkout on its path, a file missing from the bundle would go unnoticed.
    os.environ.pop("PYTHONPATH", None)
