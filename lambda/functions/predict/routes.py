"""The routes of the predict function."""

from functions.shared.http.routes import Route

PREDICT = Route("POST", "/predictions")
MODEL = Route("GET", "/model")
HEALTH = Route("GET", "/health", is_open=True)  # a load balancer or a monitor has no token

ROUTES = (PREDICT, MODEL, HEALTH)
