"""The areas of the two buckets, each the first part of its keys: for what reads and writes there, and for the stacks that allow it."""

UPLOADS = "uploads"  # in the uploads bucket: what came through the API
INBOX = "inbox"  # in both: what operators copied there, and its results
JOBS = "jobs"  # in the results bucket, as all below: the jobs of the API
TRANSFORM = "transform"  # what Batch Transform reads and writes
IDEMPOTENCY = "idempotency"  # which job a key was used for
ALLOWANCES = "allowances"  # how many labels a caller gave in an hour
FEEDBACK = "feedback"
LABELS = f"{FEEDBACK}/given"  # the labels that people gave
