"""sagemaker-inference on multi-model-server: https://github.com/aws/sagemaker-inference-toolkit. Its own decoders are slower than ours."""

from benchmarks.peers.model import build_answer


def model_fn(model_dir):  # noqa: ARG001  the toolkit passes it
    return build_answer()


def input_fn(body, content_type):
    return bytes(body), content_type


def predict_fn(question, answer):
    return answer(*question)


def output_fn(answer, accept):  # noqa: ARG001  the toolkit passes it
    return answer, "application/json"
