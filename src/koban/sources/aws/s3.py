"""Reads Amazon S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.s3 import Bucket
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def bucket_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, BucketName="Name")


@reads(Bucket, "s3:ListBuckets", scope="global", VersioningConfiguration="s3:GetBucketVersioning")
def buckets(aws: Reader) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> Resource:
        document = bucket_from_api(raw)
        document["VersioningConfiguration"] = {
            "Status": aws.ask("s3:GetBucketVersioning", "Status", otherwise="Suspended", Bucket=raw["Name"])
        }
        return aws.made(Bucket, document)

    yield from aws.each(aws.pages("s3:ListBuckets", "Buckets"), detail)
