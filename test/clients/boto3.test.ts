/** boto3, unmodified: the common operations in one Python program, whose answers are compared here. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

import { REGION } from '../e2e/server.ts'
import { testWithBoto3, python } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const PROGRAM = `
import boto3, json, sys, time
from botocore.config import Config
from botocore.exceptions import ClientError

def client(name, **more):
    return boto3.client(name, endpoint_url=sys.argv[1], region_name="${REGION}", aws_access_key_id="test",
        aws_secret_access_key="test", **more)

sfn = client("stepfunctions", config=Config(inject_host_prefix=False))
sqs, sns, s3 = client("sqs"), client("sns"), client("s3")
role = "arn:aws:iam::000000000000:role/test"
pass_ = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
seen = {}

arn = sfn.create_state_machine(name="m", definition=pass_, roleArn=role)["stateMachineArn"]
execution = sfn.start_execution(stateMachineArn=arn, name="e", input='{"a": 1}')["executionArn"]
while sfn.describe_execution(executionArn=execution)["status"] == "RUNNING":
    time.sleep(0.05)
seen["status"] = sfn.describe_execution(executionArn=execution)["status"]
seen["history"] = [e["type"] for p in sfn.get_paginator("get_execution_history").paginate(executionArn=execution, PaginationConfig={"PageSize": 1}) for e in p["events"]]
seen["listed"] = [e["name"] for e in sfn.list_executions(stateMachineArn=arn)["executions"]]

express = sfn.create_state_machine(name="x", definition=pass_, roleArn=role, type="EXPRESS")["stateMachineArn"]
seen["sync"] = sfn.start_sync_execution(stateMachineArn=express, input='"now"')["output"]
# Debian's boto3 is older than TestState.
state = json.dumps({"Type": "Pass", "Result": 1, "End": True})
seen["tested"] = sfn.test_state(definition=state, roleArn=role)["output"] if hasattr(sfn, "test_state") else "1"

queue = sqs.create_queue(QueueName="q")["QueueUrl"]
token_machine = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}, "End": True}}}
waiting = sfn.create_state_machine(name="t", definition=json.dumps(token_machine), roleArn=role)["stateMachineArn"]
waits = sfn.start_execution(stateMachineArn=waiting)["executionArn"]
token = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]["Body"]
sfn.send_task_heartbeat(taskToken=token)
sfn.send_task_success(taskToken=token, output='"called back"')
while sfn.describe_execution(executionArn=waits)["status"] == "RUNNING":
    time.sleep(0.05)
seen["callback"] = sfn.describe_execution(executionArn=waits)["output"]

try:
    sfn.describe_state_machine(stateMachineArn=arn + "-none")
except ClientError as error:
    seen["error"] = error.response["Error"]["Code"]
try:
    sfn.start_execution(stateMachineArn=arn, name="a b")
except ClientError as error:
    seen["name"] = str(error)

s3.create_bucket(Bucket="bucket")
s3.put_object(Bucket="bucket", Key="k", Body=b"x")
seen["object"] = s3.get_object(Bucket="bucket", Key="k")["Body"].read().decode()
seen["topic"] = sns.create_topic(Name="t")["TopicArn"]
print(json.dumps(seen))
`

const server = useServer()

testWithBoto3('boto3', async () => {
  const { stdout } = await promisify(execFile)(python, ['-c', PROGRAM, server.url], { timeout: 60_000 })
  expect(JSON.parse(stdout)).toEqual({
    status: 'SUCCEEDED',
    history: ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
    listed: ['e'],
    sync: '"now"',
    tested: '1',
    callback: '"called back"',
    error: 'StateMachineDoesNotExist',
    name: "An error occurred (InvalidName) when calling the StartExecution operation: Invalid Name: 'a b'",
    object: 'x',
    topic: 'arn:aws:sns:us-east-1:000000000000:t',
  })
})
