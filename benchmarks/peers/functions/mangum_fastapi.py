"""FastAPI behind Mangum."""

from digits import predict
from fastapi import FastAPI, Request
from mangum import Mangum

app = FastAPI()


@app.post("/predictions")
async def answer(request: Request) -> dict:
    return predict(await request.body(), request.scope["aws.event"]["requestContext"]["requestId"])


handler = Mangum(app, lifespan="off")
