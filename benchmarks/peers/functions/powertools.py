"""Powertools for AWS Lambda: its resolver for HTTP APIs."""

import base64

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from digits import predict

app = APIGatewayHttpResolver()


@app.post("/predictions")
def answer() -> dict:
    return predict(base64.b64decode(app.current_event["body"]), app.current_event.request_context.request_id)


def handler(event: dict, context: object) -> dict:
    return app.resolve(event, context)
