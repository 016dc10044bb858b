"""The media types of files, by their suffix."""

from recipes.media_types import CSV, JPEG, JSON, JSONL, NPY, PNG

PREDICTABLE = {".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".json": JSON, ".csv": CSV, ".npy": NPY}  # what POST /predictions takes
# For people who look at the bucket: the function recognizes an upload by its bytes.
UPLOADABLE = PREDICTABLE | {".jsonl": JSONL, ".gz": "application/gzip", ".zip": "application/zip"}
