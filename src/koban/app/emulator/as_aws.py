"""Where moto answers otherwise than AWS says in its documentation, and a scan would see the difference."""

from __future__ import annotations

from functools import wraps
from typing import Any

SWITCHES = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


def teach() -> None:
    """Change moto in this process; doing it again changes nothing."""
    _public_snapshots()
    _new_buckets()
    _bucket_regions()
    _services_of_clusters()
    _inspector_off()


def _instead(owner: Any, name: str, make: Any) -> None:
    """Put what `make` makes of a method in its place, once."""
    original = getattr(owner, name)
    if getattr(original, "as_aws", False):
        return
    taught = wraps(original)(make(original))
    taught.as_aws = True
    setattr(owner, name, taught)


def _public_snapshots() -> None:
    """DescribeSnapshots heeds RestorableByUserIds=all: moto passes it over, and so calls every snapshot public."""
    from moto.ec2.responses.elastic_block_store import ElasticBlockStore

    def make(original: Any) -> Any:
        def describe_snapshots(self: Any) -> Any:
            answer: Any = original(self)
            if "all" in self._get_param("RestorableByUserIds", []):
                found = [one for one in answer.result["Snapshots"] if "all" in one.create_volume_permission_groups]
                answer.result["Snapshots"] = found
            return answer

        return describe_snapshots

    _instead(ElasticBlockStore, "describe_snapshots", make)


def _new_buckets() -> None:
    """A new bucket has its ACLs off and Block Public Access on: so since April 2023."""
    from moto.s3.models import FakeBucket, PublicAccessBlock

    def make(original: Any) -> Any:
        def __init__(self: Any, *args: Any, **more: Any) -> None:
            original(self, *args, **more)
            self.ownership_rule = "BucketOwnerEnforced"
            self.public_access_block = PublicAccessBlock(**dict.fromkeys(SWITCHES, "true"))

        return __init__

    _instead(FakeBucket, "__init__", make)


def _bucket_regions() -> None:
    """ListBuckets says in which region each bucket is, where a parameter asks for pages or narrows the list."""
    from moto.core.responses import ActionResult
    from moto.s3.responses import S3Response

    def make(original: Any) -> Any:
        def all_buckets(self: Any) -> Any:
            names = ("prefix", "bucket-region", "max-buckets", "continuation-token")
            asked = {name: self._get_param(name) for name in names}
            if not any(asked.values()):
                return original(self)
            self.data["Action"] = "ListAllMyBuckets"
            self._authenticate_and_authorize_s3_action()
            found = self.backend.list_buckets(
                prefix=asked["prefix"], bucket_region=asked["bucket-region"], max_buckets=asked["max-buckets"]
            )
            buckets = [
                {"Name": one.name, "CreationDate": one.creation_date_ISO8601, "BucketRegion": one.region_name}
                for one in found
            ]
            self.data["Action"] = "ListBuckets"
            return self.serialized(ActionResult({"Buckets": buckets}))

        return all_buckets

    _instead(S3Response, "all_buckets", make)


def _services_of_clusters() -> None:
    """DescribeClusters counts the services of each cluster: moto always says none."""
    from moto.ecs.models import EC2ContainerServiceBackend

    def make(original: Any) -> Any:
        def describe_clusters(self: Any, *args: Any, **more: Any) -> Any:
            clusters, failures = original(self, *args, **more)
            for cluster in clusters:
                services = [one for one in self.services.values() if one.cluster_name == cluster.name]
                cluster.active_services_count = sum(one.status == "ACTIVE" for one in services)
            return clusters, failures

        return describe_clusters

    _instead(EC2ContainerServiceBackend, "describe_clusters", make)


def _inspector_off() -> None:
    """BatchGetAccountStatus says of an account that never turned Inspector on that it is off: moto says nothing."""
    from moto.inspector2.models import Inspector2Backend

    def make(original: Any) -> Any:
        def batch_get_account_status(self: Any, account_ids: Any) -> Any:
            found = original(self, account_ids)
            known = {one.get("accountId") for one in found}
            off = {"status": "DISABLED"}
            kinds = dict.fromkeys(("ec2", "ecr", "lambda", "lambdaCode"), off)
            return found + [
                {"accountId": one, "state": off, "resourceState": kinds}
                for one in account_ids
                if one == self.account_id and one not in known
            ]

        return batch_get_account_status

    _instead(Inspector2Backend, "batch_get_account_status", make)
