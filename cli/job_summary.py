"""A job's summary in one line."""

from typing import Any

TOP_LABELS = 3


def summarize_answers(summary: dict[str, Any]) -> str:
    """Return what a job answered, in short: "4 0 7" for a picture, a batch's commonest labels with counts, or its values' range."""
    if predictions := summary.get("predictions"):
        return " ".join(map(_format_prediction, predictions))
    if values := summary.get("values"):
        return f"{format_value(values['min'])} to {format_value(values['max'])}, median {format_value(values['median'])}"
    labels = sorted((summary.get("labels") or {}).items(), key=lambda item: (-item[1], item[0]))
    more = [f"… {len(labels) - TOP_LABELS} more"] if len(labels) > TOP_LABELS else []
    return ", ".join([f"{label} ×{count}" for label, count in labels[:TOP_LABELS] if count] + more)


def format_value(value: float) -> str:
    """Return a number as people read it, like 53,512.25."""
    return f"{value:,.10g}"


def _format_prediction(prediction: dict[str, Any]) -> str:
    """Return one row's answer; a row that failed has none."""
    return format_value(prediction["value"]) if "value" in prediction else str(prediction.get("label", "–"))
