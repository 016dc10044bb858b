"""What process_upload writes about a job, each with its JSON in one place.

started.json             {"name", "started_at"}                                           an attempt began
summary.json             JobDetails, then SuccessBody or FailureBody, then when it ended  the job's result
transform/*/job.json     StagedJob                                                        the job while Batch Transform predicts it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from functions.process_upload.events import Upload
from functions.process_upload.lines import Failure
from functions.shared.jobs import Job
from functions.shared.keys import KEYS
from functions.shared.reading.notes import Note, read_notes

SCHEMA = 1
Facts = dict[str, Any]  # what a log line says
RECIPE_GONE = Failure(
    "recipe-gone", "Recipe is gone", "the upload is of a recipe that this deployment has no more", "Ask which there are: GET /models."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetails:
    """What is known of a job before its rows are read.

    Args:    name: what the upload is called, for people.
             created_at, started_at: RFC 3339.
             csv: whether predictions.csv is to be written.
             recipe: whose rows it holds; empty where the deployment has one.
             keys: columns that its lines repeat.
    """

    job: Job
    upload: Upload
    name: str
    created_at: str
    started_at: str
    csv: bool
    recipe: str = ""
    keys: tuple[str, ...] = ()

    @classmethod
    def of_record(cls, job: Job, upload: Upload, record: Mapping[str, Any], started_at: str, recipe: str = "") -> "JobDetails":
        """Return the details of a job with the record that the jobs API wrote of it; an operator's copy has an empty one.

        Args:    recipe: whose it is where the record does not say so.
        """
        return cls(
            job=job,
            upload=upload,
            name=record.get("name", job.name),
            created_at=record.get("created_at", upload.uploaded_at),
            started_at=started_at,
            csv=bool(record.get("csv")),
            recipe=record.get("recipe", recipe),
            keys=tuple(record.get(KEYS, ())),
        )

    @classmethod
    def from_json(cls, job: Job, document: Mapping[str, Any]) -> "JobDetails":
        """Return the details that `to_json` wrote."""
        upload = Upload(**document["source"], etag="", uploaded_at=document["uploaded_at"])
        return cls(
            job=job,
            upload=upload,
            name=document["name"],
            created_at=document["created_at"],
            started_at=document["started_at"],
            csv=document["csv"],
            recipe=document.get("recipe", ""),
            keys=tuple(document.get(KEYS, ())),
        )

    def is_of(self, recipe: str) -> bool:
        """Return whether its rows are of a recipe, or go without saying."""
        return self.recipe in {"", recipe}

    def to_started(self) -> dict[str, str]:
        """Return started.json."""
        return {"name": self.name, **self._name_recipe(), "started_at": self.started_at}

    def _name_recipe(self) -> dict[str, str]:
        return {"recipe": self.recipe} if self.recipe else {}

    def to_json(self) -> dict[str, Any]:
        """Return the document that every summary begins with."""
        return {
            "schema": SCHEMA,
            "id": self.job.id,
            "owner": self.job.owner,
            "name": self.name,
            **self._name_recipe(),
            "created_at": self.created_at,
            "uploaded_at": self.upload.uploaded_at,
            "started_at": self.started_at,
            "source": {"key": self.upload.key, "version": self.upload.version, "size_bytes": self.upload.size_bytes},
        }


@dataclass(frozen=True, slots=True)
class StagedJob:
    """A job while Batch Transform predicts it.

    Args:    details: of the job.
             format: of the upload.
             parts: how many requests its rows make.
             notes: on how it was read.
    """

    details: JobDetails
    format: str
    parts: int
    notes: tuple[Note, ...] = ()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "StagedJob":
        """Return the staged job that `to_json` wrote."""
        return cls(
            JobDetails.from_json(Job(**document["job"]), document["about"]),
            document["format"],
            document["parts"],
            read_notes(document["notes"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        about = {**self.details.to_json(), "csv": self.details.csv, KEYS: self.details.keys}
        notes = [note.to_json() for note in self.notes]
        return {"job": self.details.job._asdict(), "format": self.format, "parts": self.parts, "notes": notes, "about": about}


class ScoreBody(TypedDict, total=False):
    """How the answers to labelled rows compare with their labels."""

    labelled: int
    scored: int  # of them: the label is one that the recipe has, and the row was answered
    correct: int  # of a classification
    accuracy: float | None
    confusion: dict[str, dict[str, int]]  # how often each label was predicted, by the expected one
    mae: float | None  # of a regression
    r2: float | None
    unknown_labels: dict[str, int]  # the commonest that the recipe does not have


class RowsBody(TypedDict, total=False):
    """What the summary says of an upload whose rows were read."""

    format: str
    notes: list[dict[str, str]]  # on how it was read, where that is not plain
    rows: int
    succeeded: int
    failed: int
    labels: dict[str, int]  # of a classification: how often each was predicted
    verdicts: dict[str, int]  # of a model with trust: how many answers are certain, unsure, or of no digit
    values: dict[str, float]  # of a regression: min, median, max
    score: ScoreBody  # where rows had labels
    models: dict[str, int]
    failures: list[dict[str, Any]]  # the first of them
    reasons: list[dict[str, Any]]  # how many rows have none, by the code of the reason
    predictions: list[dict[str, Any]]  # of a picture
    image: dict[str, int]  # its width and height
    unread: list[list[int]]  # boxes of its ink that is no row, the first of them
    unread_count: int


class SuccessBody(RowsBody):
    """Of an upload of which a row was answered: the others do not fail it."""

    state: Literal["succeeded"]


class FailureBody(RowsBody):
    """Of an upload that could not be read as a whole, or none of whose rows was answered."""

    state: Literal["failed"]
    error: dict[str, str]


Body = SuccessBody | FailureBody
