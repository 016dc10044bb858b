from dataclasses import fields
from functools import cache

import pytest

from deployment.rules import PYTHONS
from deployment.settings import Settings, Variant
from deployment.stages import STAGES, read_context, settings_for
from recipes.errors import InvalidSettings


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_valid_as_it_is(stage: str) -> None:
    settings = settings_for(stage)
    assert settings.stage == stage
    assert settings.endpoint_name == f"inferstack-{stage}-digits"
    assert settings.is_serverless
    assert settings.endpoint_memory_mb in range(1024, 6145, 1024)


def test_reads_an_override_by_the_type_of_its_field() -> None:
    settings = settings_for(
        "dev", function_memory_mb="512", retain_data="true", cors_origins="https://a.example, https://b.example", endpoint_kind="cpu"
    )
    assert settings.function_memory_mb == 512
    assert settings.retain_data is True
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.endpoint_instance_type == "ml.c7i.large"


def test_reads_variants_with_weights_and_archives() -> None:
    settings = settings_for("dev", endpoint_kind="cpu", variants="champion:0.9,challenger:0.1:models/digits/new.tar.gz")
    assert settings.variants == (Variant("champion", 0.9), Variant("challenger", 0.1, "models/digits/new.tar.gz"))


def test_names_the_known_settings_when_one_is_unknown() -> None:
    with pytest.raises(InvalidSettings, match=r"no setting memory_mb; there are .*function_memory_mb") as refused:
        settings_for("dev", memory_mb="512")
    assert refused.value.advice.startswith("the nearest: ")
    assert "function_memory_mb" in refused.value.advice


@pytest.mark.parametrize("name", ["endpoint-kind", "endpoint.kind", "endpoint kind", ""])
def test_leaves_out_no_name_that_is_not_cdks_own(name: str) -> None:
    """Such a setting was left out without a word, so the stage had another endpoint than was asked for."""
    cdks = {
        "@aws-cdk/aws-iam:minimizePolicies": True,
        "aws:cdk:enable-path-metadata": True,
        "availability-zones:account=1:region=eu": ["a"],
        "acknowledged-issue-numbers": [34892],  # `cdk acknowledge` writes it
        "cli-telemetry": False,
    }
    assert read_context("dev", cdks) == settings_for("dev")
    with pytest.raises(InvalidSettings, match=f"no setting {name};"):
        read_context("dev", {**cdks, name: "gpu"})


def test_refuses_a_context_of_another_stage() -> None:
    """`cdk deploy` takes -c stage=…, and people write it after the commands too."""
    assert read_context("dev", {"stage": "dev", "id_key": "2"}) == settings_for("dev", id_key=2)
    with pytest.raises(InvalidSettings, match="-c stage=prod was given, and the stage is local"):
        read_context("local", {"stage": "prod"})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("function_memory_mb", "lots", "a whole number"),
        ("function_memory_mb", 12.5, "a whole number"),
        ("function_memory_mb", True, "a whole number"),
        ("retain_data", "perhaps", "true or false"),
        ("variants", "a:heavy", "a list like"),
        ("auth", 3, "one of none, jwt, iam"),
        ("model_dir", 3, "text"),
    ],
)
def test_refuses_a_value_of_the_wrong_type(name: str, value: object, wanted: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is .*, not {wanted}"):
        settings_for("dev", **{name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint_kind": "serverless"},
        {"endpoint_kind": "gpu"},
        {"instance_type": "ml.c7i.xlarge"},
        {"variants": "champion,new"},
        {"variants": "new"},
    ],
)
def test_names_another_endpoint_when_sagemaker_could_not_update_this_one(change: dict[str, str]) -> None:
    before = {"endpoint_kind": "cpu", "variants": "champion"}
    after = {**before, **change}
    names = {settings_for("dev", **settings).endpoint_name for settings in (before, after, {})}
    assert len(names) == 3
    assert "inferstack-dev-digits" in names


@pytest.mark.parametrize(
    "change",
    [
        {"variants": "champion:0.5"},
        {"instances_min": "2", "instances_max": "4"},
        {"model_dir": "recipes/digits/pretrained"},
        {"capture_percent": "5"},
        {"shadow": "new:0.5"},
    ],
)
def test_keeps_the_endpoint_when_an_update_is_enough(change: dict[str, str]) -> None:
    before = {"endpoint_kind": "cpu", "variants": "champion"}
    assert settings_for("dev", **before).endpoint_name == settings_for("dev", **{**before, **change}).endpoint_name


def test_names_no_endpoint_longer_than_sagemaker_takes() -> None:
    longest = settings_for("local", recipe="r" * 28, variants="new").endpoint_name
    assert len(longest) <= 63
    assert longest.startswith(f"inferstack-local-{'r' * 28}-serverless-")


def test_dev_and_prod_fit_a_new_account() -> None:
    """A new account's serverless endpoints answer ten requests at once, all together."""
    assert sum(settings_for(stage).serverless_concurrency for stage in ("dev", "prod")) <= 10


@pytest.mark.parametrize(
    ("overrides", "fix"),
    [
        ({"recipe": "Digits!"}, "name a folder of recipes/"),
        ({"recipe": "digits_"}, "name a folder of recipes/"),
        ({"recipe": "r" * 29}, "name a folder of recipes/"),
        ({"account": "12", "region": "eu-west-1"}, "12 digits"),
        ({"account": "123456789012", "region": "Ireland"}, "like eu-west-1"),
        ({"account": "123456789012"}, "set both, or neither"),
        ({"tags": "team"}, "write KEY=VALUE"),
        ({"tags": "=ml"}, "write KEY=VALUE"),
        ({"tags": f"team={'x' * 257}"}, "write KEY=VALUE"),
        ({"tags": "team=a;b"}, "write KEY=VALUE"),
        ({"tags": "AWS:team=ml"}, "begins with none of aws:"),
        ({"tags": "inferstack:stage=prod"}, "begins with none of aws:"),
        ({"tags": "team=a,team=b"}, "name each key once"),
        ({"tags": "Team=a,team=b"}, "name each key once"),
        ({"tags": ",".join(f"key{number}={'v' * 250}" for number in range(6))}, "use at most 1,500"),
        ({"tags": ",".join(f"key{number}=a" for number in range(21))}, "name at most 20"),
        ({"endpoint_kind": "tpu"}, "one of serverless, cpu, gpu"),
        ({"serving_image": "server"}, "use codebuild, or an address like 111122223333.dkr.ecr"),
        ({"serving_image": "public.ecr.aws/team/server:1"}, "use codebuild, or an address like 111122223333.dkr.ecr"),
        ({"serving_image": "docker.io/team/server"}, "use codebuild, or an address like 111122223333.dkr.ecr"),
        (
            {"serving_image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/a", "account": "111122223333", "region": "eu-west-1"},
            "copy it there, to an address like 111122223333.dkr.ecr.eu-west-1",
        ),
        ({"capture_percent": 101, "endpoint_kind": "cpu"}, "use 0 to 100"),
        ({"log_level": "LOUD"}, "one of DEBUG"),
        ({"instance_type": "ml.g5.xlarge"}, "set endpoint_kind=gpu"),
        ({"instance_type": "ml.c7i.large"}, "set endpoint_kind=cpu"),
        ({"serverless_memory_mb": 1500}, "use one of 1024, 2048"),
        ({"serverless_concurrency": 201}, "use 1 to 200"),
        ({"serverless_concurrency": 5, "serverless_provisioned": 6}, "use 0 to serverless_concurrency"),
        ({"serverless_provisioned": -1}, "use 0 to serverless_concurrency"),
        ({"endpoint_kind": "cpu", "serverless_provisioned": 1}, "leave it out, or set endpoint_kind=serverless"),
        ({"capture_percent": 10}, "set endpoint_kind=cpu, or capture_percent=0"),
        ({"variants": "a:1,b:1"}, "set endpoint_kind=cpu, or name one variant"),
        ({"endpoint_kind": "gpu", "serverless_memory_mb": 2048}, "leave it out, or set endpoint_kind=serverless"),
        ({"endpoint_kind": "cpu", "instance_type": "m5.large"}, "like ml.c7i.large"),
        ({"endpoint_kind": "cpu", "instance_type": "ml.g5.xlarge"}, "choose the other endpoint_kind"),
        ({"endpoint_kind": "gpu", "instance_type": "ml.c7i.large"}, "choose the other endpoint_kind"),
        ({"endpoint_kind": "cpu", "instances_min": 3, "instances_max": 2}, "1 <= instances_min <= instances_max"),
        ({"image_base": "python:3.13-slim"}, "name its digest"),
        (
            {"image_base": f"python@sha256:{'a' * 64}", "serving_image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/serving:1"},
            "leave image_base or serving_image out",
        ),
        ({"endpoint_kind": "cpu", "instances_min": 0}, "1 <= instances_min <= instances_max"),
        ({"endpoint_kind": "cpu", "invocations_per_instance_per_min": 0}, "answers in a minute"),
        ({"endpoint_kind": "cpu", "concurrent_requests_per_instance": -1}, "or 0 for no such limit"),
        ({"concurrent_requests_per_instance": 5}, "set endpoint_kind=cpu, or leave"),
        ({"variants": ()}, "name 1 to 5"),
        ({"bake_s": -1}, "use 0 to 1500"),
        ({"bake_s": 1501}, "use 0 to 1500"),
        ({"rollout_poll_s": 0}, "use 1 to 900"),
        ({"rollout_poll_s": 901}, "use 1 to 900"),
        ({"endpoint_kind": "cpu", "variants": "a,a"}, "give each its own"),
        ({"variants": "under_score"}, "letters, digits and hyphens"),
        ({"variants": "new-"}, "letters, digits and hyphens"),
        ({"variants": "n" * 64}, "letters, digits and hyphens"),
        ({"variants": "a:0"}, "at least one above 0"),
        ({"endpoint_kind": "cpu", "variants": "a:2,b:-1"}, "weights >= 0"),
        ({"endpoint_kind": "cpu", "shadow": "b,c"}, "name one"),
        ({"shadow": "b"}, "set endpoint_kind=cpu, or leave shadow out"),
        ({"endpoint_kind": "cpu", "variants": "a,b", "shadow": "c"}, "name one in variants"),
        ({"endpoint_kind": "cpu", "variants": "a", "shadow": "a"}, "give it another name"),
        ({"endpoint_kind": "cpu", "shadow": "b:0"}, "above 0 and up to 1"),
        ({"endpoint_kind": "cpu", "shadow": "b:2"}, "above 0 and up to 1"),
        ({"endpoint_kind": "cpu", "shadow": "under_score"}, "letters, digits and hyphens"),
        ({"endpoint_kind": "cpu", "shadow": "b:1:elsewhere/model.tar.gz"}, "put it there"),
        ({"variants": "a:1:elsewhere/model.tar.gz"}, "put it there"),
        ({"function_timeout_s": 30}, "use at most 29"),
        ({"function_timeout_s": 0}, "use at least 1"),
        ({"function_memory_mb": 64}, "use 128 to 10240"),
        ({"reserved_concurrency": 4}, "use at least 5"),
        ({"function_architecture": "sparc"}, "one of x86_64, arm64"),
        ({"function_python": "2.7"}, "3.11, 3.12"),
        ({"function_python": "3.19"}, "3.11, 3.12"),
        ({"auth": "basic"}, "one of none, jwt, iam"),
        ({"auth": "none"}, "set auth=jwt or auth=iam"),
        ({"cors_origins": "*"}, "name the origins"),
        ({"cors_origins": "https://app.example/path"}, "without a path"),
        ({"page_connect_sources": "'unsafe-inline'"}, "write them like https://"),
        ({"sign_in_url": "http://login.example.com"}, "like https://login.example.com"),
        ({"sign_in_url": "https://login.example.com/path"}, "without a path"),
        ({"scheme": "http"}, "leave it out"),
        ({"throttle_rate_per_s": 0}, "use at least 1"),
        ({"log_retention_days": 2}, "use one of 1, 3"),
        ({"training_data_ia_days": 29}, "S3 refuses less"),
        ({"training_data_glacier_days": 45}, "at least training_data_ia_days + 30"),
        ({"capture_days": 0}, "use at least 1"),
        ({"alarm_email": "me"}, "write an address"),
        ({"vpc": "vpc-0a1b2c3d"}, "write ids"),
        ({"vpc": "subnet-0a1b2c3d,sg-8c9d0e1f"}, "in different zones"),
        ({"encryption_key": "alias/mine"}, "a key's ARN"),
        ({"encryption_key": "arn:aws:kms:eu-west-1:111122223333:key/mine"}, "a key's ARN"),
        (
            {
                "account": "111122223333",
                "region": "eu-west-1",
                "encryption_key": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            },
            "a key of eu-west-1",
        ),
        ({"monthly_budget_usd": -1}, "use 1 or more"),
        ({"web_acl": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b"}, "the scope CLOUDFRONT"),
        ({"notebook_instance_type": "t3.medium"}, "like ml.t3.medium"),
        ({"endpoint_kind": "gpu", "transform_instance_type": "ml.g4dn.xlarge"}, "one without a GPU"),
    ],
    ids=lambda value: ",".join(f"{name}={given}" for name, given in value.items()) if isinstance(value, dict) else "",
)
def test_refuses_what_cannot_work_and_names_the_fix(overrides: dict[str, object], fix: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        settings_for("dev", **overrides)
    assert fix in refused.value.advice
    assert fix in str(refused.value)


def test_refuses_an_unknown_stage() -> None:
    with pytest.raises(InvalidSettings, match="not one of local, dev, prod"):
        settings_for("staging")


def test_refuses_codebuild_where_nothing_builds() -> None:
    with pytest.raises(InvalidSettings, match="leave serving_image out"):
        settings_for("local", serving_image="codebuild")


def test_refuses_a_notebook_instance_where_there_is_none() -> None:
    with pytest.raises(InvalidSettings, match="leave notebook out"):
        settings_for("local", notebook="true")


def test_every_field_can_be_overridden_by_its_name() -> None:
    prod = settings_for("prod")
    given = {field.name: getattr(prod, field.name) for field in fields(Settings) if field.name != "stage"}
    assert settings_for("prod", **given) == prod


@cache
def list_machines(shape: str) -> list[str]:
    """Return the machines that SageMaker knows for a purpose, as the model of AWS's own client has them, one of each family."""
    import botocore.session

    names = botocore.session.get_session().get_service_model("sagemaker").shape_for(shape).enum
    return sorted({name.split(".")[1]: name for name in names}.values())


def accepts(**overrides: str) -> bool:
    try:
        settings_for("dev", **overrides)
    except InvalidSettings:
        return False
    return True


def test_takes_each_machine_of_sagemakers_as_what_it_is() -> None:
    """As one with a GPU, as one without, or not at all: the server's image is built for x86, and for no accelerator but NVIDIA's."""
    kinds = {
        name.split(".")[1]: [kind for kind in ("cpu", "gpu") if accepts(endpoint_kind=kind, instance_type=name)]
        for name in list_machines("ProductionVariantInstanceType")
    }
    arm = {name for name in kinds if name.partition("-")[0].rstrip("dn").endswith("g") and name[0] in "cmr"} | {"p6e-gb200"}
    assert {"c7g", "c6gn", "r7gd", "m8g"} <= arm
    accelerated = {name for name in kinds if name.startswith(("inf", "trn", "dl"))}
    assert {name for name, taken in kinds.items() if not taken} == arm | accelerated
    assert {name for name, taken in kinds.items() if taken == ["gpu"]} == {name for name in kinds if name[0] in "gp"} - arm
    assert {name for name, taken in kinds.items() if len(taken) == 2} == set()


@pytest.mark.parametrize("field", ["transform_instance_type", "training_instance_type", "training_gpu_instance_type"])
@pytest.mark.parametrize("machine", ["ml.c7g.large", "ml.p6e-gb200.36xlarge", "ml.trn1.2xlarge", "ml.inf2.xlarge"])
def test_starts_no_job_on_a_machine_that_its_image_is_not_for(field: str, machine: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{field} is {machine}"):
        settings_for("dev", **{field: machine})


def test_gives_no_key_to_the_newest_gpus_which_have_disks_of_their_own() -> None:
    assert not settings_for("dev", endpoint_kind="gpu", instance_type="ml.p6-b200.48xlarge").is_volume_encrypted


def test_takes_the_pythons_that_lambda_has() -> None:
    """Another one would be refused by the first function of a deployment, with half of the stage there."""
    import botocore.session

    runtimes = botocore.session.get_session().get_service_model("lambda").shape_for("Runtime").enum
    assert [version for version in PYTHONS if f"python{version}" not in runtimes] == []
    assert settings_for("local", function_python="3.16").function_python == "3.16"  # here a function runs in this machine's
