"""The digits recipe: pictures of handwritten digits in, which of the ten each is out."""

from recipes.digits.transform import SIDE, read_digit, reread_digit
from recipes.recipe import Candidate, Picture, Recipe


def find_digits(image: bytes) -> Picture:
    """Return every digit of a picture; see `segment.find_digits`."""
    from recipes.digits import segment  # noqa: PLC0415 - 20 modules that a function need not start with to answer one digit

    return segment.find_digits(image)


RECIPE = Recipe(
    name="digits",
    title="Handwritten digits (MNIST)",
    classes=tuple(range(10)),
    instance_shape=(SIDE, SIDE),
    read_image=read_digit,
    candidates=(
        Candidate(
            "cnn",
            "cnn",
            {
                **{"epochs": 64, "width": 16, "batch_size": 128, "learning_rate": 3e-3, "weight_decay": 0.05, "label_smoothing": 0.05},
                **{"drawn_digits": 30_000, "drawn_in_batch": 24, "sent_digits": 60_000, "drawn_looks": 16_000, "drawn_others": 32_000},
                "drawn_arrays": 6000,
                **{"tune_steps": 8000, "tune_learning_rate": 6e-4, "added_to_one": 0.7, "judge_steps": 1500},
                "eight_bits": True,
            },
            gpu=True,
        ),
        # The settings of SageMaker's XGBoost tutorial for MNIST.
        Candidate("xgboost", "xgboost", {"rounds": 10, "max_depth": 5, "eta": 0.2, "gamma": 4, "min_child_weight": 6}),
        # Trees that see edges of the upright digit in place of pixels. Each tree sees a fifth of the features and 70 % of the digits.
        Candidate(
            "xgboost_tuned",
            "xgboost",
            {"features": "hog", "rounds": 120, "max_depth": 5, "eta": 0.2, "subsample": 0.7, "colsample_bytree": 0.2, "max_bin": 32},
        ),
    ),
    limits=(
        "Letters, signs and digits of other scripts: most of them are told to be no digit, not all.",
        "Sums, dates or codes that nobody looks at again: expect less of real photos than of the pictures measured here.",
        "Handwriting of all the world: the digits it learned from were written in the United States in the 1990s.",
    ),
    thresholds={
        "accuracy": 0.995,
        **dict.fromkeys(("clean", "shifted", "scaled", "rotated", "inverted", "canvas", "thin pen", "photo"), 0.99),
        **{"flagged one": 0.98, "print": 0.985, "paper": 0.98},
    },
    noun="digit",
    normal=(0.1307, 0.3081),  # of MNIST, as torchvision's examples have it
    is_drawn=True,
    is_upright=True,
    find_instances=find_digits,
    reread_image=reread_digit,
)
