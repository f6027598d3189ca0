"""Plans and states, as Terraform 1.11 writes them."""

import json
import shutil
import subprocess

import pytest

from koban.model.aws.ebs import Volume
from koban.model.aws.s3 import Bucket
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown, because
from koban.sources.terraform.library import Library
from koban.sources.terraform.plan import Sources, _Plan, kind_of_json, read_json

MAIN = """
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

module "data" {
  source   = "./data"
  for_each = toset(["a"])
  log_to   = aws_s3_bucket.logs.id
}
"""
DATA = """
variable "log_to" {}

resource "aws_s3_bucket" "this" {
  bucket = "data"
}

resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = var.log_to
  target_prefix = "data/"
}
"""


def change(address, after, unknown=None, sensitive=None, actions=("create",)):
    module, _, rest = address.rpartition("aws_")
    kind, name = f"aws_{rest}".split(".")
    made = {"address": address, "mode": "managed", "type": kind, "name": name.split("[")[0]}
    if module:
        made["module_address"] = module.rstrip(".")
    made["change"] = {
        "actions": list(actions),
        "after": after,
        "after_unknown": unknown or {},
        "after_sensitive": sensitive or {},
    }
    return made


def configured(kind, name, **expressions):
    return {"mode": "managed", "type": kind, "name": name, "provider_config_key": "aws", "expressions": expressions}


def refers(*names):
    return {"references": list(names)}


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "resource_changes": [
        change("aws_s3_bucket.logs", {"bucket": "logs"}, {"id": True, "arn": True, "acl": True}),
        change('module.data["a"].aws_s3_bucket.this', {"bucket": "data"}, {"id": True, "arn": True}),
        change(
            'module.data["a"].aws_s3_bucket_logging.this',
            {"target_prefix": "data/"},
            {"id": True, "bucket": True, "target_bucket": True},
        ),
        change("aws_s3_bucket.gone", None, actions=("delete",)),
        change("aws_ebs_volume.v", {"encrypted": True, "kms_key_id": "secret"}, sensitive={"kms_key_id": True}),
        change("aws_ebs_volume.w", {}, {"encrypted": True, "kms_key_id": True}),
    ],
    "configuration": {
        "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
        "root_module": {
            "resources": [
                configured("aws_s3_bucket", "logs", bucket={"constant_value": "logs"}),
                configured("aws_ebs_volume", "v", encrypted={"constant_value": True}, kms_key_id=refers("var.k")),
                configured("aws_ebs_volume", "w", encrypted=refers("data.x.y.on")),
            ],
            "module_calls": {
                "data": {
                    "source": "./data",
                    "expressions": {"log_to": refers("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")},
                    "module": {
                        "resources": [
                            configured("aws_s3_bucket", "this", bucket={"constant_value": "data"}),
                            configured(
                                "aws_s3_bucket_logging",
                                "this",
                                bucket=refers("aws_s3_bucket.this.id", "aws_s3_bucket.this"),
                                target_bucket=refers("var.log_to"),
                                target_prefix={"constant_value": "data/"},
                            ),
                        ]
                    },
                }
            },
        },
    },
}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "main.tf").write_text(DATA)
    data = json.dumps(PLAN).encode()
    assert kind_of_json(data) == "plan"
    found = read_json(data, "plan.json", None, Library([(".", str(tmp_path))]))
    assert found.problems == []
    MemoryEstate(found.resources)
    return {one.address: one for one in found.resources}


def test_a_plan_is_what_will_be(plan):
    assert sorted(plan) == [
        "aws_ebs_volume.v",
        "aws_ebs_volume.w",
        "aws_s3_bucket.logs",
        'module.data["a"].aws_s3_bucket.this',
    ]
    data = plan['module.data["a"].aws_s3_bucket.this']
    assert isinstance(data, Bucket)
    assert data.region == "eu-west-1"
    assert data.log_prefix == "data/"
    assert data.log_bucket is plan["aws_s3_bucket.logs"]  # through a variable of the module


def test_what_the_provider_makes_up_is_not_set_and_what_is_computed_later_is_unknown(plan):
    assert plan["aws_s3_bucket.logs"].acl == "Private"
    later = plan["aws_ebs_volume.w"]
    assert isinstance(later, Volume)
    assert because(later.encrypted) == "aws_ebs_volume.w.encrypted: it is known only when it is applied"
    assert "KmsKeyId" not in later.document


def test_sensitive_values_are_not_looked_at(plan):
    key = plan["aws_ebs_volume.v"].document["KmsKeyId"]
    assert isinstance(key, Unknown)
    assert "secret" not in str(key)


def test_files_and_lines_are_found_in_the_sources(plan):
    data = plan['module.data["a"].aws_s3_bucket.this']
    assert (data.file, data.line) == ("data/main.tf", 4)
    assert data.line_of(("LoggingConfiguration", "LogFilePrefix")) == 11
    assert data.chain == ("module.data is called at main.tf line 6",)


STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 3,
    "lineage": "7d0f",
    "outputs": {},
    "resources": [
        {
            "module": 'module.m["x"]',
            "mode": "managed",
            "type": "aws_s3_bucket",
            "name": "b",
            "provider": 'provider["registry.example/aws"]',
            "instances": [
                {
                    "attributes": {
                        "id": "data",
                        "arn": "arn:aws:s3:::data",
                        "bucket": "data",
                        "acl": None,
                        "logging": [{"target_bucket": "logs", "target_prefix": ""}],
                    },
                    "sensitive_attributes": [],
                }
            ],
        },
        {
            "mode": "managed",
            "type": "aws_s3_bucket_versioning",
            "name": "b",
            "instances": [{"attributes": {"bucket": "data", "versioning_configuration": [{"status": "Enabled"}]}}],
        },
        {
            "mode": "managed",
            "type": "aws_ebs_volume",
            "name": "v",
            "instances": [
                {
                    "index_key": 1,
                    "attributes": {"id": "vol-1", "encrypted": False, "kms_key_id": ""},
                    "sensitive_attributes": [[{"type": "get_attr", "value": "encrypted"}]],
                },
                {"index_key": "k", "deposed": "00", "attributes": {"id": "vol-2"}},
            ],
        },
        {"mode": "data", "type": "aws_vpc", "name": "d", "instances": []},
    ],
}


def test_a_state_is_what_there_is():
    data = json.dumps(STATE, indent=2).encode()
    assert kind_of_json(data) == "state"
    found = read_json(data, "terraform.tfstate")
    resources = {one.address: one for one in found.resources}
    assert sorted(resources) == ["aws_ebs_volume.v[1]", 'module.m["x"].aws_s3_bucket.b']
    bucket = resources['module.m["x"].aws_s3_bucket.b']
    assert bucket.document["Arn"] == "arn:aws:s3:::data"
    assert bucket.versioning == "Enabled"
    assert "LogFilePrefix" not in bucket.document["LoggingConfiguration"]
    volume = resources["aws_ebs_volume.v[1]"]
    assert "vol-1" in volume.names
    assert isinstance(volume.encrypted, Unknown)


@pytest.mark.parametrize(
    "text", ['{"format_version": 1, "resource_changes": [3]}', '{"resource_changes": "x", "format_version"']
)
def test_what_is_no_plan_is_one_problem(text):
    found = read_json(text.encode(), "plan.json")
    assert found.resources == []
    (problem,) = found.problems
    assert problem.why.startswith("it is no plan or state of Terraform")


REAL = """
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  input = [module.m["k"].out, { inner = terraform_data.a.id }]
}
module "m" {
  source   = "./m"
  for_each = toset(["k"])
  name     = terraform_data.a.id
}
"""
INNER = """
variable "name" {}
resource "terraform_data" "x" { input = { name = var.name } }
output "out" { value = terraform_data.x.id }
"""


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform to make a real plan with")
def test_references_of_a_plan_that_terraform_made(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text(REAL)
    (tmp_path / "m" / "main.tf").write_text(INNER)

    def terraform(*arguments):
        return subprocess.run(["terraform", *arguments], cwd=tmp_path, check=True, capture_output=True).stdout

    terraform("init", "-input=false")
    terraform("plan", "-input=false", "-out=plan")
    document = json.loads(terraform("show", "-json", "plan"))
    things = {one.address: one.body for one in _Plan(document, "plan", Sources(None)).things()}
    inner = things['module.m["k"].terraform_data.x']["input"]["name"]
    assert inner._target == "terraform_data.a"
    listed = things["terraform_data.b"]["input"]
    # The plan tells the references of the whole list alone: two resources, so neither is taken.
    assert isinstance(listed[0], Unknown)
    assert listed[0]._target == ""
