"""Flask behind serverless-wsgi."""

import serverless_wsgi
from digits import predict
from flask import Flask, request

app = Flask(__name__)


@app.post("/predictions")
def answer() -> dict:
    return predict(request.get_data(), request.environ["serverless.event"]["requestContext"]["requestId"])


def handler(event: dict, context: object) -> dict:
    return serverless_wsgi.handle_request(app, event, context)
