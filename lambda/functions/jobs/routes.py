"""The routes of the jobs function."""

from functions.shared.http.routes import Route

CREATE = Route("POST", "/jobs")
LIST = Route("GET", "/jobs", query=("limit", "cursor"))
GET = Route("GET", "/jobs/{id}")

ROUTES = (CREATE, LIST, GET)
