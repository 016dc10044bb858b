"""The names of a model's files, and of the variable with the digest that the server expects; the server needs not what packs them."""

MODEL_FILE, MANIFEST_FILE = "model.onnx", "manifest.json"
MEMBERS = (MANIFEST_FILE, MODEL_FILE)
MANIFEST_DIGEST = "INFERSTACK_MANIFEST_SHA256"  # of a registered version's manifest: the server refuses another
