"""Lifecycle rules from a template's shape to the S3 API's."""

from emulator.cloudformation.lifecycle import to_api_rule


def test_keeps_every_part_of_a_lifecycle_rule() -> None:
    assert to_api_rule(
        {
            "Id": "raw",
            "Status": "Enabled",
            "Prefix": "raw/",
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": "90"}],
            "ExpirationInDays": 400,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ) == {
        "ID": "raw",
        "Status": "Enabled",
        "Filter": {"Prefix": "raw/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 400},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
