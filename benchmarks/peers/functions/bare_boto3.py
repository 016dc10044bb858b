"""No framework."""

import base64
import json

from digits import predict


def handler(event: dict, _: object) -> dict:
    answer = predict(base64.b64decode(event["body"]), event["requestContext"]["requestId"])
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
