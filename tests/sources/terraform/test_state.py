"""States: what was made, in which account and region, and which configuration it is of."""

import json

from koban.sources.terraform.library import Library
from koban.sources.terraform.state import read_state, states_beside

EUROPE, AMERICA = (
    'provider["registry.terraform.io/hashicorp/aws"]',
    'provider["registry.terraform.io/hashicorp/aws"].us',
)


def entry(kind, name, attributes, provider=EUROPE, **more):
    instance = {"attributes": attributes, "sensitive_attributes": [], **more.pop("instance", {})}
    return {"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [instance], **more}


def state(*resources):
    found = {"version": 4, "terraform_version": "1.9.8", "lineage": "x", "resources": list(resources)}
    return json.dumps(found).encode()


def volume(name, region="eu-west-1", provider=EUROPE, **more):
    arn = f"arn:aws:ec2:{region}:111122223333:volume/vol-{name}"
    return entry("aws_ebs_volume", name, {"id": f"vol-{name}", "arn": arn, "encrypted": True}, provider, **more)


def places(data, **more):
    return {one.address: (one.account, one.region) for one in read_state(data, "x.tfstate", **more).resources}


def test_what_has_no_arn_is_where_its_provider_makes_things():
    bucket = entry("aws_s3_bucket", "b", {"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b"}, AMERICA)
    found = places(state(volume("e"), volume("u", "us-east-1", AMERICA), bucket))
    assert found == {
        "aws_ebs_volume.e": ("111122223333", "eu-west-1"),
        "aws_ebs_volume.u": ("111122223333", "us-east-1"),
        "aws_s3_bucket.b": ("111122223333", "us-east-1"),
    }


def test_where_a_provider_makes_things_in_two_accounts_the_account_is_not_known():
    other = volume("o")
    other["instances"][0]["attributes"]["arn"] = "arn:aws:ec2:eu-west-1:444455556666:volume/vol-o"
    bucket = entry("aws_s3_bucket", "b", {"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b"})
    assert places(state(volume("e"), other, bucket))["aws_s3_bucket.b"] == ("", "eu-west-1")


def test_addresses_of_instances_and_modules():
    keyed = volume("k", module='module.net["a"]', instance={"index_key": "x"})
    counted = volume("c", instance={"index_key": 1})
    deposed = volume("d", instance={"deposed": "ab12"})
    assert set(places(state(keyed, counted, deposed))) == {
        'module.net["a"].aws_ebs_volume.k["x"]',
        "aws_ebs_volume.c[1]",
    }


def test_what_is_marked_sensitive_is_not_looked_at():
    secret = volume("e", instance={"sensitive_attributes": [[{"type": "get_attr", "value": "encrypted"}]]})
    (found,) = read_state(state(secret), "x.tfstate").resources
    assert "sensitive" in str(found.document["Encrypted"])


def test_a_type_without_a_table_is_known_by_its_arn():
    (found,) = read_state(
        state(entry("aws_xyz", "x", {"id": "x", "arn": "arn:aws:xyz:eu-west-1:111122223333:x"})), "x"
    ).resources
    assert (type(found).__name__, found.uid, found.document) == (
        "Resource",
        "x#aws_xyz.x",
        {"Arn": "arn:aws:xyz:eu-west-1:111122223333:x"},
    )


def test_what_it_sets_of_a_resource_in_another_state():
    versioning = {"bucket": "theirs", "id": "theirs", "versioning_configuration": [{"status": "Enabled"}]}
    found = read_state(state(volume("e"), entry("aws_s3_bucket_versioning", "v", versioning)), "x.tfstate")
    assert found.apart == [("AWS::S3::Bucket", "theirs", {"VersioningConfiguration": {"Status": "Enabled"}})]


def test_the_configuration_is_the_one_that_declares_most_of_it(tmp_path):
    for name, resources in (("one", ("e",)), ("two", ("e", "f")), ("three", ())):
        (tmp_path / name).mkdir()
        text = "".join(f'resource "aws_ebs_volume" "{one}" {{}}\n' for one in resources)
        (tmp_path / name / "main.tf").write_text(text + 'variable "x" {}\n')
    library = Library([(str(tmp_path), str(tmp_path))])
    found = read_state(state(volume("e"), volume("f")), "x.tfstate", library)
    assert {one.file for one in found.resources} == {"two/main.tf"}
    assert [one.line for one in found.resources] == [1, 2]
    # Two that declare as much of it: nobody knows.
    assert {one.file for one in read_state(state(volume("e")), "x.tfstate", library).resources} == {""}
    assert (
        read_state(state(volume("e")), "x.tfstate", library, str(tmp_path / "one")).resources[0].file == "one/main.tf"
    )


def test_states_lie_beside_their_configuration_and_by_workspace(tmp_path):
    for name in ("terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.d/prod/terraform.tfstate"):
        file = tmp_path / "infra" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(state())
    (tmp_path / "infra" / "main.tf").write_text("")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "terraform.tfstate").write_bytes(state())
    found = states_beside(Library([(str(tmp_path), str(tmp_path))]))
    assert [(name, directory) for _, name, directory in found] == [
        ("infra/terraform.tfstate", str(tmp_path / "infra")),
        ("infra/terraform.tfstate.d/prod/terraform.tfstate", str(tmp_path / "infra")),
    ]


def test_a_state_that_is_odd_is_a_problem_and_not_the_end():
    found = read_state(b'{"version": 4, "terraform_version": "1", "lineage": "x", "resources": [1]}', "x.tfstate")
    assert [one.file for one in found.problems] == ["x.tfstate"]
    assert found.resources == []
