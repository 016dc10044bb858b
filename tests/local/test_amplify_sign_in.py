"""Sign-in by AWS's own library against a stack on this machine, as docs/front-end.md writes it."""

import json
import subprocess
from pathlib import Path

from deployment.paths import NODE
from local.run_state import RunState

SCRIPT = Path(__file__).with_name("amplify_sign_in.mjs")


def test_signs_in_with_the_stack_s_own_cognito(signed: RunState) -> None:
    user = signed.demo_user
    settings = {
        "apiUrl": signed.api_url,
        "awsUrl": signed.s3_endpoint,
        "userPoolId": user["user_pool_id"],
        "userPoolClientId": user["client_id"],
        "username": user["username"],
        "password": user["password"],
    }
    done = subprocess.run([NODE, SCRIPT, json.dumps(settings)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["isSignedIn"], said["isRenewed"], said["refused"]) == (True, True, "unauthorized")
    assert said["listed"]["ok"]
    assert isinstance(said["listed"]["value"]["jobs"], list)  # other tests' too: the stack is theirs as well
