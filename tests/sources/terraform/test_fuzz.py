"""No text, however odd, ends a run: what cannot be read is a problem, and what cannot be known unknown.

KOBAN_FUZZ says how many cases are tried (default 300).
"""

import os
import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from koban.model.unknown import Undecided, Unknown, WorldsNeeded
from koban.sources.reading import Problem
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.configuration import Configuration, declare, read_bytes
from koban.sources.terraform.documents import made
from koban.sources.terraform.module import Module, Tree
from koban.sources.terraform.reader import thing_of
from koban.sources.terraform.values import TooLarge

CASES = int(os.environ.get("KOBAN_FUZZ", "300"))
SEEDS = [
    """
variable "name" { type = string }
variable "ports" {
  type    = list(object({ from = number, to = optional(number, 22) }))
  default = [{ from = 1 }, { from = 2, to = 3 }]
}
locals {
  tags  = merge({ a = "b" }, var.name == "x" ? { c = 1 } : {})
  lines = [for i, p in var.ports : "${i}-${p.from}" if p.to != null]
  text  = <<-EOT
    %{ for l in local.lines ~}
    - ${l}
    %{ endfor ~}
  EOT
}
resource "aws_security_group" "web" {
  count = length(var.ports)
  name  = format("%s-%02d", var.name, count.index)
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value.from
      to_port     = ingress.value["to"]
      protocol    = "tcp"
      cidr_blocks = concat(["10.0.0.0/8"], var.name != "" ? ["0.0.0.0/0"] : [])
    }
  }
  tags = local.tags
}
""",
    """
resource "aws_s3_bucket" "b" {
  for_each = toset(["a", "b"])
  bucket   = "data-${each.key}"
}
resource "aws_s3_bucket_versioning" "b" {
  for_each = aws_s3_bucket.b
  bucket   = each.value.id
  versioning_configuration { status = try(each.value.x.y, "Enabled") }
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:*"]
    resources = [for one in aws_s3_bucket.b : "${one.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b["a"].id
  policy = data.aws_iam_policy_document.p.json
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })
}
""",
    """
resource "aws_instance" "i" {
  ami           = element(split(",", "a,b"), 5)
  instance_type = lookup({ small = "t3.micro" }, var.size, "t3.nano")
  user_data     = base64encode(join("\\n", range(3)))
  metadata_options {
    http_tokens = var.size == null ? "optional" : "required"
  }
  root_block_device { encrypted = tobool("tr" == "x" ? "true" : "false") }
}
variable "size" { default = null }
resource "aws_kms_key" "k" {
  enable_key_rotation     = !(1 > 2) && true || false
  deletion_window_in_days = -(3 * 4 - 19) % 8
  policy                  = replace(file("nowhere.json"), "/a+/", "b")
}
""",
]
PIECES = [
    "{", "}", "[", "]", "(", ")", '"', "${", "%{", "~}", "\n", "=", "=>", "...", "?", ":", ",", ".", "*", "[*]", "!", "-", "/", "%",
    "<<EOT\n", "EOT\n", "for ", "in ", "if ", "null", "true", "1e9", "0", "-1", "9999999999999999999", "each.key", "count.index",
    "self.id", "var.name", "local.tags", "aws_s3_bucket.b", "aws_security_group.web[0]", "data.x.y.z", "module.m.o", "path.module",
    "range(1e9)", "join(\"\", range(1000))", "format(\"%999999999d\", 1)", "pow(10, 999999)", "try(", "can(", "toset(", "merge(", "flatten(",
    "count = 1e9", "for_each = var.name", "dynamic \"ingress\" {}", "\\", "\\u00e9", "\x00", "é", "# c\n", "/*", "*/", "//",
]  # fmt: skip


def mutated(seed: int) -> str:
    chance = random.Random(seed)
    text = chance.choice(SEEDS)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        kind = chance.random()
        if kind < 0.5:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind < 0.7:
            text = text[:at] + text[at + chance.randint(1, 12) :]
        elif kind < 0.85:
            other = chance.randrange(len(text) + 1)
            text = text[:at] + text[other : other + chance.randint(1, 40)] + text[at:]
        else:
            word, new = chance.choice(["name", "each", "value", "aws_s3_bucket", "ports"]), chance.choice(PIECES)
            text = text.replace(word, new, 1)
    return text


def run(text: str) -> None:
    configuration = Configuration("/nowhere", ".")
    file = read_bytes(text.encode("utf-8", "surrogatepass"), "main.tf", "main.tf")
    if isinstance(file, Problem):
        assert "\n" not in file.why
        return
    declare(configuration, file)
    tree = Tree("/nowhere", "/nowhere", {}, lambda *_: "it is not here")
    try:
        instances = list(Module(tree, configuration).instances(tables_of().__contains__))
        documents = made([thing_of(one) for one in instances], tables_of())
    except TooLarge:
        return
    for one in documents:
        for value in one.document.values():
            assert not isinstance(value, Undecided | WorldsNeeded)
            assert isinstance(value, Unknown) or value is not None
    for problem in tree.problems:
        assert "\n" not in problem.why
        assert problem.line is None or problem.line > 0


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=CASES == 300,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(st.integers(0, 2**32))
def test_odd_configurations_are_read_to_their_end(seed):
    run(mutated(seed))
