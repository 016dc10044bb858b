"""Chalice, whose events are those of a REST API."""

from chalice import Chalice
from digits import predict

app = Chalice(app_name="digits")
app.api.binary_types.append("image/png")


@app.route("/predictions", methods=["POST"], content_types=["image/png"])
def answer() -> dict:
    return predict(app.current_request.raw_body, app.current_request.context["requestId"])


def handler(event: dict, context: object) -> dict:
    http = event["requestContext"]["http"]
    rest = {
        **{name: event[name] for name in ("headers", "body", "isBase64Encoded")},
        **{"httpMethod": http["method"], "pathParameters": {}, "stageVariables": {}, "multiValueQueryStringParameters": None},
        "requestContext": {**event["requestContext"], "httpMethod": http["method"], "resourcePath": http["path"], "path": http["path"]},
    }
    return app(rest, context)
