"""The settings' VPC: whether its subnets and security groups are there, and whether what is called from them can be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.finding import Finding
from cli.stage.aws import translate_aws_errors

NAME = "network"
WAYS_OUT = ("NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "NetworkInterfaceId", "InstanceId")  # of a private subnet


@dataclass(frozen=True, slots=True)
class Network:
    """What the account has of the settings' VPC.

    Args:    subnets: each subnet that is there, with its VPC and its zone.
             groups: each security group that is there, with its VPC.
             with_way_out: subnets whose route table leads to the internet, not by a gateway that needs public addresses.
             has_s3_endpoint: whether S3 is reached without that way.
    """

    subnets: Mapping[str, tuple[str, str]]
    groups: Mapping[str, str]
    with_way_out: frozenset[str]
    has_s3_endpoint: bool


def read_network(ec2: Any, subnets: Sequence[str], groups: Sequence[str]) -> Network:
    """Return what the account has of them.

    Raises:  AwsFailed
    """
    with translate_aws_errors():
        found = ec2.describe_subnets(Filters=_filter_by("subnet-id", subnets))["Subnets"]
        found_groups = ec2.describe_security_groups(Filters=_filter_by("group-id", groups))["SecurityGroups"]
        vpcs = sorted({each["VpcId"] for each in found})
        tables = ec2.describe_route_tables(Filters=_filter_by("vpc-id", vpcs))["RouteTables"] if vpcs else []
        endpoints = ec2.describe_vpc_endpoints(Filters=_filter_by("vpc-id", vpcs))["VpcEndpoints"] if vpcs else []
    return Network(
        {each["SubnetId"]: (each["VpcId"], each["AvailabilityZone"]) for each in found},
        {each["GroupId"]: each["VpcId"] for each in found_groups},
        frozenset(each["SubnetId"] for each in found if _has_way_out(_find_table(tables, each))),
        any(each["ServiceName"].endswith(".s3") for each in endpoints),
    )


def judge_network(network: Network, subnets: Sequence[str], groups: Sequence[str]) -> Finding:
    """Return whether functions and jobs can run in these subnets and reach what they call."""
    if missing := [each for each in (*subnets, *groups) if each not in network.subnets and each not in network.groups]:
        return Finding(NAME, False, f"the region has no {', '.join(missing)}", "correct -c vpc=…")
    vpcs = sorted({vpc for vpc, _ in network.subnets.values()} | set(network.groups.values()))
    if len(vpcs) > 1:
        return Finding(NAME, False, f"they are of {len(vpcs)} VPCs: {', '.join(vpcs)}", "name subnets and security groups of one")
    if cut_off := [each for each in subnets if each not in network.with_way_out]:
        found = f"{', '.join(cut_off)} has no way to the internet by NAT, and the Event API is reached in no other way"
        return Finding(NAME, False, found, f"add a route for 0.0.0.0/0 to a NAT gateway to the route table of {cut_off[0]}")
    if not network.has_s3_endpoint:
        found = f"{vpcs[0]} has no endpoint for S3, so each file goes through the NAT gateway, which bills for it"
        return Finding(
            NAME, False, found, f"aws ec2 create-vpc-endpoint --vpc-id {vpcs[0]} --service-name com.amazonaws.REGION.s3 --route-table-ids …"
        )
    zones = {zone for _, zone in network.subnets.values()}
    return Finding(NAME, True, f"{len(subnets)} subnets of {vpcs[0]} in {len(zones)} zones, with a way to the internet")


def _filter_by(name: str, values: Sequence[str]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)}]


def _find_table(tables: Sequence[Mapping[str, Any]], subnet: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the subnet's route table: its own, or its VPC's main one."""
    of_vpc = [each for each in tables if each["VpcId"] == subnet["VpcId"]]
    own = [each for each in of_vpc if any(link.get("SubnetId") == subnet["SubnetId"] for link in each["Associations"])]
    main = [each for each in of_vpc if any(link.get("Main") for link in each["Associations"])]
    return next(iter((*own, *main)), {"Routes": []})


def _has_way_out(table: Mapping[str, Any]) -> bool:
    return any(route.get("DestinationCidrBlock") == "0.0.0.0/0" and any(route.get(way) for way in WAYS_OUT) for route in table["Routes"])
