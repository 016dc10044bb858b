"""The routes that the functions declare."""

from importlib import import_module
from pathlib import Path

from functions.shared.http.routes import Route

FUNCTIONS = Path(__file__).resolve().parents[1] / "lambda/functions"


def list_routes() -> dict[Route, str]:
    """Return each route with the name of its function."""
    functions = sorted(file.parent.name for file in FUNCTIONS.glob("*/routes.py"))
    return {route: function for function in functions for route in import_module(f"functions.{function}.routes").ROUTES}
