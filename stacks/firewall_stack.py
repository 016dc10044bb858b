"""The page's firewall, in the one region that CloudFront takes web ACLs from."""

from typing import Any

from aws_cdk import CfnOutput, Fn, Stack
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from deployment.stages import FIREWALL_REGION
from stacks.constructs.acknowledge import acknowledge

REQUESTS_IN_5_MIN = 2000  # of one address; the page has about ten files
# AWS's rules: addresses known for attacks, patterns of attacks, inputs that exploit known defects.
MANAGED = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")
OUTPUT = "WebAclArn"


class FirewallStack(Stack):
    """A web ACL of WAF's: a rate for each address, and AWS's own rules.

    arn  for a stack of any region
    """

    arn: str

    def __init__(self, scope: Construct, name: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        rate = waf.CfnWebACL.RuleProperty(
            name="rate",
            priority=0,
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(limit=REQUESTS_IN_5_MIN, aggregate_key_type="IP")
            ),
            visibility_config=_measure("rate"),
        )
        acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=[rate, *(_managed_rule(rule, priority) for priority, rule in enumerate(MANAGED, start=1))],
            visibility_config=_measure("page"),
        )
        acknowledge(acl, {("NIST.800.53.R5-WAFv2LoggingEnabled",): "its metrics count each rule, and WAF keeps samples of what it blocked"})
        CfnOutput(self, OUTPUT, value=acl.attr_arn)
        self.arn = Fn.get_stack_output(self.stack_name, OUTPUT, FIREWALL_REGION)


def _managed_rule(name: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
        ),
        visibility_config=_measure(name),
    )


def _measure(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(cloud_watch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=name)
