"""Rates as people write them: what is read is as meant, or refused."""

import pytest

from recipes.errors import InvalidSettings
from scale.load import MONTH_S, Load, parse_rate


@pytest.mark.parametrize(
    ("text", "per_s"),
    [
        ("100/s", 100),
        ("1,000 / s", 1000),
        ("20k/h", 20_000 / 3600),
        ("1e9/day", 1e9 / 86_400),
        ("5M/month", 5e6 / MONTH_S),
        ("0.5/min", 1 / 120),
        ("0/s", 0),
        ("1e-3/s", 0.001),
        ("1e+6/h", 1e6 / 3600),
        ("1,234,567.5/h", 1_234_567.5 / 3600),
    ],
)
def test_reads_a_number_and_its_time(text: str, per_s: float) -> None:
    assert parse_rate(text, "--requests") == pytest.approx(per_s)


@pytest.mark.parametrize(
    "text",
    [
        "1,5/s",
        "1,,0/s",
        "12,3456/s",
        "1234,567/s",
        "100",
        "100/",
        "/s",
        "-1/s",
        "100/year",
        "1e999/s",
        "nan/s",
        "1.2.3/s",
        "100/s/s",
        "2e6/s",
        "5m/s",
        "",
    ],
)
def test_refuses_what_it_cannot_be_sure_of(text: str) -> None:
    with pytest.raises(InvalidSettings, match="--requests is"):
        parse_rate(text, "--requests")


def test_says_how_much_too_much_it_is() -> None:
    with pytest.raises(InvalidSettings, match=r"--images is '1e99/s', which is 1e\+99 a second; at most 1,000,000 can be estimated"):
        parse_rate("1e99/s", "--images")


def test_the_busiest_minute_has_all_of_a_days_requests_in_its_hours() -> None:
    assert Load(10, peak=3, active_hours=8).busiest_s == pytest.approx(90)
    assert Load(images_s=10, images_per_file=100).files == pytest.approx(0.1 * MONTH_S)
