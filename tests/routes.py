"""The routes that the functions declare."""

from importlib import import_module
from pathlib import Path

from functions.shared.http.routes import Route

FUNCTIONS = Path(__file__).resolve().parents[1] / "lambda/functions"


def list_routes(*, several: bool = False) -> dict[Route, str]:
    """Return each route with the name of its function; on request also those that only a deployment of several recipes has."""
    functions = {file.parent.name: import_module(f"functions.{file.parent.name}.routes") for file in sorted(FUNCTIONS.glob("*/routes.py"))}
    names = ("ROUTES", "SEVERAL") if several else ("ROUTES",)
    return {route: function for function, module in functions.items() for name in names for route in getattr(module, name, ())}
