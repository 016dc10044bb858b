"""The media types of files, by their suffix."""

from recipes.media_types import BMP, CSV, GIF, JPEG, JSON, JSONL, NPY, NPZ, PNG, TIFF, WEBP

PICTURES = {".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".webp": WEBP, ".gif": GIF, ".bmp": BMP, ".tif": TIFF, ".tiff": TIFF}
NUMBERS = {".json": JSON, ".csv": CSV, ".npy": NPY, ".npz": NPZ}
PREDICTABLE = PICTURES | NUMBERS  # what POST /predictions takes; the bytes tell, if the suffix does not
# For people who look at the bucket: the function recognizes an upload by its bytes.
UPLOADABLE = PREDICTABLE | {".jsonl": JSONL, ".gz": "application/gzip", ".zip": "application/zip"}
