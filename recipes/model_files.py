"""What a model's files are called, and what tells the server which they are. Apart from what packs them, which a server needs not."""

MODEL_FILE, MANIFEST_FILE = "model.onnx", "manifest.json"
MEMBERS = (MANIFEST_FILE, MODEL_FILE)
MANIFEST_DIGEST = "INFERSTACK_MANIFEST_SHA256"  # what the registry tells the server that a version's manifest is
