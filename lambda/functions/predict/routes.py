"""The routes of the predict function."""

from functions.shared.http.routes import Route

ASKED = ("include", "digits", "variant")
PREDICT = Route("POST", "/predictions", query=ASKED)
MODEL = Route("GET", "/model", query=("variant",))
HEALTH = Route("GET", "/health", is_open=True)  # a load balancer or a monitor has no token

# The Open Inference Protocol, version 2.
V2_SERVER = Route("GET", "/v2")
V2_LIVE, V2_READY = Route("GET", "/v2/health/live", is_open=True), Route("GET", "/v2/health/ready", is_open=True)
V2_MODEL, V2_MODEL_READY = Route("GET", "/v2/models/{name}"), Route("GET", "/v2/models/{name}/ready")
V2_INFER = Route("POST", "/v2/models/{name}/infer")
V2_VERSION = Route("GET", "/v2/models/{name}/versions/{version}")
V2_VERSION_READY = Route("GET", "/v2/models/{name}/versions/{version}/ready")
V2_VERSION_INFER = Route("POST", "/v2/models/{name}/versions/{version}/infer")
V2 = (V2_SERVER, V2_LIVE, V2_READY, V2_MODEL, V2_MODEL_READY, V2_INFER, V2_VERSION, V2_VERSION_READY, V2_VERSION_INFER)

ROUTES = (PREDICT, MODEL, HEALTH, *V2)

# Of a deployment with several recipes.
MODELS, MODEL_OF = Route("GET", "/models"), Route("GET", "/models/{recipe}", query=MODEL.query)
PREDICT_OF = Route("POST", "/models/{recipe}/predictions", query=ASKED)
SEVERAL = (MODELS, MODEL_OF, PREDICT_OF)
