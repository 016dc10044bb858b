"""The emulator's process: ministack, and what it lacks for this stack, on four loopback ports.

Run as `.venvs/local/bin/python -m emulator PORT STATE_DIR`; `local/stack.py` does.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from emulator.ministack_adapter import (
    advertise_events_at,
    after_create,
    answer_ranges_of_versions,
    application,
    authorize_events_with,
    authorize_with,
    count_loopback_as_tls,
    emit,
    is_destroyed,
    register_service,
    register_type,
    require_pinned_version,
    start_pipelines_with,
)

HOST = "127.0.0.1"
KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    port, state_dir = int(sys.argv[1]), Path(sys.argv[2])
    _set_environment(port)
    require_pinned_version()
    asyncio.run(_serve(port, state_dir))


async def _serve(port: int, state_dir: Path) -> None:
    # ministack reads its environment when it is imported, so nothing of it may be imported before _set_environment.
    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    from emulator.cloudformation import appsync_types, bucket_deployment, cors, lifecycle, remembered, sagemaker_types  # noqa: PLC0415
    from emulator.front_doors import FrontDoors, ports  # noqa: PLC0415
    from emulator.sagemaker.alarms import CloudWatch  # noqa: PLC0415
    from emulator.sagemaker.control import Control  # noqa: PLC0415
    from emulator.sagemaker.server import Fetch  # noqa: PLC0415
    from emulator.sagemaker.service import TARGET_PREFIX, Service, authorization  # noqa: PLC0415
    from emulator.subscriptions import authorize  # noqa: PLC0415

    endpoint_url = os.environ["AWS_ENDPOINT_URL"]
    control = Control(fetch=Fetch(endpoint_url), log_dir=state_dir / "logs", emit=emit, describe_alarms=CloudWatch(endpoint_url))
    service, doors = Service(control), FrontDoors(port)
    app = application()
    register_service("sagemaker", target_prefix=TARGET_PREFIX, path_pattern=r"^/endpoints/[^/]+/invocations$", handle=service.handle)
    authorize_with("sagemaker", authorization)
    for name, resource in {**sagemaker_types.types(control, is_destroyed), **remembered.types()}.items():
        register_type(name, resource)
    for name, resource in appsync_types.types(doors.see_event_api).items():
        register_type(name, resource)
    authorize_events_with(authorize)
    advertise_events_at(doors.events_host)
    register_type("Custom::CDKBucketDeployment", bucket_deployment.resource_type(endpoint_url))
    start_pipelines_with(control.start_pipeline)
    count_loopback_as_tls()
    answer_ranges_of_versions()
    after_create("AWS::S3::Bucket", lifecycle.keep)
    after_create("AWS::ApiGatewayV2::Api", cors.keep)
    after_create("AWS::ApiGatewayV2::Api", doors.see_api)
    after_create("AWS::CloudFront::Distribution", doors.see_distribution)

    config = Config()
    config.bind = [f"{HOST}:{each}" for each in ports(port)]
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.loglevel = "WARNING"
    stopping = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_, stopping.set)
    try:
        await serve(doors.wrap(app), config, shutdown_trigger=stopping.wait)
    finally:
        await asyncio.to_thread(control.close)
        logging.shutdown()


def _set_environment(port: int) -> None:
    """Give ministack, and through it every function, this run's address and account, and nothing of the checkout."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": HOST,
            "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID", "test"),
            "AWS_SECRET_ACCESS_KEY": os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    # A function sees its bundle and the runtime's boto3; with the checkout on its path a missing file in the bundle would go unseen.
    os.environ.pop("PYTHONPATH", None)


if __name__ == "__main__":
    main()
