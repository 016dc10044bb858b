"""What Lambda puts into a function's environment and ministack leaves out.

Source:  "Defined runtime environment variables" in AWS's Lambda developer guide.
"""

from typing import Any

from ministack.core import lambda_runtime


def set_runtime_variables() -> None:
    """Give each function's process the variables with its credentials, which ministack reads when it starts the process."""
    issue_credentials = lambda_runtime.execution_credentials

    def issue_variables(config: dict[str, Any]) -> dict[str, str]:
        return {**issue_credentials(config), **_describe(config)}

    lambda_runtime.execution_credentials = issue_variables


def _describe(config: dict[str, Any]) -> dict[str, str]:
    return {
        "_HANDLER": str(config.get("Handler", "")),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
        "TZ": ":UTC",
    }
