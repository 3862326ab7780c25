import { createHash, createPublicKey, verify } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type Served, serveOne } from '../kit/testing/served.ts'

import { createKms } from './handler.ts'

const DAY_MS = 86_400_000
const NO_KEY = '00000000-0000-4000-8000-000000000000'
let served: Served
beforeEach(async () => {
  served = await serveOne(createKms)
})
afterEach(() => served.close())

const call = (action: string, input: object = {}) => served.call(`TrentService.${action}`, input)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const text = (bytes: unknown) => Buffer.from(String(bytes), 'base64').toString()

interface Metadata {
  readonly KeyId: string
  readonly Arn: string
  readonly KeyState: string
}
const newKey = async (input: object = {}) => (await call('CreateKey', input))['KeyMetadata'] as Metadata

describe('a key', () => {
  test('is found by its id, its ARN, an alias and the ARN of that', async () => {
    const { KeyId, Arn } = await newKey({ Description: 'd', Tags: [{ TagKey: 'a', TagValue: '1' }] })
    expect(await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: KeyId })).toEqual({})
    for (const name of [KeyId, Arn, 'alias/app', 'arn:aws:kms:us-east-1:000000000000:alias/app'])
      expect(await call('DescribeKey', { KeyId: name })).toMatchObject({
        KeyMetadata: {
          KeyId,
          Description: 'd',
          Enabled: true,
          KeyManager: 'CUSTOMER',
          EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        },
      })
    expect(await call('ListResourceTags', { KeyId })).toMatchObject({ Tags: [{ TagKey: 'a', TagValue: '1' }] })
    expect(await call('GetKeyPolicy', { KeyId: 'alias/app' })).toEqual({
      refused: "NotFoundException: Invalid keyId 'alias/app'",
      status: 400,
    })
  })

  test.each([
    [{ KeyId: NO_KEY }, `NotFoundException: Key 'arn:aws:kms:us-east-1:000000000000:key/${NO_KEY}' does not exist`],
    [{ KeyId: 'x' }, "NotFoundException: Invalid keyId 'x'"],
    [{ KeyId: 'alias/none' }, 'NotFoundException: Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found.'],
    [{ KeyId: 'arn:aws:sns:us-east-1:000000000000:t' }, 'InvalidArnException: Invalid arn arn:aws:sns:us-east-1:000000000000:t'],
    [
      {},
      "ValidationException: 1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    ],
  ])('that is not there is told by %j', async (input, refused) => {
    expect(await call('DescribeKey', input)).toEqual({ refused, status: 400 })
  })

  test.each([
    [{ KeySpec: 'RSA_1' }, 'Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSA_2048'],
    [{ KeySpec: 'RSA_2048' }, 'ValidationException: You must specify a KeyUsage'],
    [
      { KeySpec: 'HMAC_256', KeyUsage: 'SIGN_VERIFY' },
      'ValidationException: KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256',
    ],
    [{ Origin: 'EXTERNAL' }, 'UnsupportedOperationException'],
    [{ Policy: '{}' }, 'MalformedPolicyDocumentException'],
    [{ Tags: [{ TagKey: 'aws:a', TagValue: '' }] }, 'TagException'],
  ])('is not made of %j', async (input, refused) => {
    expect((await call('CreateKey', input))['refused']).toContain(refused)
  })

  test('that is disabled or to be deleted does nothing, and is gone after its days', async () => {
    const { KeyId, Arn } = await newKey()
    const encrypt = () => call('Encrypt', { KeyId, Plaintext: base64('a') })
    const closed = (await encrypt())['CiphertextBlob']
    await call('DisableKey', { KeyId })
    expect(await encrypt()).toEqual({ refused: `DisabledException: ${Arn} is disabled.`, status: 400 })
    await call('EnableKey', { KeyId })
    expect(await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })).toMatchObject({
      KeyState: 'PendingDeletion',
      DeletionDate: (served.clock.now() + 7 * DAY_MS) / 1000,
    })
    expect(await encrypt()).toEqual({ refused: `KMSInvalidStateException: ${Arn} is pending deletion.`, status: 400 })
    expect((await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 6 }))['refused']).toContain(
      'greater than or equal to 7',
    )
    await call('CancelKeyDeletion', { KeyId })
    expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { KeyState: 'Disabled' } })
    await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
    served.clock.advance(7 * DAY_MS)
    expect((await call('DescribeKey', { KeyId }))['refused']).toContain('does not exist')
    expect((await call('Decrypt', { CiphertextBlob: closed }))['refused']).toContain(
      'AccessDeniedException: The ciphertext refers to',
    )
  })

  test('keeps its policy, description and tags', async () => {
    const { KeyId } = await newKey()
    const Policy = '{"Version":"2012-10-17","Statement":[]}'
    expect(JSON.parse(String((await call('GetKeyPolicy', { KeyId }))['Policy']))).toMatchObject({ Id: 'key-default-1' })
    await call('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy })
    expect(await call('GetKeyPolicy', { KeyId, PolicyName: 'default' })).toEqual({ Policy, PolicyName: 'default' })
    expect(await call('ListKeyPolicies', { KeyId })).toMatchObject({ PolicyNames: ['default'] })
    await call('UpdateKeyDescription', { KeyId, Description: 'new' })
    expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Description: 'new' } })
    await call('TagResource', {
      KeyId,
      Tags: [
        { TagKey: 'a', TagValue: '1' },
        { TagKey: 'b', TagValue: '2' },
      ],
    })
    await call('UntagResource', { KeyId, TagKeys: ['a'] })
    expect(await call('ListResourceTags', { KeyId })).toMatchObject({ Tags: [{ TagKey: 'b', TagValue: '2' }] })
  })

  test('is rotated on demand, and reads what it has encrypted before', async () => {
    const { KeyId } = await newKey()
    const before = (await call('Encrypt', { KeyId, Plaintext: base64('old') }))['CiphertextBlob']
    expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false })
    await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 100 })
    expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 100,
      NextRotationDate: (served.clock.now() + 100 * DAY_MS) / 1000,
    })
    await call('DisableKeyRotation', { KeyId })
    await call('RotateKeyOnDemand', { KeyId })
    expect((await call('ListKeyRotations', { KeyId }))['Rotations']).toMatchObject([{ RotationType: 'ON_DEMAND' }])
    expect(text((await call('Decrypt', { CiphertextBlob: before }))['Plaintext'])).toBe('old')
  })
})

test('keys and aliases are listed by the page', async () => {
  const keys = [await newKey(), await newKey(), await newKey()].map(({ KeyId }) => KeyId).sort()
  const first = await call('ListKeys', { Limit: 2 })
  expect(first).toMatchObject({ Keys: [{ KeyId: keys[0] }, { KeyId: keys[1] }], Truncated: true })
  expect(await call('ListKeys', { Marker: first['NextMarker'] })).toMatchObject({ Keys: [{ KeyId: keys[2] }], Truncated: false })
  expect((await call('ListKeys', { Marker: 'x' }))['refused']).toContain('InvalidMarkerException')
  for (const name of ['b', 'a']) await call('CreateAlias', { AliasName: `alias/${name}`, TargetKeyId: keys[0] })
  const aliases = await call('ListAliases', { Limit: 1 })
  expect(aliases).toMatchObject({ Aliases: [{ AliasName: 'alias/a', TargetKeyId: keys[0] }], Truncated: true })
  expect(await call('ListAliases', { KeyId: keys[1] })).toMatchObject({ Aliases: [] })
  expect((await call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: keys[1] }))['refused']).toBe(
    'AlreadyExistsException: An alias with the name arn:aws:kms:us-east-1:000000000000:alias/a already exists',
  )
  expect((await call('CreateAlias', { AliasName: 'a', TargetKeyId: keys[1] }))['refused']).toContain('Invalid identifier')
  expect((await call('CreateAlias', { AliasName: 'alias/aws/x', TargetKeyId: keys[1] }))['refused']).toContain('reserved')
  await call('UpdateAlias', { AliasName: 'alias/a', TargetKeyId: keys[1] })
  expect(await call('DescribeKey', { KeyId: 'alias/a' })).toMatchObject({ KeyMetadata: { KeyId: keys[1] } })
  await call('DeleteAlias', { AliasName: 'alias/a' })
  expect((await call('DeleteAlias', { AliasName: 'alias/a' }))['refused']).toContain('is not found.')
})

test("the key of one of AWS's services is made when it is first needed", async () => {
  expect(await call('ListAliases')).toMatchObject({ Aliases: [] })
  expect(await call('DescribeKey', { KeyId: 'alias/aws/ssm' })).toMatchObject({
    KeyMetadata: { KeyManager: 'AWS', Description: 'Default key that protects my SSM parameters when no other key is defined' },
  })
  expect(await call('ListAliases')).toMatchObject({ Aliases: [{ AliasName: 'alias/aws/ssm' }] })
  expect((await call('DescribeKey', { KeyId: 'alias/aws/other' }))['refused']).toContain('is not found.')
})

describe('a symmetric key', () => {
  test('encrypts with a context, whose pairs have no order', async () => {
    const { KeyId, Arn } = await newKey()
    const EncryptionContext = { a: '1', b: '2' }
    const closed = await call('Encrypt', { KeyId, Plaintext: base64('secret'), EncryptionContext })
    expect(closed).toMatchObject({ KeyId: Arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    const { CiphertextBlob } = closed
    const opened = await call('Decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } })
    expect(text(opened['Plaintext'])).toBe('secret')
    const refused = async (input: object) => (await call('Decrypt', input))['refused']
    expect(await refused({ CiphertextBlob })).toBe('InvalidCiphertextException: ')
    expect(await refused({ CiphertextBlob: base64('x') })).toBe('InvalidCiphertextException: ')
    const damaged = Buffer.from(String(CiphertextBlob), 'base64')
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    expect(await refused({ CiphertextBlob: damaged.toString('base64'), EncryptionContext })).toBe('InvalidCiphertextException: ')
    const other = await newKey()
    expect(await refused({ CiphertextBlob, EncryptionContext, KeyId: other.KeyId })).toContain('IncorrectKeyException')
    const again = await call('ReEncrypt', {
      CiphertextBlob,
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: other.KeyId,
    })
    expect(again).toMatchObject({ SourceKeyId: Arn, KeyId: other.Arn })
    expect(text((await call('Decrypt', { CiphertextBlob: again['CiphertextBlob'] }))['Plaintext'])).toBe('secret')
    expect((await call('Encrypt', { KeyId, Plaintext: Buffer.alloc(4097).toString('base64') }))['refused']).toContain(
      "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    )
    expect((await call('Encrypt', { KeyId, Plaintext: base64('a'), DryRun: true }))['refused']).toContain(
      'DryRunOperationException',
    )
  })

  test('gives data keys, pairs and random bytes', async () => {
    const { KeyId } = await newKey()
    const dataKey = await call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' })
    expect(Buffer.from(String(dataKey['Plaintext']), 'base64')).toHaveLength(32)
    expect(await call('Decrypt', { CiphertextBlob: dataKey['CiphertextBlob'] })).toMatchObject({
      Plaintext: dataKey['Plaintext'],
    })
    expect(await call('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 8 })).not.toHaveProperty('Plaintext')
    expect((await call('GenerateDataKey', { KeyId }))['refused']).toBe(
      'ValidationException: Please specify either number of bytes or key spec.',
    )
    const pair = await call('GenerateDataKeyPair', { KeyId, KeyPairSpec: 'ECC_NIST_P256' })
    expect(await call('Decrypt', { CiphertextBlob: pair['PrivateKeyCiphertextBlob'] })).toMatchObject({
      Plaintext: pair['PrivateKeyPlaintext'],
    })
    const quiet = await call('GenerateDataKeyPairWithoutPlaintext', { KeyId, KeyPairSpec: 'ECC_NIST_EDWARDS25519' })
    expect(quiet).not.toHaveProperty('PrivateKeyPlaintext')
    expect(Buffer.from(String((await call('GenerateRandom', { NumberOfBytes: 5 }))['Plaintext']), 'base64')).toHaveLength(5)
  })

  test('lies sealed in the database', async () => {
    await newKey()
    const sealed = served.database.prepareValue<[], string>('SELECT sealed FROM kms_materials').all()
    expect(sealed.every((one) => one.startsWith('sealed:'))).toBe(true)
  })
})

describe('an asymmetric key', () => {
  test.each([
    ['RSA_2048', 'RSASSA_PSS_SHA_256'],
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512'],
    ['ECC_NIST_P256', 'ECDSA_SHA_256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512'],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'],
  ])('of %s signs with %s', async (KeySpec, SigningAlgorithm) => {
    const { KeyId } = await newKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
    const asked = { KeyId, Message: base64('m'), SigningAlgorithm }
    const { Signature } = await call('Sign', asked)
    expect(await call('Verify', { ...asked, Signature })).toMatchObject({ SignatureValid: true })
    expect((await call('Verify', { ...asked, Message: base64('n'), Signature }))['refused']).toBe(
      'KMSInvalidSignatureException: ',
    )
    expect(await call('GetPublicKey', { KeyId })).toMatchObject({
      KeySpec,
      SigningAlgorithms: expect.arrayContaining([SigningAlgorithm]),
    })
  })

  test('signs a digest as it signs the message, and anybody may verify it', async () => {
    const { KeyId } = await newKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })
    const asked = { KeyId, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }
    const Message = createHash('sha256').update('m').digest().toString('base64')
    const { Signature } = await call('Sign', { ...asked, Message, MessageType: 'DIGEST' })
    expect(await call('Sign', { ...asked, Message: base64('m') })).toMatchObject({ Signature })
    expect(await call('Verify', { ...asked, Message, MessageType: 'DIGEST', Signature })).toMatchObject({ SignatureValid: true })
    const { PublicKey } = await call('GetPublicKey', { KeyId })
    const key = createPublicKey({ key: Buffer.from(String(PublicKey), 'base64'), format: 'der', type: 'spki' })
    expect(verify('sha256', Buffer.from('m'), key, Buffer.from(String(Signature), 'base64'))).toBe(true)
    expect((await call('Sign', { ...asked, Message: base64('m'), MessageType: 'DIGEST' }))['refused']).toContain(
      'Digest is invalid length',
    )
    const pss = { ...asked, SigningAlgorithm: 'RSASSA_PSS_SHA_256', Message, MessageType: 'DIGEST' }
    expect((await call('Sign', pss))['refused']).toContain('send the message, with MessageType RAW')
  })

  test('encrypts with its public half', async () => {
    const { KeyId } = await newKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
    for (const EncryptionAlgorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']) {
      const { CiphertextBlob } = await call('Encrypt', { KeyId, Plaintext: base64('m'), EncryptionAlgorithm })
      expect(text((await call('Decrypt', { KeyId, CiphertextBlob, EncryptionAlgorithm }))['Plaintext'])).toBe('m')
    }
    expect((await call('Encrypt', { KeyId, Plaintext: base64('m') }))['refused']).toContain('InvalidKeyUsageException')
    expect((await call('Sign', { KeyId, Message: base64('m'), SigningAlgorithm: 'ECDSA_SHA_256' }))['refused']).toContain(
      'key usage is ENCRYPT_DECRYPT which is not valid',
    )
  })

  test('of HMAC makes codes that it knows again', async () => {
    const { KeyId } = await newKey({ KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' })
    const asked = { KeyId, Message: base64('m'), MacAlgorithm: 'HMAC_SHA_384' }
    const { Mac } = await call('GenerateMac', asked)
    expect(await call('VerifyMac', { ...asked, Mac })).toMatchObject({ MacValid: true })
    expect((await call('VerifyMac', { ...asked, Mac: base64('x') }))['refused']).toBe('KMSInvalidMacException: ')
    expect((await call('GetPublicKey', { KeyId }))['refused']).toContain('UnsupportedOperationException')
    expect(await call('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false })
    expect((await call('EnableKeyRotation', { KeyId }))['refused']).toContain('UnsupportedOperationException')
  })
})

test('what is not here says so', async () => {
  expect(await call('CreateGrant', {})).toEqual({
    refused: 'NotImplemented: The operation CreateGrant of KMS is not implemented here.',
    status: 501,
  })
})
