from koban.model.aws.ebs import Volume


def test_a_volume(twins):
    twins(
        "aws_ebs_volume",
        {"encrypted": True, "kms_key_id": "k", "size": 8},
        Volume,
        {"Encrypted": True, "KmsKeyId": "k"},
    )
    twins("aws_ebs_volume", {"size": 8}, Volume, {})
