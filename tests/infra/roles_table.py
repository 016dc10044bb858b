"""The table of docs/roles.md: what each role may do, on what, under which condition and why, as the templates have it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.grants import as_list
from tests.infra.role_reasons import REASONS, ROLES

HEADER = "| role | action | resource | condition | why |\n|---|---|---|---|---|\n"
ARN = re.compile(r"arn:[^:]*:([a-z0-9-]+):[^:]*:[^:]*:")
HASH = re.compile(r"([0-9A-F]{8}(Arn)?)?[0-9A-F]{8}$")


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of a role, as text."""

    role: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: tuple[str, ...]

    def find_reason(self) -> tuple[str, ...] | None:
        """Return the key of the statement's reason: the most particular one there is."""
        keys = [key for key in REASONS if key[-1] in self.actions or (len(key) == 3 and key[1] in self.actions)]
        fitting = [
            key
            for key in keys
            if (len(key) == 1 or key[0] == self.role)
            and (len(key) < 3 or any(key[2] in each for each in (*self.resources, *self.condition)))
        ]
        return max(fitting, key=len, default=None)


def build_table(stages: dict[str, Any]) -> str:
    """Return the table of the roles of some stages; a statement that only some of them have says which.

    Args:    stages: by what is said of a statement that the others lack.
    """
    rows = {name: list_rows(stage) for name, stage in stages.items()}
    every = list(dict.fromkeys(row for found in rows.values() for row in found))
    lines = []
    for row in sorted(every, key=lambda each: list(ROLES).index(each.role)):
        where = [name for name, found in rows.items() if row in found]
        only = (
            ""
            if len(where) == len(rows) or row.role not in {each.role for each in rows[next(iter(rows))]}
            else f" (only {', '.join(where)})"
        )
        reason = REASONS[row.find_reason() or ()] + only
        lines.append(f"| {row.role} | {_code(row.actions)} | {_code(row.resources)} | {_code(row.condition)} | {reason} |\n")
    return HEADER + "".join(lines)


def list_rows(stage: Any) -> list[Row]:
    """Return a row for each statement of each role of a stage."""
    return list(_yield_rows(stage))


def _yield_rows(stage: Any) -> Iterator[Row]:
    name = stage.settings.stage
    general = {
        rf"(?<=endpoint/){re.escape(stage.settings.endpoint_name)}$": "ENDPOINT",
        rf"inferstack{name}": "inferstackSTAGE",
        rf"(?<![a-z]){name}(?![a-z])": "STAGE",
        r"\b[0-9a-f]{64}\b": "ASSET",
        r"cdk-hnb659fds-assets--": "{assets}",
    }

    def write(value: Any) -> str:
        text = ARN.sub(r"\1:", _render(value))
        for pattern, general_name in general.items():
            text = re.sub(pattern, general_name, text)
        return text

    def write_all(values: Any) -> list[str]:
        return sorted(set(map(write, as_list(values))))

    for logical_id in (each.split("/")[1] for each in stage.resources("AWS::IAM::Role")):
        role = next((title for title, prefix in ROLES.items() if logical_id.startswith(prefix)), logical_id)
        for statement in stage.statements(logical_id):
            condition = [
                f"{operator} {key} {' or '.join(write_all(expected))}"
                for operator, keys in statement.get("Condition", {}).items()
                for key, expected in keys.items()
            ]
            yield Row(role, tuple(as_list(statement["Action"])), tuple(write_all(statement["Resource"])), tuple(condition))


def _render(value: Any) -> str:
    """Return a value of a template as text, with the name of what it refers to in braces."""
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    match function:
        case "Fn::Join":
            text = str(argument[0]).join(_render(each) for each in argument[1])
        case "Fn::Sub":
            text = re.sub(r"\$\{AWS::\w+\}", "", str(argument))
        case "Fn::FindInMap":
            text = "AWS"
        case _:
            name = argument["OutputName"] if function == "Fn::GetStackOutput" else argument[0] if function == "Fn::GetAtt" else argument
            name = HASH.sub("", re.sub(r"^PublishOutput(Ref|FnGetAtt)", "", name))
            text = "" if name.startswith("AWS::") else f"{{{name}}}"
    return text


def _code(values: tuple[str, ...]) -> str:
    return "<br>".join(f"`{each}`" for each in values) or "none"
