import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const Tags = [{ Key: 'a', Value: '1' }]
const policy = (Action: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 's', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action, Resource: '*' }],
})

test('a secret has the value of its template, or one that is drawn once', async () => {
  const secrets = (action: string, input: JsonObject) => stage.aws.json(SERVICES.secretsmanager, action, input)
  const read = async (SecretId: string) => String((await secrets('GetSecretValue', { SecretId }))['SecretString'])
  const given = { Name: 'given', SecretString: 'a', Description: 'd', KmsKeyId: 'alias/x', Tags }
  const made = await stage.create('AWS::SecretsManager::Secret', given)
  const { ref } = made.deployed
  expect(made.deployed).toEqual({
    ref: expect.stringMatching(/:secret:given-\w{6}$/) as string,
    attributes: { Id: ref },
    change: 'created',
  })
  expect((await stage.update(made, given)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SecretsManager::Secret', given)).rejects.toThrow('given already exists')
  const other = await stage.update(made, { Name: 'given', SecretString: 'b' })
  expect(other.deployed.change).toBe('updated')
  expect(await read(ref)).toBe('b')
  const shown = await secrets('DescribeSecret', { SecretId: ref })
  expect([shown['Description'] ?? '', shown['KmsKeyId'] ?? '', shown['Tags'] ?? []]).toEqual(['', '', []])
  await expect(stage.update(made, { ...given, GenerateSecretString: {} })).rejects.toThrow('but not both')

  const wishes = {
    SecretStringTemplate: '{"user":"u"}',
    GenerateStringKey: 'password',
    PasswordLength: '12',
    ExcludePunctuation: 'true',
  }
  const drawn = await stage.create('AWS::SecretsManager::Secret', { GenerateSecretString: wishes }, 'Drawn')
  const value = await read(drawn.deployed.ref)
  expect(JSON.parse(value)).toEqual({ user: 'u', password: expect.stringMatching(/^[A-Za-z0-9]{12}$/) as string })
  expect((await stage.update(drawn, drawn.existing.properties)).deployed.change).toBe('unchanged')
  expect(await read(drawn.deployed.ref)).toBe(value)
  const longer = await stage.update(drawn, { GenerateSecretString: { ...wishes, PasswordLength: 20 } })
  expect(JSON.parse(await read(longer.deployed.ref))).toMatchObject({ password: expect.stringMatching(/^.{20}$/) as string })

  const SecretId = ref
  const held = await stage.create(
    'AWS::SecretsManager::ResourcePolicy',
    { SecretId, ResourcePolicy: policy('secretsmanager:GetSecretValue') },
    'Held',
  )
  expect(held.deployed).toEqual({ ref, attributes: { Id: ref }, change: 'created' })
  expect((await stage.update(held, held.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SecretsManager::ResourcePolicy', held.existing.properties)).rejects.toThrow('already exists')
  const attached = await stage.create(
    'AWS::SecretsManager::SecretTargetAttachment',
    { SecretId, TargetId: 'db', TargetType: 'AWS::RDS::DBInstance' },
    'At',
  )
  expect(attached.deployed.ref).toBe(ref)
  const all = [attached, held, longer, other]
  for (const gone of [...all, ...all]) expect(await stage.remove(gone)).toBeUndefined()
  await expect(secrets('DescribeSecret', { SecretId: ref })).rejects.toThrow("can't find the specified secret")
})

test('a parameter of another type is another one; what is said no more is gone', async () => {
  const ssm = (action: string, input: JsonObject) => stage.aws.json(SERVICES.ssm, action, input)
  const full = { Name: '/a/b', Type: 'String', Value: 'x', AllowedPattern: '.+', Description: 'd', Tags: { a: '1' } }
  const made = await stage.create('AWS::SSM::Parameter', full)
  expect(made.deployed).toEqual({
    ref: '/a/b',
    attributes: { Arn: 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b', Type: 'String', Value: 'x' },
    change: 'created',
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SSM::Parameter', full)).rejects.toThrow('/a/b already exists')
  const bare = await stage.update(made, { Name: '/a/b', Type: 'String', Value: 'y' })
  expect(bare.deployed.change).toBe('updated')
  const told = await ssm('DescribeParameters', { ParameterFilters: [{ Key: 'Name', Values: ['/a/b'] }] })
  const [shown] = told['Parameters'] as JsonObject[]
  expect([shown?.['Description'] ?? '', shown?.['AllowedPattern'] ?? '']).toEqual(['', ''])
  expect(await ssm('ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/a/b' })).toEqual({ TagList: [] })
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')
  const list = await stage.update(bare, { Name: '/a/b', Type: 'StringList', Value: 'a,b' })
  expect(await ssm('GetParameter', { Name: '/a/b' })).toMatchObject({ Parameter: { Type: 'StringList', Value: 'a,b' } })
  await expect(stage.create('AWS::SSM::Parameter', { Type: 'SecureString', Value: 'x' })).rejects.toThrow('no SecureString')
  for (const gone of [list, list]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a key and the name of one', async () => {
  const kms = (action: string, input: JsonObject) => stage.aws.json(SERVICES.kms, action, input)
  const full = {
    Description: 'd',
    Enabled: true,
    EnableKeyRotation: true,
    RotationPeriodInDays: '90',
    KeyPolicy: policy('kms:*'),
    Tags,
    PendingWindowInDays: '7',
  }
  const made = await stage.create('AWS::KMS::Key', full)
  const KeyId = made.deployed.ref
  expect(made.deployed.attributes).toEqual({ Arn: `arn:aws:kms:us-east-1:123456789012:key/${KeyId}`, KeyId })
  expect((await stage.update(made, full)).deployed).toMatchObject({ ref: KeyId, change: 'unchanged' })
  // Made before anybody could write it down: it is found again.
  expect((await stage.create('AWS::KMS::Key', full)).deployed).toMatchObject({ ref: KeyId, change: 'unchanged' })
  const bare = await stage.update(made, {})
  expect(bare.deployed.change).toBe('updated')
  expect(await kms('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Description: '' } })
  expect(await kms('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false })
  expect(JSON.parse(String((await kms('GetKeyPolicy', { KeyId, PolicyName: 'default' }))['Policy']))).toMatchObject({
    Id: 'key-default-1',
  })
  expect((await kms('ListResourceTags', { KeyId }))['Tags']).toEqual([expect.objectContaining({ TagKey: 'regente:resource' })])
  expect((await stage.update(bare, {})).deployed.change).toBe('unchanged')

  const other = await stage.create('AWS::KMS::Key', {}, 'Other')
  const name = await stage.create('AWS::KMS::Alias', { AliasName: 'alias/app', TargetKeyId: KeyId }, 'Name')
  expect(name.deployed.ref).toBe('alias/app')
  expect((await stage.update(name, name.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::KMS::Alias', name.existing.properties)).rejects.toThrow('alias/app already exists')
  const moved = await stage.update(name, { AliasName: 'alias/app', TargetKeyId: other.deployed.ref })
  expect(moved.deployed.change).toBe('updated')
  for (const gone of [moved, bare, other, moved, bare]) expect(await stage.remove(gone)).toBeUndefined()
  expect(await kms('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { KeyState: 'PendingDeletion' } })
  expect((await stage.create('AWS::KMS::Key', {})).deployed.ref).not.toBe(KeyId)
})
