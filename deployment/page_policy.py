"""What the page may do: its Content-Security-Policy, which the distribution sends, and the page's tests too."""

from collections.abc import Sequence


def build_page_policy(talks_to: Sequence[str]) -> str:
    """Return the policy: the page's own files, pictures it draws itself, and what it talks to beside its own origin.

    Trusted types are required and none can be made, so no text of a stranger becomes HTML or a script: whatever the page's code would do
    with it, the browser throws.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'", *talks_to],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
