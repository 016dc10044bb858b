"""Names that the templates give: what AWS makes of them, in a second region and when a resource is replaced."""

import json
from functools import reduce
from typing import Any

# Resources whose name is one for the whole account, with the property of the name, if the template gives one.
GLOBAL = {
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig", "Name"),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig", "Name"),
    "AWS::CloudFront::CachePolicy": ("CachePolicyConfig", "Name"),
    "AWS::CloudFront::OriginRequestPolicy": ("OriginRequestPolicyConfig", "Name"),
    "AWS::CloudFront::Function": ("Name",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::IAM::User": ("UserName",),
    "AWS::S3::Bucket": ("BucketName",),
}


def test_a_second_region_can_have_the_same_stage(stage: Any) -> None:
    named = [reduce(lambda value, key: value.get(key, {}), path, each) for kind, path in GLOBAL.items() for each in stage.properties(kind)]
    names = [name for name in named if name]
    assert len(names) >= 3  # those that must be named
    assert [name for name in names if '"AWS::Region"' not in json.dumps(name)] == []
