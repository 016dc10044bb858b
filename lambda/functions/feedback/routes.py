"""The routes of the feedback function."""

from functions.shared.http.routes import Route

GIVE_FEEDBACK = Route("POST", "/predictions/{id}/feedback")

ROUTES = (GIVE_FEEDBACK,)
