"""The network for photos: published weights go in by their names, and what was trained, even in two parts, comes out as the same graph."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from recipes.dataset import Split
from recipes.errors import InvalidArtifact, InvalidSettings
from recipes.natural_images.recipe import RECIPE
from training.artifact import OnnxModel
from training.train import check_export
from training.trainers import densenet_trainer, first_weights
from training.trainers.densenet import SIZES, DenseNet, FromColors, Size, load_weights, normalize
from training.trainers.densenet_export import fold
from training.trainers.densenet_trainer import FittedDenseNet, choose_precision, fit

torch.set_num_threads(1)  # the operations are so small that a second thread costs more than it does
SIDE = 32
TINY = RECIPE._replace(instance_shape=(SIDE, SIDE, 3), classes=("car", "cat", "dog"))
GREY = TINY._replace(instance_shape=(SIDE, SIDE))
SIZES["tiny"] = Size(4, (1, 2), 8)
SMALL: dict[str, Any] = {
    **{"network": "tiny", "epochs": 2, "batch_size": 8, "learning_rate": 3e-3, "weight_decay": 1e-2, "label_smoothing": 0.0}
}


def any_split(count: int = 24, shape: tuple[int, ...] = TINY.instance_shape) -> Split:
    """Return pictures whose brightness tells the class."""
    targets = np.arange(count, dtype=np.uint8) % 3
    noise = np.random.default_rng(0).integers(0, 60, (count, *shape), np.uint8)
    return Split(noise + (targets * 90).reshape(-1, *[1] * len(shape)).astype(np.uint8), targets)


def train(recipe: Any = TINY, seen: list[str] | None = None, **changed: Any) -> FittedDenseNet:
    split = any_split(shape=recipe.instance_shape)
    heard = [] if seen is None else seen
    return fit(recipe, split, split, {**SMALL, **changed}, seed=0, progress=lambda done, total, figure: heard.append(f"{done} {figure}"))


@pytest.fixture(scope="module")
def fitted() -> FittedDenseNet:
    return train()


def test_densenet121_has_the_names_and_shapes_of_torchvisions() -> None:
    weights = DenseNet(SIZES["densenet121"], 1000).state_dict()
    assert sum(value.numel() for name, value in weights.items() if "running" not in name and "tracked" not in name) == 7_978_856
    assert weights["features.denseblock3.denselayer24.conv2.weight"].shape == (32, 128, 3, 3)
    assert weights["features.transition2.conv.weight"].shape == (256, 512, 1, 1)
    assert weights["features.norm5.weight"].shape == weights["classifier.weight"].shape[1:] == (1024,)


@pytest.mark.parametrize("old_names", [False, True], ids=["norm1", "norm.1"])
def test_takes_published_weights_by_either_name_and_keeps_its_own_classifier(old_names: bool) -> None:
    published, network = DenseNet(SIZES["tiny"], 1000).state_dict(), DenseNet(SIZES["tiny"], 3)
    own = network.classifier.weight.clone()
    if old_names:
        named = {re.sub(r"(norm|conv)([12])\.", r"\1.\2.", name): value for name, value in published.items() if "tracked" not in name}
        assert "features.denseblock1.denselayer1.norm.1.weight" in named
    assert load_weights(network, named if old_names else published) is False
    assert torch.equal(network.classifier.weight, own)
    for name, value in network.features.state_dict().items():
        assert torch.equal(value, published[f"features.{name}"]), name


def test_takes_the_classifier_too_where_the_classes_are_as_many() -> None:
    published, network = DenseNet(SIZES["tiny"], 3).state_dict(), DenseNet(SIZES["tiny"], 3)
    assert load_weights(network, published) is True
    assert torch.equal(network.classifier.weight, published["classifier.weight"])


def test_refuses_the_weights_of_another_network() -> None:
    with pytest.raises(InvalidArtifact, match="the weights are of another network"):
        load_weights(DenseNet(SIZES["tiny"], 3), {"layer1.0.conv1.weight": torch.zeros(3)})


def test_begins_with_the_file_of_a_folder_and_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = DenseNet(SIZES["tiny"], 1000).state_dict()
    torch.save(published, tmp_path / "tiny-a639ec97.pth")
    monkeypatch.setenv("INFERSTACK_WEIGHTS_DIR", str(tmp_path))
    network = DenseNet(SIZES["tiny"], 3)
    assert re.fullmatch(r"tiny-a639ec97.pth, sha256 [0-9a-f]{64}", first_weights.begin(network, "tiny", "published"))
    assert torch.equal(network.features.conv0.weight, published["features.conv0.weight"])


def test_says_that_weights_are_random_where_none_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INFERSTACK_WEIGHTS_DIR", raising=False)
    network = DenseNet(SIZES["tiny"], 3)
    if first_weights._read_torchvision("densenet121") is None:
        assert first_weights.begin(network, "densenet121", "published").startswith(
            "random, because $INFERSTACK_WEIGHTS_DIR names no folder"
        )
    assert first_weights.begin(network, "tiny", "random") == "random"


def test_refuses_a_folder_without_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(InvalidSettings, match=r"which has no such file; expected one file densenet121\*.pth"):
        first_weights.begin(DenseNet(SIZES["tiny"], 3), "densenet121", "published")


def test_a_weights_file_that_runs_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"features": Path("/")}, tmp_path / "densenet121.pth")
    monkeypatch.setenv("INFERSTACK_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(Exception, match=r"[Ww]eights.only|Unsupported"):
        first_weights.begin(DenseNet(SIZES["tiny"], 3), "densenet121", "published")


def test_normalizes_as_torchvision_does() -> None:
    white, black = (normalize(torch.full((1, 2, 2, 3), level, dtype=torch.uint8)) for level in (255, 0))
    assert white[0, :, 0, 0].tolist() == pytest.approx([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])
    assert black[0, :, 0, 0].tolist() == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225])


def test_learns() -> None:
    better = train(epochs=20)
    assert (better.predict(any_split().inputs).argmax(1) == any_split().targets).mean() > 0.9


@pytest.mark.parametrize("recipe", [TINY, GREY], ids=["colours", "grey"])
def test_the_graph_answers_as_the_network_for_any_number_of_pictures(recipe: Any) -> None:
    fitted = train(recipe, epochs=1)
    model, split = OnnxModel(fitted.to_onnx()), any_split(9, recipe.instance_shape)
    assert check_export(model, fitted, split.inputs)["max_difference"] < 1e-5
    for count in (0, 1):
        assert model.predict(split.inputs[:count]).shape == (count, 3)
    assert not model.has_trust


def test_normalisations_go_into_the_convolutions_before_them() -> None:
    network = DenseNet(SIZES["tiny"], 3).train()
    for _ in range(3):
        network(normalize(torch.from_numpy(any_split().inputs)))
    network.eval()
    seen = torch.from_numpy(any_split(4).inputs)
    before = FromColors(network)(seen)
    assert torch.allclose(FromColors(fold(network))(seen), before, atol=1e-5)


def test_stores_weights_with_16_bits_and_computes_with_32(fitted: FittedDenseNet) -> None:
    content = fitted.to_onnx()
    graph = onnx.load_from_string(content).graph
    halves = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT16}
    assert {node.input[0] for node in graph.node if node.op_type == "Cast" and node.input[0] in halves} == halves
    assert len(content) < len(FittedDenseNet(fitted._model, TINY.instance_shape, is_half=False, described={}).to_onnx())
    assert fitted.described["weights"]["stored"] == "float16"  # type: ignore[index]


def test_keeps_32_bits_where_16_would_lose_pictures(fitted: FittedDenseNet, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = iter((0.99, 0.98))
    monkeypatch.setattr(densenet_trainer, "_measure_accuracy", lambda *_: next(measured))
    kept = choose_precision(fitted._model, any_split(), {})
    assert kept.described["weights"] == {"stored": "float32", "validation_accuracy": {"float32": 0.99, "float16": 0.98}}
    assert all(tensor.data_type != onnx.TensorProto.FLOAT16 for tensor in onnx.load_from_string(kept.to_onnx()).graph.initializer)


def test_the_classifier_alone_learns_first() -> None:
    network = DenseNet(SIZES["tiny"], 3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    after = densenet_trainer.train_network(
        network, "random", any_split(), {**SMALL, "head_epochs": 2}, seed=0, progress=lambda *_: None
    ).state_dict()
    assert {name for name, value in before.items() if not torch.equal(value, after[name])} == {"classifier.weight", "classifier.bias"}


def test_an_interrupted_run_goes_on_from_its_last_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_CHECKPOINT_DIR", str(tmp_path))

    def stop_in_the_second_epoch(done: int, total: int, _: str) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(TINY, any_split(), any_split(), SMALL, seed=0, progress=stop_in_the_second_epoch)
    seen: list[str] = []
    resumed = train(seen=seen)
    assert seen[0] == "3 resumes on cpu"
    monkeypatch.delenv("INFERSTACK_CHECKPOINT_DIR")
    assert np.allclose(resumed.predict(any_split().inputs), train().predict(any_split().inputs), atol=1e-6)


@pytest.mark.parametrize("changed", [{"instance_shape": (10,)}, {"instance_shape": (8, 8, 4)}])
def test_refuses_what_is_no_picture(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=r"expected one of densenet121, densenet_small.*, and pictures"):
        fit(TINY._replace(**changed), any_split(), any_split(), SMALL, seed=0, progress=lambda *_: None)


@pytest.mark.parametrize(("trainer", "given"), [("cnn", {}), ("xgboost", {"features": "hog", "rounds": 1})])
def test_what_was_made_for_digits_refuses_other_pictures_by_their_size(trainer: str, given: dict[str, Any]) -> None:
    made = import_module(f"training.trainers.{trainer}_trainer")
    with pytest.raises(InvalidSettings, match="reads grey pictures of 28 × 28; natural_images has instances of 32 × 32 × 3"):
        made.fit(TINY, any_split(), any_split(), given, seed=0, progress=lambda *_: None)


def test_trees_take_the_values_of_any_picture() -> None:
    fitted = import_module("training.trainers.xgboost_trainer").fit(
        TINY, any_split(), any_split(), {"rounds": 2}, seed=0, progress=lambda *_: None
    )
    assert check_export(OnnxModel(fitted.to_onnx()), fitted, any_split().inputs)["label_agreement"] == 1
