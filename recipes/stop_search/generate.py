"""Stops that a rule makes up, in the columns of data.police.uk's files: `python -m recipes.stop_search.generate FILE`.

The real files cannot be part of this repository. The shares below are of the kind that published statistics of England and Wales show,
rounded; no row is of a real person. The rule of an arrest is ODDS: what a stop's object, law, type and the person's age add to the
log-odds. Ethnicity and gender add nothing. They are not independent of an arrest either: how often who is searched for what differs by
group, in OBJECTS, as it does in the records, and so the rates of arrest differ.
"""

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from recipes.stop_search.recipe import ARREST, ETHNICITIES

SEED, ROWS = 20261129, 4000
COLUMNS = (
    "Type",
    "Date",
    "Part of a policing operation",
    "Policing operation",
    "Latitude",
    "Longitude",
    "Gender",
    "Age range",
    "Self-defined ethnicity",
    "Officer-defined ethnicity",
    "Legislation",
    "Object of search",
    "Outcome",
    "Outcome linked to object of search",
    "Removal of more than just outer clothing",
)
TYPES = {"Person search": 0.75, "Person and Vehicle search": 0.22, "Vehicle search": 0.03}
GENDERS = {"Male": 0.9, "Female": 0.09, "": 0.01}
AGES = {"under 10": 0.002, "10-17": 0.2, "18-24": 0.32, "25-34": 0.25, "over 34": 0.2, "": 0.028}
OFFICER_ETHNICITIES = {"White": 0.56, "Black": 0.24, "Asian": 0.14, "Mixed": 0.01, "Other": 0.03, "": 0.02}
OWN_ETHNICITIES = {"White": (0, 1, 2), "Black": (9, 10, 11), "Asian": (5, 6, 7, 8), "Mixed": (3, 4), "Other": (12, 8), "": (13, 14)}
NOT_STATED, NOT_STATED_SHARE = 13, 0.15
DRUGS, PACE, SECTION_60, FIREARMS_ACT = (
    "Misuse of Drugs Act 1971 (section 23)",
    "Police and Criminal Evidence Act 1984 (section 1)",
    "Criminal Justice and Public Order Act 1994 (section 60)",
    "Firearms Act 1968 (section 47)",
)
# What is searched for, by which law, and how often: of everyone, and of those whom an officer calls Black or Asian.
OBJECTS = {
    ("Controlled drugs", DRUGS): (0.58, 0.68),
    ("Offensive weapons", PACE): (0.15, 0.14),
    ("Stolen goods", PACE): (0.11, 0.06),
    ("Article for use in theft", PACE): (0.08, 0.04),
    ("Evidence of offences under the Act", PACE): (0.03, 0.02),
    ("Anything to threaten or harm anyone", SECTION_60): (0.02, 0.04),
    ("Firearms", FIREARMS_ACT): (0.01, 0.01),
    ("Articles for use in criminal damage", PACE): (0.02, 0.01),
}
BASE = -2.7  # the log-odds of an arrest of a person of 18 to 24, searched on foot for drugs
ODDS = {
    "Object of search": {
        "Offensive weapons": 0.8,
        "Stolen goods": 1.6,
        "Article for use in theft": 1.9,
        "Evidence of offences under the Act": 2.2,
        "Anything to threaten or harm anyone": -1.2,
        "Firearms": 0.6,
        "Articles for use in criminal damage": 0.4,
    },
    "Age range": {"10-17": -0.9, "25-34": 0.6, "over 34": 1.1, "": 0.5},
    "Type": {"Person and Vehicle search": -0.3, "Vehicle search": -1.2},
    "Part of a policing operation": {"True": 0.7},
}
OTHER_OUTCOMES = {
    "A no further action disposal": 0.82,
    "Community resolution": 0.08,
    "Summons / charged by post": 0.04,
    "Penalty Notice for Disorder": 0.03,
    "Khat or Cannabis warning": 0.03,
}
UNPLACED = 0.04  # of the stops have no place
CITIES = (((51.51, -0.12), 0.5), ((53.48, -2.24), 0.2), ((52.48, -1.89), 0.2), ((53.80, -1.55), 0.1))  # latitude and longitude, and share
SPREAD_DEGREES = 0.06


def generate(rows: int = ROWS, seed: int = SEED) -> list[dict[str, str]]:
    """Return made-up stops, each by its columns."""
    random = np.random.default_rng(seed)
    return [_make_stop(random) for _ in range(rows)]


def compute_log_odds(stop: dict[str, str]) -> float:
    """Return the log-odds that a stop ends in an arrest: the rule."""
    return BASE + sum(added.get(stop[column], 0.0) for column, added in ODDS.items())


def _make_stop(random: np.random.Generator) -> dict[str, str]:
    ethnicity = _choose(random, OFFICER_ETHNICITIES)
    own = NOT_STATED if random.random() < NOT_STATED_SHARE else int(random.choice(OWN_ETHNICITIES[ethnicity]))
    which = ethnicity in {"Black", "Asian"}
    object_, law = _choose(random, {each: shares[which] for each, shares in OBJECTS.items()})
    city = _choose(random, dict(CITIES))
    latitude, longitude = (f"{at:.6f}" for at in random.normal(city, SPREAD_DEGREES))
    is_placed, is_operation = random.random() >= UNPLACED, random.random() < 0.12
    date = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=int(random.integers(0, 60 * 24 * 270)))
    stop = {
        "Type": _choose(random, TYPES),
        "Date": date.isoformat(),
        "Part of a policing operation": str(is_operation),
        "Policing operation": "",
        "Latitude": latitude if is_placed else "",
        "Longitude": longitude if is_placed else "",
        "Gender": _choose(random, GENDERS),
        "Age range": _choose(random, AGES),
        "Self-defined ethnicity": ETHNICITIES[own],
        "Officer-defined ethnicity": ethnicity,
        "Legislation": law,
        "Object of search": object_,
    }
    is_arrest = random.random() < 1 / (1 + np.exp(-compute_log_odds(stop)))
    outcome = ARREST if is_arrest else _choose(random, OTHER_OUTCOMES)
    is_linked = random.random() < (0.7 if is_arrest else 0.2)
    return {
        **stop,
        "Outcome": outcome,
        "Outcome linked to object of search": str(is_linked),
        "Removal of more than just outer clothing": str(bool(random.random() < (0.2 if is_arrest else 0.03))),
    }


def _choose(random: np.random.Generator, shares: dict[Any, float]) -> Any:
    weights = np.array(list(shares.values()))
    return list(shares)[int(random.choice(len(weights), p=weights / weights.sum()))]


def write_csv(path: Path, stops: list[dict[str, str]]) -> None:
    """Write stops as data.police.uk writes them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(stops)


if __name__ == "__main__":
    write_csv(Path(sys.argv[1]), generate())
