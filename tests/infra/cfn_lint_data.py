"""Where cfn-lint keeps AWS's public schemas and its Service Authorization Reference. It is found and not imported: that takes 3 s."""

import sysconfig
from pathlib import Path

DATA = Path(sysconfig.get_path("purelib")) / "cfnlint/data"
