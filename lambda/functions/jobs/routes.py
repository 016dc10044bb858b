"""The routes of the jobs function."""

from functions.shared.http.routes import Route

CREATE = Route("POST", "/jobs")
LIST = Route("GET", "/jobs")
GET = Route("GET", "/jobs/{id}")

ROUTES = (CREATE, LIST, GET)
