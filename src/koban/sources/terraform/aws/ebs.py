"""Amazon EBS volumes."""

from __future__ import annotations

from koban.model.aws.ebs import Volume
from koban.sources.terraform.mapping import maps

maps("aws_ebs_volume", Volume, Encrypted="encrypted", KmsKeyId="kms_key_id", Size="size")
