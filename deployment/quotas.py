"""Names of the quotas that a stage meets, exactly as Service Quotas has them, and the codes by which one request finds them."""

SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"
FUNCTIONS = "Concurrent executions"
BUILDS = "Concurrently running builds for Linux/Small environment"
API_RATE = "Throttle rate"

# Of what most stages need. Any other is found by its name, in a list of thousands.
CODES = {
    SERVERLESS: "L-96300102",
    FUNCTIONS: "L-B99A9384",
    API_RATE: "L-8A5B8E43",
    "ml.m5.large for transform job usage": "L-236AE59F",
    "ml.g4dn.xlarge for transform job usage": "L-4C5C5CA8",
    "ml.m5.xlarge for processing job usage": "L-0307F515",
    "ml.m5.xlarge for spot training job usage": "L-4CEE6BA6",
}


def name_instances(instance_type: str, use: str) -> str:
    """Return the name of the quota of machines of a type for a use, like "endpoint" or "transform job"."""
    return f"{instance_type} for {use} usage"
