"""The routes of the status function."""

from functions.shared.http.routes import Route

STATUS = Route("GET", "/status", query=("recipe",))

ROUTES = (STATUS,)
