"""Who asks: Cognito's exchange against a server of the test's own, tokens and signatures on requests, and which of them a command takes."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from botocore.credentials import Credentials
from typer.testing import Result

from cli.api.sign_in import Keys, find_keys, send_token, sign_in_here, sign_requests
from cli.api.srp import GENERATOR, PRIME, Exchange
from cli.api.user_token import AccessToken, SignInFailed, UserSession, fetch_token
from cli.main import app
from cli.stage.aws import AwsFailed
from tests.command import CliRunner
from tests.fakes import FakeClock
from tests.unit.cli.world import FakeStacks, build_state, fake_services

POOL, PASSWORD = "us-east-1_AbC123", "Correct-Horse-1"
USER = {"user_pool_id": POOL, "client_id": "page", "username": "ada@example.com", "password": PASSWORD}


def pad(number: int) -> bytes:
    text = f"{number:x}"
    text = text if len(text) % 2 == 0 else f"0{text}"
    return bytes.fromhex(f"00{text}" if text[0] in "89abcdef" else text)


def digest(*parts: bytes) -> int:
    return int(hashlib.sha256(b"".join(parts)).hexdigest(), 16)


@dataclass
class FakeCognito:
    """The server's half of SRP-6a, by its paper's formulas: (A · v^u)^b."""

    password: str = PASSWORD
    after: str | None = None
    b: int = 0xB0B
    salt: int = 0x5A17
    calls: list[str] = field(default_factory=list)

    def initiate_auth(self, **call: Any) -> dict[str, Any]:
        assert (call["ClientId"], call["AuthFlow"]) == ("page", "USER_SRP_AUTH")
        self.a = int(call["AuthParameters"]["SRP_A"], 16)
        x = digest(pad(self.salt), hashlib.sha256(f"AbC123uuid-1:{self.password}".encode()).digest())
        self.v = pow(GENERATOR, x, PRIME)
        self.public = (digest(pad(PRIME), pad(GENERATOR)) * self.v + pow(GENERATOR, self.b, PRIME)) % PRIME
        parameters = {"SRP_B": f"{self.public:x}", "SALT": f"{self.salt:x}", "SECRET_BLOCK": "c2VjcmV0", "USER_ID_FOR_SRP": "uuid-1"}
        return {"ChallengeName": "PASSWORD_VERIFIER", "Session": "s", "ChallengeParameters": parameters}

    def respond_to_auth_challenge(self, **call: Any) -> dict[str, Any]:
        said = call["ChallengeResponses"]
        u = digest(pad(self.a), pad(self.public))
        shared = pow(self.a * pow(self.v, u, PRIME), self.b, PRIME)
        key = hmac.digest(hmac.digest(pad(u), pad(shared), "sha256"), b"Caldera Derived Key\x01", "sha256")[:16]
        proof = hmac.digest(key, b"AbC123uuid-1secret" + said["TIMESTAMP"].encode(), "sha256")
        self.calls.append(said["TIMESTAMP"])
        if base64.b64decode(said["PASSWORD_CLAIM_SIGNATURE"]) != proof:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "NotAuthorizedException", "Message": "Incorrect username or password."}}, "Respond")
        if self.after:
            return {"ChallengeName": self.after, "Session": "s"}
        return {"AuthenticationResult": {"AccessToken": "a.b.c", "ExpiresIn": 300}}


def test_proves_the_password_without_sending_it() -> None:
    assert fetch_token(FakeCognito(), USER) == AccessToken("a.b.c", 300)


def test_stays_signed_in_with_a_new_token_before_the_last_one_ends() -> None:
    cognito, clock = FakeCognito(), FakeClock()
    session = UserSession(cognito, USER, clock)
    for wait_s, sign_ins in ((0, 1), (239, 1), (1, 2), (200, 2)):
        clock.now_s += wait_s
        assert session.get_token() == "a.b.c"
        assert len(cognito.calls) == sign_ins


def test_is_refused_with_another_password() -> None:
    with pytest.raises(AwsFailed, match="Incorrect username or password"):
        fetch_token(FakeCognito(), {**USER, "password": "another"})


@pytest.mark.parametrize("challenge", ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"])
def test_says_what_cognito_asks_for_beside_the_password(challenge: str) -> None:
    with pytest.raises(SignInFailed, match=f"asks for {challenge}"):
        fetch_token(FakeCognito(after=challenge), USER)


def test_writes_the_time_as_cognito_reads_it() -> None:
    challenge = {"SRP_B": "2", "SALT": "1", "SECRET_BLOCK": "", "USER_ID_FOR_SRP": "u"}
    answer = Exchange(POOL).answer(challenge, "p", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert answer["TIMESTAMP"] == "Wed Mar 4 05:06:07 UTC 2026"


def request(url: str = "https://abc.execute-api.eu-west-1.amazonaws.com/jobs?limit=2") -> httpx.Request:
    return httpx.Request("POST", url, content=b"{}", headers={"content-type": "application/json"})


def test_signs_host_content_type_and_body() -> None:
    signed = sign_requests(Keys(Credentials("key", "secret", "session"), "eu-west-1"))(request())
    assert "Credential=key/" in signed.headers["authorization"]
    assert "/eu-west-1/execute-api/aws4_request" in signed.headers["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in signed.headers["authorization"]
    assert signed.headers["x-amz-security-token"] == "session"
    other = sign_requests(Keys(Credentials("key", "secret", "session"), "eu-west-1"))(httpx.Request("POST", request().url, content=b"[]"))
    assert other.headers["authorization"] != signed.headers["authorization"]


def test_signs_for_the_apis_own_region_with_the_environments_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    signed = sign_requests(find_keys(None, str(request().url)))(request())
    assert "/eu-west-1/execute-api/" in signed.headers["authorization"]
    monkeypatch.setenv("AWS_REGION", "eu-central-1")  # boto3 does not read it; the other AWS programs do
    assert find_keys(None, "https://api.example.com/predictions").region == "eu-central-1"


def test_says_that_there_is_no_such_profile() -> None:
    with pytest.raises(AwsFailed, match="nobody"):
        find_keys("nobody", str(request().url))


def test_takes_the_sign_in_of_the_stack_on_this_machine() -> None:
    services = fake_services(connect_aws=lambda _: lambda _: FakeCognito())
    assert sign_in_here(build_state(), services) is None
    token = sign_in_here(build_state(auth="jwt", demo_user=USER), services)
    assert token is not None
    assert token(request()).headers["authorization"] == "Bearer a.b.c" == send_token(lambda: "a.b.c")(request()).headers["authorization"]
    signature = sign_in_here(build_state(auth="iam"), services)
    assert signature is not None
    assert signature(request()).headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")


def run_token(*arguments: str, auth: str = "jwt") -> Result:
    outputs = {"Inferstack-dev-Web": {"Auth": auth, "UserPoolId": POOL, "UserPoolClientId": "page"}}
    clients = {"cloudformation": FakeStacks(outputs), "cognito-idp": FakeCognito()}
    services = fake_services(connect_aws=lambda _: clients.__getitem__)
    return CliRunner().invoke(app, ["token", "--stage", "dev", *arguments], obj=services, env={"INFERSTACK_PASSWORD": PASSWORD})


def test_prints_a_users_token_and_nothing_else() -> None:
    assert run_token("--user", "ada@example.com").stdout == "a.b.c\n"
    assert json.loads(run_token("--user", "ada@example.com", "--json").stdout) == {"access_token": "a.b.c", "expires_in": 300}


@pytest.mark.parametrize(("auth", "advice"), [("none", "ask without a token"), ("iam", "--profile")])
def test_says_that_a_stage_has_no_users(auth: str, advice: str) -> None:
    told = json.loads(run_token("--user", "ada@example.com", "--json", auth=auth).stdout)
    assert told["error"] == f"the stage dev has no users: its auth is {auth}, not jwt"
    assert advice in told["advice"]


def test_asks_for_a_user_where_the_stack_has_none_of_its_own() -> None:
    refused = run_token()
    assert refused.exit_code == 1
    assert "--user" in refused.stderr
