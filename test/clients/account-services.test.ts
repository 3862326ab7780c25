/** Parameter Store, KMS, CloudWatch and ECR by boto3 and the AWS CLI, unmodified: each operation, and what they refuse. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { REGION, ROOT } from '../e2e/server.ts'
import { aws, describeWithAwsCli, python, testWithBoto3 } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const CLIENTS = `
import boto3, botocore.model, datetime, hashlib, json, sys
from botocore.exceptions import ClientError

def client(name):
    return boto3.client(name, endpoint_url=sys.argv[1], region_name="${REGION}", aws_access_key_id="test", aws_secret_access_key="test")

def refused(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"]

seen = {}
`

const ACCOUNT = `${CLIENTS}
ssm, kms, ecr = client("ssm"), client("kms"), client("ecr")

seen["bootstrap"] = ssm.get_parameter(Name="/cdk-bootstrap/hnb659fds/version", WithDecryption=True)["Parameter"]["Value"]
seen["bucket"] = client("s3").head_bucket(Bucket="cdk-hnb659fds-assets-000000000000-${REGION}")["ResponseMetadata"]["HTTPStatusCode"]
ssm.put_parameter(Name="/app/a", Value="1", Type="String", Tags=[{"Key": "k", "Value": "v"}])
ssm.put_parameter(Name="/app/a", Value="2", Overwrite=True)
ssm.put_parameter(Name="/app/s", Value="secret", Type="SecureString")
ssm.label_parameter_version(Name="/app/a", ParameterVersion=1, Labels=["old", "older"])
seen["labelled"] = ssm.get_parameter(Name="/app/a:old")["Parameter"]["Value"]
ssm.unlabel_parameter_version(Name="/app/a", ParameterVersion=1, Labels=["old"])
seen["several"] = [p["Value"] for p in ssm.get_parameters(Names=["/app/a", "/app/s", "/none"], WithDecryption=True)["Parameters"]]
pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/app", WithDecryption=True, PaginationConfig={"PageSize": 1})
seen["path"] = [p["Name"] for page in pages for p in page["Parameters"]]
seen["described"] = [p["Name"] for p in ssm.describe_parameters(ParameterFilters=[{"Key": "tag:k", "Values": ["v"]}])["Parameters"]]
seen["history"] = [(p["Version"], p["Labels"]) for p in ssm.get_parameter_history(Name="/app/a")["Parameters"]]
resource = {"ResourceType": "Parameter", "ResourceId": "/app/a"}
ssm.add_tags_to_resource(**resource, Tags=[{"Key": "l", "Value": "w"}])
ssm.remove_tags_from_resource(**resource, TagKeys=["k"])
seen["tags"] = ssm.list_tags_for_resource(**resource)["TagList"]
ssm.delete_parameter(Name="/app/s")
seen["deleted"] = ssm.delete_parameters(Names=["/app/a", "/app/s"])["DeletedParameters"]
seen["no parameter"] = refused(ssm.get_parameter, Name="/app/a")
seen["no document"] = refused(ssm.list_documents)

key = kms.create_key(Description="d", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]
kms.update_key_description(KeyId=key["KeyId"], Description="e")
kms.create_alias(AliasName="alias/app", TargetKeyId=key["KeyId"])
seen["described key"] = kms.describe_key(KeyId="alias/app")["KeyMetadata"]["Description"]
seen["keys"] = key["KeyId"] in [k["KeyId"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1}) for k in page["Keys"]]
closed = kms.encrypt(KeyId="alias/app", Plaintext=b"text", EncryptionContext={"a": "b"})["CiphertextBlob"]
seen["opened"] = kms.decrypt(CiphertextBlob=closed, EncryptionContext={"a": "b"})["Plaintext"].decode()
seen["wrong context"] = refused(kms.decrypt, CiphertextBlob=closed)
other = kms.create_key()["KeyMetadata"]["KeyId"]
again = kms.re_encrypt(CiphertextBlob=closed, SourceEncryptionContext={"a": "b"}, DestinationKeyId=other)["CiphertextBlob"]
seen["encrypted again"] = kms.decrypt(CiphertextBlob=again)["Plaintext"].decode()
data = kms.generate_data_key(KeyId=other, KeySpec="AES_256")
seen["data key"] = kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
kms.generate_data_key_without_plaintext(KeyId=other, NumberOfBytes=16)
pair = kms.generate_data_key_pair(KeyId=other, KeyPairSpec="ECC_NIST_P256")
seen["pair"] = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]
kms.generate_data_key_pair_without_plaintext(KeyId=other, KeyPairSpec="ECC_NIST_P256")
seen["random"] = len(kms.generate_random(NumberOfBytes=9)["Plaintext"])
rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
signing = {"KeyId": rsa, "Message": b"m", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
seen["verified"] = kms.verify(Signature=kms.sign(**signing)["Signature"], **signing)["SignatureValid"]
seen["public"] = kms.get_public_key(KeyId=rsa)["PublicKey"][:1].hex()
mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
coding = {"KeyId": mac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
seen["mac"] = kms.verify_mac(Mac=kms.generate_mac(**coding)["Mac"], **coding)["MacValid"]
kms.put_key_policy(KeyId=other, PolicyName="default", Policy='{"Statement": []}')
seen["policy"] = kms.get_key_policy(KeyId=other, PolicyName="default")["Policy"]
seen["policies"] = kms.list_key_policies(KeyId=other)["PolicyNames"]
kms.enable_key_rotation(KeyId=other)
seen["rotates"] = kms.get_key_rotation_status(KeyId=other)["KeyRotationEnabled"]
kms.disable_key_rotation(KeyId=other)
kms.rotate_key_on_demand(KeyId=other)
seen["rotations"] = [r["RotationType"] for r in kms.list_key_rotations(KeyId=other)["Rotations"]]
kms.tag_resource(KeyId=other, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}])
kms.untag_resource(KeyId=other, TagKeys=["a"])
seen["key tags"] = kms.list_resource_tags(KeyId=other)["Tags"]
kms.update_alias(AliasName="alias/app", TargetKeyId=other)
seen["aliases"] = [a["AliasName"] for a in kms.list_aliases(KeyId=other)["Aliases"]]
kms.delete_alias(AliasName="alias/app")
kms.disable_key(KeyId=other)
seen["disabled"] = refused(kms.encrypt, KeyId=other, Plaintext=b"x")
kms.enable_key(KeyId=other)
kms.schedule_key_deletion(KeyId=other, PendingWindowInDays=7)
seen["pending"] = refused(kms.encrypt, KeyId=other, Plaintext=b"x")
kms.cancel_key_deletion(KeyId=other)
seen["no grants"] = refused(kms.list_grants, KeyId=other)

name = {"repositoryName": "team/app"}
arn = ecr.create_repository(**name, tags=[{"Key": "a", "Value": "1"}])["repository"]["repositoryArn"]
ecr.put_image_scanning_configuration(**name, imageScanningConfiguration={"scanOnPush": True})
ecr.put_image_tag_mutability(**name, imageTagMutability="IMMUTABLE")
repository = ecr.describe_repositories(repositoryNames=["team/app"])["repositories"][0]
seen["repository"] = [repository["imageTagMutability"], repository["imageScanningConfiguration"]]
policy = json.dumps({"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]})
ecr.put_lifecycle_policy(**name, lifecyclePolicyText=policy)
seen["lifecycle"] = ecr.get_lifecycle_policy(**name)["lifecyclePolicyText"] == policy
ecr.delete_lifecycle_policy(**name)
seen["no lifecycle"] = refused(ecr.get_lifecycle_policy, **name)
ecr.set_repository_policy(**name, policyText="{}")
seen["repository policy"] = ecr.get_repository_policy(**name)["policyText"]
ecr.delete_repository_policy(**name)
seen["images"] = [ecr.list_images(**name)["imageIds"], ecr.describe_images(**name)["imageDetails"]]
image = [{"imageTag": "t"}]
seen["no image"] = refused(ecr.describe_images, **name, imageIds=image)
seen["failures"] = [f["failureCode"] for call in (ecr.batch_get_image, ecr.batch_delete_image) for f in call(**name, imageIds=image)["failures"]]
seen["layers"] = ecr.batch_check_layer_availability(**name, layerDigests=["sha256:" + "0" * 64])["layers"]
seen["no push"] = [refused(ecr.put_image, **name, imageManifest="{}"), refused(ecr.initiate_layer_upload, **name),
    refused(ecr.upload_layer_part, **name, uploadId="0" * 36, partFirstByte=0, partLastByte=0, layerPartBlob=b"x"),
    refused(ecr.complete_layer_upload, **name, uploadId="0" * 36, layerDigests=["sha256:" + "0" * 64])]
seen["registry"] = ecr.describe_registry()["registryId"]
seen["proxy"] = ecr.get_authorization_token()["authorizationData"][0]["proxyEndpoint"] == sys.argv[1]
ecr.tag_resource(resourceArn=arn, tags=[{"Key": "b", "Value": "2"}])
ecr.untag_resource(resourceArn=arn, tagKeys=["a"])
seen["repository tags"] = ecr.list_tags_for_resource(resourceArn=arn)["tags"]
ecr.delete_repository(**name)
seen["no repository"] = refused(ecr.describe_repositories, repositoryNames=["team/app"])
print(json.dumps(seen))
`

/** In the protocol that is named; by itself boto3 chooses one. */
const METRICS = `${CLIENTS}
chosen = botocore.model.ServiceModel.__dict__.get("resolved_protocol")
if len(sys.argv) > 2 and chosen is not None:
    botocore.model.ServiceModel.resolved_protocol = property(lambda self: sys.argv[2])
cw = client("cloudwatch")
now = datetime.datetime.now(datetime.timezone.utc)
start, end = now - datetime.timedelta(minutes=10), now + datetime.timedelta(minutes=2)
space = "app-" + (sys.argv[2] if len(sys.argv) > 2 else "own")
metric = {"Namespace": space, "MetricName": "m"}

cw.put_metric_data(Namespace=space, MetricData=[{"MetricName": "m", "Value": 1.5, "Timestamp": now, "Unit": "Count"}, {"MetricName": "m", "Timestamp": now, "Values": [1, 2.5], "Counts": [1, 2], "Unit": "Count"}])
cw.put_metric_data(Namespace=space + "-many", MetricData=[{"MetricName": "m%d" % i, "Value": i, "Dimensions": [{"Name": "d", "Value": "v" * 200}]} for i in range(100)])
seen["many"] = len(cw.list_metrics(Namespace=space + "-many")["Metrics"])
point = cw.get_metric_statistics(**metric, Period=60, StartTime=start, EndTime=end, Statistics=["Sum", "SampleCount"], ExtendedStatistics=["p50"])["Datapoints"][0]
seen["point"] = [point["Sum"], point["SampleCount"], point["ExtendedStatistics"], point["Timestamp"].second, point["Unit"]]
stat = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
result = cw.get_metric_data(StartTime=start, EndTime=end, MetricDataQueries=[stat, {"Id": "b", "Expression": "a * 2", "Label": "twice"}])["MetricDataResults"]
seen["data"] = [(r["Id"], r["Label"], r["Values"], r["Timestamps"][0].second) for r in result]
alarm = {"AlarmName": space, "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0.5, "ComparisonOperator": "GreaterThanThreshold"}
cw.put_metric_alarm(**alarm, **metric, Tags=[{"Key": "k", "Value": "v"}])
cw.put_composite_alarm(AlarmName=space + "-all", AlarmRule='ALARM("' + space + '")')
cw.set_alarm_state(AlarmName=space, StateValue="ALARM", StateReason="r")
seen["composite"] = cw.describe_alarms(AlarmNames=[space + "-all"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]["StateValue"]
cw.disable_alarm_actions(AlarmNames=[space])
described = cw.describe_alarms_for_metric(**metric)["MetricAlarms"][0]
seen["alarm"] = [described["StateValue"], described["ActionsEnabled"], described["Threshold"], type(described["StateUpdatedTimestamp"]).__name__]
cw.enable_alarm_actions(AlarmNames=[space])
seen["history"] = [h["HistorySummary"] for h in cw.describe_alarm_history(AlarmName=space, HistoryItemType="StateUpdate")["AlarmHistoryItems"]]
arn = described["AlarmArn"]
cw.tag_resource(ResourceARN=arn, Tags=[{"Key": "l", "Value": "w"}])
cw.untag_resource(ResourceARN=arn, TagKeys=["k"])
seen["tags"] = cw.list_tags_for_resource(ResourceARN=arn)["Tags"]
seen["no alarm"] = refused(cw.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="r")
seen["no number"] = refused(cw.put_metric_data, Namespace="n", MetricData=[{"MetricName": "m", "Value": 1, "Values": [1]}])
cw.delete_alarms(AlarmNames=[space, space + "-all"])
cw.put_dashboard(DashboardName=space, DashboardBody="{}")
seen["dashboard"] = [cw.get_dashboard(DashboardName=space)["DashboardBody"], cw.list_dashboards(DashboardNamePrefix=space)["DashboardEntries"][0]["Size"]]
cw.delete_dashboards(DashboardNames=[space])
seen["no dashboard"] = refused(cw.get_dashboard, DashboardName=space)
seen["no rules"] = refused(cw.describe_insight_rules)
print(json.dumps(seen))
`

const server = useServer()

async function run(program: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, ['-c', program, server.url, ...args], { timeout: 60_000 })
  return JSON.parse(stdout)
}

testWithBoto3('boto3 calls Parameter Store, KMS and ECR', async () => {
  expect(await run(ACCOUNT)).toEqual({
    bootstrap: '33',
    bucket: 200,
    labelled: '1',
    several: ['2', 'secret'],
    path: ['/app/a', '/app/s'],
    described: ['/app/a'],
    history: [
      [1, ['older']],
      [2, []],
    ],
    tags: [{ Key: 'l', Value: 'w' }],
    deleted: ['/app/a'],
    'no parameter': 'ParameterNotFound',
    'no document': 'NotImplemented',
    'described key': 'e',
    keys: true,
    opened: 'text',
    'wrong context': 'InvalidCiphertextException',
    'encrypted again': 'text',
    'data key': true,
    pair: true,
    random: 9,
    verified: true,
    public: '30',
    mac: true,
    policy: '{"Statement": []}',
    policies: ['default'],
    rotates: true,
    rotations: ['ON_DEMAND'],
    'key tags': [{ TagKey: 'b', TagValue: '2' }],
    aliases: ['alias/app'],
    disabled: 'DisabledException',
    pending: 'KMSInvalidStateException',
    'no grants': 'NotImplemented',
    repository: ['IMMUTABLE', { scanOnPush: true }],
    lifecycle: true,
    'no lifecycle': 'LifecyclePolicyNotFoundException',
    'repository policy': '{}',
    images: [[], []],
    'no image': 'ImageNotFoundException',
    failures: ['ImageNotFound', 'ImageNotFound'],
    layers: [],
    'no push': Array(4).fill('InvalidParameterException'),
    registry: '000000000000',
    proxy: true,
    'repository tags': [{ Key: 'b', Value: '2' }],
    'no repository': 'RepositoryNotFoundException',
  })
})

testWithBoto3('boto3 calls CloudWatch in each of its protocols', async () => {
  for (const protocol of [[], ['query'], ['json'], ['smithy-rpc-v2-cbor']]) {
    expect(await run(METRICS, ...protocol), String(protocol)).toEqual({
      many: 100,
      point: [7.5, 4, { p50: 1.5 }, 0, 'Count'],
      data: [['b', 'twice', [15], 0]],
      composite: 'ALARM',
      alarm: ['ALARM', false, 0.5, 'datetime'],
      history: ['Alarm updated from INSUFFICIENT_DATA to ALARM'],
      tags: [{ Key: 'l', Value: 'w' }],
      'no alarm': 'ResourceNotFound',
      'no number': 'InvalidParameterCombination',
      dashboard: ['{}', 2],
      'no dashboard': 'ResourceNotFound',
      'no rules': 'NotImplemented',
    })
  }
})

describeWithAwsCli('the AWS CLI', () => {
  test('puts and reads a parameter, a ciphertext, a metric and a repository', async () => {
    const put = ['--name', '/cli/a', '--value', 'v', '--type', 'SecureString']
    expect(await aws(server.url, 'ssm', 'put-parameter', ...put)).toMatchObject({ Version: 1 })
    expect(await aws(server.url, 'ssm', 'get-parameter', '--name', '/cli/a', '--with-decryption')).toMatchObject({
      Parameter: { Value: 'v' },
    })
    const made = (await aws(server.url, 'kms', 'create-key')) as { KeyMetadata: { KeyId: string } }
    expect(await aws(server.url, 'kms', 'describe-key', '--key-id', made.KeyMetadata.KeyId)).toMatchObject(made)
    await aws(server.url, 'cloudwatch', 'put-metric-data', '--namespace', 'cli', '--metric-name', 'm', '--value', '1')
    expect(await aws(server.url, 'cloudwatch', 'list-metrics', '--namespace', 'cli')).toMatchObject({
      Metrics: [{ MetricName: 'm' }],
    })
    await aws(server.url, 'ecr', 'create-repository', '--repository-name', 'cli')
    expect(await aws(server.url, 'ecr', 'describe-repositories')).toMatchObject({ repositories: [{ repositoryName: 'cli' }] })
    await expect(aws(server.url, 'ssm', 'get-parameter', '--name', 'none')).rejects.toThrow('ParameterNotFound')
  }, 120_000)
})

test('the documentation lists the operations that there are, and each is called here', () => {
  const rows = [
    ...readFileSync(join(ROOT, 'docs/integrations.md'), 'utf8').matchAll(
      /^\| [^|]+ \(`(ssm|kms|cloudwatch|ecr)`\) \| ([^|]+) \|$/gm,
    ),
  ]
  const text = readFileSync(join(import.meta.dirname, 'account-services.test.ts'), 'utf8')
  const missing = rows.flatMap(([, service = '', list = '']) => {
    const told = [...list.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort()
    const handler = service === 'cloudwatch' ? 'service' : 'handler'
    const code = readFileSync(join(ROOT, `src/services/${service}/${handler}.ts`), 'utf8')
    const known = [...code.matchAll(/^\s+\['(\w+)', /gm)].map(([, name = '']) => name).sort()
    expect(told, service).toEqual(known)
    return told.filter((name) => !new RegExp(`\\b${name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase()}\\b`).test(text))
  })
  expect(rows).toHaveLength(4)
  expect(missing).toEqual([])
})
