"""How the local run reads policies, where ministack alone would read them otherwise."""

import subprocess

from deployment.paths import EMULATOR_PYTHON, ROOT

PROGRAM = """
from ministack.core.iam_evaluator import fnmatch_iam, fnmatch_iam_cs
from emulator.ministack.access.iam import match_line_feeds

match_line_feeds()
print(*[
    fnmatch_iam_cs("inbox/a\\nb.png", "inbox/*"),
    fnmatch_iam_cs("inbox/\\n", "inbox/?"),
    fnmatch_iam_cs("inbox/a\\n", "inbox/a"),
    fnmatch_iam_cs("INBOX/a", "inbox/*"),
    fnmatch_iam_cs("inbox/a+b", "inbox/a+b"),
    fnmatch_iam("S3:getObject", "s3:Get*"),
])
"""


def test_lets_a_pattern_stand_for_a_line_feed_too() -> None:
    done = subprocess.run(
        [EMULATOR_PYTHON, "-c", PROGRAM], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["True", "True", "False", "False", "True", "True"]
