import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { TemplateError } from '../problem.ts'
import { parseTemplate, printTemplate } from '../template/template.ts'
import { transformServerless } from './transform.ts'

const transform = (text: string, keepsPaths = false, parameters: Readonly<Record<string, Json>> = {}) =>
  transformServerless(parseTemplate(text, 't.yaml'), {
    parameters: new Map(Object.entries(parameters)),
    partition: 'aws',
    keepsPaths,
  })
/** By logical id, as they are printed. */
const resourcesOf = (text: string, keepsPaths = false) =>
  printTemplate(transform(text, keepsPaths))['Resources'] as Readonly<Record<string, Json>>

const CODE = 'Runtime: nodejs22.x, Handler: index.handler, CodeUri: s3://code/fn.zip'
const fn = (more: string, id = 'Fn') =>
  `  ${id}:\n    Type: AWS::Serverless::Function\n    Properties: {${CODE}${more === '' ? '' : `, ${more}`}}\n`
const template = (...resources: readonly string[]) => `Resources:\n${resources.join('')}`
const events = (text: string, more = '') => template(fn(`${more}Events: {E: {${text}}}`))

const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [`${service}.amazonaws.com`] } }],
})
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const SAM_TAG = { Key: 'lambda:createdBy', Value: 'SAM' }
const permission = (id: string, principal: string, more: object) => ({
  [id]: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Fn' },
      Principal: `${principal}.amazonaws.com`,
      ...more,
    },
  },
})

test('a function and its role', () => {
  expect(resourcesOf(template(fn('Tags: {a: b}, Tracing: Active, VpcConfig: {SubnetIds: [s]}')))).toEqual({
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'code', S3Key: 'fn.zip' },
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        VpcConfig: { SubnetIds: ['s'] },
        Role: { 'Fn::GetAtt': ['FnRole', 'Arn'] },
        Tags: [SAM_TAG, { Key: 'a', Value: 'b' }],
        TracingConfig: { Mode: 'Active' },
      },
    },
    FnRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust('lambda'),
        ManagedPolicyArns: [
          BASIC,
          'arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess',
          'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
        ],
        Tags: [SAM_TAG, { Key: 'a', Value: 'b' }],
      },
    },
  })
})

test('where code comes from', () => {
  const codeOf = (property: string, keepsPaths = false) => {
    const text = template(`  Fn: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, ${property}}}\n`)
    const made = transform(text, keepsPaths).resources.get('Fn')
    return made?.properties['Code']
  }
  expect(codeOf('InlineCode: x')).toEqual({ ZipFile: 'x' })
  expect(codeOf('ImageUri: i')).toEqual({ ImageUri: 'i' })
  expect(codeOf('CodeUri: {Bucket: b, Key: k, Version: v}')).toEqual({ S3Bucket: 'b', S3Key: 'k', S3ObjectVersion: 'v' })
  expect(codeOf('CodeUri: "s3://b/k?versionId=v"')).toEqual({ S3Bucket: 'b', S3Key: 'k', S3ObjectVersion: 'v' })
  expect(codeOf('CodeUri: "https://s3.us-east-1.amazonaws.com/b/k/l"')).toEqual({ S3Bucket: 'b', S3Key: 'k/l' })
  expect(codeOf('CodeUri: ./src', true)).toBe('./src')
  expect(() => codeOf('CodeUri: ./src')).toThrow("t.yaml:2:68: Resource with id [Fn] is invalid. 'CodeUri' is not a valid S3 Uri")
})

test('condition, policies and metadata are handed on to what is made', () => {
  const text = `
Conditions: {C: !Equals [a, a]}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Condition: C
    DependsOn: Q
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Metadata: {a: 1}
    Properties: {${CODE}}
  Q: {Type: AWS::SQS::Queue}
`
  const kept = { Condition: 'C', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }
  const made = resourcesOf(text)
  expect(made['Fn']).toMatchObject({ ...kept, DependsOn: 'Q', Metadata: { a: 1 } })
  expect(made['FnRole']).toMatchObject(kept)
  expect(made['FnRole']).not.toHaveProperty('DependsOn')
})

test("policies: by name, by ARN, as documents, and SAM's templates with their parameters", () => {
  const { FnRole: role } = resourcesOf(
    template(
      fn(
        'Policies: [AWSLambdaRole, AmazonS3ReadOnlyAccess, !Ref P, "arn:x", {Statement: []}, {SQSPollerPolicy: {QueueName: q}}]',
      ),
    ),
  )
  expect(role).toMatchObject({
    Properties: {
      ManagedPolicyArns: [
        BASIC,
        'arn:aws:iam::aws:policy/service-role/AWSLambdaRole',
        'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
        { Ref: 'P' },
        'arn:x',
      ],
      Policies: [
        { PolicyName: 'FnRolePolicy4', PolicyDocument: { Statement: [] } },
        {
          PolicyName: 'FnRolePolicy5',
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: expect.arrayContaining(['sqs:ReceiveMessage', 'sqs:DeleteMessage']),
                Resource: {
                  'Fn::Sub': ['arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${queueName}', { queueName: 'q' }],
                },
              },
            ],
          },
        },
      ],
    },
  })
  expect(() => resourcesOf(template(fn('Policies: [{SQSPollerPolicy: {}}]')))).toThrow(
    "Following required parameters of template 'SQSPollerPolicy' don't have values: ['QueueName']",
  )
})

test('a role that is given is used, and none is made; one that is given at times is made for the others', () => {
  const roleOf = (given: string) => {
    const made = transform(`Conditions: {C: !Equals [a, a]}\n${template(fn(`Role: ${given}`))}`).resources
    return [made.get('Fn')?.properties['Role'], made.has('FnRole')]
  }
  expect(roleOf('arn:r')).toEqual(['arn:r', false])
  expect(roleOf('!If [C, a, b]')).toEqual([{ 'Fn::If': ['C', 'a', 'b'] }, false])
  expect(roleOf('!If [C, a, !Ref AWS::NoValue]')).toEqual([{ 'Fn::If': ['C', 'a', { 'Fn::GetAtt': ['FnRole', 'Arn'] }] }, true])
})

test('an alias leads to a version that is another whenever the code is; events call the alias', () => {
  const text = (key: string) => `
Parameters: {Alias: {Type: String, Default: live}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: s3://sam-demo-bucket/${key}
      AutoPublishAlias: !Ref Alias
      Events: {Q: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  Alias: {Value: !Ref Fn.Alias}
  Version: {Value: !Sub "\${Fn.Version} \${Fn.Version.Version} \${!Fn.Alias}"}
`
  const options = { parameters: new Map([['Alias', 'live']]), partition: 'aws', keepsPaths: false }
  const made = (key: string) => printTemplate(transformServerless(parseTemplate(text(key), 't.yaml'), options))
  // As AWS numbers this very code.
  expect(made('hello.zip')).toMatchObject({
    Resources: {
      FnVersion640128d35d: {
        Type: 'AWS::Lambda::Version',
        DeletionPolicy: 'Retain',
        Properties: { FunctionName: { Ref: 'Fn' } },
      },
      FnAliaslive: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          Name: 'live',
          FunctionName: { Ref: 'Fn' },
          FunctionVersion: { 'Fn::GetAtt': ['FnVersion640128d35d', 'Version'] },
        },
      },
      FnQ: { Properties: { FunctionName: { Ref: 'FnAliaslive' }, EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
    },
    Outputs: {
      Alias: { Value: { Ref: 'FnAliaslive' } },
      Version: { Value: { 'Fn::Sub': '${FnVersion640128d35d} ${FnVersion640128d35d.Version} ${!Fn.Alias}' } },
    },
  })
  expect(made('other.zip')['Resources']).not.toHaveProperty('FnVersion640128d35d')
})

test('an address, and who may call it', () => {
  const made = resourcesOf(template(fn('FunctionUrlConfig: {AuthType: NONE, Cors: {MaxAge: 1}}')))
  expect(made['FnUrl']).toEqual({
    Type: 'AWS::Lambda::Url',
    Properties: { TargetFunctionArn: { Ref: 'Fn' }, AuthType: 'NONE', Cors: { MaxAge: 1 } },
  })
  expect(made['FnUrlPublicPermissions']).toMatchObject({
    Properties: { Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' },
  })
  expect(resourcesOf(template(fn('FunctionUrlConfig: {AuthType: AWS_IAM}')))).not.toHaveProperty('FnUrlPublicPermissions')
})

test('asynchronous calls: a resource of its own, queues that are wanted, and what the role may send', () => {
  const config =
    'EventInvokeConfig: {MaximumRetryAttempts: 1, DestinationConfig: {OnSuccess: {Type: SQS}, OnFailure: {Type: SNS, Destination: t}}}'
  const made = resourcesOf(template(fn(config)))
  const queue = { 'Fn::GetAtt': ['FnEventInvokeConfigOnSuccessQueue', 'Arn'] }
  expect(made['FnEventInvokeConfigOnSuccessQueue']).toEqual({ Type: 'AWS::SQS::Queue' })
  expect(made['FnEventInvokeConfig']).toEqual({
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Fn' },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: { Destination: queue }, OnFailure: { Destination: 't' } },
    },
  })
  expect(made['FnRole']).toMatchObject({
    Properties: {
      Policies: [
        {
          PolicyName: 'FnEventInvokeConfigOnSuccessSQSPolicy',
          PolicyDocument: { Statement: [{ Action: 'sqs:SendMessage', Effect: 'Allow', Resource: queue }] },
        },
        { PolicyName: 'FnEventInvokeConfigOnFailureSNSPolicy' },
      ],
    },
  })
})

test('a queue for asynchronous calls is made under the condition under which none is given', () => {
  const destination = '!If [C, arn, !Ref AWS::NoValue]'
  const made = printTemplate(
    transform(
      `Conditions: {C: !Equals [a, a]}\n${template(
        fn(`EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS, Destination: ${destination}}}}`, 'MyTestFunction'),
      )}`,
    ),
  )
  const name = Object.keys(made['Conditions'] ?? {}).find((one) => one.startsWith('NOTC')) ?? ''
  // As AWS ends the name for a function of this name.
  expect(name).toBe('NOTC2da03e5b6f')
  expect(made).toMatchObject({
    Conditions: { [name]: { 'Fn::Not': [{ Condition: 'C' }] } },
    Resources: { MyTestFunctionEventInvokeConfigOnSuccessQueue: { Condition: name } },
  })
})

// ---- events

test.each([
  [
    'Schedule',
    'Schedule: rate(1 day), Input: "{}", Enabled: false',
    { ScheduleExpression: 'rate(1 day)', State: 'DISABLED' },
    { Input: '{}' },
  ],
  [
    'EventBridgeRule',
    'Pattern: {source: [s]}, EventBusName: b, RuleName: n',
    { EventBusName: 'b', EventPattern: { source: ['s'] }, Name: 'n' },
    {},
  ],
  [
    'CloudWatchEvent',
    'Pattern: {source: [s]}, Target: {Id: own}, InputPath: $.a',
    { EventPattern: { source: ['s'] } },
    { Id: 'own', InputPath: '$.a' },
  ],
])('%s: a rule that may call the function', (type, properties, rule, target) => {
  const made = resourcesOf(events(`Type: ${type}, Properties: {${properties}}`))
  const arn = { 'Fn::GetAtt': ['Fn', 'Arn'] }
  expect(made['FnE']).toEqual({
    Type: 'AWS::Events::Rule',
    Properties: { ...rule, Targets: [{ Arn: arn, Id: 'FnELambdaTarget', ...target }] },
  })
  expect(made).toMatchObject(permission('FnEPermission', 'events', { SourceArn: { 'Fn::GetAtt': ['FnE', 'Arn'] } }))
})

test('ScheduleV2: a schedule with the role by which it calls', () => {
  const made = resourcesOf(
    events('Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), GroupName: g, DeadLetterConfig: {Type: SQS}}'),
  )
  expect(made['FnE']).toEqual({
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'FnE',
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      GroupName: 'g',
      Target: {
        Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['FnERole', 'Arn'] },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FnEQueue', 'Arn'] } },
      },
    },
  })
  expect(made['FnERole']).toMatchObject({
    Properties: {
      AssumeRolePolicyDocument: trust('scheduler'),
      Policies: [{ PolicyName: 'FnELambdaPolicy' }, { PolicyName: 'FnESQSPolicy' }],
    },
  })
})

test('a rule that has nowhere to leave what fails gets a queue that it may send to', () => {
  const made = resourcesOf(
    events('Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS, QueueLogicalId: Dead}}'),
  )
  expect(made['Dead']).toEqual({ Type: 'AWS::SQS::Queue' })
  expect(made['FnEQueuePolicy']).toMatchObject({ Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Dead' }] } })
})

test.each([
  ['SQS', 'Queue', 'AWSLambdaSQSQueueExecutionRole', 'BatchSize: 5'],
  ['DynamoDB', 'Stream', 'AWSLambdaDynamoDBExecutionRole', 'StartingPosition: LATEST'],
  ['Kinesis', 'Stream', 'AWSLambdaKinesisExecutionRole', 'StartingPosition: LATEST'],
])('%s: a mapping, and a role that may read', (type, source, policy, setting) => {
  const made = resourcesOf(events(`Type: ${type}, Properties: {${source}: arn:s, ${setting}}`))
  const [name = '', value] = setting.split(': ')
  expect(made['FnE']).toEqual({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: { Ref: 'Fn' }, EventSourceArn: 'arn:s', [name]: value === '5' ? 5 : value },
  })
  expect(made['FnRole']).toMatchObject({
    Properties: { ManagedPolicyArns: [BASIC, `arn:aws:iam::aws:policy/service-role/${policy}`] },
  })
})

test('SNS: a subscription of the function, or of a queue that it polls', () => {
  const made = resourcesOf(events('Type: SNS, Properties: {Topic: t, FilterPolicy: {a: [b]}}'))
  expect(made['FnE']).toEqual({
    Type: 'AWS::SNS::Subscription',
    Properties: { Protocol: 'lambda', Endpoint: { 'Fn::GetAtt': ['Fn', 'Arn'] }, TopicArn: 't', FilterPolicy: { a: ['b'] } },
  })
  expect(made).toMatchObject(permission('FnEPermission', 'sns', { SourceArn: 't' }))
  const queued = resourcesOf(events('Type: SNS, Properties: {Topic: t, SqsSubscription: true}'))
  expect(Object.keys(queued)).toEqual(['Fn', 'FnEQueue', 'FnE', 'FnEQueuePolicy', 'FnEEventSourceMapping', 'FnRole'])
  expect(queued['FnE']).toMatchObject({ Properties: { Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['FnEQueue', 'Arn'] } } })
  expect(queued['FnEEventSourceMapping']).toMatchObject({ Properties: { BatchSize: 10, Enabled: true } })
})

test('S3: the bucket tells the function, once it may', () => {
  const bucket = '  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}\n'
  const event =
    'Events: {E: {Type: S3, Properties: {Bucket: !Ref B, Events: [s3:ObjectCreated:*, s3:ObjectRemoved:*], Filter: {S3Key: {}}}}}'
  const made = resourcesOf(template(fn(event), bucket))
  const to = { Function: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Filter: { S3Key: {} } }
  expect(made['B']).toEqual({
    Type: 'AWS::S3::Bucket',
    DependsOn: 'FnEPermission',
    Properties: {
      BucketName: 'b',
      NotificationConfiguration: {
        LambdaConfigurations: [
          { ...to, Event: 's3:ObjectCreated:*' },
          { ...to, Event: 's3:ObjectRemoved:*' },
        ],
      },
    },
  })
  expect(made).toMatchObject(permission('FnEPermission', 's3', { SourceAccount: { Ref: 'AWS::AccountId' } }))
  expect(() => resourcesOf(template(fn(event)))).toThrow('Event with id [E] is invalid. S3 events must reference an S3 bucket')
})

test('Api: a REST API of all events that name none, its deployment and its stage', () => {
  const api = (path: string) => `Type: Api, Properties: {Path: ${path}, Method: POST}`
  const made = resourcesOf(template(fn(`Events: {E: {${api('/add')}}, F: {${api('"/{id}"')}}}`)))
  expect(made['ServerlessRestApi']).toEqual({
    Type: 'AWS::ApiGateway::RestApi',
    Properties: {
      Body: {
        swagger: '2.0',
        info: { version: '1.0', title: { Ref: 'AWS::StackName' } },
        paths: {
          '/add': {
            post: {
              'x-amazon-apigateway-integration': {
                type: 'aws_proxy',
                httpMethod: 'POST',
                uri: {
                  'Fn::Sub':
                    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations',
                },
              },
              responses: {},
            },
          },
          '/{id}': expect.anything(),
        },
      },
    },
  })
  const deployment = Object.keys(made).find((id) => /^ServerlessRestApiDeployment[0-9a-f]{10}$/.test(id))
  expect(made['ServerlessRestApiProdStage']).toEqual({
    Type: 'AWS::ApiGateway::Stage',
    Properties: { RestApiId: { Ref: 'ServerlessRestApi' }, DeploymentId: { Ref: deployment }, StageName: 'Prod' },
  })
  const arn = (path: string) => ({
    SourceArn: {
      'Fn::Sub': [
        `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${__ApiId__}/\${__Stage__}/POST${path}`,
        { __ApiId__: { Ref: 'ServerlessRestApi' }, __Stage__: '*' },
      ],
    },
  })
  expect(made).toMatchObject(permission('FnEPermissionProd', 'apigateway', arn('/add')))
  expect(made).toMatchObject(permission('FnFPermissionProd', 'apigateway', arn('/*')))
})

test('Api: an API of the template, with authorizers and answers to preflights', () => {
  const made = transform(
    template(
      '  Api: {Type: AWS::Serverless::Api, Properties: {StageName: dev, Cors: "\'*\'", Auth: {DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: p}}}}}\n',
      fn('Events: {E: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /x, Method: get}}}'),
    ),
  ).resources
  expect(made.get('Api')?.properties['Body']).toMatchObject({
    securityDefinitions: { Pool: { 'x-amazon-apigateway-authorizer': { type: 'cognito_user_pools', providerARNs: ['p'] } } },
    paths: { '/x': { get: { security: [{ Pool: [] }] }, options: { 'x-amazon-apigateway-integration': { type: 'mock' } } } },
  })
  expect([...made.keys()]).toEqual(expect.arrayContaining(['FnEPermissiondev', 'ApidevStage']))
})

test('HttpApi: a default route, and a stage that deploys itself', () => {
  const made = resourcesOf(events('Type: HttpApi'))
  expect(made).toMatchObject({
    ServerlessHttpApi: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Body: {
          openapi: '3.0.1',
          paths: {
            $default: {
              'x-amazon-apigateway-any-method': {
                'x-amazon-apigateway-integration': { type: 'aws_proxy', payloadFormatVersion: '2.0' },
                isDefaultRoute: true,
              },
            },
          },
        },
      },
    },
    ServerlessHttpApiApiGatewayDefaultStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'ServerlessHttpApi' }, AutoDeploy: true, StageName: '$default' },
    },
  })
})

// ---- state machines

const machine = (more: string) =>
  `  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {Definition: {StartAt: A}, ${more}}\n`

test('a state machine, its role, and the roles by which its events start it', () => {
  const made = resourcesOf(
    template(
      machine(
        'Name: m, Type: EXPRESS, Logging: {Level: ALL}, Tracing: {Enabled: true}, Policies: [{StepFunctionsExecutionPolicy: {StateMachineName: n}}], Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}',
      ),
    ),
  )
  const tags = [{ Key: 'stateMachine:createdBy', Value: 'SAM' }]
  expect(made['M']).toEqual({
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      Definition: { StartAt: 'A' },
      RoleArn: { 'Fn::GetAtt': ['MRole', 'Arn'] },
      StateMachineName: 'm',
      StateMachineType: 'EXPRESS',
      LoggingConfiguration: { Level: 'ALL' },
      TracingConfiguration: { Enabled: true },
      Tags: tags,
    },
  })
  expect(made['MRole']).toMatchObject({
    Properties: {
      AssumeRolePolicyDocument: trust('states'),
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess'],
      Policies: [{ PolicyName: 'MRolePolicy0' }],
      Tags: tags,
    },
  })
  expect(made['ME']).toMatchObject({
    Properties: { Targets: [{ Arn: { Ref: 'M' }, Id: 'MEStepFunctionsTarget', RoleArn: { 'Fn::GetAtt': ['MERole', 'Arn'] } }] },
  })
  expect(made['MERole']).toEqual({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust('events'),
      Policies: [
        {
          PolicyName: 'MERoleStartExecutionPolicy',
          PolicyDocument: { Statement: [{ Action: 'states:StartExecution', Effect: 'Allow', Resource: { Ref: 'M' } }] },
        },
      ],
    },
  })
})

test('a state machine behind an API takes the body of the request', () => {
  const made = resourcesOf(template(machine('Events: {E: {Type: Api, Properties: {Path: /start, Method: post}}}')))
  expect(made['ServerlessRestApi']).toMatchObject({
    Properties: {
      Body: {
        paths: {
          '/start': {
            post: {
              'x-amazon-apigateway-integration': {
                credentials: { 'Fn::GetAtt': ['MERole', 'Arn'] },
                requestTemplates: {
                  'application/json': {
                    'Fn::Sub': `{"input": "$util.escapeJavaScript($input.json('$'))", "stateMachineArn": "\${M}"}`,
                  },
                },
              },
            },
          },
        },
      },
    },
  })
})

test('versions and aliases of state machines; events start the alias where that is asked for', () => {
  const made = resourcesOf(
    template(
      machine(
        'AutoPublishAlias: live, UseAliasAsEventTarget: true, Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}}',
      ),
    ),
  )
  expect(made['MVersion']).toMatchObject({
    Type: 'AWS::StepFunctions::StateMachineVersion',
    DeletionPolicy: 'Retain',
    Properties: { StateMachineArn: { Ref: 'M' }, StateMachineRevisionId: { 'Fn::GetAtt': ['M', 'StateMachineRevisionId'] } },
  })
  expect(made['MAliaslive']).toMatchObject({
    Properties: { Name: 'live', DeploymentPreference: { StateMachineVersionArn: { Ref: 'MVersion' }, Type: 'ALL_AT_ONCE' } },
  })
  expect(made['ME']).toMatchObject({ Properties: { Target: { Arn: { Ref: 'MAliaslive' } } } })
})

test('definitions in files and buckets', () => {
  const propertiesOf = (uri: string, keepsPaths = false) => {
    const text = template(`  M: {Type: AWS::Serverless::StateMachine, Properties: {Role: r, DefinitionUri: ${uri}}}\n`)
    return transform(text, keepsPaths).resources.get('M')?.properties
  }
  expect(propertiesOf('s3://b/k')).toMatchObject({ DefinitionS3Location: { Bucket: 'b', Key: 'k' } })
  expect(propertiesOf('./m.asl.json', true)).toMatchObject({ DefinitionUri: './m.asl.json' })
  expect(() => propertiesOf('./m.asl.json')).toThrow("'DefinitionUri' is not a valid S3 Uri")
})

// ---- the rest

test('tables, layers and applications', () => {
  const text = template(
    '  T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: n, Type: Number}, Tags: {a: b}}}\n',
    '  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://b/k}}\n',
    '  A: {Type: AWS::Serverless::Application, Properties: {Location: "https://b.s3.amazonaws.com/t.yaml", Parameters: {P: 1}}}\n',
    fn('Layers: [!Ref L]'),
  )
  const made = resourcesOf(text)
  const layer = Object.keys(made).find((id) => /^L[0-9a-f]{10}$/.test(id)) ?? ''
  expect(made['T']).toEqual({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
      BillingMode: 'PAY_PER_REQUEST',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  })
  expect(made[layer]).toEqual({
    Type: 'AWS::Lambda::LayerVersion',
    DeletionPolicy: 'Retain',
    Properties: { LayerName: 'L', Content: { S3Bucket: 'b', S3Key: 'k' } },
  })
  expect(made['Fn']).toMatchObject({ Properties: { Layers: [{ Ref: layer }] } })
  expect(made['A']).toEqual({
    Type: 'AWS::CloudFormation::Stack',
    Properties: { TemplateURL: 'https://b.s3.amazonaws.com/t.yaml', Parameters: { P: 1 }, Tags: [SAM_TAG] },
  })
})

test('connectors grant, each in the way of its two ends', () => {
  const made = resourcesOf(
    template(
      fn(''),
      '  T: {Type: AWS::Serverless::SimpleTable, Connectors: {Fn: {Properties: {Destination: {Id: Fn}, Permissions: [Read]}}}}\n',
      '  Topic: {Type: AWS::SNS::Topic}\n  Q: {Type: AWS::SQS::Queue}\n',
      '  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Fn}, Destination: [{Id: T}, {Id: Q}], Permissions: [Write]}}\n',
      '  D: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: {Id: Fn}, Permissions: [Write]}}\n',
      '  E: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Topic}, Destination: {Id: Q}, Permissions: [Write]}}\n',
    ),
  )
  expect(made['CDestination0Policy']).toMatchObject({
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      Roles: [{ Ref: 'FnRole' }],
      PolicyDocument: {
        Statement: [
          { Action: expect.arrayContaining(['dynamodb:PutItem']), Resource: [{ 'Fn::GetAtt': ['T', 'Arn'] }, expect.anything()] },
        ],
      },
    },
  })
  expect(made).toHaveProperty('CDestination1Policy')
  expect(made).toMatchObject({
    DWriteLambdaPermission: { Properties: { Principal: 'sns.amazonaws.com', SourceArn: { Ref: 'Topic' } } },
    EQueuePolicy: { Properties: { Queues: [{ Ref: 'Q' }] } },
    TFnPolicy: { Properties: { Roles: [{ Ref: 'FnRole' }] } },
  })
  expect(Object.keys(made)).not.toEqual(expect.arrayContaining(['C']))
  expect(made['T']).not.toHaveProperty('Connectors')
})

test('globals: maps are merged, lists go one behind the other, an intrinsic function is one value', () => {
  const made = transform(`
Globals:
  Function: {Runtime: r, Handler: h, CodeUri: s3://a/b, Tags: {a: 1, b: 1}, Layers: [one], Environment: {Variables: {A: 1}}, Description: !Ref X}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: s, Tags: {b: 2}, Layers: [two], Environment: !Ref Y}}
  L: {Type: AWS::Lambda::Function}
`).resources
  expect(made.get('F')?.properties).toMatchObject({
    Runtime: 's',
    Tags: [SAM_TAG, { Key: 'a', Value: 1 }, { Key: 'b', Value: 2 }],
    Layers: ['one', 'two'],
    Environment: { Ref: 'Y' },
    Description: { Ref: 'X' },
  })
  expect(made.get('L')?.properties).toEqual({})
})

test('what is wrong is told at once, where it is written, be it under the globals', () => {
  const failure = () =>
    transform(`Globals:
  Function: {Handler: a.b, Colour: red}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: r, InlineCode: x, Events: {E: {Type: Nothing}}}
  M:
    Type: AWS::Serverless::StateMachine
    Properties: {Role: r, Policies: [], DefinitionUri: s3://a/b}
`)
  expect(failure).toThrow(TemplateError)
  expect(failure).toThrow(/t\.yaml:2:28: Resource with id \[F\] is invalid\. property Colour not defined/)
  expect(failure).toThrow(
    "t.yaml:6:54: Resource with id [F] is invalid. Event with id [E] is invalid. Unknown event type 'Nothing'.",
  )
  expect(failure).toThrow("Specify either 'Role' or 'Policies' or neither property and not both.")
})

test("a template without anything of SAM's is the same", () => {
  const plain = parseTemplate(template('  Q: {Type: AWS::SQS::Queue}\n'), 't.yaml')
  expect(transformServerless(plain, { parameters: new Map(), partition: 'aws', keepsPaths: false })).toBe(plain)
})
