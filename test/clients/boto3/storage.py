"""S3 and DynamoDB, by boto3: prints what was seen, what was refused, and the operations that were called."""
import io
import json
import sys
import time
import zipfile
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
called, refused, seen = set(), {}, {}
SETTINGS = dict(endpoint_url=URL, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def watched(made, name):
    made.meta.events.register("before-call", lambda model, **_: called.add(f"{name}.{model.name}"))
    return made


def client(name):
    return watched(boto3.client(name, config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}), **SETTINGS), name)


def resource(name):
    made = boto3.resource(name, config=Config(s3={"addressing_style": "path"}), **SETTINGS)
    watched(made.meta.client, name)
    return made


def refusal(name, call, **arguments):
    try:
        call(**arguments)
        refused[name] = "not refused"
    except ClientError as error:
        refused[name] = error.response["Error"]["Code"]


def until(check):
    for _ in range(100):
        found = check()
        if found:
            return found
        time.sleep(0.1)
    return None


# ---- S3

s3, sqs, functions = client("s3"), client("sqs"), client("lambda")
B = dict(Bucket="boto")
s3.create_bucket(**B)
s3.create_bucket(Bucket="target")
for name in ["cors", "website", "replication", "lifecycle_configuration", "policy", "policy_status", "tagging"]:
    refusal(f"get_bucket_{name}", getattr(s3, f"get_bucket_{name}"), **B)
refusal("get_object_lock_configuration", s3.get_object_lock_configuration, **B)
s3.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **B)
seen["versioning"] = s3.get_bucket_versioning(**B)["Status"]
rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
s3.put_bucket_lifecycle_configuration(LifecycleConfiguration={"Rules": [rule]}, **B)
seen["lifecycle"] = s3.get_bucket_lifecycle_configuration(**B)["Rules"] == [rule]
cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
s3.put_bucket_cors(CORSConfiguration=cors, **B)
seen["cors"] = s3.get_bucket_cors(**B)["CORSRules"] == cors["CORSRules"]
s3.put_bucket_website(WebsiteConfiguration={"IndexDocument": {"Suffix": "i.html"}}, **B)
seen["website"] = s3.get_bucket_website(**B)["IndexDocument"]
s3.put_bucket_accelerate_configuration(AccelerateConfiguration={"Status": "Suspended"}, **B)
seen["accelerate"] = s3.get_bucket_accelerate_configuration(**B)["Status"]
s3.put_bucket_request_payment(RequestPaymentConfiguration={"Payer": "Requester"}, **B)
seen["payer"] = s3.get_bucket_request_payment(**B)["Payer"]
s3.put_bucket_logging(BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "target", "TargetPrefix": "l/"}}, **B)
seen["logging"] = s3.get_bucket_logging(**B)["LoggingEnabled"]["TargetBucket"]
seen["encryption"] = s3.get_bucket_encryption(**B)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
s3.put_bucket_encryption(ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}, **B)
seen["blocked"] = all(s3.get_public_access_block(**B)["PublicAccessBlockConfiguration"].values())
s3.put_public_access_block(PublicAccessBlockConfiguration={"BlockPublicPolicy": False}, **B)
s3.put_bucket_ownership_controls(OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}, **B)
seen["ownership"] = s3.get_bucket_ownership_controls(**B)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
s3.put_bucket_acl(ACL="public-read", **B)
seen["acl"] = len(s3.get_bucket_acl(**B)["Grants"])
policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::boto/*"}]}
s3.put_bucket_policy(Policy=json.dumps(policy), **B)
seen["policy"] = [json.loads(s3.get_bucket_policy(**B)["Policy"]) == policy, s3.get_bucket_policy_status(**B)["PolicyStatus"]["IsPublic"]]
s3.put_bucket_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}, **B)
seen["tags"] = s3.get_bucket_tagging(**B)["TagSet"]
replication = {"Role": "arn:aws:iam::000000000000:role/r", "Rules": [{"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::target"}}]}
s3.put_bucket_replication(ReplicationConfiguration=replication, **B)
seen["replication"] = s3.get_bucket_replication(**B)["ReplicationConfiguration"]["Role"]
s3.put_object_lock_configuration(ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}, **B)
seen["lock"] = s3.get_object_lock_configuration(**B)["ObjectLockConfiguration"]
listed = {
    "metrics": ("MetricsConfiguration", {"Id": "m"}),
    "analytics": ("AnalyticsConfiguration", {"Id": "m", "StorageClassAnalysis": {}}),
    "intelligent_tiering": ("IntelligentTieringConfiguration", {"Id": "m", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
    "inventory": ("InventoryConfiguration", {"Id": "m", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
                                             "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::target", "Format": "CSV"}}}),
}
for name, (member, document) in listed.items():
    getattr(s3, f"put_bucket_{name}_configuration")(Id="m", **{member: document}, **B)
    one = getattr(s3, f"get_bucket_{name}_configuration")(Id="m", **B)[member]
    all_ = getattr(s3, f"list_bucket_{name}_configurations")(**B)[f"{member}List"]
    seen[name] = [one["Id"], len(all_)]
    getattr(s3, f"delete_bucket_{name}_configuration")(Id="m", **B)
    refusal(f"get_bucket_{name}", getattr(s3, f"get_bucket_{name}_configuration"), Id="m", **B)

# What happens to objects is told to a function.
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("index.js", """const http = require('http')
exports.handler = (event) => new Promise((resolve) => {
  const body = JSON.stringify({ QueueUrl: process.env.QUEUE, MessageBody: JSON.stringify(event) })
  const headers = { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' }
  http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers }, resolve).end(body)
})""")
queue = sqs.create_queue(QueueName="told")["QueueUrl"]
function = functions.create_function(FunctionName="told", Runtime="nodejs22.x", Role="arn:aws:iam::000000000000:role/r", Handler="index.handler",
                                     Code={"ZipFile": code.getvalue()}, Environment={"Variables": {"QUEUE": queue}})["FunctionArn"]
rules = [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".txt"}]}}}]
s3.put_bucket_notification_configuration(NotificationConfiguration={"LambdaFunctionConfigurations": rules}, **B)
seen["notification"] = len(s3.get_bucket_notification_configuration(**B)["LambdaFunctionConfigurations"])
first = s3.put_object(Key="k.txt", Body=b"one", **B)
message = until(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages"))
record = json.loads(message[0]["Body"])["Records"][0]
seen["told"] = [record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"]["versionId"] == first["VersionId"]]

s3.put_object(Key="k.txt", Body=b"two", **B)
seen["kms"] = first["ServerSideEncryption"]
s3.delete_object(Key="k.txt", **B)
refusal("get_object", s3.get_object, Key="k.txt", **B)
seen["old"] = s3.get_object(Key="k.txt", VersionId=first["VersionId"], **B)["Body"].read().decode()
page = s3.list_object_versions(**B)
seen["versions"] = [len(page["Versions"]), len(page["DeleteMarkers"])]
V = dict(Key="k.txt", VersionId=first["VersionId"], **B)
seen["attributes"] = s3.get_object_attributes(ObjectAttributes=["ObjectSize"], **V)["ObjectSize"]
s3.put_object_acl(ACL="private", **V)
seen["objectAcl"] = len(s3.get_object_acl(**V)["Grants"])
s3.put_object_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}, **V)
seen["objectTags"] = s3.get_object_tagging(**V)["TagSet"]
s3.delete_object_tagging(**V)
s3.put_object_legal_hold(LegalHold={"Status": "OFF"}, **V)
s3.put_object_retention(Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2030-01-01T00:00:00Z"}, **V)
seen["hold"] = [s3.get_object_legal_hold(**V)["LegalHold"]["Status"], s3.get_object_retention(**V)["Retention"]["Mode"]]
for i in range(1200):
    if i % 100 == 0:
        s3.put_object(Key=f"many/{i}", Body=b"", **B)
for name in ["cors", "website", "lifecycle", "policy", "tagging", "replication", "encryption", "ownership_controls"]:
    getattr(s3, f"delete_bucket_{name}")(**B)
s3.delete_public_access_block(**B)
refusal("get_bucket_ownership_controls", s3.get_bucket_ownership_controls, **B)
refusal("get_public_access_block", s3.get_public_access_block, **B)
bucket = resource("s3").Bucket("boto")
refusal("delete_bucket", s3.delete_bucket, **B)
bucket.object_versions.delete()
bucket.delete()
s3.delete_bucket(Bucket="target")
seen["buckets"] = len([bucket for bucket in s3.list_buckets()["Buckets"] if not bucket["Name"].startswith("cdk-")])

# ---- DynamoDB

dynamodb, streams = client("dynamodb"), client("dynamodbstreams")
db = resource("dynamodb")
table = db.create_table(
    TableName="music", BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
    AttributeDefinitions=[{"AttributeName": "artist", "AttributeType": "S"}, {"AttributeName": "year", "AttributeType": "N"}],
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
)
table.wait_until_exists()
table.put_item(Item={"artist": "a", "year": 1999, "price": Decimal("1.50"), "tags": {"x", "y"}, "more": {"list": [1, None, True, b"bytes"]}})
table.update_item(Key={"artist": "a", "year": 1999}, UpdateExpression="SET price = price + :p ADD tags :t", ExpressionAttributeValues={":p": Decimal("0.25"), ":t": {"z"}})
item = table.get_item(Key={"artist": "a", "year": 1999})["Item"]
seen["item"] = [str(item["price"]), sorted(item["tags"]), item["more"]["list"][3].value.decode()]
with table.batch_writer() as batch:
    for year in range(2000, 2060):
        batch.put_item(Item={"artist": "b", "year": year, "genre": "rock" if year % 2 else "jazz"})
found = table.query(KeyConditionExpression=Key("artist").eq("b") & Key("year").between(2010, 2019), FilterExpression=Attr("genre").eq("rock"), ScanIndexForward=False)
seen["query"] = [found["Count"], found["ScannedCount"], int(found["Items"][0]["year"])]
pages = list(dynamodb.get_paginator("scan").paginate(TableName="music", PaginationConfig={"PageSize": 25}))
seen["scan"] = [len(pages), sum(page["Count"] for page in pages)]
seen["batch"] = len(dynamodb.batch_get_item(RequestItems={"music": {"Keys": [{"artist": {"S": "b"}, "year": {"N": "2000"}}, {"artist": {"S": "n"}, "year": {"N": "1"}}]}})["Responses"]["music"])
dynamodb.update_table(
    TableName="music", AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in [("artist", "S"), ("year", "N"), ("genre", "S")]],
    GlobalSecondaryIndexUpdates=[{"Create": {"IndexName": "by-genre", "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}],
)
until(lambda: dynamodb.describe_table(TableName="music")["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE")
seen["index"] = table.query(IndexName="by-genre", KeyConditionExpression=Key("genre").eq("rock"))["Count"]
key = {"artist": {"S": "t"}, "year": {"N": "1"}}
transaction = [
    {"Put": {"TableName": "music", "Item": {**key, "n": {"N": "1"}}, "ConditionExpression": "attribute_not_exists(artist)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
    {"Delete": {"TableName": "music", "Key": {"artist": {"S": "b"}, "year": {"N": "2000"}}}},
]
dynamodb.transact_write_items(TransactItems=transaction, ClientRequestToken="once")
dynamodb.transact_write_items(TransactItems=transaction, ClientRequestToken="once")
try:
    dynamodb.transact_write_items(TransactItems=transaction)
except dynamodb.exceptions.TransactionCanceledException as error:
    seen["cancelled"] = [[r["Code"] for r in error.response["CancellationReasons"]], error.response["CancellationReasons"][0]["Item"]["n"]]
seen["transactGet"] = len(dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "music", "Key": key}}])["Responses"])
seen["partiql"] = [
    dynamodb.execute_statement(Statement="SELECT n FROM music WHERE artist = ? AND \"year\" = 1", Parameters=[{"S": "t"}])["Items"],
    [list(r) for r in dynamodb.batch_execute_statement(Statements=[{"Statement": "INSERT INTO music VALUE {'artist': 't', 'year': 1}"}])["Responses"]],
    len(dynamodb.execute_transaction(TransactStatements=[{"Statement": "SELECT n FROM music WHERE artist = 't' AND \"year\" = 1"}])["Responses"]),
]
refusal("put_item", table.put_item, Item={"artist": "a", "year": 1999}, ConditionExpression=Attr("artist").not_exists())
table.delete_item(Key={"artist": "a", "year": 1999})

dynamodb.update_time_to_live(TableName="music", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
seen["ttl"] = dynamodb.describe_time_to_live(TableName="music")["TimeToLiveDescription"]
over = {"artist": "over", "year": 1}
table.put_item(Item={**over, "until": int(time.time()) - 5})
seen["expired"] = until(lambda: "Item" not in table.get_item(Key=over))

arn = streams.list_streams(TableName="music")["Streams"][0]["StreamArn"]
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
iterator, records = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"], []
while True:
    page = streams.get_records(ShardIterator=iterator, Limit=20)
    records += page["Records"]
    iterator = page["NextShardIterator"]
    if not page["Records"]:
        break
seen["stream"] = [len(records), [r["eventName"] for r in records[:2]], records[1]["dynamodb"]["OldImage"]["price"], records[-1]["userIdentity"]["PrincipalId"]]

dynamodb.tag_resource(ResourceArn=table.table_arn, Tags=[{"Key": "a", "Value": "b"}])
seen["tableTags"] = dynamodb.list_tags_of_resource(ResourceArn=table.table_arn)["Tags"]
dynamodb.untag_resource(ResourceArn=table.table_arn, TagKeys=["a"])
dynamodb.update_continuous_backups(TableName="music", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
backups = dynamodb.describe_continuous_backups(TableName="music")["ContinuousBackupsDescription"]
seen["backups"] = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
seen["endpoint"] = dynamodb.describe_endpoints()["Endpoints"][0]["Address"] in URL
seen["limits"] = dynamodb.describe_limits()["TableMaxReadCapacityUnits"]
refusal("export", dynamodb.export_table_to_point_in_time, TableArn=table.table_arn, S3Bucket="b")
refusal("backup", dynamodb.create_backup, TableName="music", BackupName="backup")
table.delete()
refusal("describe_table", dynamodb.describe_table, TableName="music")
seen["tables"] = dynamodb.list_tables()["TableNames"]

print(json.dumps({"seen": seen, "refused": refused, "called": sorted(called)}))
