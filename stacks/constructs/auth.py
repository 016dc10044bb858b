"""Who may call the API: anyone (local only), a signed-in user of the user pool, or an IAM identity."""

from dataclasses import dataclass

from aws_cdk import Aws, CfnOutput, Duration, Fn
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.removal_policy import data_removal_policy


@dataclass(frozen=True, slots=True)
class Auth:
    """What the API checks, and what the page must know to pass.

    Args:    authorizer: of every route but GET /health; None lets everyone in.
             page_config: the page's `auth`.
    """

    authorizer: apigateway.IHttpRouteAuthorizer | None
    page_config: dict[str, str]


def create_auth(scope: Construct, settings: Settings, *, page_url: str) -> Auth:
    """Return the settings' kind of authentication; only jwt creates resources."""
    match settings.auth:
        case "jwt":
            return SignIn(scope, "SignIn", settings=settings, page_url=page_url).auth
        case "iam":
            return Auth(authorizers.HttpIamAuthorizer(), {"kind": "iam", "region": Aws.REGION})
        case _:
            return Auth(None, {"kind": "none"})


class SignIn(Construct):
    """A user pool with hosted sign-in, and the page as its one client: authorization code with PKCE, so there is no secret.

    Users cannot sign up: an administrator creates them, and they choose their password and, if they want, a second factor.
    """

    auth: Auth

    def __init__(self, scope: Construct, name: str, *, settings: Settings, page_url: str) -> None:
        super().__init__(scope, name)
        pool = cognito.UserPool(
            self,
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
            removal_policy=data_removal_policy(settings),
        )
        acknowledge(
            pool,
            {
                "COG2": "each user may choose a second factor; the API answers with predictions, not with users' data",
                "COG8": "the plus tier bills each user for threat protection; turn it on if that is worth its price",
            },
        )
        # A domain prefix must be unique in its region: the stack's id makes it unique without showing the account's number.
        unique = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))
        prefix = f"inferstack-{settings.stage}-{unique}"
        pool.add_domain("Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=prefix))
        client = pool.add_client(
            "Page",
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            auth_flows=cognito.AuthFlow(user_srp=True),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL],
                callback_urls=[f"{page_url}/"],
                logout_urls=[f"{page_url}/"],
            ),
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(1),
        )
        issuer = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}/{pool.user_pool_id}"
        domain = settings.sign_in_url or f"{prefix}.auth.{Aws.REGION}.amazoncognito.com"
        self.auth = Auth(
            authorizers.HttpJwtAuthorizer("Jwt", issuer, jwt_audience=[client.user_pool_client_id]),
            {
                "kind": "jwt",
                "region": Aws.REGION,
                "userPoolId": pool.user_pool_id,
                "clientId": client.user_pool_client_id,
                "domain": domain,
            },
        )
        for output, value in {
            "UserPoolId": pool.user_pool_id,
            "UserPoolClientId": client.user_pool_client_id,
            "AuthDomain": domain,
        }.items():
            CfnOutput(self, output, value=value).override_logical_id(output)
