import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'
import { openSeal } from '../seal.ts'

import { createSecretsManager } from './handler.ts'

const DAY_MS = 86_400_000
const TOKEN = '0'.repeat(32)
let clock: VirtualClock
let database: ServicesDatabase
let server: Server

beforeEach(async () => {
  clock = new VirtualClock()
  database = openServicesDatabase()
  const place = { region: 'us-east-1', account: '000000000000' }
  const { handler } = createSecretsManager({ database, clock, ...place, seal: openSeal(undefined), log: silentLog })
  server = createServer((req, res) => void handler(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
  database.close()
})

/** The answer, or the code and text of the refusal. */
async function call(action: string, input: object): Promise<Record<string, unknown>> {
  const address = server.address()
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${action}` },
    body: JSON.stringify(input),
  })
  const body = (await response.json()) as Record<string, unknown>
  return response.status === 200 ? body : { refused: `${body['__type']}: ${body['message']}`, status: response.status }
}
const refused = (code: string, message: string) => ({ refused: `${code}: ${message}`, status: 400 })
const GONE = refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
const MARKED = refused(
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
)
const secretText = async (input: object) => (await call('GetSecretValue', input))['SecretString']

describe('a secret', () => {
  test('is made with its first version, and found by name, by ARN and by the ARN without its end', async () => {
    const made = await call('CreateSecret', { Name: 'app/db', SecretString: 's1', ClientRequestToken: TOKEN, Description: 'd' })
    expect(made).toEqual({
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:app\/db-[A-Za-z0-9]{6}$/),
      Name: 'app/db',
      VersionId: TOKEN,
    })
    const arn = String(made['ARN'])
    for (const SecretId of ['app/db', arn, arn.slice(0, -7)]) {
      expect(await call('GetSecretValue', { SecretId })).toEqual({
        ...made,
        SecretString: 's1',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: clock.now() / 1000,
      })
    }
    expect(await call('DescribeSecret', { SecretId: 'app/db' })).toMatchObject({
      Description: 'd',
      VersionIdsToStages: { [TOKEN]: ['AWSCURRENT'] },
    })
    expect(await call('GetSecretValue', { SecretId: 'none' })).toEqual(GONE)
  })

  test('keeps bytes as bytes, and no value in the clear', async () => {
    await call('CreateSecret', { Name: 'b', SecretBinary: Buffer.from('bytes').toString('base64') })
    expect(await call('GetSecretValue', { SecretId: 'b' })).toMatchObject({ SecretBinary: 'Ynl0ZXM=' })
    await call('CreateSecret', { Name: 't', SecretString: 'plain' })
    const rows = database.prepareValue<[], string>('SELECT value FROM secret_versions').all()
    expect(rows.every((value) => value.startsWith('sealed:'))).toBe(true)
  })

  test('has its name once; the same request again is answered again', async () => {
    const input = { Name: 's', SecretString: 'x', ClientRequestToken: TOKEN }
    const made = await call('CreateSecret', input)
    expect(await call('CreateSecret', input)).toEqual(made)
    expect(await call('CreateSecret', { ...input, SecretString: 'y' })).toEqual(
      refused('ResourceExistsException', 'The operation failed because the secret s already exists.'),
    )
  })

  test.each([
    [{ Name: 'a b' }, 'ValidationException: Invalid name. Must be a valid name'],
    [{}, "ValidationException: 1 validation error detected: Value null at 'name'"],
    [{ Name: 's', SecretString: 'x', SecretBinary: 'eA==' }, "InvalidParameterException: You can't specify both a binary"],
    [{ Name: 's', ClientRequestToken: 'short' }, 'InvalidParameterException: ClientRequestToken must be 32-64'],
    [
      { Name: 's', SecretString: 'x'.repeat(65_537) },
      "ValidationException: 1 validation error detected: Value at 'secretString'",
    ],
    [{ Name: 's', Tags: [{ Key: 'aws:x', Value: 'y' }] }, 'InvalidParameterException: aws:'],
  ])('is not made of %j', async (input, message) => {
    expect((await call('CreateSecret', input))['refused']).toContain(message)
  })
})

describe('a new value', () => {
  test('is current, the one before it is previous, and the one before that has no label', async () => {
    await call('CreateSecret', { Name: 's', SecretString: '1' })
    await call('PutSecretValue', { SecretId: 's', SecretString: '2' })
    const put = await call('UpdateSecret', { SecretId: 's', SecretString: '3', Description: 'third' })
    expect(await secretText({ SecretId: 's' })).toBe('3')
    expect(await secretText({ SecretId: 's', VersionStage: 'AWSPREVIOUS' })).toBe('2')
    expect(await secretText({ SecretId: 's', VersionId: put['VersionId'] })).toBe('3')
    expect((await call('ListSecretVersionIds', { SecretId: 's' }))['Versions']).toHaveLength(2)
    expect((await call('ListSecretVersionIds', { SecretId: 's', IncludeDeprecated: true }))['Versions']).toHaveLength(3)
    expect(await call('DescribeSecret', { SecretId: 's' })).toMatchObject({ Description: 'third' })
  })

  test('under labels of its own leaves the current one, until the label is moved', async () => {
    const one = (await call('CreateSecret', { Name: 's', SecretString: '1' }))['VersionId']
    const two = { SecretId: 's', SecretString: '2', VersionStages: ['AWSPENDING'] }
    const { VersionId, VersionStages } = await call('PutSecretValue', two)
    expect(VersionStages).toEqual(['AWSPENDING'])
    expect(await secretText({ SecretId: 's' })).toBe('1')
    const move = { SecretId: 's', VersionStage: 'AWSCURRENT', MoveToVersionId: VersionId }
    expect((await call('UpdateSecretVersionStage', move))['refused']).toContain(
      `Staging label AWSCURRENT is currently attached to version ${one}`,
    )
    await call('UpdateSecretVersionStage', { ...move, RemoveFromVersionId: one })
    expect((await call('DescribeSecret', { SecretId: 's' }))['VersionIdsToStages']).toEqual({
      [String(one)]: ['AWSPREVIOUS'],
      [String(VersionId)]: ['AWSPENDING', 'AWSCURRENT'],
    })
    const remove = { SecretId: 's', VersionStage: 'AWSCURRENT', RemoveFromVersionId: VersionId }
    expect((await call('UpdateSecretVersionStage', remove))['refused']).toContain('You can only move staging label AWSCURRENT')
  })

  test('has to be given, and a version never changes', async () => {
    const { ARN } = await call('CreateSecret', { Name: 's' })
    expect(await call('GetSecretValue', { SecretId: 's' })).toEqual(
      refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"),
    )
    expect(await call('PutSecretValue', { SecretId: 's' })).toEqual(
      refused('InvalidParameterException', 'You must provide either SecretString or SecretBinary.'),
    )
    const put = { SecretId: 's', SecretString: '1', ClientRequestToken: TOKEN }
    expect(await call('PutSecretValue', put)).toEqual(await call('PutSecretValue', put))
    expect(await call('PutSecretValue', { ...put, SecretString: '2' })).toEqual(
      refused(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${TOKEN} because that value is already in use for a version of secret ${ARN}.`,
      ),
    )
    expect((await call('GetSecretValue', { SecretId: 's', VersionId: '1'.repeat(32) }))['refused']).toContain('for VersionId: 1')
  })
})

describe('a deleted secret', () => {
  test('is kept for its window, comes back when it is restored, and is gone after it', async () => {
    await call('CreateSecret', { Name: 's', SecretString: '1' })
    const { DeletionDate } = await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 })
    expect(DeletionDate).toBe((clock.now() + 7 * DAY_MS) / 1000)
    for (const action of ['GetSecretValue', 'DeleteSecret', 'TagResource'])
      expect(await call(action, { SecretId: 's', Tags: [] })).toEqual(MARKED)
    expect((await call('CreateSecret', { Name: 's' }))['refused']).toContain('already scheduled for deletion.')
    expect(await call('DescribeSecret', { SecretId: 's' })).toMatchObject({ DeletedDate: DeletionDate })
    expect((await call('ListSecrets', {}))['SecretList']).toEqual([])
    expect((await call('ListSecrets', { IncludePlannedDeletion: true }))['SecretList']).toHaveLength(1)
    await call('RestoreSecret', { SecretId: 's' })
    expect(await secretText({ SecretId: 's' })).toBe('1')
    await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 })
    await clock.advance(7 * DAY_MS)
    expect(await call('RestoreSecret', { SecretId: 's' })).toEqual(GONE)
    expect((await call('CreateSecret', { Name: 's' }))['Name']).toBe('s')
  })

  test('by force is gone at once, whether it was there or not', async () => {
    await call('CreateSecret', { Name: 's' })
    const force = { SecretId: 's', ForceDeleteWithoutRecovery: true }
    for (const _ of [1, 2]) expect(await call('DeleteSecret', force)).toMatchObject({ Name: 's' })
    expect(await call('DescribeSecret', { SecretId: 's' })).toEqual(GONE)
    expect(await call('DeleteSecret', { SecretId: 's' })).toEqual(GONE)
    expect((await call('DeleteSecret', { ...force, RecoveryWindowInDays: 7 }))['refused']).toContain('in conjunction with')
    expect((await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 6 }))['refused']).toContain('between 7 and 30 days')
  })
})

describe('many secrets', () => {
  const names = async (input: object) => {
    const { SecretList, NextToken } = await call('ListSecrets', input)
    return { names: (SecretList as { Name: string }[]).map(({ Name }) => Name), next: NextToken }
  }

  test('are listed newest first, by the page, and found by name and tag', async () => {
    for (const Name of ['a/one', 'a/two', 'b']) {
      await call('CreateSecret', { Name, Tags: [{ Key: 'of', Value: Name.slice(0, 1) }] })
    }
    const first = await names({ MaxResults: 2 })
    expect(first).toEqual({ names: ['b', 'a/two'], next: expect.any(String) })
    expect(await names({ MaxResults: 2, NextToken: first.next })).toEqual({ names: ['a/one'], next: undefined })
    expect((await names({ SortOrder: 'asc' })).names).toEqual(['a/one', 'a/two', 'b'])
    const by = async (Key: string, ...Values: string[]) => (await names({ Filters: [{ Key, Values }] })).names
    expect(await by('name', 'a/')).toEqual(['a/two', 'a/one'])
    expect(await by('name', '!a/')).toEqual(['b'])
    expect(await by('tag-value', 'b')).toEqual(['b'])
    expect(await by('all', 'TWO')).toEqual(['a/two'])
    expect((await call('ListSecrets', { Filters: [{ Key: 'name', Values: Array(11).fill('a') }] }))['refused']).toContain(
      "Value at 'values' failed to satisfy constraint: Member must have length less than or equal to 10",
    )
    expect((await call('ListSecrets', { Filters: Array(11).fill({ Key: 'name' }) }))['refused']).toContain("Value at 'filters'")
    expect((await call('ListSecrets', { NextToken: 'x' }))['refused']).toContain('InvalidNextTokenException')
  })

  test('are read together; what cannot be read is told beside', async () => {
    await call('CreateSecret', { Name: 'a', SecretString: '1' })
    expect(await call('BatchGetSecretValue', { SecretIdList: ['a', 'none'] })).toMatchObject({
      SecretValues: [{ Name: 'a', SecretString: '1' }],
      Errors: [{ SecretId: 'none', ErrorCode: 'ResourceNotFoundException' }],
    })
  })
})

test('tags come and go, and a policy is kept', async () => {
  await call('CreateSecret', { Name: 's', Tags: [{ Key: 'a', Value: '1' }] })
  await call('TagResource', { SecretId: 's', Tags: [{ Key: 'b', Value: '2' }] })
  await call('UntagResource', { SecretId: 's', TagKeys: ['a'] })
  expect((await call('DescribeSecret', { SecretId: 's' }))['Tags']).toEqual([{ Key: 'b', Value: '2' }])
  expect(await call('GetResourcePolicy', { SecretId: 's' })).not.toHaveProperty('ResourcePolicy')
  await call('PutResourcePolicy', { SecretId: 's', ResourcePolicy: '{}' })
  expect(await call('GetResourcePolicy', { SecretId: 's' })).toMatchObject({ ResourcePolicy: '{}' })
  await call('DeleteResourcePolicy', { SecretId: 's' })
  expect(await call('GetResourcePolicy', { SecretId: 's' })).not.toHaveProperty('ResourcePolicy')
})

test('a random password has the characters that are asked for', async () => {
  const { RandomPassword } = await call('GetRandomPassword', { PasswordLength: 20, ExcludePunctuation: true })
  expect(RandomPassword).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{20}$/)
  const only = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true, ExcludeCharacters: '0123456789' }
  expect((await call('GetRandomPassword', only))['refused']).toContain('InvalidParameterException')
})
