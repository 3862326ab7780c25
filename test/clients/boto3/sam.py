"""What the SAM CLI calls, by boto3, in its order: prints what it reads of the answers. SAM itself cannot be installed here.

Source: aws-sam-cli, `samcli/lib`: utils/managed_cloudformation_stack, package/s3_uploader, deploy/deployer, sync/flows,
delete/cfn_utils. The pauses of its waiters are its own: an answer that comes a poll too late shows in the time that this takes.
"""
import hashlib
import io
import json
import os
import sys
import time
import zipfile

import boto3
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.exceptions import ClientError, WaiterError

URL, FOLDER = sys.argv[1:]
STACK, MANAGED = "orders", "aws-sam-cli-managed-default"
seen = {}


def client(name):
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(name, endpoint_url=URL, region_name="eu-central-1", **keys)


cloudformation, s3, functions, logs, sts = map(client, ("cloudformation", "s3", "lambda", "logs", "sts"))
machines = client("stepfunctions")


def read(path):
    with open(os.path.join(FOLDER, path), encoding="utf-8") as file:
        return file.read()


def described(stack):
    """The stack, or nothing where the sentence is that of a stack that is not there."""
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if f"Stack with id {stack} does not exist" not in str(error):
            raise
        return None


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in described(stack)["Outputs"]}


# ---- the bucket that `--resolve-s3` makes once

MANAGED_TEMPLATE = """
AWSTemplateFormatVersion : '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Managed stack
Metadata:
  SamCliInfo: {"version": "1.144.0", "installationId": "unknown"}
Resources:
  SamCliSourceBucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: { Status: Enabled }
      Tags: [{ Key: ManagedStackSource, Value: AwsSamCli }]
  SamCliSourceBucketBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref SamCliSourceBucket
      PolicyDocument:
        Statement:
          - Action: [ "s3:GetObject" ]
            Effect: Allow
            Resource: !Join ["", ["arn:", !Ref AWS::Partition, ":s3:::", !Ref SamCliSourceBucket, "/*"]]
            Principal: { Service: serverlessrepo.amazonaws.com }
Outputs:
  SourceBucket: { Value: !Ref SamCliSourceBucket }
"""


def source_bucket():
    stack = described(MANAGED)
    if stack is None:
        named = {"ChangeSetName": "InitialCreation", "StackName": MANAGED}
        made = cloudformation.create_change_set(
            **named,
            TemplateBody=MANAGED_TEMPLATE,
            Tags=[{"Key": "ManagedStackSource", "Value": "AwsSamCli"}],
            ChangeSetType="CREATE",
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[],
        )
        pause = {"Delay": 15, "MaxAttempts": 60}
        cloudformation.get_waiter("change_set_create_complete").wait(**named, WaiterConfig=pause)
        cloudformation.execute_change_set(**named)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=made["StackId"], WaiterConfig=pause)
        stack = described(MANAGED)
    assert {"Key": "ManagedStackSource", "Value": "AwsSamCli"} in stack["Tags"]
    return outputs(MANAGED)["SourceBucket"]


# ---- uploads: what is there already is not sent again

uploaded = []


def upload(data, extension=""):
    key = f"{STACK}/{hashlib.md5(data).hexdigest()}{extension}"
    try:
        s3.head_object(Bucket=BUCKET, Key=key)
    except ClientError:
        with create_transfer_manager(s3, TransferConfig()) as manager:
            manager.upload(io.BytesIO(data), BUCKET, key, {"ServerSideEncryption": "AES256"}).result()
        uploaded.append(key)
    return key


def zip_of(path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(os.listdir(os.path.join(FOLDER, path))):
            archive.writestr(zipfile.ZipInfo(name), read(os.path.join(path, name)))
    return packed.getvalue()


def packaged():
    template = read("template.yaml")
    for name in ("stock", "payment", "logistics"):
        key = upload(zip_of(f"functions/{name}"))
        template = template.replace(f"CodeUri: functions/{name}", f"CodeUri: s3://{BUCKET}/{key}")
    key = upload(read("statemachine.asl.json").encode())
    location = f"DefinitionUri:\n        Bucket: {BUCKET}\n        Key: {key}"
    return template.replace("DefinitionUri: statemachine.asl.json", location)


# ---- sam deploy

change_sets = 0


def deploy():
    """The actions of the change set, or why there was nothing to do; and the statuses that its table of events shows."""
    global change_sets
    change_sets += 1
    sts.get_caller_identity()
    template = packaged()
    stack = described(STACK)
    kind = "CREATE" if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS" else "UPDATE"
    if kind == "UPDATE":
        assert cloudformation.get_template_summary(StackName=STACK)["Parameters"] == []
    made = cloudformation.create_change_set(
        ChangeSetName=f"samcli-deploy{int(time.time())}{change_sets}",
        StackName=STACK,
        TemplateURL=f"{s3.meta.endpoint_url}/{BUCKET}/{upload(template.encode(), '.template')}",
        ChangeSetType=kind,
        Parameters=[],
        Capabilities=["CAPABILITY_IAM"],
        Description="Created by SAM CLI at 2026-11-30T00:00:00 UTC",
        Tags=[],
    )
    named = {"ChangeSetName": made["Id"], "StackName": STACK}
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**named, WaiterConfig={"Delay": 5})
    except WaiterError as error:
        return error.last_response["Status"], error.last_response["StatusReason"]
    pages = list(cloudformation.get_paginator("describe_change_set").paginate(**named))
    changes = [change["ResourceChange"] for page in pages for change in page["Changes"]]
    marker = 0 if stack is None else last_event_time()
    cloudformation.execute_change_set(ChangeSetName=made["Id"], StackName=STACK, DisableRollback=False)
    statuses = watch(marker)
    waiter = cloudformation.get_waiter("stack_create_complete" if kind == "CREATE" else "stack_update_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 5, "MaxAttempts": 720})
    return sorted(f"{change['Action']} {change['LogicalResourceId']}" for change in changes), statuses


def last_event_time():
    return cloudformation.describe_stack_events(StackName=STACK)["StackEvents"][0]["Timestamp"].timestamp()


def watch(marker):
    """What becomes of the stack, from its events, until its status is that of an end."""
    told = {}
    while True:
        status = described(STACK)["StackStatus"]
        for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=STACK):
            for event in page["StackEvents"]:
                if event["Timestamp"].timestamp() > marker:
                    told[event["EventId"]] = event
        if "COMPLETE" in status and "CLEANUP" not in status:
            break
        time.sleep(0.5)
    assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), status
    ordered = sorted(told.values(), key=lambda event: event["Timestamp"])
    return [event["ResourceStatus"] for event in ordered if event["PhysicalResourceId"] == event["StackId"]]


# ---- sam remote invoke

def execute(order):
    machine = outputs(STACK)["StateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine, input=json.dumps(order))["executionArn"]
    while True:
        answer = machines.describe_execution(executionArn=execution)
        if answer["status"] != "RUNNING":
            return answer["status"], json.loads(answer.get("output", "null"))
        time.sleep(0.05)


seen["managedBefore"] = described(MANAGED)
BUCKET = source_bucket()
seen["managedAgain"] = source_bucket() == BUCKET
seen["created"], seen["createEvents"] = deploy()
seen["uploads"] = len(uploaded)
seen["unchanged"] = deploy()
seen["uploadsAgain"] = len(uploaded)
order = json.loads(read("input.json"))
seen["executed"] = execute(order)[0]

# A function's code and the definition are other ones
with open(os.path.join(FOLDER, "functions/stock/index.mjs"), "a", encoding="utf-8") as file:
    file.write("console.log('stock is open')\n")
definition = json.loads(read("statemachine.asl.json"))
definition["States"]["Ship"]["Output"]["status"] = "ON ITS WAY"
with open(os.path.join(FOLDER, "statemachine.asl.json"), "w", encoding="utf-8") as file:
    json.dump(definition, file)
seen["updated"], seen["updateEvents"] = deploy()
seen["executedAgain"] = execute(order)[1]["status"]

# ---- sam sync: code and definition go to the resources themselves, whose names the stack tells

resources = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for page in resources for each in page["StackResourceSummaries"]}
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("index.mjs", "export const handler = async () => { console.log('synced'); return { isReserved: false } }")
functions.update_function_code(FunctionName=ids["StockFunction"], ZipFile=code.getvalue())
functions.get_waiter("function_updated").wait(FunctionName=ids["StockFunction"])
invoked = functions.invoke(FunctionName=ids["StockFunction"], InvocationType="RequestResponse", LogType="Tail", Payload=b"{}")
seen["invoked"] = [invoked["StatusCode"], json.loads(invoked["Payload"].read()), "LogResult" in invoked]
seen["executedSynced"] = execute(order)
synced = machines.describe_state_machine(stateMachineArn=ids["OrderProcess"])["definition"]
machines.update_state_machine(stateMachineArn=ids["OrderProcess"], definition=synced.replace("OUT_OF_STOCK", "SOLD OUT"))
seen["machineSynced"] = execute(order)[1]["status"]

# `sam sync --infra` updates the stack itself
template = packaged().replace("Timeout: 10", "Timeout: 11")
update = {"StackName": STACK, "TemplateBody": template, "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]}
since = last_event_time()
cloudformation.update_stack(**update, Tags=[{"Key": "team", "Value": "shop"}])
seen["syncEvents"] = watch(since)
cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 5})
seen["timeout"] = functions.get_function_configuration(FunctionName=ids["PaymentFunction"])["Timeout"]
try:
    seen["syncAgain"] = cloudformation.update_stack(**update)
except ClientError as error:
    seen["syncAgain"] = error.response["Error"]

# ---- sam logs

group = f"/aws/lambda/{ids['StockFunction']}"
for _ in range(100):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="synced")
    messages = [event["message"] for page in pages for event in page["events"]]
    if messages:
        break
    time.sleep(0.05)
seen["logs"] = any("synced" in message for message in messages)

# ---- sam delete: the stack, what was uploaded for it, then the stack of the bucket

assert described(STACK)["EnableTerminationProtection"] is False
original = cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
seen["original"] = original == template
cloudformation.delete_stack(StackName=STACK, RetainResources=[])
cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 30, "MaxAttempts": 3})
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{STACK}/"):
    for item in page.get("Contents", []):
        s3.head_object(Bucket=BUCKET, Key=item["Key"])
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
versions = []
for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
    versions += [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in page.get("Versions", []) + page.get("DeleteMarkers", [])]
seen["deletedObjects"] = "Errors" not in s3.delete_objects(Bucket=BUCKET, Delete={"Objects": versions, "Quiet": True})
cloudformation.delete_stack(StackName=MANAGED)
cloudformation.get_waiter("stack_delete_complete").wait(StackName=MANAGED, WaiterConfig={"Delay": 15})
seen["left"] = [described(STACK), described(MANAGED)]
print(json.dumps(seen))
