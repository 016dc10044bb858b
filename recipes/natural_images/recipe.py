"""The natural images recipe: a picture in, which of eight kinds of thing it shows out. The kinds are those of Kaggle's natural-images."""

from recipes.pictures.squares import SIDE, read_photo
from recipes.recipe import Candidate, Recipe

RECIPE = Recipe(
    name="natural_images",
    title="Natural images",
    classes=("airplane", "car", "cat", "dog", "flower", "fruit", "motorbike", "person"),
    instance_shape=(SIDE, SIDE, 3),
    read_image=read_photo,
    candidates=(
        Candidate(
            "densenet121",
            "densenet",
            {
                **{"network": "densenet121", "weights": "published", "epochs": 8, "head_epochs": 1, "batch_size": 32},
                **{"learning_rate": 1e-3, "weight_decay": 0.01, "label_smoothing": 0.05},
            },
            gpu=True,
        ),
        # Small enough for two cores and for a trial: the same network with fewer layers, which looks at a quarter of the width.
        Candidate(
            "densenet_small",
            "densenet",
            {
                **{"network": "densenet_small", "weights": "random", "epochs": 28, "batch_size": 32},
                **{"learning_rate": 1e-2, "weight_decay": 0.01, "label_smoothing": 0.05},
            },
        ),
    ),
    limits=(
        "Anything but the eight kinds: it names one of them whatever the picture shows.",
        "Finding or counting things: it answers once for the middle square of a picture.",
        "Knowing people: it says that a person is there, and nothing about who.",
    ),
    thresholds={"accuracy": 0.9},
)
