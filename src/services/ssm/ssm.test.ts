import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Served, serveAll } from '../kit/testing/served.ts'

const DAY_MS = 86_400_000
let served: Served
beforeAll(async () => {
  served = await serveAll()
})
afterAll(() => served.close())

const call = (action: string, input: object = {}) => served.call(`AmazonSSM.${action}`, input)
const put = (Name: string, Value: string, more: object = {}) => call('PutParameter', { Name, Value, Type: 'String', ...more })
const get = async (Name: string, more: object = {}) => {
  const answer = await call('GetParameter', { Name, ...more })
  return (answer['Parameter'] as Record<string, unknown> | undefined) ?? answer
}
const refused = (text: string) => ({ refused: text, status: 400 })
const names = (answer: Record<string, unknown>) => (answer['Parameters'] as { Name: string }[]).map(({ Name }) => Name)

test('what CDK looks for is there from the first start', async () => {
  expect(await get('/cdk-bootstrap/hnb659fds/version', { WithDecryption: true })).toMatchObject({ Type: 'String', Value: '33' })
  expect((await fetch(`${served.url}/cdk-hnb659fds-assets-000000000000-us-east-1`, { method: 'HEAD' })).status).toBe(200)
})

describe('a parameter', () => {
  test('has versions, found by number, by label and by ARN', async () => {
    expect(await put('/v/a', '1', { Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] })).toEqual({
      Version: 1,
      Tier: 'Standard',
    })
    expect(await put('/v/a', '2')).toEqual(
      refused(
        'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      ),
    )
    expect(await call('PutParameter', { Name: '/v/a', Value: '2', Overwrite: true })).toEqual({ Version: 2, Tier: 'Standard' })
    const ARN = 'arn:aws:ssm:us-east-1:000000000000:parameter/v/a'
    expect(await get('/v/a')).toEqual({
      Name: '/v/a',
      Type: 'String',
      Value: '2',
      Version: 2,
      LastModifiedDate: served.clock.now() / 1000,
      ARN,
      DataType: 'text',
    })
    expect(await call('LabelParameterVersion', { Name: '/v/a', ParameterVersion: 1, Labels: ['prod', '1st'] })).toEqual({
      InvalidLabels: ['1st'],
      ParameterVersion: 1,
    })
    for (const [name, Value] of [
      ['/v/a:1', '1'],
      ['/v/a:prod', '1'],
      [ARN, '2'],
      [`${ARN}:1`, '1'],
    ] as const)
      expect(await get(name)).toMatchObject({ Name: '/v/a', Value })
    expect(await get('/v/a:prod')).toMatchObject({ Selector: ':prod' })
    await call('LabelParameterVersion', { Name: '/v/a', Labels: ['prod'] })
    expect(await get('/v/a:prod')).toMatchObject({ Value: '2' })
    expect(await call('GetParameterHistory', { Name: '/v/a' })).toMatchObject({
      Parameters: [
        { Version: 1, Value: '1', Labels: [], Description: 'd' },
        { Version: 2, Value: '2', Labels: ['prod'] },
      ],
    })
    const page = await call('GetParameterHistory', { Name: '/v/a', MaxResults: 1 })
    expect(await call('GetParameterHistory', { Name: '/v/a', NextToken: page['NextToken'] })).toMatchObject({
      Parameters: [{ Version: 2 }],
    })
    expect(await call('UnlabelParameterVersion', { Name: '/v/a', ParameterVersion: 2, Labels: ['prod', 'x'] })).toEqual({
      RemovedLabels: ['prod'],
      InvalidLabels: ['x'],
    })
    expect(await get('/v/a:prod')).toEqual(
      refused('ParameterVersionNotFound: Systems Manager could not find version prod of /v/a. Verify the version and try again.'),
    )
  })

  test('loses its oldest version after a hundred, unless that has a label', async () => {
    for (let version = 1; version <= 101; version++) await put('many', String(version), { Overwrite: true })
    expect((await get('many:1'))['refused']).toContain('ParameterVersionNotFound')
    await call('LabelParameterVersion', { Name: 'many', ParameterVersion: 2, Labels: ['kept'] })
    expect((await put('many', '102', { Overwrite: true }))['refused']).toContain(
      'ParameterMaxVersionLimitExceeded: You attempted to create a new version of many',
    )
    expect(await get('many')).toMatchObject({ Version: 101 })
  })

  test.each([
    [
      { Name: '/n/a', Value: 'v', Type: undefined },
      'ValidationException: A parameter type is required when you create a parameter.',
    ],
    [{ Name: '/n/a', Value: '' }, "Value '' at 'value' failed to satisfy constraint"],
    [
      { Name: '/n/a', Value: 'v', Type: 'X' },
      "Value 'X' at 'type' failed to satisfy constraint: Member must satisfy enum value set",
    ],
    [{ Name: 'n/a', Value: 'v' }, 'ValidationException: Parameter name must be a fully qualified name.'],
    [{ Name: '/aws/a', Value: 'v' }, 'AccessDeniedException: No access to reserved parameter name: /aws/a.'],
    [{ Name: 'awsome', Value: 'v' }, 'can\'t be prefixed with "aws" or "ssm"'],
    [{ Name: '/n/a b', Value: 'v' }, 'each sub-path can be formed as a mix of letters, numbers'],
    [{ Name: '/a'.repeat(16), Value: 'v' }, 'HierarchyLevelLimitExceededException'],
    [{ Name: '/n/a', Value: 'x'.repeat(4097) }, 'Standard tier parameters support a maximum parameter value of 4096 characters.'],
    [{ Name: '/n/a', Value: 'x'.repeat(8193), Tier: 'Advanced' }, 'Advanced tier parameters support'],
    [
      { Name: '/n/a', Value: 'a', AllowedPattern: '^\\d+$' },
      'ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: ^\\d+$',
    ],
    [{ Name: '/n/a', Value: 'a', AllowedPattern: '(' }, 'InvalidAllowedPatternException'],
    [{ Name: '/n/a', Value: 'a', DataType: 'x' }, 'The following data type is not supported: x'],
    [{ Name: '/n/a', Value: 'a', Policies: '[{"Type":"X"}]', Tier: 'Advanced' }, 'InvalidPolicyTypeException'],
    [{ Name: '/n/a', Value: 'a', KeyId: 'alias/aws/ssm' }, 'KeyId is not required for String'],
    [
      { Name: '/n/a', Value: 'a', Type: 'SecureString', KeyId: 'alias/none' },
      'InvalidKeyId: Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found.',
    ],
  ])('is not made of %j', async (input, text) => {
    expect((await call('PutParameter', { Type: 'String', ...input }))['refused']).toContain(text)
    expect(await call('GetParameters', { Names: ['/n/a'] })).toMatchObject({ Parameters: [] })
  })

  test('keeps its type and its tier', async () => {
    await put('/t/a', '1', { Tier: 'Advanced' })
    expect((await put('/t/a', '1', { Type: 'StringList', Overwrite: true }))['refused']).toContain(
      'HierarchyTypeMismatchException',
    )
    expect(await call('PutParameter', { Name: '/t/a', Value: '2', Overwrite: true })).toMatchObject({ Tier: 'Advanced' })
    expect((await put('/t/a', '1', { Tier: 'Standard', Overwrite: true }))['refused']).toContain(
      "You can't downgrade a parameter",
    )
    expect(await put('/t/b', 'x'.repeat(5000), { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' })
    expect((await put('/t/b', '1', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }))['refused']).toContain(
      "tags and overwrite can't be used together",
    )
  })

  test('goes by itself when its policy says so', async () => {
    const Timestamp = new Date(served.clock.now() + DAY_MS).toISOString()
    const Policies = JSON.stringify([{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp } }])
    await put('/gone', '1', { Tier: 'Advanced', Policies })
    expect(await call('DescribeParameters', { ParameterFilters: [{ Key: 'Name', Values: ['/gone'] }] })).toMatchObject({
      Parameters: [{ Policies: [{ PolicyType: 'Expiration', PolicyStatus: 'Pending' }] }],
    })
    served.clock.advance(DAY_MS)
    expect(await get('/gone')).toEqual(refused('ParameterNotFound: Parameter /gone not found.'))
  })

  test('is removed with all it had', async () => {
    for (const name of ['d1', 'd2']) await put(name, '1')
    expect(await call('DeleteParameter', { Name: 'd1' })).toEqual({})
    expect(await call('DeleteParameter', { Name: 'd1' })).toEqual(refused('ParameterNotFound: Parameter d1 not found.'))
    expect(await call('DeleteParameters', { Names: ['d1', 'd2'] })).toEqual({
      DeletedParameters: ['d2'],
      InvalidParameters: ['d1'],
    })
    expect((await call('GetParameters', { Names: Array(11).fill('a') }))['refused']).toContain(
      'Member must have length less than or equal to 10',
    )
    expect(await put('d1', '1')).toMatchObject({ Version: 1 })
  })
})

describe('a SecureString', () => {
  test('is what KMS made of it, unless it is asked for in the clear', async () => {
    await call('PutParameter', { Name: '/s/a', Value: 'geheim', Type: 'SecureString' })
    const closed = String((await get('/s/a'))['Value'])
    expect(closed).not.toContain('geheim')
    expect(await get('/s/a', { WithDecryption: true })).toMatchObject({ Value: 'geheim' })
    const EncryptionContext = { PARAMETER_ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/s/a' }
    const opened = await served.call('TrentService.Decrypt', { CiphertextBlob: closed, EncryptionContext })
    expect(Buffer.from(String(opened['Plaintext']), 'base64').toString()).toBe('geheim')
    const alias = await served.call('TrentService.DescribeKey', { KeyId: 'alias/aws/ssm' })
    expect(opened['KeyId']).toBe((alias['KeyMetadata'] as { Arn: string }).Arn)
    const found = await call('GetParametersByPath', { Path: '/s', WithDecryption: true })
    expect(found['Parameters']).toMatchObject([{ Value: 'geheim' }])
    expect(await call('GetParameterHistory', { Name: '/s/a', WithDecryption: true })).toMatchObject({
      Parameters: [{ Value: 'geheim', KeyId: 'alias/aws/ssm' }],
    })
  })

  test('may be longer than what KMS takes at once', async () => {
    const Value = 'ü'.repeat(8000)
    await call('PutParameter', { Name: '/s/long', Value, Type: 'SecureString', Tier: 'Advanced' })
    expect(await get('/s/long', { WithDecryption: true })).toMatchObject({ Value })
  })

  test('cannot be read when its key is disabled', async () => {
    const { KeyMetadata } = await served.call('TrentService.CreateKey', {})
    const { KeyId } = KeyMetadata as { KeyId: string }
    await call('PutParameter', { Name: '/k', Value: 'v', Type: 'SecureString', KeyId })
    await served.call('TrentService.DisableKey', { KeyId })
    expect((await get('/k', { WithDecryption: true }))['refused']).toContain('is disabled.')
    expect((await call('GetParameters', { Names: ['/k'], WithDecryption: true }))['refused']).toContain('InvalidKeyId')
    expect(await get('/k')).toMatchObject({ Type: 'SecureString' })
  })
})

describe('many parameters', () => {
  test('are found below a path, by the page', async () => {
    for (const name of ['/p/b', '/p/a', '/p/sub/c', '/pp/d', 'q']) await put(name, name)
    expect(names(await call('GetParametersByPath', { Path: '/p' }))).toEqual(['/p/a', '/p/b'])
    expect(names(await call('GetParametersByPath', { Path: '/p/', Recursive: true }))).toEqual(['/p/a', '/p/b', '/p/sub/c'])
    const first = await call('GetParametersByPath', { Path: '/p', Recursive: true, MaxResults: 2 })
    expect(names(await call('GetParametersByPath', { Path: '/p', Recursive: true, NextToken: first['NextToken'] }))).toEqual([
      '/p/sub/c',
    ])
    expect((await call('GetParametersByPath', { Path: 'p' }))['refused']).toContain('must begin with a forward slash')
    expect((await call('GetParametersByPath', { Path: '/p', MaxResults: 11 }))['refused']).toContain('less than or equal to 10')
    expect((await call('GetParametersByPath', { Path: '/p', NextToken: 'x' }))['refused']).toContain('InvalidNextToken')
    await call('LabelParameterVersion', { Name: '/p/a', Labels: ['l'] })
    const ParameterFilters = [{ Key: 'Label', Values: ['l'] }]
    expect(names(await call('GetParametersByPath', { Path: '/p', ParameterFilters }))).toEqual(['/p/a'])
  })

  test('are described by filters', async () => {
    await put('/f/one', '1', { Tags: [{ Key: 'env', Value: 'prod' }] })
    await put('/f/two', 'a,b', { Type: 'StringList' })
    const by = async (Key: string, Option: string | undefined, ...Values: string[]) => {
      const inside = { Key: 'Path', Option: 'Recursive', Values: ['/f'] }
      const answer = await call('DescribeParameters', {
        ParameterFilters: Key === 'Path' ? [{ Key, Option, Values }] : [inside, { Key, Option, Values }],
      })
      return answer['refused'] ?? names(answer)
    }
    expect(await by('Name', 'BeginsWith', '/f/o')).toEqual(['/f/one'])
    expect(await by('Name', 'Contains', 'wo')).toEqual(['/f/two'])
    expect(await by('Type', undefined, 'StringList')).toEqual(['/f/two'])
    expect(await by('Tier', undefined, 'Standard')).toEqual(['/f/one', '/f/two'])
    expect(await by('tag:env', undefined, 'prod')).toEqual(['/f/one'])
    expect(await by('Path', 'OneLevel', '/f')).toEqual(['/f/one', '/f/two'])
    expect(await by('Label', undefined, 'x')).toContain('InvalidFilterKey: The following filter key is not valid: Label.')
    expect(await by('Type', undefined, 'X')).toContain('InvalidFilterOption: The following filter value is not valid: X.')
    expect(await by('Name', 'Like', 'x')).toContain('InvalidFilterOption')
    expect(await by('Name', undefined)).toContain('InvalidFilterValue')
    expect(await by('X', undefined, 'x')).toContain('Member must satisfy regular expression pattern')
    const older = { Filters: [{ Key: 'Name', Values: ['/f/'] }] }
    const [one] = (await call('DescribeParameters', older))['Parameters'] as object[]
    expect(one).toMatchObject({ Name: '/f/one', Tier: 'Standard', LastModifiedUser: 'arn:aws:iam::000000000000:root' })
    expect(one).not.toHaveProperty('Value')
  })
})

test('tags come and go', async () => {
  await put('/tag', '1', { Tags: [{ Key: 'a', Value: '1' }] })
  const resource = { ResourceType: 'Parameter', ResourceId: '/tag' }
  await call('AddTagsToResource', { ...resource, Tags: [{ Key: 'b', Value: '2' }] })
  await call('RemoveTagsFromResource', { ...resource, TagKeys: ['a'] })
  expect(await call('ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'b', Value: '2' }] })
  expect((await call('ListTagsForResource', { ...resource, ResourceId: 'none' }))['refused']).toContain('InvalidResourceId')
  expect((await call('ListTagsForResource', { ...resource, ResourceType: 'Document' }))['refused']).toContain(
    'InvalidResourceType',
  )
})

test('secrets are read by reference', async () => {
  await served.call('secretsmanager.CreateSecret', { Name: 'db/pw', SecretString: 's' })
  const name = '/aws/reference/secretsmanager/db/pw'
  expect(await get(name, { WithDecryption: true })).toMatchObject({ Name: name, Type: 'SecureString', Value: 's' })
  expect((await get(name))['refused']).toContain('WithDecryption flag must be True')
  expect((await get(`${name}x`, { WithDecryption: true }))['refused']).toContain('ParameterNotFound')
})

test("of AWS's own parameters those of images have a value, always the same", async () => {
  const name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64'
  const image = await get(name)
  expect(image).toMatchObject({ Value: expect.stringMatching(/^ami-0[0-9a-f]{16}$/), DataType: 'aws:ec2:image' })
  expect(await get(name)).toEqual(image)
  expect((await get('/aws/service/global-infrastructure/regions'))['refused']).toContain('put a parameter of your own.')
})

test('what is not here says so', async () => {
  expect(await call('SendCommand', {})).toEqual({
    refused: 'NotImplemented: The operation SendCommand of Systems Manager is not implemented here.',
    status: 501,
  })
})
