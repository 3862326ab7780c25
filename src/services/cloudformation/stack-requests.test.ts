import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import {
  ACCOUNT,
  broken,
  custom,
  gate,
  openStacks,
  parameter,
  REGION,
  type Row,
  rowsAt,
  type StackStage,
  template,
} from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
})
afterAll(() => stacks.close())

const store = (Name: string, Value: string, Type = 'String') =>
  stacks.aws.json(SERVICES.ssm, 'PutParameter', { Name, Value, Type, Overwrite: true })
const given = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }))
const body = (wanted: JsonObject) => JSON.stringify(wanted)

describe('parameters', () => {
  test('have what is given, else what the stack has, else their default', async () => {
    const wanted = template(
      { A: parameter({ Ref: 'One' }), B: parameter({ Ref: 'Two' }) },
      { Parameters: { One: { Type: 'String' }, Two: { Type: 'Number', Default: 2 } } },
    )
    expect(await stacks.refused('CreateStack', { StackName: 'given', TemplateBody: body(wanted) })).toBe(
      'ValidationError: Parameters: [One] must have values',
    )
    await stacks.create('given', wanted, { Parameters: given({ One: 'x', Two: '3' }) })
    const previous = [{ ParameterKey: 'One', UsePreviousValue: 'true' }]
    await stacks.call('UpdateStack', { StackName: 'given', UsePreviousTemplate: 'true', Parameters: previous })
    expect(rowsAt(await stacks.stack('given'), 'Parameters')).toEqual([
      { ParameterKey: 'One', ParameterValue: 'x' },
      { ParameterKey: 'Two', ParameterValue: '2' },
    ])
    const unknown = { StackName: 'given', UsePreviousTemplate: 'true', Parameters: given({ One: 'x', Nobody: 'y' }) }
    expect(await stacks.refused('UpdateStack', unknown)).toBe(
      'ValidationError: Parameters: [Nobody] do not exist in the template',
    )
  })

  test('of the Parameter Store hold what that holds when the stack is made or changed', async () => {
    await store('/config/name', 'first')
    await store('/config/list', 'a,b', 'StringList')
    const wanted = template(
      { A: parameter({ Ref: 'Name' }), B: parameter({ 'Fn::Select': ['1', { Ref: 'List' }] }) },
      {
        Parameters: {
          Name: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/config/name' },
          List: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/config/list' },
        },
      },
    )
    await stacks.create('stored', wanted)
    const values = async () => [
      await stacks.parameter(await stacks.ref('stored', 'A')),
      await stacks.parameter(await stacks.ref('stored', 'B')),
    ]
    expect(await values()).toEqual(['first', 'b'])
    expect(rowsAt(await stacks.stack('stored'), 'Parameters')[0]).toEqual({
      ParameterKey: 'Name',
      ParameterValue: '/config/name',
      ResolvedValue: 'first',
    })
    await store('/config/name', 'second')
    await stacks.call('UpdateStack', { StackName: 'stored', UsePreviousTemplate: 'true' })
    expect(await values()).toEqual(['second', 'b'])
    expect(
      await stacks.refused('CreateStack', { StackName: 'x', TemplateBody: body(wanted), Parameters: given({ Name: '/none' }) }),
    ).toBe('ValidationError: Unable to fetch parameters [/none] from parameter store for this account.')
  })

  test('that are not to be shown are shown nowhere', async () => {
    const wanted = (more: JsonObject = {}) =>
      template(
        {
          A: parameter({ Ref: 'Password' }, more),
          B: parameter({ 'Fn::Sub': 'user:$' + '{Password}@host' }),
          Bad: broken({ DependsOn: ['A', 'B'] }),
        },
        { Parameters: { Password: { Type: 'String', NoEcho: true } } },
      )
    const secret = 'p4ss"w0rd'
    await stacks.create('secret', wanted(), { Parameters: given({ Password: secret }), OnFailure: 'DO_NOTHING' })
    expect(await stacks.parameter(await stacks.ref('secret', 'B'))).toBe(`user:${secret}@host`)
    const seen = [
      await stacks.call('DescribeStacks', { StackName: 'secret' }),
      await stacks.call('DescribeStackEvents', { StackName: 'secret' }),
      await stacks.call('GetTemplate', { StackName: 'secret', TemplateStage: 'Processed' }),
      await stacks.call('DescribeStackResources', { StackName: 'secret' }),
    ]
    expect(JSON.stringify(seen)).not.toContain('w0rd')
    expect(rowsAt(seen[0] ?? {}, 'Parameters').concat(rowsAt(await stacks.stack('secret'), 'Parameters'))).toEqual([
      { ParameterKey: 'Password', ParameterValue: '****' },
    ])
    await stacks.create(
      'secret-2',
      template({ A: parameter({ Ref: 'Password' }) }, { Parameters: { Password: { Type: 'String', NoEcho: true } } }),
      { Parameters: given({ Password: secret }) },
    )
    await stacks.call('CreateChangeSet', {
      StackName: 'secret-2',
      ChangeSetName: 'c',
      UsePreviousTemplate: 'true',
      Parameters: given({ Password: 'an0ther' }),
    })
    const changeSet = JSON.stringify(await stacks.call('DescribeChangeSet', { StackName: 'secret-2', ChangeSetName: 'c' }))
    expect(changeSet).toContain('"Modify"')
    expect(changeSet).not.toMatch(/w0rd|an0ther/)
  })
})

test('dynamic references are resolved for the resource, and shown as they are written', async () => {
  await store('/plain', 'plain')
  await store('/secure', 's3cret', 'SecureString')
  await stacks.aws.json(SERVICES.secretsmanager, 'CreateSecret', {
    Name: 'login',
    SecretString: '{"user":"u","password":"hunter2"}',
  })
  const written = '{{resolve:ssm:/plain}} {{resolve:ssm-secure:/secure}} {{resolve:secretsmanager:login:SecretString:password}}'
  await stacks.create('dynamic', template({ P: parameter(written) }))
  expect(await stacks.parameter(await stacks.ref('dynamic', 'P'))).toBe('plain s3cret hunter2')
  const events = JSON.stringify(await stacks.call('DescribeStackEvents', { StackName: 'dynamic' }))
  expect(events).toContain('{{resolve:ssm-secure:/secure}}')
  expect(events).not.toMatch(/s3cret|hunter2/)
  await stacks.create('dynamic-none', template({ P: parameter('{{resolve:ssm:/nowhere}}') }))
  expect(await stacks.status('dynamic-none')).toBe('ROLLBACK_COMPLETE')
  expect((await stacks.events('dynamic-none')).join('\n')).toMatch(/^P CREATE_FAILED: .*ParameterNotFound/m)
})

describe('a template in a bucket', () => {
  test.each([
    'https://s3.amazonaws.com/shelf/a%20b/t.json',
    'https://s3.us-east-1.amazonaws.com/shelf/a%20b/t.json',
    'https://s3-us-east-1.amazonaws.com/shelf/a%20b/t.json',
    'https://shelf.s3.amazonaws.com/a%20b/t.json',
    'https://shelf.s3.us-east-1.amazonaws.com/a%20b/t.json',
    'https://s3.dualstack.us-east-1.amazonaws.com/shelf/a%20b/t.json',
    'http://localhost:4566/shelf/a%20b/t.json',
    's3://shelf/a b/t.json',
  ])('is found at %s', async (TemplateURL) => {
    await stacks.aws.restXml(SERVICES.s3, 'PUT', '/shelf').catch(() => {})
    await stacks.aws.restXml(
      SERVICES.s3,
      'PUT',
      '/shelf/a%20b/t.json',
      new URLSearchParams(),
      body(template({ P: parameter('v') })),
      'text/plain',
    )
    expect(JSON.stringify(await stacks.call('ValidateTemplate', { TemplateURL }))).toContain('Parameters')
  })

  test('that is not there is refused, as what is no address is', async () => {
    expect(await stacks.refused('ValidateTemplate', { TemplateURL: 'https://s3.amazonaws.com/shelf/none' })).toMatch(
      /^ValidationError: S3 error: The specified key does not exist\.\nFor more information/,
    )
    expect(await stacks.refused('ValidateTemplate', { TemplateURL: 'file:///etc/passwd' })).toBe(
      'ValidationError: TemplateURL must be a supported URL.',
    )
    expect(await stacks.refused('CreateStack', { StackName: 'x' })).toBe(
      'ValidationError: Either Template URL or Template Body must be specified.',
    )
  })
})

describe('exports', () => {
  const exporting = (value: string, Name = 'shared') =>
    template({ P: parameter('v') }, { Outputs: { O: { Value: value, Export: { Name } } } })
  const importing = template({ Q: parameter({ 'Fn::ImportValue': 'shared' }) })

  test('are there for other stacks, which keep them as they are', async () => {
    const { StackId } = await stacks.create('exports', exporting('one'))
    await stacks.create('imports', importing)
    expect(await stacks.parameter(await stacks.ref('imports', 'Q'))).toBe('one')
    expect(await stacks.all('ListExports', 'Exports')).toContainEqual({ ExportingStackId: StackId, Name: 'shared', Value: 'one' })
    expect((await stacks.call('ListImports', { ExportName: 'shared' }))['Imports']).toEqual(['imports'])

    await stacks.update('exports', exporting('two'))
    expect(await stacks.status('exports')).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(await stacks.events('exports')).toContain(
      'exports UPDATE_ROLLBACK_IN_PROGRESS: Export shared cannot be updated as it is in use by imports',
    )
    await stacks.update('exports', template({ P: parameter('w') }))
    expect(await stacks.events('exports')).toContain(
      'exports UPDATE_ROLLBACK_IN_PROGRESS: Export shared cannot be deleted as it is in use by imports',
    )
    expect(await stacks.outputs('exports')).toEqual({ O: 'one' })

    await stacks.delete('exports')
    expect(await stacks.status('exports')).toBe(
      'UPDATE_ROLLBACK_COMPLETE: Delete canceled. Cannot delete export shared as it is in use by imports.',
    )
    await stacks.delete('imports')
    expect(await stacks.refused('ListImports', { ExportName: 'shared' })).toBe(
      "ValidationError: Export 'shared' is not imported by any stack.",
    )
    await stacks.delete('exports')
    expect(await stacks.refused('DescribeStacks', { StackName: 'exports' })).toContain('does not exist')
    expect(await stacks.all('ListExports', 'Exports')).toEqual([])
  })

  test('have names of their own, and those that nobody has are no value', async () => {
    await stacks.create('first', exporting('one', 'taken'))
    await stacks.create('second', exporting('two', 'taken'))
    expect(await stacks.status('second')).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.events('second')).toContain(
      'second ROLLBACK_IN_PROGRESS: Export with name taken is already exported by stack first. Rollback requested by user.',
    )
    const answer = await stacks.refused('CreateStack', {
      StackName: 'third',
      TemplateBody: body(template({ Q: parameter({ 'Fn::ImportValue': 'nobody' }) })),
    })
    if (answer === 'it is taken') expect((await stacks.events('third')).join('\n')).toContain('No export named nobody found.')
    else expect(answer).toContain('No export named nobody found')
  })
})

describe('what is listed', () => {
  test('comes in pages: events, resources, exports, stacks', async () => {
    const many = Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`P${i}`, { Type: 'AWS::EC2::VPC' }]))
    const Outputs = Object.fromEntries(
      Array.from({ length: 110 }, (_, i) => [`O${i}`, { Value: `${i}`, Export: { Name: `many-${String(i).padStart(3, '0')}` } }]),
    )
    await stacks.create('many', template(many, { Outputs }))
    await stacks.settled('many')
    const [page, events] = [await stacks.call('DescribeStackEvents', { StackName: 'many' }), await stacks.events('many')]
    expect([
      rowsAt(page, 'StackEvents').length,
      events.length,
      new Set(events.filter((line) => line.endsWith('COMPLETE'))).size,
    ]).toEqual([100, 332, 111])
    expect(events.at(-1)).toBe('many CREATE_COMPLETE')
    expect(Object.keys(await stacks.resources('many'))).toHaveLength(110)
    expect(rowsAt(await stacks.call('ListStackResources', { StackName: 'many' }), 'StackResourceSummaries')).toHaveLength(100)
    const exports = (await stacks.all('ListExports', 'Exports')).filter(({ Name }) => String(Name).startsWith('many-'))
    expect(exports.map(({ Value }) => Number(Value))).toEqual(Array.from({ length: 110 }, (_, i) => i))
    expect(await stacks.refused('ListExports', { NextToken: 'mine' })).toContain('ValidationError: ')
    await stacks.delete('many')
  })

  test('tells deleted stacks by their ids, and by status', async () => {
    const { StackId } = await stacks.create('past', template({ P: parameter('v') }))
    await stacks.delete('past')
    const listed = await stacks.all('ListStacks', 'StackSummaries', { StackStatusFilter: ['DELETE_COMPLETE'] })
    const past = listed.filter(({ StackName }) => StackName === 'past')
    expect(past.map((row) => [row['StackId'], typeof row['DeletionTime']])).toEqual([[StackId, 'string']])
    expect(rowsAt(await stacks.call('DescribeStacks'), 'Stacks').map(({ StackName }) => StackName)).not.toContain('past')
    expect((await stacks.call('GetTemplate', { StackName: String(StackId) }))['TemplateBody']).toContain('AWS::SSM::Parameter')
    expect(await stacks.refused('GetTemplate', { StackName: 'past' })).toContain('does not exist')
  })

  test('finds the stack of a resource', async () => {
    await stacks.create('finds', template({ P: parameter('v', {}, { Metadata: { a: 'b' } }) }))
    const PhysicalResourceId = await stacks.ref('finds', 'P')
    expect(rowsAt(await stacks.call('DescribeStackResources', { PhysicalResourceId }), 'StackResources')).toEqual([
      expect.objectContaining({ StackName: 'finds', LogicalResourceId: 'P', PhysicalResourceId }),
    ])
    const detail = (await stacks.call('DescribeStackResource', { StackName: 'finds', LogicalResourceId: 'P' }))[
      'StackResourceDetail'
    ] as Row
    expect(detail['Metadata']).toBe('{"a":"b"}')
    expect(await stacks.refused('DescribeStackResource', { StackName: 'finds', LogicalResourceId: 'Q' })).toBe(
      'ValidationError: Resource Q does not exist for stack finds',
    )
  })
})

test('topics that a stack names are told each of its events, in their order', async () => {
  const { TopicArn } = await stacks.aws.query(SERVICES.sns, 'CreateTopic', { Name: 'told' })
  const { QueueUrl } = await stacks.aws.json(SERVICES.sqs, 'CreateQueue', { QueueName: 'told' })
  await stacks.aws.query(SERVICES.sns, 'Subscribe', {
    TopicArn: String(TopicArn),
    Protocol: 'sqs',
    Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:told`,
  })
  const { StackId } = await stacks.create('tells', template({ P: parameter('v') }), {
    NotificationARNs: [String(TopicArn)],
    ClientRequestToken: 't-1',
  })
  const messages: string[] = []
  while (messages.length < 5) {
    const received = await stacks.aws.json(SERVICES.sqs, 'ReceiveMessage', {
      QueueUrl: String(QueueUrl),
      WaitTimeSeconds: 5,
      MaxNumberOfMessages: 10,
    })
    const bodies = rowsAt(received, 'Messages').map(
      ({ Body }) => JSON.parse(String(Body)) as { Subject: string; Message: string },
    )
    if (bodies.length === 0) break
    for (const { Subject, Message } of bodies) messages.push(`${Subject}\n${Message}`)
  }
  const field = (message: string, name: string) => new RegExp(`^${name}='(.*)'$`, 'm').exec(message)?.[1]
  expect(
    messages.map((message) => [field(message, 'LogicalResourceId'), field(message, 'ResourceStatus')].join(' ')).toSorted(),
  ).toEqual([
    'P CREATE_COMPLETE',
    'P CREATE_IN_PROGRESS',
    'P CREATE_IN_PROGRESS',
    'tells CREATE_COMPLETE',
    'tells CREATE_IN_PROGRESS',
  ])
  const first = messages.find((message) => message.includes('User Initiated')) ?? ''
  expect(first.split('\n')[0]).toBe('AWS CloudFormation Notification')
  expect([field(first, 'StackId'), field(first, 'ClientRequestToken'), field(first, 'ResourceType')]).toEqual([
    StackId,
    't-1',
    'AWS::CloudFormation::Stack',
  ])
})

test('policies of stacks are kept', async () => {
  const policy = '{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}'
  await stacks.create('policy', template({ P: parameter('v') }), { StackPolicyBody: policy })
  expect(await stacks.call('GetStackPolicy', { StackName: 'policy' })).toEqual({ StackPolicyBody: policy })
  await stacks.update('policy', template({ P: parameter('w') }), { StackPolicyBody: '{"Statement":[]}' })
  expect(await stacks.call('GetStackPolicy', { StackName: 'policy' })).toEqual({ StackPolicyBody: '{"Statement":[]}' })
  await stacks.call('SetStackPolicy', { StackName: 'policy', StackPolicyBody: policy })
  expect(await stacks.call('GetStackPolicy', { StackName: 'policy' })).toEqual({ StackPolicyBody: policy })
  expect(await stacks.refused('SetStackPolicy', { StackName: 'policy', StackPolicyBody: 'x'.repeat(16_385) })).toContain('16384')
})

describe('hostile templates', () => {
  test.each<[string, string]>([
    ['no template', 'true'],
    ['nothing', '{}'],
    ['a list', '[]'],
    [
      'deep nesting',
      `{"Resources":{"P":{"Type":"AWS::SSM::Parameter","Properties":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}}}`.slice(
        0,
        51_000,
      ),
    ],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij', (c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`).join('\n')}\nResources: {P: {Type: AWS::SSM::Parameter, Properties: {Value: *j}}}`,
    ],
    ['a cycle', body(template({ A: parameter({ Ref: 'B' }), B: parameter({ Ref: 'A' }) }))],
    ['itself', body(template({ A: parameter({ Ref: 'A' }) }))],
    ['a name that nobody has', body(template({ A: parameter({ Ref: 'Nobody' }) }))],
    [
      'a prototype',
      '{"Resources":{"__proto__":{"Type":"AWS::SSM::Parameter","Properties":{"Type":"String","Value":"x"}},"A":{"Type":"AWS::SSM::Parameter","Properties":{"Ref":"__proto__"}}}}',
    ],
    [
      'too many resources',
      body(template(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`P${i}`, { Type: 'A::B::C' }])))),
    ],
  ])('%s is refused at once', async (name, TemplateBody) => {
    const begun = Date.now()
    const answer = await stacks.refused('CreateStack', { StackName: `hostile-${name.replaceAll(' ', '-')}`, TemplateBody })
    expect(answer).toMatch(/^ValidationError: /)
    expect(Date.now() - begun).toBeLessThan(3_000)
  })

  test('one that is too large is refused by its size', async () => {
    const large = body(template({ A: parameter('x'.repeat(60_000)) }))
    expect(await stacks.refused('CreateStack', { StackName: 'large', TemplateBody: large })).toContain(
      'Member must have length less than or equal to 51200',
    )
  })

  test('properties and outputs that nobody can make fail where they stand', async () => {
    await stacks
      .create('bad-output', template({ A: parameter('v') }, { Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } } }))
      .catch(() => {})
    const events = await stacks.events('bad-output').catch(() => ['refused'])
    expect(events.join('\n')).toMatch(
      /refused|bad-output ROLLBACK_IN_PROGRESS: Template error: .*Nothing.* Rollback requested by user\./,
    )
    await stacks.create('bad-select', template({ A: parameter({ 'Fn::Select': [5, ['a', 'b']] }) })).catch(() => {})
    const told = await stacks.events('bad-select').catch(() => ['refused'])
    expect(told.join('\n')).toMatch(/refused|A CREATE_FAILED: Template error: /)
  })
})

test('reasons as long as can be do not stand in a rollback’s way', async () => {
  const token = await stacks.answering(
    'talks',
    "await answer(event.RequestType === 'Delete' ? {} : { Status: 'FAILED', Reason: 'x'.repeat(3000) })",
  )
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`P${i}`, parameter('v')]))
  await stacks.create('talks', template({ ...many, Thing: custom(token, {}, { DependsOn: Object.keys(many) }) }))
  expect(await stacks.status('talks')).toBe('ROLLBACK_COMPLETE')
})

test('a token that was used gives the operation that it began', async () => {
  await stacks.create('again', template({ P: parameter('v') }))
  const wanted = template({ P: parameter('w'), ...gate('Gate') })
  const [one, two] = await Promise.all([
    stacks.update('again', wanted, { ClientRequestToken: 'once' }),
    stacks.waitsFor('again', 'Gate').then(async () => {
      const second = stacks.update('again', wanted, { ClientRequestToken: 'once' })
      await stacks.signal('again', 'GateHandle')
      return second
    }),
  ])
  expect(one).toEqual(two)
  expect(await stacks.status('again')).toBe('UPDATE_COMPLETE')
})
