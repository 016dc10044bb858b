"""The notebook of the digits works: executed for real, its stack and all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.conftest import free_ports, state_in
from tests.notebooks.running import FOLDER, NAMES, execute, said

FEWER = "LIMIT = 200"  # of each split: a run takes a minute at most


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Jupyter and the notebook write, and nowhere else; a stack that a failed run leaves in it is stopped."""
    from local.stack import down

    folder = tmp_path_factory.mktemp("notebook")
    yield folder
    for left in folder.glob("*/stack"):
        with state_in(left):
            down()


@pytest.fixture(scope="module")
def executed(home: Path) -> NotebookNode:
    """The notebook after a run with fewer images."""
    return execute("digits", home, FEWER, INFERSTACK_PORT=str(free_ports()))


def test_is_answered_over_http_by_the_model_that_it_trained(executed: NotebookNode) -> None:
    printed = said(executed, "text")
    (version,) = re.findall(r"^version (\S+)$", printed, re.MULTILINE)
    assert f"by {{'name': 'xgboost', 'version': '{version}'" in printed


def test_shows_a_network_beside_the_trees(executed: NotebookNode) -> None:
    printed = said(executed, "text")
    assert re.search(r"^step (\d+)/\1 loss", printed, re.MULTILINE)
    assert re.search(r"^right: the network [\d.]+%, the trees [\d.]+%$", printed, re.MULTILINE)  # 200 images teach a network little


def test_shows_that_the_pipeline_does_not_register_a_model_below_the_threshold(executed: NotebookNode) -> None:
    assert re.search(r"^NotGoodEnough +Failed .* below the threshold", said(executed, "text"), re.MULTILINE)


def test_shows_the_reports_own_plots(executed: NotebookNode) -> None:
    from training.reports.classifier_plots import plot_confusion, plot_robustness

    shown = said(executed, "text/html")
    for plot in (plot_confusion([[1, 0], [0, 1]]), plot_robustness({"clean": 1.0})):
        assert f'<img alt="{plot.title}"' in shown


def test_leaves_nothing_behind(executed: NotebookNode, home: Path) -> None:
    assert list(home.glob("inferstack-notebook-*")) == []
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{name}.ipynb" for name in NAMES]
