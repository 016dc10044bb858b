"""What each peer does with a request: a picture to 28×28, one call of the endpoint by boto3, its JSON with the request's id.

Less than the function does: the picture is only made smaller, nothing is checked, signed or logged.
"""

import io
import json
import os

import boto3
from botocore.config import Config
from PIL import Image

HEADER = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28), }".ljust(117) + b"\n"
runtime = boto3.client("sagemaker-runtime", config=Config(connect_timeout=1, read_timeout=26, retries={"total_max_attempts": 1}))


def predict(picture: bytes, request_id: str) -> dict:
    with Image.open(io.BytesIO(picture)) as opened:
        levels = opened.convert("L").resize((28, 28)).tobytes()
    array = b"\x93NUMPY\x01\x00" + len(HEADER).to_bytes(2, "little") + HEADER + levels
    response = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"], Body=array, ContentType="application/x-npy", Accept="application/json"
    )
    return {**json.loads(response["Body"].read()), "request_id": request_id}
