"""The CORS configuration of AWS::ApiGatewayV2::Api, which ministack keeps in the template's spelling and then finds nothing in."""

from emulator.ministack_adapter import Attributes, Properties, allow_origins


def keep(api_id: str, properties: Properties, attributes: Attributes) -> Attributes:
    """Store the configuration in the API's own spelling."""
    if cors := properties.get("CorsConfiguration"):
        allow_origins(api_id, {name[0].lower() + name[1:]: value for name, value in cors.items()})
    return attributes
