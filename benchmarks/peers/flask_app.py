"""Flask on gunicorn's gevent workers, a worker a core: https://flask.palletsprojects.com/en/stable/deploying/gunicorn/."""

from flask import Flask, Response, request

from benchmarks.peers.model import build_answer

app = Flask(__name__)
answer = build_answer()


@app.post("/invocations")
def invoke() -> Response:
    return Response(answer(request.get_data(), request.content_type or ""), mimetype="application/json")
