"""How well a model knows what is no digit: measured on kinds of pictures that none is fitted on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from recipes.thresholds import Thresholds
from training.trainers import Float32
from training.trainers.calibration import Bools, measure_auroc

CURVE = np.round(np.linspace(0, 1, 41), 3)


def score_trust(thresholds: Thresholds, trust: Float32, right: Bools, others: Mapping[str, Float32]) -> dict[str, Any]:
    """Return the figures of trust.

    Args:    trust, right: of the test digits, and whether each answer is right.
             others: by kind, the trust of pictures that are no digits.
    """
    all_others = np.concatenate(list(others.values()))
    certain = trust >= thresholds.certain
    return {
        "auroc": round(measure_auroc(trust, all_others), 5),
        "digits_kept": _share(trust >= thresholds.digit),
        "digits_certain": _share(certain),
        "certain_right": _share(right[certain]),
        "others_rejected": _share(all_others < thresholds.digit),
        "others_certain": _share(all_others >= thresholds.certain),
        "rejected_by_kind": {kind: _share(each < thresholds.digit) for kind, each in others.items()},
        "certain_by_kind": {kind: _share(each >= thresholds.certain) for kind, each in others.items()},
        "others": len(all_others),
        "curve": [{"trust": float(at), "digits_kept": _share(trust >= at), "others_rejected": _share(all_others < at)} for at in CURVE],
    }


def _share(which: Any) -> float:
    return round(float(np.mean(which)), 5) if len(which) else 0.0
