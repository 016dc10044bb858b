"""FastAPI with types for the body and the answer: https://fastapi.tiangolo.com/tutorial/body/."""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.peers.model import load

app = FastAPI()
engine = load()
shape, dtype = engine.manifest.input_shape, engine.manifest.input_dtype


number = float if dtype == "float32" else int


class Question(BaseModel):
    instances: list[list[number]]


class Answer(BaseModel):
    predictions: list[list[float]]


@app.post("/invocations")
async def invoke(question: Question) -> Answer:
    instances = np.array(question.instances, dtype).reshape(-1, *shape)
    return Answer(predictions=engine.predict(instances).reshape(len(instances), -1).tolist())
