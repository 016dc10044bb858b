"""The keys that ids of predictions are signed with: secrets that CloudFormation makes, and writes into the functions that need them."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import SECRET_KEY, SECRET_ROTATION, acknowledge
from stacks.constructs.encryption import find_key

KEY_LENGTH = 43  # letters and digits: 256 bits


class IdKeys(Construct):
    """The settings' key and the one before it: with the next number, a new key signs, and what the last one signed stays valid.

    The values are references, which CloudFormation replaces while it deploys: no template and no output holds a key, and no
    file but the one that a run on this machine leaves for the next.

    current  signs
    valid    what may have signed an id
    """

    current: str
    valid: tuple[str, ...]

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        super().__init__(scope, name)
        numbers = [number for number in (settings.id_key, settings.id_key - 1) if number > 0]
        self.valid = tuple(self._create(number).secret_value.unsafe_unwrap() for number in numbers)
        self.current = self.valid[0]

    def _create(self, number: int) -> secretsmanager.Secret:
        key = find_key(self)
        secret = secretsmanager.Secret(
            self,
            f"Key{number}",
            encryption_key=key,
            description=f"Signs ids of predictions: key {number}",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True,
                exclude_characters=",",  # it parts them in a function's environment; the emulator looks at this alone
                password_length=KEY_LENGTH,
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            secret, {SECRET_ROTATION: "the functions get it while they are deployed, so a deployment with the next id_key rotates it"}
        )
        if key is None:
            acknowledge(secret, {SECRET_KEY: "only a deployment reads it, and Secrets Manager encrypts it with a key of its own"})
        return secret
