"""The media types of instances, pictures and answers, for the server and for functions alike."""

NPY, NPZ, CSV, JSON = "application/x-npy", "application/x-npz", "text/csv", "application/json"
OCTET_STREAM = "application/octet-stream"  # bytes of any kind
JSONL = "application/jsonl"
PNG, JPEG = "image/png", "image/jpeg"
WEBP, GIF, BMP, TIFF = "image/webp", "image/gif", "image/bmp", "image/tiff"
PICTURES = (PNG, JPEG, WEBP, GIF, BMP, TIFF)
MULTIPART, FORM = "multipart/form-data", "application/x-www-form-urlencoded"
MANIFEST = "application/vnd.inferstack.manifest+json"


def read_media_type(header: str) -> str:
    """Return a Content-Type's media type: lower case, without parameters."""
    return header.partition(";")[0].strip().lower()
