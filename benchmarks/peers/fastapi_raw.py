"""FastAPI with the request's own bytes: https://fastapi.tiangolo.com/advanced/using-request-directly/, uvicorn --workers as in
https://fastapi.tiangolo.com/deployment/server-workers/."""

from fastapi import FastAPI, Request, Response

from benchmarks.peers.model import build_answer

app = FastAPI()
answer = build_answer()


@app.post("/invocations")
async def invoke(request: Request) -> Response:
    return Response(answer(await request.body(), request.headers["content-type"]), media_type="application/json")
