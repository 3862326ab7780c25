import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

import { deployTemplate, defaultStackName, type DeployOptions, type Progress } from './deploy.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import { parseTemplate } from '../cloudformation/template/template.ts'
import { zipFolder } from './folder-files.ts'

const options: DeployOptions = {
  endpoint: 'http://127.0.0.1:1',
  region: 'us-east-1',
  account: '000000000000',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
}

async function run(text: string, aws = new FakeAws(), more: Partial<DeployOptions> = {}, folder = '/nowhere/demo') {
  const progress: Progress[] = []
  const onProgress = (step: Progress) => progress.push(step)
  const file = join(folder, 't.yaml')
  const stack = await deployTemplate(parseTemplate(text, 't.yaml'), file, aws, { ...options, ...more, onProgress })
  return { stack, aws, warnings: progress.flatMap((step) => (step.kind === 'warning' ? [step.message] : [])) }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regente-deploy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const EXAMPLES = join(import.meta.dirname, '../../examples')
const examples = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'template.yaml')))

test.each(examples)('the example %s deploys, and deploying it again changes nothing', async (name) => {
  const folder = join(EXAMPLES, name)
  const text = readFileSync(join(folder, 'template.yaml'), 'utf8')
  const first = await run(text, new FakeAws(), {}, folder)
  expect(first.warnings).toEqual([])
  expect(first.stack.outputs).toHaveProperty('StateMachineArn')
  const definition = String(first.aws.inputs['CreateStateMachine']?.['definition'])
  expect(() => JSON.parse(definition)).not.toThrow()
  expect(definition).not.toContain('${')
  const second = await run(text, first.aws, {}, folder)
  const changed = second.stack.resources.filter((resource) => resource.change === 'updated')
  expect(changed).toEqual([])
  expect(second.stack.outputs).toEqual(first.stack.outputs)
})

test('logging is passed on with the log group as Step Functions wants it', async () => {
  const folder = join(EXAMPLES, 'distributed-map-s3')
  const { aws } = await run(readFileSync(join(folder, 'template.yaml'), 'utf8'), undefined, {}, folder)
  expect(aws.inputs['CreateStateMachine']?.['loggingConfiguration']).toEqual({
    level: 'ALL',
    includeExecutionData: true,
    destinations: [
      {
        cloudWatchLogsLogGroup: {
          logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/HottestDays:*',
        },
      },
    ],
  })
})

const MACHINE = `
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    DependsOn: Q
    Properties:
      Name: machine
      DefinitionSubstitutions: {queue: !Ref Q, second: !Ref Seconds}
      Definition:
        StartAt: W
        States: {W: {Type: Wait, Seconds: "\${second}", End: true, Comment: "\${queue} \${other}"}}
  Q:
    Type: AWS::SQS::Queue
    Condition: HasQueue
    Properties: {VisibilityTimeout: 5}
Conditions: {HasQueue: !Equals [!Ref Seconds, "3"]}
Parameters:
  Seconds: {Type: Number, Default: 3, MaxValue: 10}
Outputs:
  Arn: {Value: !GetAtt M.Arn}
  Url: {Value: !Ref Q, Condition: HasQueue}
`

test('names that the template leaves open follow from stack and logical id', async () => {
  const { stack, aws } = await run(MACHINE)
  expect(stack.outputs['Url']).toMatch(/^http:\/\/q\/000000000000\/demo-Q-[0-9a-f]{10}$/)
  expect(stack.outputs['Arn']).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:machine')
  expect(String(aws.inputs['CreateStateMachine']?.['definition'])).toContain('"Seconds": "3"')
  expect(aws.inputs['CreateQueue']).toMatchObject({ Attributes: { VisibilityTimeout: '5' } })
})

test('a changed definition is an update, an unchanged one is none', async () => {
  const { aws } = await run(MACHINE)
  expect((await run(MACHINE, aws)).stack.resources.find((r) => r.id === 'M')?.change).toBe('unchanged')
  const changed = await run(MACHINE.replace('Comment: "', 'Comment: "new '), aws)
  expect(changed.stack.resources.find((r) => r.id === 'M')?.change).toBe('updated')
})

test.each([
  [MACHINE, { Seconds: '11' }, "t.yaml:18:3: Parameter 'Seconds' must be a number not greater than 10."],
  [MACHINE, { Other: '1' }, 'The template has no parameter named Other.'],
  [MACHINE, { Seconds: '4' }, 't.yaml:8:33: Template format error: Unresolved resource dependencies [Q]'],
  [
    'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Nope\n',
    {},
    't.yaml:2:3: A refers to Nope',
  ],
  [
    'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    DependsOn: B\n  B:\n    Type: AWS::SNS::Topic\n    DependsOn: A\n',
    {},
    't.yaml:2:3: Resources depend on each other: A -> B -> A.',
  ],
])('what cannot be deployed is told with its place (%#)', async (text, parameters, message) => {
  await expect(run(text, undefined, { parameters })).rejects.toThrow(message)
})

test('what is not here is a placeholder, and whatever refers to it deploys', async () => {
  const text = `
Resources:
  V: {Type: AWS::EC2::VPC}
  R: {Type: AWS::IAM::ServerCertificate, Properties: {Path: /x/, ServerCertificateName: r}}
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Sub "\${AWS::StackName}-cluster"}}
  Pool: {Type: AWS::Cognito::UserPool}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !Ref Shards}}
  Param: {Type: AWS::SSM::Document, Properties: {Type: String, Value: hello}}
  Custom: {Type: "Custom::Thing", Properties: {ServiceToken: !GetAtt M.Arn}}
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: m
      Policies: [EventBridgePutEventsPolicy: {EventBusName: !GetAtt Custom.BusName}]
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true, Parameters: {vpc: "\${Vpc}"}}}}
      DefinitionSubstitutions: {Vpc: !GetAtt V.CidrBlock}
  P: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Custom, SourceArn: !Ref M}}
Parameters: {Shards: {Type: Number, Default: 1}}
Outputs:
  Role: {Value: !GetAtt R.Arn}
  Vpc: {Value: !Ref V}
  Cluster: {Value: !GetAtt Cluster.Arn}
  Pool: {Value: !Ref Pool}
  Url: {Value: !Sub "https://\${Pool}.x/\${Custom.Anything}"}
  Servers: {Value: !Join [",", !GetAtt V.NameServers]}
  Stream: {Value: !GetAtt Stream.Arn}
  Param: {Value: !GetAtt Param.Value}
`
  const { stack, warnings } = await run(text)
  expect(warnings.map((warning) => warning.split(':')[0])).toEqual(['V', 'Cluster', 'Pool', 'Stream', 'Param', 'Custom'])
  expect(stack.outputs).toEqual({
    Role: 'arn:aws:iam::000000000000:server-certificate/x/r',
    Vpc: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
    Cluster: 'arn:aws:ecs:us-east-1:000000000000:cluster/demo-cluster',
    Pool: expect.stringMatching(/^us-east-1_[0-9a-f]{9}$/),
    Url: expect.stringMatching(/^https:\/\/us-east-1_\w+\.x\/demo-Custom-\w+$/),
    Servers: expect.stringMatching(/./),
    Stream: expect.stringMatching(/^arn:aws:kinesis:us-east-1:000000000000:stream\/demo-Stream-\w+$/),
    Param: 'hello',
  })
})

test('properties without effect here refer to nothing, so they make no cycle', async () => {
  const text = `
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, MetadataConfiguration: {X: !GetAtt F.Arn}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: exports.handler = async () => 1
      Policies: [S3ReadPolicy: {BucketName: !Ref B}]
      Environment: {Variables: {BUCKET: !Ref B, OTHER: !If [Never, !Ref Machine, none]}}
      Events: {Post: {Type: Api, Properties: {Path: /x, Method: POST, RestApiId: !Ref Api}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt F.Arn, End: true}}}}
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: dev, DefinitionBody: {x: !GetAtt F.Arn}}}
Conditions: {Never: !Equals [a, b]}
`
  const { stack, warnings } = await run(text)
  expect(stack.resources.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['B', 'FRole', 'F', 'MachineRole', 'Machine', 'Api', 'FPostPermissiondev', 'ApidevStage']),
  )
  expect(warnings).toEqual(['B: the property MetadataConfiguration of AWS::S3::Bucket has no effect here.'])
})

test('references to secrets are what they hold; to other services they stay, and are told', async () => {
  class WithSecrets extends FakeAws {
    override async json(...[service, action, input]: Parameters<FakeAws['json']>): Promise<JsonObject> {
      if (action === 'CreateSecret') return { ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:s-abcdef' }
      if (action === 'DescribeSecret') throw new WireError(400, 'ResourceNotFoundException', 'none')
      if (action === 'GetRandomPassword') return { RandomPassword: 'drawn' }
      if (action === 'GetSecretValue') return { SecretString: '{"user":"u","n":7}' }
      return super.json(service, action, input)
    }
  }
  const text = (key: string) => `
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "\${S}-{{resolve:vault:x:1}}"
      KmsMasterKeyId: !Sub "a-{{resolve:secretsmanager:\${S}:SecretString:${key}}}-{{resolve:secretsmanager:s:SecretString:n:AWSCURRENT}}"
      RedriveAllowPolicy: ["{{resolve:secretsmanager:s}}"]
  S: {Type: AWS::SecretsManager::Secret, Properties: {Name: s, GenerateSecretString: {}}}
`
  const aws = new WithSecrets()
  const { warnings } = await run(text('user'), aws)
  expect(aws.inputs['CreateQueue']?.['Attributes']).toEqual({
    KmsMasterKeyId: 'a-u-7',
    RedriveAllowPolicy: JSON.stringify(['{"user":"u","n":7}']),
  })
  expect(warnings).toEqual(['Q: {{resolve:vault:x:1}} stays as it is: nothing is resolved from vault here.'])
  await expect(run(text('nope'), new WithSecrets())).rejects.toThrow(/Q: \{\{resolve.*: the secret has no key nope\./)
})

test('what a function that is not here holds is left out, be it an output or a resource', async () => {
  const text = `
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  Odd: {Type: AWS::SQS::Queue, Properties: {QueueName: {Fn::Unheard: x}}}
  Follows: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "x-\${Odd.QueueName}"}}
Outputs:
  Blocks: {Value: !Join [" ", !Cidr [10.0.0.0/24, 2, 5]]}
  Bad: {Value: {Fn::Unheard: x}}
  Url: {Value: !Ref Q}
`
  const { stack, warnings } = await run(text)
  expect(stack.outputs).toEqual({ Blocks: '10.0.0.0/27 10.0.0.32/27', Url: 'http://q/000000000000/q' })
  expect(warnings).toEqual([
    'Odd: Fn::Unheard is not supported; a placeholder stands for it.',
    't.yaml:8:9: Fn::Unheard is not supported. The output Bad is left out.',
  ])
})

test('one resource that fails holds up only what refers to it; all failures are told', async () => {
  const aws = new FakeAws()
  const text = `
Resources:
  A: {Type: AWS::SNS::Subscription, Properties: {TopicArn: x}}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.Arn}}
  C: {Type: AWS::SQS::Queue, Properties: {QueueName: c}}
  D: {Type: AWS::Lambda::Alias, Properties: {Name: live}}
`
  const failure = await run(text, aws).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    problems: [{ message: 'A: The property Protocol is required.' }, { message: 'D: The property FunctionName is required.' }],
    sources: ['/nowhere/demo/t.yaml'],
  })
  expect(aws.inputs['CreateQueue']).toMatchObject({ QueueName: 'c' })
})

test('what a service refuses because it refers to what is not here is a placeholder, too', async () => {
  class Refusing extends FakeAws {
    override async query(): Promise<JsonObject> {
      throw new WireError(400, 'InvalidParameter', 'Invalid parameter: Endpoint')
    }
  }
  const text = (endpoint: string) => `
Resources:
  Hose: {Type: AWS::KinesisFirehose::DeliveryStream}
  S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: t, Protocol: firehose, Endpoint: ${endpoint}}}
  P: {Type: AWS::Scheduler::Schedule, Properties: {ScheduleExpression: rate(1 day), Target: {Arn: !GetAtt Hose.Arn}}}
Outputs: {O: {Value: !Ref S}}
`
  const { stack, warnings } = await run(text('!GetAtt Hose.Arn'), new Refusing())
  expect(stack.outputs['O']).toMatch(/^demo-S-/)
  expect(warnings.join('\n')).toMatch(
    /S: it refers to what is not here \(Invalid parameter: Endpoint\).*\n.*P: \S+ cannot be called here/,
  )
  await expect(run(text('x'), new Refusing())).rejects.toThrow('S (AWS::SNS::Subscription): InvalidParameter')
})

test('a template within the template is a stack of its own, whose resources are told', async () => {
  const folder = await makeFolder()
  const inner =
    'Parameters: {N: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref N}}}\nOutputs: {Url: {Value: !Ref Q}}\n'
  await writeFile(join(folder, 'inner.yaml'), inner)
  const text = `
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./inner.yaml, Parameters: {N: orders}}}
  Far: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}
Outputs: {Url: {Value: !GetAtt Inner.Outputs.Url}, Far: {Value: !GetAtt Far.Outputs.X}}
`
  const { stack } = await run(text, undefined, {}, folder)
  expect(stack.outputs).toEqual({ Url: 'http://q/000000000000/orders', Far: 'Far-Outputs.X' })
  expect(stack.resources.map(({ id }) => id)).toEqual(['Inner/Q', 'Inner', 'Far'])
  expect(stack.sources).toContain(join(folder, 'inner.yaml'))
})

test('the id of the stack has the shape that templates cut to pieces', async () => {
  const text = `
Resources: {T: {Type: AWS::SNS::Topic}}
Outputs: {O: {Value: !Select [4, !Split ["-", !Select [2, !Split ["/", !Ref AWS::StackId]]]]}}
`
  expect((await run(text)).stack.outputs['O']).toMatch(/^[0-9a-f]{12}$/)
})

test('exports are what other stacks of the app import; the name stands for what nobody exports', async () => {
  const text = `
Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !ImportValue names-topic, DisplayName: !ImportValue nothing}}}
Outputs: {O: {Value: !Ref T, Export: {Name: !Sub "\${AWS::StackName}-topic"}}}
`
  const { stack, warnings, aws } = await run(text, undefined, { imports: { 'names-topic': 'orders' } })
  expect(aws.inputs['CreateTopic']).toMatchObject({ Name: 'orders', Attributes: { DisplayName: 'nothing' } })
  expect(stack.exports).toEqual({ 'demo-topic': 'arn:aws:sns:us-east-1:000000000000:orders' })
  expect(warnings).toEqual(['No stack that is deployed here exports nothing: its name stands for the value.'])
})

test("a table's stream has an ARN", async () => {
  const text = `
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: t
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
Outputs: {S: {Value: !GetAtt T.StreamArn}}
`
  const { stack, aws } = await run(text)
  expect(aws.inputs['CreateTable']?.['StreamSpecification']).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' })
  expect(stack.outputs['S']).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/t\/stream\/20/)
})

test.each([
  ['Properties: {Runtime: nodejs22.x, Handler: src/a.go, CodeUri: ./nope}', '/nowhere/demo/nope does not exist'],
  ['Properties: {Runtime: python3.12, Handler: a.b, CodeUri: ./nope}', '/nowhere/demo/nope does not exist'],
  ['Properties: {Runtime: java21, Handler: a.B::c, CodeUri: target/a.jar}', '/nowhere/demo/target/a.jar does not exist'],
  ['Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: {Bucket: b, Key: k}}', 'in a bucket that is there'],
  ['Properties: {PackageType: Image, ImageUri: x}', 'container images do not run here'],
])('a function whose code is not here is made, and says so: %s', async (properties, message) => {
  const { aws, warnings } = await run(`Resources:\n  F:\n    Type: AWS::Serverless::Function\n    ${properties}\n`)
  expect(aws.calls).toContain('POST function')
  expect(warnings.join()).toContain(message)
})

test('what globals hand down may refer to resources, and is told where it stands', async () => {
  const text = (name: string) => `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: nodejs22.x, Handler: index.handler, Environment: {Variables: {TABLE: !Ref ${name}}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: "exports.handler = async () => 1"}}
  T: {Type: AWS::Serverless::SimpleTable}
`
  const { aws } = await run(text('T'))
  expect(aws.inputs['POST function']).toMatchObject({ Environment: { Variables: { TABLE: expect.stringMatching(/^demo-T-/) } } })
  await expect(run(text('Nope'))).rejects.toThrow('F refers to Nope')
  await expect(run(text('T.Nope'))).rejects.toThrow('t.yaml:4:')
})

test('functions take globals, merge environments, and send code only when it differs', async () => {
  const text = `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: nodejs22.x, Handler: index.handler, Environment: {Variables: {A: 1, B: 2}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: f, Timeout: 9, Environment: {Variables: {B: 3}}, InlineCode: "exports.handler = async () => 1"}
Outputs:
  Role: {Value: !GetAtt FRole.Arn}
`
  const { aws, stack } = await run(text)
  expect(aws.inputs['POST function']).toMatchObject({
    FunctionName: 'f',
    Runtime: 'nodejs22.x',
    Timeout: 9,
    MemorySize: 128,
    Environment: { Variables: { A: '1', B: '3' } },
  })
  expect(aws.inputs['POST function']?.['Role']).toBe(stack.outputs['Role'])
  aws.calls.length = 0
  const ofFunction = () => aws.calls.filter((call) => !call.includes('Role'))
  expect((await run(text, aws)).stack.resources.map(({ change }) => change)).toEqual(['unchanged', 'unchanged'])
  expect(ofFunction()).toEqual(['GET function'])
  aws.calls.length = 0
  await run(text.replace('=> 1', '=> 2').replace('Timeout: 9', 'Timeout: 8'), aws)
  expect(ofFunction()).toEqual(['GET function', 'PUT code', 'PUT configuration'])
})

test('an assembly of cdk synth deploys when its assets are local', async () => {
  const folder = await makeFolder()
  await mkdir(join(folder, 'asset.123'))
  await writeFile(join(folder, 'asset.123/index.mjs'), 'export const handler = async () => 1')
  const text = JSON.stringify({
    Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' } },
    Resources: {
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: { 'Fn::Sub': 'cdk-assets-${AWS::AccountId}' }, S3Key: '123.zip' },
          Handler: 'index.handler',
          Runtime: 'nodejs22.x',
          Role: 'r',
        },
        Metadata: { 'aws:asset:path': 'asset.123', 'aws:asset:property': 'Code' },
      },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: 'r',
          DefinitionString: {
            'Fn::Join': [
              '',
              ['{"StartAt":"T","States":{"T":{"Type":"Task","End":true,"Resource":"', { 'Fn::GetAtt': ['Fn', 'Arn'] }, '"}}}'],
            ],
          },
        },
      },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: {} },
    },
  })
  const { aws, warnings } = await run(text, undefined, {}, folder)
  expect(warnings).toEqual([])
  expect(JSON.parse(String(aws.inputs['CreateStateMachine']?.['definition'])).States.T.Resource).toContain(':function:')
})

test('a zip has the same bytes each time, unpacks to the same files, and leaves out what links lead to outside', async () => {
  const folder = await makeFolder()
  await mkdir(join(folder, 'lib'))
  await writeFile(join(folder, 'lib/ä.js'), 'x'.repeat(10_000))
  await writeFile(join(folder, 'index.js'), 'y')
  await symlink('/etc', join(folder, 'secrets'))
  const zip = await zipFolder(folder)
  expect(zip.equals(await zipFolder(folder))).toBe(true)
  const path = join(await makeFolder(), 'c.zip')
  await writeFile(path, zip)
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print([(i.filename, i.file_size) for i in z.infolist()])'
  expect(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }).trim()).toBe(
    "[('index.js', 1), ('lib/ä.js', 10000)]",
  )
})

test.each([
  ['/a/my shop/template.yaml', 'my-shop'],
  ['/a/cdk.out/OrderStack.template.json', 'OrderStack'],
  ['/template.yaml', 'stack'],
])('the stack of %s is called %s', (file, name) => {
  expect(defaultStackName(file)).toBe(name)
})
