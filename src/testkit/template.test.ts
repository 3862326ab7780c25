/** Workflows from templates: SAM, CloudFormation and what `cdk synth` makes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { mock, workflow, type WorkflowOptions } from './index.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const INVOKE = 'arn:aws:states:::lambda:invoke'
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-template-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(files: Readonly<Record<string, string | object>>): Promise<string> {
  const home = await mkdtemp(join(folder, 'case-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return home
}

const SUCCEED = { StartAt: 'S', States: { S: { Type: 'Succeed' } } }
const machine = (properties: object, type = 'AWS::StepFunctions::StateMachine') => ({
  Type: type,
  Properties: { RoleArn: 'arn:aws:iam::000000000000:role/r', ...properties },
})
const calling = (name: unknown) => ({
  StartAt: 'Call',
  States: {
    Call: {
      Type: 'Task',
      Resource: INVOKE,
      Parameters: { FunctionName: name, 'Payload.$': '$' },
      OutputPath: '$.Payload',
      End: true,
    },
  },
})
/** What its only task was called with. */
async function calledWith(options: Omit<WorkflowOptions, 'mocks'>): Promise<unknown> {
  let seen: unknown
  const wf = await workflow({
    ...options,
    mocks: {
      '*': (parameters) => {
        seen = parameters
        return { Payload: 1, StatusCode: 200 }
      },
    },
  })
  await wf.run()
  return seen
}

describe('what cannot be taken from a template is told', () => {
  const TWO = { Resources: { A: machine({ Definition: SUCCEED }), B: machine({ Definition: SUCCEED }) } }

  test('which of several is meant', async () => {
    const home = await write({ 'template.json': TWO })
    await expect(workflow({ file: join(home, 'template.json') })).rejects.toThrow(
      `template.json has the state machines A, B. Say which: workflow({ template: '…', resource: 'A' }).`,
    )
    await expect(workflow({ template: home, resource: 'C' })).rejects.toThrow('has no state machine C. It has A, B.')
  })

  test('that it is none', async () => {
    const home = await write({
      'a.json': SUCCEED,
      'b.json': { Resources: { T: { Type: 'AWS::SNS::Topic' } } },
      'app/cdk.json': {},
    })
    await expect(workflow({ template: join(home, 'a.json') })).rejects.toThrow(
      'a.json is a definition, no template. Name it as such',
    )
    await expect(workflow({ template: join(home, 'b.json') })).rejects.toThrow('has no state machine.')
    await expect(workflow({ template: join(home, 'nowhere.yaml') })).rejects.toThrow('nowhere.yaml cannot be read')
    await expect(workflow({ template: home })).rejects.toThrow('is a folder without a template')
    await expect(workflow({ template: join(home, 'app') })).rejects.toThrow('run npx cdk synth')
    await expect(workflow({ file: join(home, 'a.json'), resource: 'A' })).rejects.toThrow('is a definition, no template')
    await expect(workflow({ definition: SUCCEED, resource: 'A' })).rejects.toThrow('What is given is a definition, no template')
    await expect(workflow({ file: 'a', template: 'b' })).rejects.toThrow('one of them alone')
  })

  test('a substitution that nobody gives', async () => {
    const Definition = { ...SUCCEED, Comment: '${A} ${B} ${A}' }
    const home = await write({
      'template.json': { Resources: { M: machine({ Definition, DefinitionSubstitutions: { A: 'a' } }) } },
      'a.asl.json': Definition,
    })
    await expect(workflow({ template: home })).rejects.toThrow(
      "the definition of M has ${B}, and nothing says what to put there. Say it: workflow({ …, substitutions: { B: '…' } })",
    )
    await expect(workflow({ file: join(home, 'a.asl.json') })).rejects.toThrow('a.asl.json has ${A}, ${B}, and nothing says')
    const stays = await workflow({ template: home, substitutions: { B: '${B}' } })
    expect(JSON.parse(stays.definition)).toMatchObject({ Comment: 'a ${B} a' })
  })

  test('a parameter without a value, where the definition needs it and only there', async () => {
    const template = (Comment: unknown) => ({
      Parameters: { Stage: { Type: 'String' }, VpcId: { Type: 'AWS::EC2::VPC::Id' } },
      Conditions: { IsLive: { 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] } },
      Resources: { M: machine({ Definition: { ...SUCCEED, Comment } }) },
    })
    const home = await write({
      'a.json': template({ Ref: 'Stage' }),
      'b.json': template({ 'Fn::If': ['IsLive', 'x', 'y'] }),
      'c.json': template('x'),
    })
    await expect(workflow({ template: join(home, 'a.json') })).rejects.toThrow(
      "the definition of M takes the parameter Stage, without a default. Say it: workflow({ …, parameters: { Stage: '…' } }).",
    )
    await expect(workflow({ template: join(home, 'b.json') })).rejects.toThrow('takes the parameter Stage')
    const b = await workflow({ template: join(home, 'b.json'), parameters: { Stage: 'live' } })
    expect(JSON.parse(b.definition)).toMatchObject({ Comment: 'x' })
    await workflow({ template: join(home, 'c.json') })
    await expect(workflow({ template: join(home, 'c.json'), parameters: { Stag: 1 } })).rejects.toThrow('no parameter named Stag')
  })

  test('a reference to what is not there, a definition that is not, and one in a bucket, each at its place', async () => {
    const template = (uri: string, arn = 'Fn.Arn') => `Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: ${uri}
      DefinitionSubstitutions:
        Arn: !GetAtt ${arn}
`
    const home = await write({
      'a.yaml': template('x.json'),
      'b.yaml': template('no.json', 'M.Arn'),
      'c.yaml': template('s3://b/k', 'M.Arn'),
    })
    await expect(workflow({ template: join(home, 'a.yaml') })).rejects.toThrow(/a\.yaml:\d+:\d+: M: .*Fn/)
    await expect(workflow({ template: join(home, 'b.yaml') })).rejects.toThrow(/b\.yaml:5:7: M: .*no\.json cannot be read/)
    await expect(workflow({ template: join(home, 'c.yaml') })).rejects.toThrow('not from a bucket')
  })

  test('a definition that is no state machine', async () => {
    const home = await write({ 'template.json': { Resources: { M: machine({ Definition: { StartAt: 'X', States: {} } }) } } })
    await expect(workflow({ template: home })).rejects.toThrow('is no state machine')
  })

  test('broken YAML, where it breaks', async () => {
    const home = await write({ 'a.asl.yaml': 'StartAt: S\nStates: {S: {Type: Succeed}\n' })
    await expect(workflow({ file: join(home, 'a.asl.yaml') })).rejects.toThrow(/a\.asl\.yaml:\d+:\d+: /)
  })
})

describe('a definition is what a deployment would make of it', () => {
  test('of SAM, from its file, with what is substituted', async () => {
    const wf = await workflow({ template: join(EXAMPLES, 'order-process/template.yaml'), resource: 'OrderProcess' })
    expect(wf.definition).toContain('"arn:aws:lambda:us-east-1:000000000000:function:order-stock"')
    expect(wf.definition).not.toContain('${')
  })

  test('of CloudFormation, from texts that functions put together', async () => {
    const head = JSON.stringify(calling('X')).split('X')
    const joined = { 'Fn::Join': ['', [head[0], { 'Fn::GetAtt': ['Charge', 'Arn'] }, head[1]]] }
    const sub = {
      'Fn::Sub': JSON.stringify(calling('arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Charge}')),
    }
    const Charge = { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: '' } } }
    const home = await write({
      'joined.json': { Resources: { Charge, M: machine({ DefinitionString: joined }) } },
      'sub.json': { Resources: { Charge, M: machine({ DefinitionString: sub }) } },
    })
    for (const name of ['joined.json', 'sub.json'])
      expect(await calledWith({ template: join(home, name) })).toMatchObject({
        FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:Charge',
      })
  })

  test('of YAML with tags, conditions, mappings and parameters', async () => {
    const home = await write({
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev }
Mappings:
  Seconds: { dev: { wait: 1 }, live: { wait: 86400 } }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      DefinitionUri: m.asl.yaml
      DefinitionSubstitutions:
        Seconds: !FindInMap [Seconds, !Ref Stage, wait]
        Who: !If [IsLive, everybody, nobody]
        Topic: !Ref News
        Queue: !Ref Jobs
        Bucket: !Ref Files
        Table: !GetAtt Orders.Arn
        Other: !ImportValue other-stack-ChargeArn
  News: { Type: AWS::SNS::Topic }
  Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub 'jobs-\${Stage}' } }
  Files: { Type: AWS::S3::Bucket }
  Orders: { Type: AWS::DynamoDB::Table }
`,
      'm.asl.yaml': `StartAt: W
States:
  W: { Type: Wait, Seconds: \${Seconds}, Next: P }
  P:
    Type: Pass
    End: true
    Result: ['\${Who}', '\${Topic}', '\${Queue}', '\${Bucket}', '\${Table}', '\${Other}']
`,
    })
    const wf = await workflow({ template: home })
    const run = await wf.run()
    expect(run.executionArn).toContain(':express:')
    expect(run.output).toEqual([
      'nobody',
      'arn:aws:sns:us-east-1:000000000000:News',
      'https://sqs.us-east-1.amazonaws.com/000000000000/jobs-dev',
      'Files',
      'arn:aws:dynamodb:us-east-1:000000000000:table/Orders',
      'arn:aws:lambda:us-east-1:000000000000:function:other-stack-ChargeArn',
    ])
    const live = await (
      await workflow({ template: home, parameters: { Stage: 'live' }, substitutions: { Topic: 't' }, type: 'STANDARD' })
    ).run()
    expect(live.output).toEqual(
      expect.arrayContaining(['everybody', 't', 'https://sqs.us-east-1.amazonaws.com/000000000000/jobs-live']),
    )
    expect(live.now - live.state('W').startAt).toBe(86_400_000)
  })
})

describe('a mock names a resource by its logical id', () => {
  test('whatever the template calls it', async () => {
    const wf = await workflow({
      template: join(EXAMPLES, 'order-process'),
      mocks: {
        StockFunction: mock.return({ Payload: { isReserved: false }, StatusCode: 200 }),
      },
    })
    expect((await wf.run({ orderId: '1' })).output).toEqual({ orderId: '1', status: 'OUT_OF_STOCK' })
  })

  test('of a topic, and of a queue', async () => {
    const wf = await workflow({
      template: join(EXAMPLES, 'callback-approval'),
      mocks: { Approvals: mock.return({ isApproved: true, by: 'Ana' }), Outcomes: mock.return({ MessageId: 'm' }) },
    })
    expect((await wf.run({ id: 'E', what: 'Tea', amount: 900 })).output).toMatchObject({ status: 'APPROVED', by: 'Ana' })
    expect(wf.unusedMocks).toEqual([])
  })

  test('of a function that is called by its alias', async () => {
    const home = await write({
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: ${JSON.stringify(calling('X')).replace('"X"', '!Ref Charge.Alias')}
  Charge: { Type: AWS::Serverless::Function, Properties: { CodeUri: src, Handler: a.b, Runtime: nodejs22.x, AutoPublishAlias: live } }
`,
    })
    expect(await calledWith({ template: home })).toMatchObject({
      FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:Charge:live',
    })
    const wf = await workflow({ template: home, mocks: { Charge: mock.return({ Payload: 7, StatusCode: 200 }) } })
    expect((await wf.run()).output).toBe(7)
  })
})

describe('mock.code() runs what the template has', () => {
  const code = { StockFunction: mock.code(), PaymentFunction: mock.code(), LogisticsFunction: mock.code() }

  test('each function with its own code', async () => {
    const wf = await workflow({ template: join(EXAMPLES, 'order-process'), mocks: code })
    const run = await wf.run({ orderId: '1001', item: 'book', quantity: 2, amount: 39.9, card: 'valid' })
    expect(run.output).toMatchObject({ status: 'SHIPPED', payment: { attempts: 3 }, shipment: { trackingNumber: 'T-1001' } })
    expect(run.state('Charge payment').retries).toBe(2)
  })

  test('and its own environment, where they share it', async () => {
    const wf = await workflow({
      template: join(EXAMPLES, 'saga'),
      mocks: { FlightFunction: mock.code(), HotelFunction: mock.code(), CarFunction: mock.code() },
    })
    const run = await wf.run({ id: 'T-1', to: 'Recife', failAt: 'Car' })
    expect(run).toMatchObject({ status: 'FAILED', error: 'CarUnavailable', cause: 'Cancelled: Hotel-T-1, Flight-T-1.' })
    expect(process.env['WHAT']).toBeUndefined()
  })

  test('also TypeScript, from its source', async () => {
    const home = await write({
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  M: { Type: AWS::Serverless::StateMachine, Properties: { Definition: ${JSON.stringify(calling('X')).replace('"X"', '!GetAtt Charge.Arn')} } }
  Charge:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: esbuild, BuildProperties: { EntryPoints: [lib/app.ts] } }
    Properties: { CodeUri: src, Handler: app.charge, Runtime: nodejs22.x, Environment: { Variables: { FACTOR: 3, TABLE: !Ref Table } } }
  Table: { Type: AWS::DynamoDB::Table }
`,
      'src/lib/app.ts':
        'export const charge = async ({ n }: { n: number }): Promise<unknown> => [n * Number(process.env["FACTOR"]), process.env["TABLE"]]\n',
    })
    const wf = await workflow({ template: home, mocks: { Charge: mock.code() } })
    expect((await wf.run({ n: 2 })).output).toEqual([6, 'Table'])
  })

  test('or says why it cannot', async () => {
    const python = await write({
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  M: { Type: AWS::Serverless::StateMachine, Properties: { Definition: ${JSON.stringify(calling('X')).replace('"X"', '!Ref F')} } }
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: src, Handler: a.b, Runtime: python3.13 } }
`,
    })
    const run = async (options: WorkflowOptions) => (await workflow({ ...options, mocks: { '*': mock.code() } })).run()
    await expect(run({ template: python })).rejects.toThrow('F runs in python3.13, and mock.code() in Node')
    await expect(run({ definition: calling('x') })).rejects.toThrow('the workflow is of no template')
  })
})

describe('a CDK assembly', () => {
  const cdk = (path: string, resource: { Type: string; Properties?: object; Metadata?: object }) => ({
    ...resource,
    Metadata: { 'aws:cdk:path': path, ...resource.Metadata },
  })
  const head = JSON.stringify(calling('X')).split('X')
  const assembly = () =>
    write({
      'cdk.json': { app: 'node app.js' },
      'cdk.out/manifest.json': { version: '40.0.0', artifacts: {} },
      'cdk.out/Orders.template.json': {
        Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' } },
        Resources: {
          ChargeFunction1A2B: cdk('Orders/ChargeFunction/Resource', {
            Type: 'AWS::Lambda::Function',
            Properties: {
              Handler: 'index.handler',
              Runtime: 'nodejs22.x',
              Code: { S3Bucket: { 'Fn::Sub': 'a-${AWS::Region}' }, S3Key: 'f.zip' },
            },
            Metadata: { 'aws:asset:path': 'asset.f' },
          }),
          OrderMachine3C4D: cdk('Orders/OrderMachine/Resource', {
            ...machine({
              DefinitionString: { 'Fn::Join': ['', [head[0], { 'Fn::GetAtt': ['ChargeFunction1A2B', 'Arn'] }, head[1]]] },
            }),
          }),
          FileMachine5E6F: cdk('Orders/FileMachine/Resource', {
            ...machine({
              DefinitionS3Location: { Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, Key: 'd.json' },
              DefinitionSubstitutions: { N: 5 },
            }),
          }),
        },
      },
      'cdk.out/Orders.assets.json': {
        files: { d: { source: { path: 'asset.d.json' }, destinations: { current: { objectKey: 'd.json' } } } },
      },
      'cdk.out/asset.d.json': '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":${N},"End":true}}}',
      'cdk.out/asset.f/index.mjs': 'export const handler = async (event) => ({ charged: event.n })\n',
    })

  test('by the logical id, by the construct, and by its path; code and all', async () => {
    const home = await assembly()
    for (const resource of ['OrderMachine3C4D', 'OrderMachine', 'Orders/OrderMachine']) {
      const wf = await workflow({ template: join(home, 'cdk.out'), resource, mocks: { ChargeFunction: mock.code() } })
      expect((await wf.run({ n: 4 })).output).toEqual({ charged: 4 })
    }
  })

  test('with a definition that is an asset, from the folder of the app', async () => {
    const home = await assembly()
    expect((await (await workflow({ template: home, resource: 'FileMachine' })).run()).output).toBe(5)
    await expect(workflow({ template: home })).rejects.toThrow(
      'has the state machines Orders/OrderMachine, Orders/FileMachine. Say which:',
    )
  })
})
