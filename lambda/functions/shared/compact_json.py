"""JSON without spaces, by one encoder: json.dumps makes another for each text that is not as its defaults are."""

import json

encode_compact = json.JSONEncoder(separators=(",", ":")).encode
