"""A recipe's raw data on its way into the dump bucket."""

from pathlib import Path
from typing import Any

from cli.aws import translate_aws_errors
from cli.console import fail


def require_raw_files(recipe: str, source: Path | None, *, as_json: bool) -> list[Path]:
    """Return the files of a recipe's raw data; say how to get them, or what is not installed."""
    try:
        from recipes.dataset import find_raw_files  # noqa: PLC0415 - it needs numpy, which need not be installed

        return find_raw_files(recipe, source)
    except FileNotFoundError as error:
        raise fail(str(error), as_json=as_json) from error
    except ImportError as error:
        message = f"reading data needs {error.name}, which is not installed"
        raise fail(message, advice="run `make setup-training`", as_json=as_json) from error


def upload_raw_files(s3: Any, bucket: str, prefix: str, files: list[Path]) -> None:
    """Put files below a prefix."""
    for file in files:
        with translate_aws_errors():
            s3.upload_file(str(file), bucket, f"{prefix}/{file.name}")
