"""Configurations as resources: what is known, what is not and why, and where each thing is written."""

from pathlib import Path

import pytest

from koban.engines.posture import judge
from koban.model.aws.ebs import Volume
from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.model.estate import MemoryEstate
from koban.model.rule import Rule
from koban.model.unknown import Unknown, because
from koban.sources.terraform.library import Library, Options
from koban.sources.terraform.reader import read


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    """`configuration({"main.tf": text})`: the roots that these files are, read."""
    monkeypatch.chdir(tmp_path)

    def make(files: dict[str, str], options: Options | None = None, paths: tuple[str, ...] = (".",)):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        reads = list(read(Library([(one, str(tmp_path)) for one in paths], options)))
        for one in reads:
            MemoryEstate((*one.resources, *one.beside), one.gaps)
        return reads

    return make


@pytest.fixture
def only(configuration):
    """The one root that files are, without problems."""

    def make(*files: str, options: Options | None = None, **more: str):
        (found,) = configuration({"main.tf": "\n".join(files), **more}, options)
        assert found.problems == []
        return found

    return make


def volume(expression: str) -> str:
    return f'resource "aws_ebs_volume" "v" {{\n  encrypted = {expression}\n}}\n'


def value_of(found) -> object:
    (one,) = [one for one in found.resources if isinstance(one, Volume)]
    value = one.document.get("Encrypted")
    return because(value) if isinstance(value, Unknown) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (volume("true"), True),
        (volume("null"), None),
        (volume("var.on") + 'variable "on" { default = true }', True),
        (volume("var.on") + 'variable "on" {}', "var.on: variable on has no default"),
        (volume("local.a") + "locals {\n a = local.b\n b = !false\n}", True),
        (volume('var.kind == "prod" ? true : true') + 'variable "kind" {}', True),
        (volume('var.kind == "prod" ? true : false') + 'variable "kind" {}', "var.kind: variable kind has no default"),
        (volume('terraform.workspace == "prod"'), "terraform.workspace: the workspace is chosen when it is applied; "
         "give it with --workspace"),
        (volume("false && var.on") + 'variable "on" {}', False),
        (volume("var.secret") + 'variable "secret" {\n sensitive = true\n default = "x"\n}',
         "var.secret: variable secret is sensitive, so its value is not looked at"),
        (volume("data.aws_ebs_default.d.on") + 'data "aws_ebs_default" "d" {}',
         "data.aws_ebs_default.d.on: it is read only when it is applied"),
        (volume("module.gone.on") + 'module "gone" { source = "example/gone/aws" }',
         "module.gone: its source example/gone/aws is not here (terraform init fetches it)"),
        (volume("self_made.x.y == null") + 'resource "self_made" "x" {}',
         "self_made.x.y: self_made.x gets its y when it is applied"),
    ],
)  # fmt: skip
def test_what_an_argument_comes_to(only, text, expected):
    assert value_of(only(text)) == expected


def test_values_of_variables_in_the_order_that_terraform_takes_them(configuration):
    files = {
        "main.tf": volume("var.a") + 'variable "a" { default = "default" }',
        "terraform.tfvars": 'a = "tfvars"',
        "x.auto.tfvars": 'a = "auto"',
        "prod.tfvars": 'a = "file"',
    }
    (found,) = configuration(files)
    assert value_of(found) == "auto"
    (found,) = configuration(files, Options(files=["prod.tfvars"]))
    assert value_of(found) == "file"
    (found,) = configuration(files, Options(values={"a": "given"}, files=["prod.tfvars"]))
    assert value_of(found) == "given"
    for name in ("terraform.tfvars", "x.auto.tfvars"):
        Path(name).unlink()
    (found,) = configuration({"main.tf": files["main.tf"]}, Options(environment={"TF_VAR_a": "environment"}))
    assert value_of(found) == "environment"


def test_count_and_for_each(only):
    found = only(
        'resource "aws_ebs_volume" "n" {\n count = 2\n encrypted = count.index == 0\n}',
        'resource "aws_ebs_volume" "k" {\n for_each = {b = true, a = false}\n encrypted = each.value\n}',
        'resource "aws_ebs_volume" "none" {\n count = 0\n}',
        'variable "n" {}\nresource "aws_ebs_volume" "open" {\n count = var.n\n encrypted = true\n}',
    )
    assert {one.address: one.document.get("Encrypted") for one in found.resources} == {
        "aws_ebs_volume.n[0]": True,
        "aws_ebs_volume.n[1]": False,
        'aws_ebs_volume.k["a"]': False,
        'aws_ebs_volume.k["b"]': True,
        "aws_ebs_volume.open[*]": True,
    }


MODULE = """variable "on" {}
resource "aws_ebs_volume" "v" {
  encrypted = var.on
}
output "id" { value = aws_ebs_volume.v.id }
"""


def test_modules_are_judged_as_they_are_called_and_not_by_themselves(configuration):
    (found,) = configuration(
        {
            "main.tf": 'module "m" {\n  source   = "./inner"\n  for_each = { x = true, y = false }\n  on = each.value\n}\n',
            "inner/main.tf": MODULE,
        }
    )
    assert {one.address: one.document["Encrypted"] for one in found.resources} == {
        'module.m["x"].aws_ebs_volume.v': True,
        'module.m["y"].aws_ebs_volume.v': False,
    }
    first = found.resources[0]
    assert (first.file, first.line, first.line_of(("Encrypted",))) == ("inner/main.tf", 2, 3)
    assert first.chain == ('module.m["x"] is called at main.tf line 1',)
    assert first.uid == '.#module.m["x"].aws_ebs_volume.v'


def test_roots_are_what_nothing_calls(configuration):
    reads = configuration(
        {
            "envs/prod/main.tf": 'module "m" {\n source = "../../modules/a"\n on = true\n}',
            "envs/test/main.tf": 'module "m" {\n source = "../../modules/a"\n on = false\n}',
            "modules/a/main.tf": MODULE,
            "alone/main.tf": volume("true"),
        }
    )
    assert [one.file for one in reads] == ["alone", "envs/prod", "envs/test"]
    assert [one.uid for read in reads for one in read.resources] == [
        "alone#aws_ebs_volume.v",
        "envs/prod#module.m.aws_ebs_volume.v",
        "envs/test#module.m.aws_ebs_volume.v",
    ]


def test_downloaded_and_vendored_modules(configuration):
    manifest = '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"x","Dir":".terraform/modules/m"}]}'
    (found,) = configuration(
        {
            "main.tf": 'module "m" {\n source = "example/m/aws"\n on = true\n}\n'
            'module "v" {\n source = "git::https://git.example/v.git?ref=1"\n on = false\n}\n',
            ".terraform/modules/modules.json": manifest,
            ".terraform/modules/m/main.tf": MODULE,
            "vendor/modules/v/main.tf": MODULE,
        }
    )
    assert {one.address: one.document["Encrypted"] for one in found.resources} == {
        "module.m.aws_ebs_volume.v": True,
        "module.v.aws_ebs_volume.v": False,
    }
    assert found.notes == []


BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "data"\n}\n'
VERSIONING = """
resource "aws_s3_bucket_versioning" "b" {
  %s
  bucket = %s
  versioning_configuration {
    status = "Enabled"
  }
}
"""


@pytest.mark.parametrize(
    ("count", "name", "expected"),
    [
        ("", "aws_s3_bucket.b.id", "Enabled"),
        ("", "aws_s3_bucket.b.bucket", "Enabled"),
        ("", '"data"', "Enabled"),
        ("", '"other"', "Suspended"),
        ("count = 1", "aws_s3_bucket.b.id", "Enabled"),
        ("count = 0", "aws_s3_bucket.b.id", "Suspended"),
        ("count = var.n", "aws_s3_bucket.b.id", "var.n: variable n has no default"),
        ("", "var.n", "var.n: variable n has no default"),
        ("", '"logs-${var.n}"', "Suspended"),
    ],
)
def test_settings_beside_a_bucket_are_its_own(only, count, name, expected):
    found = only(BUCKET, VERSIONING % (count, name), 'variable "n" {}')
    (bucket,) = [one for one in found.resources if isinstance(one, Bucket)]
    value = bucket.versioning
    assert (because(value) if isinstance(value, Unknown) else value) == expected


def test_a_setting_in_another_file_has_its_own_line(configuration):
    (found,) = configuration({"main.tf": BUCKET, "more.tf": VERSIONING % ("", "aws_s3_bucket.b.id")})
    (bucket,) = found.resources
    line = bucket.line_of(("VersioningConfiguration", "Status"))
    assert (line, line.file) == (6, "more.tf")
    assert bucket.file == "main.tf"


POLICY = """
data "aws_iam_policy_document" "%s" {
  %s
  statement {
    sid       = "%s"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["%s"]
    }
  }
}
"""


def policy_of(found):
    (one,) = [one for one in found.resources if isinstance(one, BucketPolicy)]
    return one


def test_a_policy_document_is_computed(only):
    attached = (
        'resource "aws_s3_bucket_policy" "p" {\n bucket = aws_s3_bucket.b.id\n'
        " policy = data.aws_iam_policy_document.%s.json\n}"
    )
    found = only(BUCKET, POLICY % ("p", "", "all", "*"), attached % "p")
    policy = policy_of(found)
    assert policy.policy.public
    assert policy.bucket is next(one for one in found.resources if isinstance(one, Bucket))
    merged = "source_policy_documents = [data.aws_iam_policy_document.p.json]"
    found = only(BUCKET, POLICY % ("p", "", "all", "*"), POLICY % ("q", merged, "all", "111122223333"), attached % "q")
    assert not policy_of(found).policy.public
    found = only(BUCKET, POLICY % ("p", "", "all", "*"), POLICY % ("q", merged, "mine", "111122223333"), attached % "q")
    assert policy_of(found).policy.public
    assert len(policy_of(found).document["PolicyDocument"]["Statement"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        'jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = aws_s3_bucket.b.arn }] })',
        '<<EOT\n{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*",\n'
        '"Resource": "${aws_s3_bucket.b.arn}/*"}]}\nEOT\n',
    ],
)
def test_a_policy_with_something_unknown_inside_is_known_for_the_rest(only, text):
    found = only(
        BUCKET, f'resource "aws_s3_bucket_policy" "p" {{\n bucket = aws_s3_bucket.b.id\n policy = {text}\n}}\n'
    )
    assert policy_of(found).policy.public


STATEMENTS = """
data "aws_iam_policy_document" "q" {
  %s
  statement {
    actions = ["sqs:ReceiveMessage"]
  }
  statement {
    sid     = "open"
    actions = ["sqs:SendMessage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
"""
QUEUE = 'resource "aws_sqs_queue" "q" {\n  policy = %s\n}\n'


@pytest.mark.parametrize(
    ("source", "document", "path", "line"),
    [
        ("data.aws_iam_policy_document.q.json", "", (), "main.tf:2"),
        ("data.aws_iam_policy_document.q.json", "", ("Statement", 1, "Action"), "policy.tf:9"),
        ("data.aws_iam_policy_document.q.json", "", ("Statement", 1, "Principal"), "policy.tf:10"),
        ("data.aws_iam_policy_document.q.json", "", ("Statement", 1, "Condition"), "policy.tf:7"),
        ("data.aws_iam_policy_document.q.json", "", ("Statement", 0), "policy.tf:4"),
        ("data.aws_iam_policy_document.q.minified_json", "", ("Statement", 1, "Effect"), "policy.tf:7"),
        ("data.aws_iam_policy_document.q[0].json", "count = 1", ("Statement", 1, "Sid"), "policy.tf:8"),
        # Which statement came from where is not told by its position.
        ("data.aws_iam_policy_document.q.json", 'source_policy_documents = ["{}"]', ("Statement", 1), "main.tf:2"),
        ("data.aws_iam_policy_document.q.json", "", ("Statement", 2), "main.tf:2"),
        ("data.aws_iam_policy_document.other.json", "", ("Statement", 0), "main.tf:2"),
        ('"${data.aws_iam_policy_document.q.json}x"', "", ("Statement", 0), "main.tf:2"),
    ],
)
def test_a_statement_of_a_policy_has_the_line_of_its_block(configuration, source, document, path, line):
    (found,) = configuration({"main.tf": QUEUE % source, "policy.tf": STATEMENTS % document})
    (policy,) = [one for one in found.resources if "PolicyDocument" in one.document]
    at = policy.line_of(("PolicyDocument", *path))
    assert f"{getattr(at, 'file', 'main.tf')}:{at}" == line


DATABASE = 'resource "aws_dms_replication_instance" "r" {{\n  replication_instance_id = "r"\n  {0}\n}}\n'
BARE = 'resource "aws_s3_bucket" "b" {{\n  bucket = "b"\n  {0}\n}}\n'
SWITCHES = """
resource "aws_s3_bucket_public_access_block" "p" {
  bucket            = aws_s3_bucket.b.id
  block_public_acls = true
}
"""
STREAM = 'resource "awscc_kinesis_stream" "s" {{\n  name = "s"\n  {0}\n}}\n'


@pytest.mark.parametrize(
    ("text", "path", "counts", "absent", "said"),
    [
        (DATABASE.format(""), "PubliclyAccessible", False, False,
         "publicly_accessible is not set: the provider's default, false, counts"),
        (DATABASE.format("publicly_accessible = false"), "PubliclyAccessible", False, False, ""),
        ('resource "aws_kms_key" "k" {\n  enable_key_rotation = null\n}\n', "EnableKeyRotation", False, True,
         "enable_key_rotation is not set: that counts as false"),
        (BARE.format(""), "VersioningConfiguration", False, True,
         "none of versioning, aws_s3_bucket_versioning is set: that counts as false"),
        (BARE.format("versioning {}"), "VersioningConfiguration", False, False, ""),
        (BARE.format("versioning {}"), "VersioningConfiguration.Status", "", True, "versioning.enabled is not set"),
        (BARE.format(""), "LifecycleConfiguration", 3, True,
         "none of lifecycle_rule, aws_s3_bucket_lifecycle_configuration is set: that counts as 3"),
        (BARE.format("") + SWITCHES, "PublicAccessBlockConfiguration.BlockPublicAcls", True, False, ""),
        (BARE.format("") + SWITCHES, "PublicAccessBlockConfiguration.IgnorePublicAcls", False, False,
         "ignore_public_acls of aws_s3_bucket_public_access_block.p is not set: the provider's default, false, counts"),
        (BARE.format(""), "Arn", "", True, ""),  # nothing sets it
        (STREAM.format(""), "StreamEncryption.KeyId", "", True, "stream_encryption.key_id is not set"),
        (STREAM.format('stream_encryption = { key_id = "k" }'), "StreamEncryption.KeyId", "", True, ""),
        (STREAM.format(""), "Nothing", "", True, ""),
    ],
)  # fmt: skip
def test_what_nothing_sets_is_told_by_the_argument(only, text, path, counts, absent, said):
    (found,) = only(text).resources
    assert found.left_out(tuple(path.split(".")), counts, absent) == said


TWO_REGIONS = """
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_ebs_encryption_by_default" "d" {}
resource "aws_ec2_serial_console_access" "d" { enabled = false }
resource "aws_ebs_snapshot_block_public_access" "us" {
  provider = aws.us
  state    = "block-all-sharing"
}
"""


def test_what_holds_for_a_region_is_put_together_of_all_that_set_it(only):
    first, second = sorted(only(TWO_REGIONS).resources, key=lambda one: one.uid)
    assert (first.uid, first.name) == (".#Koban::EC2::Defaults/aws.us/us-east-1", "us-east-1")
    assert (first.snapshot_block, first.line_of(("SnapshotBlockPublicAccess",))) == ("block-all-sharing", 11)
    assert because(first.ebs_encrypted) == "EbsEncryptionByDefault: nothing here sets it, and another configuration may"
    assert second.uid == ".#Koban::EC2::Defaults/aws/eu-west-1"
    assert (second.ebs_encrypted, second.serial_console) == (True, False)
    assert second.line_of(("SerialConsoleAccess",)) == 8
    assert because(second.vpc_block).startswith("VpcBlockPublicAccess: nothing here sets it")
    assert second.left_out(("EbsEncryptionByDefault",), True, False).startswith("enabled is not set: the provider's")


def test_a_setting_that_may_not_be_there_is_not_known(only):
    text = 'variable "n" { type = number }\nresource "aws_ebs_encryption_by_default" "d" {}\n'
    text += 'resource "aws_ec2_serial_console_access" "d" { count = var.n }\n'
    (found,) = only(text).resources
    assert found.ebs_encrypted is True
    assert found.line_of(("SerialConsoleAccess",)) == 3  # though its argument is not there
    assert because(found.serial_console) == "var.n: variable n has no default"


def test_modules_share_the_settings_of_the_provider_that_they_are_handed(configuration):
    module = 'resource "aws_ebs_encryption_by_default" "d" {}\n'
    calls = 'provider "aws" { alias = "us" }\nmodule "a" { source = "./m" }\n'
    calls += 'resource "aws_ec2_serial_console_access" "d" {}\n'
    calls += 'module "b" {\n  source = "./m"\n  providers = { aws = aws.us }\n}\n'
    (found,) = configuration({"main.tf": calls, "m/main.tf": module})
    assert sorted(one.uid for one in found.resources) == [
        ".#Koban::EC2::Defaults/aws",
        ".#Koban::EC2::Defaults/aws.us",
    ]


SWITCHED_ON = """
resource "aws_s3_account_public_access_block" "a" {
  %s
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket = aws_s3_bucket.b.id
}
"""
IN_ROLE = """
provider "aws" {
  assume_role { role_arn = "arn:aws:iam::111122223333:role/r" }
}
provider "aws" {
  alias = "other"
  assume_role { role_arn = "arn:aws:iam::%s:role/other" }
}
"""
BY_PROFILE = 'provider "aws" {}\nprovider "aws" {\n  alias = "other"\n  %s\n}\n'


@pytest.mark.parametrize(
    ("providers", "chosen", "expected"),
    [
        ("", "", "pass"),
        (IN_ROLE % "111122223333", "", "pass"),
        (IN_ROLE % "444455556666", "", "pass"),
        (IN_ROLE % "111122223333", "provider = aws.other", "pass"),
        (IN_ROLE % "444455556666", "provider = aws.other", "fail"),
        (BY_PROFILE % 'region = "us-east-1"', "provider = aws.other", "pass"),
        (BY_PROFILE % 'profile = "other"', "provider = aws.other", "unknown"),
        (BY_PROFILE % 'allowed_account_ids = ["444455556666"]', "provider = aws.other", "unknown"),
    ],
)
def test_the_switches_of_an_account_are_those_of_its_buckets(only, providers, chosen, expected):
    found = only(providers, SWITCHED_ON % chosen)
    (bucket,) = [one for one in found.resources if isinstance(one, Bucket)]
    ignored = Rule(
        "test-rule", "low", Bucket, (), "So.", "so", "so", lambda b: not b.ignore_public_acls, None, {}, "", __name__
    )
    assert judge(ignored, bucket).verdict == expected


def test_overrides_tofu_and_json(configuration):
    (found,) = configuration(
        {
            "main.tf": volume("false") + BUCKET,
            "main_override.tf": 'resource "aws_ebs_volume" "v" {\n  encrypted = true\n}\n',
            "more.tf.json": '{"resource": {"aws_ebs_volume": {"j": {"encrypted": "${1 == 1}"}}}}',
            "t.tf": 'resource "aws_ebs_volume" "t" {}',
            "t.tofu": 'resource "aws_ebs_volume" "t" { encrypted = true }',
        }
    )
    volumes = {one.address: one for one in found.resources if isinstance(one, Volume)}
    assert {name: one.document["Encrypted"] for name, one in volumes.items()} == {
        "aws_ebs_volume.v": True,
        "aws_ebs_volume.j": True,
        "aws_ebs_volume.t": True,
    }
    line = volumes["aws_ebs_volume.v"].line_of(("Encrypted",))
    assert (line, line.file) == (2, "main_override.tf")


def test_providers_give_regions_and_tags(only):
    found = only(
        'provider "aws" {\n region = "eu-west-1"\n default_tags { tags = { owner = "me", env = "all" } }\n}',
        'provider "aws" {\n alias = "far"\n region = "us-east-1"\n}',
        'resource "aws_ebs_volume" "a" {\n tags = { env = "prod" }\n}',
        'resource "aws_ebs_volume" "b" {\n provider = aws.far\n}',
        'module "m" {\n source = "./m"\n providers = { aws = aws.far }\n on = true\n}',
        **{"m/main.tf": MODULE},
    )
    seen = {one.address: (one.region, one.tags) for one in found.resources}
    assert seen == {
        "aws_ebs_volume.a": ("eu-west-1", {"owner": "me", "env": "prod"}),
        "aws_ebs_volume.b": ("us-east-1", {}),
        "module.m.aws_ebs_volume.v": ("us-east-1", {}),
    }


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("resource aws_ebs_volume v {\n count = 1e9\n}", 2, "aws_ebs_volume.v: count is 1000000000, more than 2,000"),
        ("resource aws_ebs_volume v {\n encrypted = local.a\n}\nlocals {\n a = local.b\n b = local.a\n}", 2,
         "aws_ebs_volume.v.encrypted: local.a refers to itself"),
        ("resource aws_ebs_volume v {\n encrypted = local.gone\n}", 2,
         "aws_ebs_volume.v.encrypted: local.gone is not declared"),
        ("module m {\n source = \"./gone\"\n}", 1, "module m: its directory ./gone is not there"),
        ("module m {\n source = \"./\"\n}", 1, "module m: it calls itself, directly or through others"),
        ("resource aws_ebs_volume v {}\nresource aws_ebs_volume v {}", 2,
         "resource aws_ebs_volume.v is declared twice (first in main.tf line 1)"),
        ("resource aws_ebs_volume v {\n x = [for a in local.l : [for b in local.l : [for c in local.l : [for d in local.l : 1]]]]\n}\n"
         "locals { l = [for i in split(\",\", \"1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\") : i] }",
         None, "it comes to more than 3,000,000 steps"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_problem_with_its_line(configuration, text, line, why):
    (found,) = configuration({"main.tf": text})
    assert [(one.line, one.why) for one in found.problems] == [(line, why)]


def test_a_broken_file_leaves_the_rest_judged_and_open(configuration):
    (found,) = configuration({"main.tf": BUCKET, "more.tf": "resource {"})
    (bucket,) = found.resources
    assert because(bucket.versioning) == "aws_s3_bucket.b VersioningConfiguration: more.tf could not be read"
    assert [(one.file, one.line) for one in found.problems] == [("more.tf", 1)]


def test_what_a_module_that_is_not_here_is_handed_may_be_set_by_it(only):
    gone = 'module "gone" {\n source = "example/gone/aws"\n buckets = %s\n}\nlocals { all = [aws_s3_bucket.b.id] }'
    for handed in ("[aws_s3_bucket.b.arn]", "local.all"):
        (bucket,) = only(BUCKET, gone % handed).resources
        assert because(bucket.versioning).endswith(
            "module gone may set it: its source example/gone/aws is not here (terraform init fetches it)"
        )
    (bucket,) = only(BUCKET, gone % "aws_s3_bucket.b.region").resources
    assert bucket.versioning == "Suspended"


def test_one_named_file_is_read_with_its_directory_and_judged_alone(configuration):
    (found,) = configuration(
        {"main.tf": volume("local.on"), "other.tf": BUCKET + "locals { on = true }"}, paths=("main.tf",)
    )
    assert [one.address for one in found.resources] == ["aws_ebs_volume.v"]
    assert [one.address for one in found.beside] == ["aws_s3_bucket.b"]
    assert value_of(found) is True


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["main.tf"], ["main.tf"]),
        (["main.tf", "other.tf"], ["main.tf", "other.tf"]),
        (["main.tf", "m"], ["m/a.tf", "m/b.tf", "main.tf"]),
        (["main.tf", "m/a.tf"], ["m/a.tf", "main.tf"]),
        (["m/a.tf", "main.tf"], ["m/a.tf", "main.tf"]),
        (["m/a.tf"], ["m/a.tf"]),
        (["."], ["m/a.tf", "m/b.tf", "main.tf", "other.tf"]),
        ([".", "main.tf"], ["m/a.tf", "m/b.tf", "main.tf", "other.tf"]),
    ],
    ids=str,
)
def test_files_that_are_named_are_judged_wherever_they_are_called_from(configuration, paths, expected):
    files = {
        "main.tf": f'{volume("true")}module "m" {{\n  source = "./m"\n}}\n',
        "other.tf": 'resource "aws_ebs_volume" "o" {}\n',
        "m/a.tf": volume("true"),
        "m/b.tf": 'resource "aws_ebs_volume" "b" {}\n',
    }
    reads = configuration(files, paths=tuple(paths))
    assert sorted(one.file for made in reads for one in made.resources) == expected
