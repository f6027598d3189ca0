def test_a_bucket_with_its_versioning(aws, collect):
    aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    (bucket,) = collect("s3.buckets")
    assert bucket.uid == "arn:aws:s3:::logs"
    assert bucket.versioning == "Suspended"
    assert collect.failures == []
