"""The users who may call the API."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from deployment.settings import Settings
from functions.status.interface import OPERATORS
from stacks.constructs.acknowledge import acknowledge


def create_user_pool(scope: Construct, settings: Settings) -> cognito.UserPool:
    """Return a user pool without sign-up: an administrator creates users, who choose their password and, if they want, a second factor.

    Who is in its one group may see what runs.
    """
    pool = cognito.UserPool(
        scope,
        "Users",
        self_sign_up_enabled=False,
        sign_in_aliases=cognito.SignInAliases(email=True),
        sign_in_case_sensitive=False,
        account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
        mfa=cognito.Mfa.OPTIONAL,
        mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
        password_policy=cognito.PasswordPolicy(
            min_length=12,
            require_digits=True,
            require_lowercase=True,
            require_uppercase=True,
            require_symbols=True,
            temp_password_validity=Duration.days(3),
        ),
        deletion_protection=settings.retain_data,
        # Not as other data: a pool that is protected could not be deleted when a first deployment is rolled back.
        removal_policy=RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY,
    )
    cognito.UserPoolGroup(scope, "Operators", user_pool=pool, group_name=OPERATORS, description="May see what runs: GET /status")
    acknowledge(
        pool,
        {
            "COG2": "each user may choose a second factor; the API answers with predictions, not with users' data",
            "COG8": "the plus tier bills each user for threat protection; turn it on if that is worth its price",
        },
    )
    return pool
