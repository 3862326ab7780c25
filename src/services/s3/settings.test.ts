import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import * as sdk from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { toInstant } from '../../base/time.ts'

import { callAws } from '../../wire/client.ts'

import { openServicesDatabase } from '../kit/database.ts'
import { createS3, type LocalS3 } from './handler.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const database = openServicesDatabase()
const clock = new VirtualClock(toInstant(Date.UTC(2026, 10, 30, 12)))
let s3: LocalS3
let server: Server
let endpoint = ''
let client: sdk.S3Client
let Bucket = ''
let made = 0

beforeAll(async () => {
  s3 = createS3({
    database,
    region: 'us-east-1',
    account: '123456789012',
    endpoint: () => endpoint,
    log: silentLog,
    clock,
    tellBus() {},
  })
  server = createServer((req, res) => void s3.handler(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new sdk.S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
})
afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await s3.close()
  database.close()
})
beforeEach(async () => {
  Bucket = `settings-${made++}`
  await client.send(new sdk.CreateBucketCommand({ Bucket }))
})

const raw = (method: string, subresource: string, body?: string, headers: Record<string, string> = {}) =>
  callAws({ endpoint, region: 'us-east-1', service: 's3', credentials, method, path: `/${Bucket}?${subresource}`, body, headers })
const told = async (subresource: string) => {
  const { status, body } = await raw('GET', subresource)
  const text = body.toString()
  return status === 200
    ? text.replace(/^<\?xml[^>]*>\n/, '').replace(/ xmlns="[^"]*"/, '')
    : `${status} ${/<Code>(\w+)</.exec(text)?.[1]}`
}
const version = () => client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))

const CORS =
  '<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.org</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>etag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>'
const blocks = (value: boolean) =>
  `<PublicAccessBlockConfiguration>${['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((name) => `<${name}>${value}</${name}>`).join('')}</PublicAccessBlockConfiguration>`
const ownership = (value: string) =>
  `<OwnershipControls><Rule><ObjectOwnership>${value}</ObjectOwnership></Rule></OwnershipControls>`
const encryption = (more: string, key = false) =>
  `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>${more}</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>${key}</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`
const AES = encryption('<SSEAlgorithm>AES256</SSEAlgorithm>')
const LIFECYCLE =
  '<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>'
const WEBSITE = '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>'
const LOCK = '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>'
const REPLICATION =
  '<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::other</Bucket></Destination></Rule></ReplicationConfiguration>'

describe('a setting of a bucket', () => {
  /** Name, document, what is told before, what after a removal (where it can be removed). */
  it.each([
    [
      'accelerate',
      '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>',
      '<AccelerateConfiguration/>',
      undefined,
    ],
    ['cors', CORS, '404 NoSuchCORSConfiguration', '404 NoSuchCORSConfiguration'],
    ['encryption', encryption('<SSEAlgorithm>aws:kms</SSEAlgorithm>', true), AES, AES],
    ['lifecycle', LIFECYCLE, '404 NoSuchLifecycleConfiguration', '404 NoSuchLifecycleConfiguration'],
    ['logging', '<BucketLoggingStatus/>', '<BucketLoggingStatus/>', undefined],
    ['object-lock', LOCK, '404 ObjectLockConfigurationNotFoundError', undefined],
    ['ownershipControls', ownership('ObjectWriter'), ownership('BucketOwnerEnforced'), '404 OwnershipControlsNotFoundError'],
    ['publicAccessBlock', blocks(false), blocks(true), '404 NoSuchPublicAccessBlockConfiguration'],
    ['replication', REPLICATION, '404 ReplicationConfigurationNotFoundError', '404 ReplicationConfigurationNotFoundError'],
    [
      'requestPayment',
      '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>',
      '<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>',
      undefined,
    ],
    ['website', WEBSITE, '404 NoSuchWebsiteConfiguration', '404 NoSuchWebsiteConfiguration'],
  ])('%s is told as it was set', async (name, document, before, after) => {
    await version()
    expect(await told(name)).toBe(before)
    expect((await raw('PUT', name, document.replace('><', '>\n  <'))).status).toBe(200)
    expect(await told(name)).toBe(document)
    expect((await raw('PUT', name, '<Other/>')).status).toBe(400)
    expect((await raw('DELETE', name)).status).toBe(after === undefined ? 501 : 204)
    expect(await told(name)).toBe(after ?? document)
  })

  it.each([
    ['analytics', 'AnalyticsConfiguration'],
    ['intelligent-tiering', 'IntelligentTieringConfiguration'],
    ['inventory', 'InventoryConfiguration'],
    ['metrics', 'MetricsConfiguration'],
  ])('%s may be set several times, each under an id', async (name, root) => {
    expect(await told(`${name}&id=a`)).toBe('404 NoSuchConfiguration')
    for (const id of ['a', 'b'])
      expect((await raw('PUT', `${name}&id=${id}`, `<${root}><Id>${id}</Id></${root}>`)).status).toBe(200)
    expect(await told(`${name}&id=b`)).toBe(`<${root}><Id>b</Id></${root}>`)
    expect(await told(name)).toContain(`<${root}><Id>a</Id></${root}><${root}><Id>b</Id></${root}>`)
    expect((await raw('DELETE', `${name}&id=a`)).status).toBe(204)
    expect(await told(`${name}&id=a`)).toBe('404 NoSuchConfiguration')
    expect((await raw('PUT', `${name}&id=c`, `<${root}><Id>other</Id></${root}>`)).status).toBe(400)
  })

  it('goes with its bucket', async () => {
    await raw('PUT', 'cors', CORS)
    await client.send(new sdk.DeleteBucketCommand({ Bucket }))
    await client.send(new sdk.CreateBucketCommand({ Bucket }))
    expect(await told('cors')).toBe('404 NoSuchCORSConfiguration')
  })

  it.each([
    ['cors', CORS.replace('PUT', 'PATCH'), 'InvalidRequest', 'Unsupported method is PATCH'],
    ['cors', '<CORSConfiguration/>', 'MalformedXML', ''],
    ['cors', '<CORSConfiguration', 'MalformedXML', ''],
    ['lifecycle', LIFECYCLE.replace('<Days>1</Days>', '<Days>0</Days>'), 'InvalidArgument', 'must be a positive integer'],
    ['lifecycle', LIFECYCLE.replace(/<Expiration>.*<\/Expiration>/, ''), 'InvalidRequest', 'At least one action'],
    ['website', '<WebsiteConfiguration/>', 'InvalidArgument', 'IndexDocument Suffix must be provided'],
    ['replication', REPLICATION, 'InvalidRequest', "Versioning must be 'Enabled'"],
    ['object-lock', LOCK, 'InvalidBucketState', "Versioning must be 'Enabled'"],
    [
      'logging',
      '<BucketLoggingStatus><LoggingEnabled><TargetBucket>none</TargetBucket></LoggingEnabled></BucketLoggingStatus>',
      'InvalidTargetBucketForLogging',
      '',
    ],
    ['versioning', '<VersioningConfiguration><Status>On</Status></VersioningConfiguration>', 'MalformedXML', ''],
    ['policy', 'nonsense', 'MalformedPolicy', 'must be valid JSON'],
    [
      'policy',
      '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}]}',
      'MalformedPolicy',
      'invalid resource',
    ],
    ['acl', '<AccessControlPolicy/>', 'MalformedACLError', ''],
  ])('%s is refused where AWS refuses it (%#)', async (name, document, code, message) => {
    const { status, body } = await raw('PUT', name, document)
    expect([status, body.toString()]).toEqual([
      expect.toSatisfy((found) => found >= 400 && found < 500),
      expect.stringContaining(`<Code>${code}</Code>`),
    ])
    expect(body.toString()).toContain(message.replaceAll("'", '&apos;'))
  })

  it('is set while the bucket is made: tags, ownership, Object Lock', async () => {
    const other = { Bucket: `${Bucket}-made` }
    await client.send(
      new sdk.CreateBucketCommand({
        ...other,
        ObjectOwnership: 'ObjectWriter',
        ObjectLockEnabledForBucket: true,
        ACL: 'public-read',
        CreateBucketConfiguration: { Tags: [{ Key: 'team', Value: 'a' }] },
      }),
    )
    expect((await client.send(new sdk.GetBucketTaggingCommand(other))).TagSet).toEqual([{ Key: 'team', Value: 'a' }])
    expect((await client.send(new sdk.GetBucketVersioningCommand(other))).Status).toBe('Enabled')
    expect(await client.send(new sdk.GetObjectLockConfigurationCommand(other))).toMatchObject({
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
    })
    expect((await client.send(new sdk.GetBucketAclCommand(other))).Grants).toHaveLength(2)
    const refused = new sdk.CreateBucketCommand({ Bucket: `${Bucket}-refused`, ACL: 'public-read' })
    await expect(client.send(refused)).rejects.toMatchObject({ name: 'InvalidBucketAclWithObjectOwnership' })
    await expect(client.send(new sdk.HeadBucketCommand({ Bucket: `${Bucket}-refused` }))).rejects.toMatchObject({
      name: 'NotFound',
    })
  })
})

describe('a policy', () => {
  const policy = (Principal: unknown) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }],
    })

  it('is told as it was written, and whether it is public', async () => {
    await expect(client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' })
    const Policy = policy({ AWS: 'arn:aws:iam::123456789012:root' })
    await client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy }))
    expect((await client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy)
    const status = async () => (await client.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic
    expect(await status()).toBe(false)
    const open = new sdk.PutBucketPolicyCommand({ Bucket, Policy: policy('*') })
    await expect(client.send(open)).rejects.toThrow('prevented by the BlockPublicPolicy setting')
    await client.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }))
    await client.send(open)
    expect(await status()).toBe(true)
    await client.send(new sdk.DeleteBucketPolicyCommand({ Bucket }))
    await expect(client.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchBucketPolicy',
    })
  })
})

describe('an access control list', () => {
  const grants = async () =>
    (await client.send(new sdk.GetBucketAclCommand({ Bucket }))).Grants?.map(({ Permission }) => Permission)

  it('is taken by buckets alone whose objects need not be their owner’s', async () => {
    expect(await grants()).toEqual(['FULL_CONTROL'])
    const ACL = 'public-read'
    await expect(client.send(new sdk.PutBucketAclCommand({ Bucket, ACL }))).rejects.toMatchObject({
      name: 'AccessControlListNotSupported',
    })
    const put = new sdk.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL })
    await expect(client.send(put)).rejects.toMatchObject({ name: 'AccessControlListNotSupported' })
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] }
    await client.send(new sdk.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
    await client.send(new sdk.PutBucketAclCommand({ Bucket, ACL }))
    expect(await grants()).toEqual(['FULL_CONTROL', 'READ'])
    await client.send(put)
    const acl = await client.send(new sdk.GetObjectAclCommand({ Bucket, Key: 'k' }))
    expect(acl.Grants?.[1]).toEqual({
      Grantee: { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' },
      Permission: 'READ',
    })
    await client.send(
      new sdk.PutObjectAclCommand({
        Bucket,
        Key: 'k',
        AccessControlPolicy: { Owner: acl.Owner, Grants: acl.Grants?.slice(0, 1) },
      }),
    )
    expect((await client.send(new sdk.GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants).toHaveLength(1)
  })
})

describe('a page of another origin', () => {
  const ask = (origin: string, method: string, headers?: string) =>
    raw('OPTIONS', '', undefined, {
      origin,
      'access-control-request-method': method,
      ...(headers !== undefined && { 'access-control-request-headers': headers }),
    })

  it('is told by the rules of the bucket whether it may', async () => {
    expect((await ask('https://other.example', 'PUT')).headers['access-control-allow-origin']).toBe('https://other.example')
    await raw('PUT', 'cors', CORS)
    const allowed = await ask('https://a.example.org', 'PUT', 'X-Amz-Date, x-amz-acl')
    expect([allowed.status, allowed.headers]).toMatchObject([
      200,
      {
        'access-control-allow-origin': 'https://a.example.org',
        'access-control-allow-methods': 'PUT, GET',
        'access-control-allow-headers': 'x-amz-date, x-amz-acl',
        'access-control-max-age': '60',
        'access-control-allow-credentials': 'true',
      },
    ])
    for (const [origin, method, headers] of [
      ['https://example.org', 'PUT'],
      ['https://a.example.org', 'DELETE'],
      ['https://a.example.org', 'PUT', 'content-type'],
    ] as const)
      expect((await ask(origin, method, headers)).status).toBe(403)
    const read = await raw('GET', 'list-type=2', undefined, { origin: 'https://b.example.org' })
    expect(read.headers['access-control-expose-headers']).toBe('etag')
    const stranger = await raw('GET', 'list-type=2', undefined, { origin: 'https://example.org' })
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('Object Lock and encryption', () => {
  it('are kept with the object and told', async () => {
    const Key = 'k'
    const kms = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: 'arn:aws:kms:us-east-1:123456789012:key/k' }
    await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'x', ...kms }))
    expect(await client.send(new sdk.HeadObjectCommand({ Bucket, Key }))).toMatchObject(kms)
    await raw('PUT', 'encryption', encryption('<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/a</KMSMasterKeyID>'))
    expect(await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'x' }))).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'alias/a',
    })
    const Retention = { Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date('2030-01-01T00:00:00Z') }
    const retain = new sdk.PutObjectRetentionCommand({ Bucket, Key, Retention })
    await expect(client.send(retain)).rejects.toThrow('Bucket is missing Object Lock Configuration')
    await version()
    await raw('PUT', 'object-lock', LOCK)
    await client.send(retain)
    expect((await client.send(new sdk.GetObjectRetentionCommand({ Bucket, Key }))).Retention).toEqual(Retention)
    await client.send(new sdk.PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'ON' } }))
    expect((await client.send(new sdk.GetObjectLegalHoldCommand({ Bucket, Key }))).LegalHold).toEqual({ Status: 'ON' })
    expect(await client.send(new sdk.HeadObjectCommand({ Bucket, Key }))).toMatchObject({ ObjectLockMode: 'GOVERNANCE' })
  })
})

describe('a lifecycle rule', () => {
  const DAY = 86_400_000
  const put = (Key: string) => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'x' }))
  const keys = async () => (await client.send(new sdk.ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key) ?? []

  it('removes what is over, old versions and lone markers too', async () => {
    const rules = `<LifecycleConfiguration>
      <Rule><ID>a</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>
      <Rule><ID>b</ID><Filter><Prefix>old/</Prefix></Filter><Status>Enabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration></Rule>
      <Rule><ID>c</ID><Filter><Prefix>off/</Prefix></Filter><Status>Disabled</Status><Expiration><Days>1</Days></Expiration></Rule>
    </LifecycleConfiguration>`
    for (const key of ['tmp/a', 'tmp/b', 'kept', 'off/a']) await put(key)
    expect((await raw('PUT', 'lifecycle', rules)).status).toBe(200)
    s3.service.resume()
    clock.advance(DAY / 2)
    expect(await keys()).toHaveLength(4)
    clock.advance(DAY * 1.1)
    await expect.poll(keys).toEqual(['kept', 'off/a'])

    await version()
    for (let i = 0; i < 3; i++) await put('old/a')
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'old/a' }))
    const versions = async () => await client.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix: 'old/' }))
    expect((await versions()).Versions).toHaveLength(3)
    clock.advance(4 * DAY)
    await expect.poll(async () => (await versions()).Versions).toBeUndefined()
    clock.advance(DAY)
    await expect.poll(async () => (await versions()).DeleteMarkers).toBeUndefined()
  })
})
