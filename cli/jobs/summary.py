"""A job's summary in a few words: what was answered, what was not and why, and how that compares with the upload's labels."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from recipes.trust import CERTAIN

TOP_LABELS, CONFUSIONS_SHOWN = 3, 5
MARKS = {"gap": "_", "point": ".", "minus": "-", "slash": "/", "colon": ":", "equals": "=", "mark": "…"}  # beside digits of a picture


def summarize_answers(summary: dict[str, Any]) -> str:
    """Return what a job answered, in short: "3 1 . 4 7?" for a picture, a batch's commonest labels with counts, or its values' range.

    A label with a question mark is not certain. What stands between a picture's digits stands there, and its lines are parted by "|".
    A batch's labels are followed by how many answers are not certain.
    """
    if predictions := summary.get("predictions"):
        return format_page(predictions)
    if values := summary.get("values"):
        return f"{format_value(values['min'])} to {format_value(values['max'])}, median {format_value(values['median'])}"
    labels = sorted((summary.get("labels") or {}).items(), key=lambda item: (-item[1], item[0]))
    more = [f"… {len(labels) - TOP_LABELS} more"] if len(labels) > TOP_LABELS else []
    doubts = [f"{count} {verdict}" for verdict, count in (summary.get("verdicts") or {}).items() if verdict != CERTAIN]
    return ", ".join([f"{label} ×{count}" for label, count in labels[:TOP_LABELS] if count] + more + doubts)


def describe_outcome(summary: dict[str, Any]) -> dict[str, str]:
    """Return, each under a word for it, how the answers compare with the upload's labels, and why rows have none; what there is."""
    outcome = {
        "read": describe_notes(summary),
        "score": _summarize_score(summary),
        "confused": _list_confusions(summary),
        "no such label": _list_unknown_labels(summary),
        "not answered": _list_reasons(summary),
        "not read": f"{unread:,} {'mark' if unread == 1 else 'marks'} of the picture" if (unread := summary.get("unread_count")) else "",
    }
    return {name: text for name, text in outcome.items() if text}


def describe_notes(answer: dict[str, Any]) -> str:
    """Return what an answer or a summary says of how its input was read; nothing where that is plain."""
    return "; ".join(str(note.get("detail", "")) for note in answer.get("notes") or ())


def join_sentences(title: str | None, *sentences: str | None) -> str:
    """Return a problem's title and what follows it, as one text; nothing of it may be missing or empty."""
    return ": ".join(part for part in (title, " ".join(each for each in sentences if each)) if part)


def format_value(value: float | None) -> str:
    """Return a number as people read it, like 53,512.25; a dash where there is none."""
    return "–" if value is None else f"{value:,.10g}"


def format_page(predictions: Sequence[dict[str, Any]]) -> str:
    """Return the digits of a picture as `summarize_answers` does."""
    words: list[str] = []
    for prediction, following in zip_longest(predictions, predictions[1:]):
        if mark := MARKS.get(prediction.get("before", "")):
            words.append(mark)
        words.append(_format_prediction(prediction))
        if mark := MARKS.get(prediction.get("after", "")):
            words.append(mark)
        if following and following.get("line", 1) != prediction.get("line", 1):
            words.append("|")
    return " ".join(words)


def _format_prediction(prediction: dict[str, Any]) -> str:
    """Return one row's answer; a row that failed has none."""
    if "value" in prediction:
        return format_value(prediction["value"])
    doubt = "?" if prediction.get("verdict", CERTAIN) != CERTAIN else ""
    return f"{prediction.get('label', '–')}{doubt}"


def _summarize_score(summary: dict[str, Any]) -> str:
    """Return how right the answers to labelled rows were, like "97.5 % of 40 labelled rows right"; nothing without labels."""
    score = summary.get("score") or {}
    if not score:
        return ""
    scored, labelled = score.get("scored", 0), score.get("labelled", 0)
    of = f"{scored:,} labelled rows" if scored == labelled else f"{scored:,} of {labelled:,} labelled rows"
    if score.get("accuracy") is not None:
        return f"{score['accuracy']:.2%} of {of} right"
    if score.get("mae") is not None:
        r2 = f", R² {score['r2']:.4f}" if score.get("r2") is not None else ""
        return f"off by {format_value(score['mae'])} on average{r2}, {of}"
    return f"{of} could be compared"


def _list_confusions(summary: dict[str, Any]) -> str:
    """Return the commonest wrong answers, like "4 → 9 ×3, 7 → 1 ×2": what the label says, and what was answered."""
    confusion = (summary.get("score") or {}).get("confusion") or {}
    wrong = [(count, expected, label) for expected, row in confusion.items() for label, count in row.items() if label != expected]
    shown = sorted(wrong, key=lambda each: (-each[0], each[1:]))[:CONFUSIONS_SHOWN]
    more = [f"… {len(wrong) - len(shown)} more"] if len(wrong) > len(shown) else []
    return ", ".join([f"{expected} → {label} ×{count:,}" for count, expected, label in shown] + more)


def _list_unknown_labels(summary: dict[str, Any]) -> str:
    """Return the commonest labels that the model does not answer with."""
    unknown = (summary.get("score") or {}).get("unknown_labels") or {}
    return ", ".join(f"{label!r} ×{count:,}" for label, count in unknown.items())


def _list_reasons(summary: dict[str, Any]) -> str:
    reasons = summary.get("reasons") or ()
    return "; ".join(f"{each['code']} ×{each['count']:,} (row {each['row']:,}: {each.get('detail', '')})" for each in reasons)
