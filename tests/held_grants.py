"""What holds the grants that no call on the stack that the local tests share needs: a test, or a page that says what AWS or people call."""

from tests.grants import Grant

CANARY = "tests/local/test_canary.py::test_needs_what_only_such_a_stage_is_allowed"
PULL = "tests/infra/test_grants.py::test_pulls_the_servers_image_with_all_that_its_role_may_do_in_ecr"
REGISTER = "tests/infra/test_grants.py::test_registers_a_model_with_all_that_the_pipelines_role_may_do_in_ecr"
KEY = "tests/infra/test_security_settings.py::test_lets_roles_use_the_key_for_what_they_do_only"
INTERFACES = "tests/infra/test_security_settings.py::test_lets_lambda_create_network_interfaces_and_the_functions_code_not"
DOCS = "https://docs.aws.amazon.com/"
KEYS = DOCS + "service-authorization/latest/reference/list_sagemaker.html"  # as on a CPU, which the canary has
MISSING_OBJECT = DOCS + "AmazonS3/latest/API/API_GetObject.html"  # without it a missing object is a forbidden one
REGISTRATION = (
    DOCS + "sagemaker/latest/dg/build-and-manage-access.html"
)  # a step creates a group that does not exist, with the tags of its run
DELIVERY = "tests/unit/training/test_delivery.py::test_one_execution_trains_a_delivery_though_its_event_came_twice"
TAGS = "tests/unit/emulator/sagemaker/test_permissions.py::test_asks_for_tags_where_a_request_sets_them_and_knows_those_that_are_there"
NOTEBOOK_LOGS = DOCS + "sagemaker/latest/dg/logging-cloudwatch.html"
TRACES = DOCS + "lambda/latest/dg/services-xray.html"  # Lambda sends a function's traces with its role
FUNCTIONS = ("PredictRole", "JobsRole", "FeedbackRole", "StatusRole", "UploadsProcessRole", "RegistryRolloutRole")
JOBS = ("TrainingPrepareRole", "TrainingTrainRole", "TrainingEvaluateRole")
MACHINES = ("EndpointRole", "NotebookRole", *JOBS)  # roles of SageMaker's machines
WRITERS = ("JobsRole", "FeedbackRole", "UploadsProcessRole", *MACHINES)  # of encrypted objects
READERS = ("StatusRole", "TrainingExecutionsRole")
MACHINES_NETWORK = DOCS + "sagemaker/latest/dg/sagemaker-roles.html"  # as each API's own list has it
OF_LAMBDA = (
    *("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
)
OF_SAGEMAKER = (
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
    *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups"),
    *("ec2:DescribeSubnets", "ec2:DescribeVpcs"),
)
NOTEBOOK = "docs/training.md#in-a-notebook"  # people make these calls: the emulator has no notebook instances

# (a role's logical id, actions, the end of the resource and the condition) → where it is held.
HELD: dict[tuple[str, tuple[str, ...], str], str] = {
    ("EndpointRole", ("cloudwatch:DescribeAlarms",), "Errors>"): CANARY,
    ("EndpointRole", ("cloudwatch:DescribeAlarms",), "Latency>"): CANARY,
    ("EndpointRole", ("s3:PutObject",), "<DumpBucketDump>/capture/<name>/*"): CANARY,
    ("RegistryCloudFormationRole", ("cloudwatch:DescribeAlarms",), ":alarm:Inferstack-<stage>-Inference-*"): CANARY,
    ("TrainingStartRole", ("sagemaker:StartPipelineExecution",), ":pipeline/<name>"): CANARY,
    ("TrainingPrepareRole", ("s3:GetObject",), "/datasets/digits/deliveries/*"): DELIVERY,
    ("RegistryCloudFormationRole", ("sagemaker:CreateModel",), "sagemaker:NetworkIsolation true"): CANARY,
    ("RegistryCloudFormationRole", ("sagemaker:CreateEndpointConfig",), "sagemaker:InstanceTypes ml.c7i.large"): CANARY,
    ("RegistryCloudFormationRole", ("sagemaker:CreateEndpointConfig",), "sagemaker:InstanceTypes ml.g4dn.xlarge"): KEYS,
    (
        "EndpointRole",
        ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        ":repository/<ImageRepositoryName>",
    ): PULL,
    ("EndpointRole", ("ecr:GetAuthorizationToken",), "*"): PULL,
    ("TrainingExecutionsRole", ("ecr:BatchGetImage", "ecr:DescribeImages"), "<ServingRepository>"): REGISTER,
    ("UploadsProcessRole", ("s3:ListBucket", "s3:ListBucketVersions"), "<UploadsBucket> s3:prefix uploads/*"): MISSING_OBJECT,
    ("UploadsProcessRole", ("s3:ListBucket", "s3:ListBucketVersions"), "<UploadsBucket> s3:prefix inbox/*"): MISSING_OBJECT,
    ("TrainingExecutionsRole", ("sagemaker:AddTags",), ":model-package-group/<name> sagemaker:TaggingAction false"): REGISTRATION,
    ("UploadsProcessRole", ("sagemaker:AddTags",), ":transform-job/inferstack-<stage>-* sagemaker:TaggingAction false"): TAGS,
    **{(role, ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), "*"): TRACES for role in FUNCTIONS},
    # The emulator encrypts nothing, and has no network: what a key and a VPC need stands in the templates' tests.
    **{(role, ("kms:Decrypt",), "<Key> kms:ViaService lambda.*.amazonaws.com"): KEY for role in FUNCTIONS},
    **{(role, ("kms:Decrypt",), "<Key> kms:ViaService s3.*.amazonaws.com"): KEY for role in (*READERS, *WRITERS)},
    **{(role, ("kms:GenerateDataKey",), "<Key> kms:ViaService s3.*.amazonaws.com"): KEY for role in WRITERS},
    **{(role, ("kms:Decrypt",), "<Key> kms:ViaService sqs.*.amazonaws.com"): KEY for role in ("UploadsProcessRole", "RegistryRolloutRole")},
    ("UploadsProcessRole", ("kms:GenerateDataKey",), "<Key> kms:ViaService sqs.*.amazonaws.com"): KEY,
    **{(role, ("kms:CreateGrant",), "<Key> kms:GrantIsForAWSResource true"): KEY for role in (*MACHINES, "RegistryCloudFormationRole")},
    **{(role, ("kms:DescribeKey",), "<Key>"): KEY for role in (*MACHINES, "RegistryCloudFormationRole")},
    **{(role, OF_LAMBDA, "*"): INTERFACES for role in FUNCTIONS},
    **{(role, OF_SAGEMAKER, "*"): MACHINES_NETWORK for role in MACHINES},
    ("NotebookRole", ("s3:ListBucket",), "<DumpBucketDump>"): NOTEBOOK,
    ("NotebookRole", ("s3:GetObject",), "<DumpBucketDump>/*"): NOTEBOOK,
    ("NotebookRole", ("s3:PutObject",), "<DumpBucketDump>/raw/*"): NOTEBOOK,
    ("NotebookRole", ("s3:PutObject",), "<DumpBucketDump>/notebooks/*"): NOTEBOOK,
    ("NotebookRole", ("logs:CreateLogGroup", "logs:DescribeLogStreams"), ":log-group:/aws/sagemaker/NotebookInstances*"): NOTEBOOK_LOGS,
    ("NotebookRole", ("logs:CreateLogStream", "logs:PutLogEvents"), ":log-stream:<name>/*"): NOTEBOOK_LOGS,
}


def find_holder(grant: Grant) -> str | None:
    """Return what holds a grant; None for one that a call on the shared stack needs."""
    found = [where for (role, actions, end), where in HELD.items() if matches(grant, role, actions, end)]
    return found[0] if found else None


def matches(grant: Grant, role: str, actions: tuple[str, ...], end: str) -> bool:
    """Return whether a row is about a grant."""
    return grant.role == role and grant.action in actions and f"{grant.resource} {grant.condition}".rstrip().endswith(end)
