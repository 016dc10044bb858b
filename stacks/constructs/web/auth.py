"""Who may call the API: anyone (local only), a signed-in user of the user pool, or an IAM identity."""

from dataclasses import dataclass

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.web.unique import unique_part


@dataclass(frozen=True, slots=True)
class Auth:
    """What the API checks, and what the page must know to pass.

    Args:    authorizer: of every route but GET /health; None lets everyone in.
             page_config: the page's `auth`.
    """

    authorizer: apigateway.IHttpRouteAuthorizer | None
    page_config: dict[str, str]


def create_auth(scope: Construct, settings: Settings, *, users: cognito.IUserPool | None, page_url: str) -> Auth:
    """Return the settings' kind of authentication: that of the users, where there are any; only that creates resources."""
    if users is not None:
        return SignIn(scope, "SignIn", settings=settings, users=users, page_url=page_url).auth
    if settings.auth == "iam":
        return Auth(authorizers.HttpIamAuthorizer(), {"kind": "iam", "region": Aws.REGION})
    return Auth(None, {"kind": "none"})


class SignIn(Construct):
    """The hosted sign-in of a user pool, and the page as its one client: authorization code with PKCE, so there is no secret."""

    auth: Auth

    def __init__(self, scope: Construct, name: str, *, settings: Settings, users: cognito.IUserPool, page_url: str) -> None:
        super().__init__(scope, name)
        # A domain prefix must be unique in its region: the stack's id makes it unique without showing the account's number.
        prefix = f"inferstack-{settings.stage}-{unique_part()}"
        options = cognito.CognitoDomainOptions(domain_prefix=prefix)
        cognito.UserPoolDomain(self, "Domain", user_pool=users, cognito_domain=options)
        client = cognito.UserPoolClient(
            self,
            "Page",
            user_pool=users,
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
            # Nobody can take an access token back before it ends: the API checks its signature alone.
            access_token_validity=Duration.minutes(settings.token_minutes),
            id_token_validity=Duration.minutes(settings.token_minutes),
            refresh_token_validity=Duration.hours(settings.session_hours),
        )
        issuer = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}/{users.user_pool_id}"
        domain = settings.sign_in_url or f"{prefix}.auth.{Aws.REGION}.amazoncognito.com"
        self.auth = Auth(
            authorizers.HttpJwtAuthorizer("Jwt", issuer, jwt_audience=[client.user_pool_client_id]),
            {
                "kind": "jwt",
                "region": Aws.REGION,
                "userPoolId": users.user_pool_id,
                "clientId": client.user_pool_client_id,
                "domain": domain,
            },
        )
        for output, value in {
            "UserPoolId": users.user_pool_id,
            "UserPoolClientId": client.user_pool_client_id,
            "AuthDomain": domain,
        }.items():
            CfnOutput(Stack.of(self), output, value=value)
