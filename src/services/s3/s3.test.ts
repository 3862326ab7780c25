import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'

import * as sdk from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'
import { presignedUrl } from '../../wire/testing/presign.ts'

import { type ServicesDatabase, openServicesDatabase } from '../kit/database.ts'
import { newChecksum } from './checksum.ts'
import { createS3, type LocalS3 } from './handler.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const problems: unknown[] = []
const log: Log = { debug() {}, info() {}, warn() {}, error: (message, fields) => problems.push(message, fields) }

let directory: string
let database: ServicesDatabase
let s3: LocalS3
let server: Server
let endpoint: string
let client: sdk.S3Client

function start(region = 'us-east-1') {
  database = openServicesDatabase(directory)
  s3 = createS3({
    database,
    directory,
    region,
    account: '123456789012',
    endpoint: () => endpoint,
    log,
    clock: systemClock,
    tellBus() {},
  })
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 's3-test-'))
  start()
  server = createServer((req, res) => void s3.handler(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new sdk.S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
  await client.send(new sdk.CreateBucketCommand({ Bucket }))
})
afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await s3.close()
  database.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => void problems.splice(0))

const Bucket = 'test-bucket'
const put = (Key: string, Body: string | Buffer, more: Partial<sdk.PutObjectCommandInput> = {}) =>
  client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ...more }))
const get = (Key: string, more: Partial<sdk.GetObjectCommandInput> = {}) =>
  client.send(new sdk.GetObjectCommand({ Bucket, Key, ...more }))
const read = async (Key: string, more: Partial<sdk.GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body?.transformToString()
const raw = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) =>
  callAws({ endpoint, region: 'us-east-1', service: 's3', credentials, method, path, headers, body })
const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex')
const objectFiles = () =>
  readdirSync(join(directory, 's3', 'objects'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
const temporaryFiles = () => readdirSync(join(directory, 's3', 'tmp')).length
const settle = () => new Promise((resolve) => setTimeout(resolve, 100))

describe('buckets', () => {
  it('are created, found, listed, tagged and deleted when empty', async () => {
    const own = { Bucket: 'second.bucket' }
    expect((await client.send(new sdk.CreateBucketCommand(own))).Location).toBe('/second.bucket')
    await client.send(new sdk.CreateBucketCommand(own)) // us-east-1: again is fine
    expect((await client.send(new sdk.HeadBucketCommand(own))).BucketRegion).toBe('us-east-1')
    const { Buckets } = await client.send(new sdk.ListBucketsCommand({}))
    expect(Buckets?.map((one) => one.Name)).toEqual(['second.bucket', Bucket])
    expect((await client.send(new sdk.GetBucketLocationCommand(own))).LocationConstraint).toBeUndefined()
    expect((await client.send(new sdk.GetBucketVersioningCommand(own))).Status).toBeUndefined()
    await expect(client.send(new sdk.GetBucketTaggingCommand(own))).rejects.toMatchObject({ name: 'NoSuchTagSet' })
    await client.send(new sdk.PutBucketTaggingCommand({ ...own, Tagging: { TagSet: [{ Key: 'a', Value: '<b>' }] } }))
    expect((await client.send(new sdk.GetBucketTaggingCommand(own))).TagSet).toEqual([{ Key: 'a', Value: '<b>' }])
    await client.send(new sdk.PutObjectCommand({ ...own, Key: 'x', Body: '' }))
    await expect(client.send(new sdk.DeleteBucketCommand(own))).rejects.toMatchObject({ name: 'BucketNotEmpty' })
    await client.send(new sdk.DeleteObjectCommand({ ...own, Key: 'x' }))
    await client.send(new sdk.DeleteBucketCommand(own))
    await expect(client.send(new sdk.HeadBucketCommand(own))).rejects.toMatchObject({ name: 'NotFound' })
    await expect(client.send(new sdk.ListObjectsV2Command(own))).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })

  it.each(['ab', 'Upper', 'a..b', '1.2.3.4', '-a-b', 'xn--abc', 'abc_d', 'a'.repeat(64), '..%2F..', '%2e%2e'])(
    'refuses the name %s',
    async (name) => {
      const answer = await raw('PUT', `/${name}`)
      expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('<Code>InvalidBucketName</Code>')])
    },
  )
})

describe('an operation that is not here', () => {
  const untouched = async (method: string, path: string) => {
    await put('kept', 'precious')
    const answer = await raw(method, path, {}, method === 'PUT' || method === 'POST' ? '' : undefined)
    expect(await read('kept')).toBe('precious')
    return [answer.status, /<Code>(\w+)<\/Code>/.exec(answer.body.toString())?.[1]]
  }

  it.each([
    ...['renameObject', 'annotation', 'append', 'somethingNew'].map((name) => ['PUT', name]),
    ...['annotation', 'somethingNew'].map((name) => ['DELETE', name]),
    ...['torrent', 'somethingNew'].map((name) => ['GET', name]),
    ['POST', 'restore'],
    ['POST', 'select&select-type=2'],
  ])('%s ?%s leaves the object as it is', async (method, name) => {
    expect(await untouched(method, `/${Bucket}/kept?${name}`)).toEqual([501, 'NotImplemented'])
  })

  it.each([
    ...['metadataTable', 'metadataConfiguration', 'accelerate', 'somethingNew'].map((name) => ['DELETE', name]),
    ...['abac', 'metadataInventoryTable', 'policyStatus'].map((name) => ['PUT', name]),
    ...['session', 'abac'].map((name) => ['GET', name]),
  ])('%s ?%s leaves the bucket as it is', async (method, name) => {
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'untouched' }))
    expect(await untouched(method, `/untouched?${name}`)).toEqual([501, 'NotImplemented'])
    await client.send(new sdk.HeadBucketCommand({ Bucket: 'untouched' }))
  })

  it('says first that there is no such bucket', async () => {
    await expect(client.send(new sdk.GetBucketAclCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })

  it('is none where a parameter of AWS or of the caller stands', async () => {
    await put('kept', 'precious')
    for (const query of [
      '',
      '?v=1',
      '?x-id=GetObject',
      '?response-content-type=a/b',
      '?versionId=null',
      '?X-Amz-Security-Token=',
    ])
      expect((await raw('GET', `/${Bucket}/kept${query}`)).body.toString()).toBe('precious')
    expect((await raw('GET', `/${Bucket}?prefix=&delimiter=&marker=`)).status).toBe(200)
  })
})

describe('an object under a key of the customer', () => {
  const keyOf = (letter: string) => {
    const key = Buffer.alloc(32, letter)
    const SSECustomerKeyMD5 = createHash('md5').update(key).digest('base64')
    return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key.toString('base64'), SSECustomerKeyMD5 }
  }
  const copyKeyOf = (letter: string) => {
    const { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 } = keyOf(letter)
    return {
      CopySourceSSECustomerAlgorithm: SSECustomerAlgorithm,
      CopySourceSSECustomerKey: SSECustomerKey,
      CopySourceSSECustomerKeyMD5: SSECustomerKeyMD5,
    }
  }

  it('is read with that key alone', async () => {
    const { SSECustomerKeyMD5 } = keyOf('a')
    const written = await put('sealed', 'secret', keyOf('a'))
    expect(written).toMatchObject({ SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5 })
    expect(written.ServerSideEncryption).toBeUndefined()
    expect(await read('sealed', keyOf('a'))).toBe('secret')
    await expect(get('sealed')).rejects.toThrow('The object was stored using a form of Server Side Encryption.')
    await expect(get('sealed', keyOf('b'))).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'sealed' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    })
    await put('open', 'x')
    await expect(get('open', keyOf('a'))).rejects.toThrow('The encryption parameters are not applicable to this object.')
  })

  it('is copied with it, under another or none', async () => {
    await put('sealed', 'secret', keyOf('a'))
    const copy = (Key: string, more: Partial<sdk.CopyObjectCommandInput>) =>
      client.send(new sdk.CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/sealed`, ...more }))
    await expect(copy('opened', {})).rejects.toMatchObject({ name: 'InvalidRequest' })
    await copy('opened', copyKeyOf('a'))
    expect(await read('opened')).toBe('secret')
    await copy('sealed', { ...copyKeyOf('a'), ...keyOf('b') })
    expect(await read('sealed', keyOf('b'))).toBe('secret')
  })

  it('comes in parts that all show it', async () => {
    const Key = 'sealed-parts'
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key, ...keyOf('a') }))
    const send = (more: Partial<sdk.UploadPartCommandInput>) =>
      client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part', ...more }))
    await expect(send({})).rejects.toThrow('Subsequent part requests must include the appropriate encryption parameters.')
    await expect(send(keyOf('b'))).rejects.toThrow('did not match the ones used originally')
    const { ETag } = await send(keyOf('a'))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
    const done = await client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }))
    expect(done).not.toHaveProperty('ServerSideEncryption', 'AES256')
    await expect(get(Key)).rejects.toMatchObject({ name: 'InvalidRequest' })
    expect(await read(Key, keyOf('a'))).toBe('part')
  })

  it.each([
    [{ SSECustomerAlgorithm: 'AES128' }, 'InvalidEncryptionAlgorithmError'],
    [{ SSECustomerKey: Buffer.alloc(3).toString('base64') }, 'InvalidArgument'],
    [{ ServerSideEncryption: 'AES256' as const }, 'InvalidArgument'],
  ])('is refused with %j', async (wrong, name) => {
    await expect(put('never', 'x', { ...keyOf('a'), ...wrong })).rejects.toMatchObject({ name })
  })

  it.each([
    ['algorithm', undefined, 'must provide a valid encryption algorithm'],
    ['key', undefined, 'must provide an appropriate secret key'],
    ['key-md5', 'AAAA', 'The calculated MD5 hash of the key did not match'],
  ])('is refused with the %s %s', async (name, value, text) => {
    const { SSECustomerKey, SSECustomerKeyMD5 } = keyOf('a')
    const given = { algorithm: 'AES256', key: SSECustomerKey, 'key-md5': SSECustomerKeyMD5, [name]: value }
    const headers = Object.entries(given).flatMap(([short, one]) =>
      one === undefined ? [] : [[`x-amz-server-side-encryption-customer-${short}`, one] as const],
    )
    const answer = await raw('PUT', `/${Bucket}/never`, Object.fromEntries(headers), 'x')
    expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining(text)])
  })
})

describe('objects', () => {
  it('keep bytes, headers and user metadata', async () => {
    const written = await put('dir/a b+c.txt', 'hello', {
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      ContentEncoding: 'gzip',
      ContentDisposition: 'inline',
      Metadata: { one: 'Eins', two: '2' },
      Tagging: 'k=v%20w',
    })
    expect(written.ETag).toBe(`"${md5('hello')}"`)
    const found = await get('dir/a b+c.txt')
    expect(await found.Body?.transformToString()).toBe('hello')
    expect(found).toMatchObject({
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      ContentEncoding: 'gzip',
      ContentDisposition: 'inline',
      ContentLength: 5,
      Metadata: { one: 'Eins', two: '2' },
      TagCount: 1,
      ETag: written.ETag,
    })
    const overridden = await get('dir/a b+c.txt', {
      ResponseContentType: 'x/y',
      ResponseContentDisposition: 'attachment; filename="q"',
    })
    expect(overridden).toMatchObject({ ContentType: 'x/y', ContentDisposition: 'attachment; filename="q"' })
    await overridden.Body?.transformToString()
    await expect(get('dir')).rejects.toMatchObject({ name: 'NoSuchKey' })
    await expect(client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'no' }))).rejects.toMatchObject({ name: 'NotFound' })
  })

  it.each([0, 1, 16_384, 16_385, 3_000_000])('of %d bytes come back whole and in ranges', async (bytes) => {
    const body = randomBytes(bytes)
    await put('sized', body)
    expect(Buffer.from((await (await get('sized')).Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
    if (bytes < 2) return
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1-', 1, bytes],
      ['bytes=-2', bytes - 2, bytes],
      [`bytes=${bytes - 1}-${bytes + 5}`, bytes - 1, bytes],
    ] as const) {
      const part = await get('sized', { Range: range })
      expect(part.ContentRange).toBe(`bytes ${start}-${end - 1}/${bytes}`)
      expect(Buffer.from((await part.Body?.transformToByteArray()) ?? []).equals(body.subarray(start, end))).toBe(true)
    }
    await expect(get('sized', { Range: `bytes=${bytes}-` })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    })
  })

  it('stream in as aws-chunked and out again', async () => {
    const pieces = Array.from({ length: 50 }, () => randomBytes(70_000))
    await client.send(
      new sdk.PutObjectCommand({ Bucket, Key: 'streamed', Body: Readable.from(pieces), ContentLength: 3_500_000 }),
    )
    const body = Buffer.from((await (await get('streamed')).Body?.transformToByteArray()) ?? [])
    expect(md5(body)).toBe(md5(Buffer.concat(pieces)))
  })

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'keep and verify %s checksums',
    async (ChecksumAlgorithm) => {
      if (ChecksumAlgorithm !== 'CRC64NVME') {
        const written = await put('summed', 'hello', { ChecksumAlgorithm })
        const field = `Checksum${ChecksumAlgorithm}` as const
        expect(written[field]).toBeTruthy()
        const found = await get('summed', { ChecksumMode: 'ENABLED' })
        expect(found[field]).toBe(written[field])
        expect(await found.Body?.transformToString()).toBe('hello')
      }
      const wrong = Buffer.alloc({ CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[ChecksumAlgorithm], 7).toString(
        'base64',
      )
      const answer = await raw('PUT', `/${Bucket}/bad`, { [`x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`]: wrong }, 'hello')
      expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('BadDigest')])
      await expect(get('bad')).rejects.toMatchObject({ name: 'NoSuchKey' })
    },
  )

  it('are refused with a wrong Content-MD5, SHA-256 or length, and then leave nothing', async () => {
    const before = objectFiles()
    const big = randomBytes(100_000)
    const md5Answer = await raw('PUT', `/${Bucket}/w`, { 'content-md5': Buffer.alloc(16).toString('base64') }, big)
    expect(md5Answer.body.toString()).toContain('<Code>BadDigest</Code>')
    expect((await raw('PUT', `/${Bucket}/w`, { 'content-md5': 'abc' }, big)).body.toString()).toContain('InvalidDigest')
    expect((await raw('PUT', `/${Bucket}/w`, { 'x-amz-content-sha256': 'a'.repeat(64) }, big)).body.toString()).toContain(
      'XAmzContentSHA256Mismatch',
    )
    const chunked = {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '6',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    }
    expect((await raw('PUT', `/${Bucket}/w`, chunked, '5\r\nhello\r\n0\r\n\r\n')).body.toString()).toContain('IncompleteBody')
    expect((await raw('PUT', `/${Bucket}/w`, chunked, '5\r\nhel')).body.toString()).toContain('IncompleteBody')
    await settle()
    expect([objectFiles(), temporaryFiles()]).toEqual([before, 0])
  })

  it('honour conditions on reads and writes', async () => {
    await put('cond', 'one')
    const { ETag, LastModified } = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'cond' }))
    expect(await read('cond', { IfMatch: ETag })).toBe('one')
    await expect(get('cond', { IfMatch: '"x"' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await expect(get('cond', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
    await expect(get('cond', { IfModifiedSince: LastModified })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
    await expect(get('cond', { IfUnmodifiedSince: new Date(0) })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await expect(put('cond', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await expect(put('cond-new', 'two', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' })
    await put('cond', 'two', { IfMatch: ETag })
    expect(await read('cond')).toBe('two')
    const racers = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => put('race', `${i}`, { IfNoneMatch: '*' })))
    expect(racers.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  it('are copied with or without their metadata, even long ones', async () => {
    const body = randomBytes(200_000)
    await put('src/ä %2F+', body, { Metadata: { a: '1' }, ContentType: 'a/b', Tagging: 'x=y', ChecksumAlgorithm: 'SHA256' })
    const CopySource = encodeURI(`${Bucket}/`) + encodeURIComponent('src/ä %2F+')
    const copied = await client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'dst', CopySource }))
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(body)}"`)
    expect(await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'dst' }))).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'a/b',
      TagCount: 1,
    })
    await client.send(
      new sdk.CopyObjectCommand({
        Bucket,
        Key: 'dst',
        CopySource: `${Bucket}/dst`,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
      }),
    )
    expect((await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'dst' }))).Metadata).toEqual({ b: '2' })
    await expect(
      client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'dst', CopySource: `${Bucket}/dst` })),
    ).rejects.toMatchObject({ name: 'InvalidRequest' })
    await expect(
      client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'dst', CopySource: `${Bucket}/none` })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('are copied onto themselves where that changes something', async () => {
    const onto = (more: Partial<sdk.CopyObjectCommandInput>) =>
      client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'self', CopySource: `${Bucket}/self`, ...more }))
    await put('self', 'x', { Metadata: { a: '1' }, WebsiteRedirectLocation: '/old' })
    await onto({ StorageClass: 'STANDARD_IA' })
    const changed = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'self' }))
    expect(changed).toMatchObject({ StorageClass: 'STANDARD_IA', Metadata: { a: '1' } })
    expect(changed.WebsiteRedirectLocation).toBeUndefined()
    await onto({ WebsiteRedirectLocation: '/new' })
    await onto({ ServerSideEncryption: 'AES256' })
    await expect(onto({})).rejects.toMatchObject({ name: 'InvalidRequest' })
  })

  it('take a date that is still to come for no condition', async () => {
    await put('later', 'x')
    const later = new Date(Date.now() + 3_600_000)
    expect(await read('later', { IfModifiedSince: later })).toBe('x')
    const CopySource = `${Bucket}/later`
    await client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'copied', CopySource, CopySourceIfModifiedSince: later }))
  })

  it('carry tags', async () => {
    await put('tagged', 'x')
    const TagSet = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
    ]
    await client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }))
    expect((await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual(TagSet)
    await client.send(new sdk.DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }))
    expect((await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([])
  })

  it('are deleted one by one or many at once', async () => {
    for (const key of ['d1', 'd2', 'd<&>3']) await put(key, 'x'.repeat(50_000))
    const { Deleted, Errors } = await client.send(
      new sdk.DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'd1' }, { Key: 'd<&>3' }, { Key: 'never' }, { Key: 'l'.repeat(1025) }] },
      }),
    )
    expect(Deleted?.map((one) => one.Key)).toEqual(['d1', 'd<&>3', 'never'])
    expect(Errors?.map((one) => one.Code)).toEqual(['KeyTooLongError'])
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'd2' }))
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'd2' }))
    await expect(get('d2')).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('being read go on in their old form when they are replaced or deleted', async () => {
    const [old, fresh] = [randomBytes(8_000_000), randomBytes(8_000_000)]
    await put('replaced', old)
    const reading = await get('replaced')
    await put('replaced', fresh)
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'replaced' }))
    const body = Buffer.from((await reading.Body?.transformToByteArray()) ?? [])
    expect(body.equals(old)).toBe(true)
    await expect(get('replaced')).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('leave no temporary file when the caller hangs up', async () => {
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1')
    socket.write(`PUT /${Bucket}/gone HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(200_000)}`)
    await settle()
    socket.destroy()
    await settle()
    expect(temporaryFiles()).toBe(0)
    await expect(get('gone')).rejects.toMatchObject({ name: 'NoSuchKey' })
    expect(problems).toEqual([])
  })
})

describe('keys', () => {
  const hostile = [
    '../../../evil',
    '..',
    '.',
    './a',
    'a/../b',
    '//a//b/',
    '/',
    'a%2Fb',
    '%2e%2e%2f',
    'a\\..\\b',
    'nul\0byte',
    'tab\tline\nfeed',
    '日本語/😀',
    'a?b#c&d=e',
    '__proto__',
    'quote\'"<>',
    'é'.repeat(512),
    '\uffff',
  ]
  it.each(hostile)('%j is only a name', async (Key) => {
    await put(Key, `body of ${Key}`)
    expect(await read(Key)).toBe(`body of ${Key}`)
    const listed = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: 'url' }))
    const names = listed.Contents?.map((one) => decodeURIComponent((one.Key ?? '').replaceAll('+', ' ')))
    expect(names).toContain(Key)
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }))
    await expect(get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('of more than 1,024 bytes or with broken escapes are refused', async () => {
    await expect(put('k'.repeat(1025), '')).rejects.toMatchObject({ name: 'KeyTooLongError' })
    const answer = await new Promise<number>((resolve) => {
      httpRequest(`${endpoint}`, { method: 'PUT', path: `/${Bucket}/%zz`, headers: { 'content-length': 0 } }, (res) =>
        resolve(res.resume().statusCode ?? 0),
      ).end()
    })
    expect(answer).toBe(400)
  })
})

describe('listings', () => {
  it('page through keys and common prefixes', async () => {
    const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/1', 'l/e']
    for (const key of keys) await put(key, key)
    const pages: string[][] = []
    let ContinuationToken: string | undefined
    do {
      const page: sdk.ListObjectsV2CommandOutput = await client.send(
        new sdk.ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      )
      pages.push([
        ...(page.Contents ?? []).map((one) => one.Key ?? ''),
        ...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? ''),
      ])
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    expect(pages).toEqual([['l/a', 'l/b/'], ['l/c', 'l/d/'], ['l/e']])
    const after = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/b/1' }))
    expect(after.Contents?.map((one) => one.Key)).toEqual(['l/b/2', 'l/c', 'l/d/1', 'l/e'])
    const old = await client.send(new sdk.ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 3 }))
    expect([old.IsTruncated, old.NextMarker, old.Contents?.length]).toEqual([true, 'l/c', 2])
    expect((await client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).KeyCount).toBe(0)
    await expect(client.send(new sdk.ListObjectsV2Command({ Bucket, ContinuationToken: 'zzz' }))).rejects.toMatchObject({
      name: 'InvalidArgument',
    })
    expect((await raw('GET', `/${Bucket}`, {}, undefined)).status).toBe(200)
  })
})

describe('multipart uploads', () => {
  const MiB5 = 5 * 1024 * 1024
  const create = async (Key: string, more: Partial<sdk.CreateMultipartUploadCommandInput> = {}) =>
    (await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId
  const send = async (
    Key: string,
    UploadId: string | undefined,
    PartNumber: number,
    Body: Buffer,
    more: Partial<sdk.UploadPartCommandInput> = {},
  ) => {
    const {
      $metadata: _,
      ServerSideEncryption: __,
      ...part
    } = await client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }))
    return { PartNumber, ...part }
  }
  const complete = (Key: string, UploadId: string | undefined, Parts: sdk.CompletedPart[]) =>
    client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))

  it.each([
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('become one object, checked with %s %s', async (ChecksumAlgorithm, ChecksumType) => {
    const bodies = [randomBytes(MiB5), randomBytes(MiB5 + 1), randomBytes(10)]
    const UploadId = await create('multi', { Metadata: { m: 'p' }, ChecksumAlgorithm, ChecksumType })
    const parts = []
    for (const [i, body] of bodies.entries()) parts.push(await send('multi', UploadId, i + 1, body, { ChecksumAlgorithm }))
    const listed = await client.send(new sdk.ListPartsCommand({ Bucket, Key: 'multi', UploadId, MaxParts: 2 }))
    expect([listed.Parts?.length, listed.IsTruncated, listed.NextPartNumberMarker]).toEqual([2, true, '2'])
    const done = await complete('multi', UploadId, parts)
    const etag = `"${md5(Buffer.concat(bodies.map((body) => createHash('md5').update(body).digest())))}-3"`
    expect(done.ETag).toBe(etag)
    const found = await get('multi', { ChecksumMode: 'ENABLED' })
    expect([found.ETag, found.Metadata, found.ChecksumType]).toEqual([etag, { m: 'p' }, ChecksumType])
    expect(md5(Buffer.from((await found.Body?.transformToByteArray()) ?? []))).toBe(md5(Buffer.concat(bodies)))
    const across = await get('multi', { Range: `bytes=${MiB5 - 2}-${MiB5 + 1}` })
    expect(
      Buffer.from((await across.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(bodies).subarray(MiB5 - 2, MiB5 + 2)),
    ).toBe(true)
    const second = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'multi', PartNumber: 2 }))
    expect([second.ContentLength, second.PartsCount]).toEqual([MiB5 + 1, 3])
    await expect(complete('multi', UploadId, parts)).rejects.toMatchObject({ name: 'NoSuchUpload' })
  })

  it('refuse small, missing, misordered and strange parts', async () => {
    const UploadId = await create('refused')
    const [one, two] = [
      await send('refused', UploadId, 1, Buffer.from('small')),
      await send('refused', UploadId, 2, Buffer.from('last')),
    ]
    await expect(complete('refused', UploadId, [one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' })
    await expect(complete('refused', UploadId, [two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' })
    await expect(complete('refused', UploadId, [{ ...one, ETag: '"x"' }])).rejects.toMatchObject({ name: 'InvalidPart' })
    await expect(complete('refused', UploadId, [{ PartNumber: 7, ETag: 'x' }])).rejects.toMatchObject({ name: 'InvalidPart' })
    await expect(complete('refused', UploadId, [])).rejects.toMatchObject({ name: 'MalformedXML' })
    await expect(send('refused', UploadId, 10_001, Buffer.from('x'))).rejects.toMatchObject({ name: 'InvalidArgument' })
    await expect(send('refused', 'nope', 1, Buffer.from('x'))).rejects.toMatchObject({ name: 'NoSuchUpload' })
    const { Uploads } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket }))
    expect(Uploads?.map((upload) => upload.Key)).toEqual(['refused'])
    await complete('refused', UploadId, [two])
    expect(await read('refused')).toBe('last')
  })

  it('are held against what was written since they were begun', async () => {
    const upload = async (Key: string) => {
      const UploadId = await create(Key)
      const MultipartUpload = { Parts: [await send(Key, UploadId, 1, Buffer.from('part'))] }
      return (more: Partial<sdk.CompleteMultipartUploadCommandInput>) =>
        client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, ...more }))
    }
    const conflict = { name: 'ConditionalRequestConflict', $metadata: { httpStatusCode: 409 } }
    await put('contested', 'one')
    const first = await upload('contested')
    const { ETag } = await put('contested', 'two')
    await expect(first({ IfMatch: ETag })).rejects.toMatchObject(conflict)
    await expect(first({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    const second = await upload('contested')
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'contested' }))
    await expect(second({ IfNoneMatch: '*' })).rejects.toMatchObject(conflict)
    await put('contested', 'two')
    const third = await upload('contested')
    await third({ IfMatch: ETag })
    expect(await read('contested')).toBe('part')
  })

  it('have a CRC-64/NVME of the whole where nobody asked for another', async () => {
    const ask = async (method: string, query: string, body?: string) =>
      (await raw(method, `/${Bucket}/plain?${query}`, {}, body)).body.toString()
    const id = /<UploadId>([^<]+)</.exec(await ask('POST', 'uploads'))?.[1]
    await ask('PUT', `partNumber=1&uploadId=${id}`, 'hello')
    const part = `<Part><PartNumber>1</PartNumber><ETag>${md5('hello')}</ETag></Part>`
    const done = await ask('POST', `uploadId=${id}`, `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`)
    const crc = newChecksum('CRC64NVME')
    crc.update(Buffer.from('hello'))
    const value = crc.value()
    expect(done).toContain(`<ChecksumCRC64NVME>${value}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>`)
    await raw('PUT', `/${Bucket}/plain-put`, {}, 'hello')
    for (const Key of ['plain', 'plain-put']) {
      const head = await client.send(new sdk.HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
      expect([head.ChecksumCRC64NVME, head.ChecksumType]).toEqual([value, 'FULL_OBJECT'])
    }
  })

  it.each(['bytes=5-', 'bytes=-5', 'bytes=9-2', 'bytes=0-10', '0-1'])('copy no part of the range %s', async (range) => {
    await put('ten', '0123456789')
    const UploadId = await create('refused-range')
    const CopySource = `${Bucket}/ten`
    const part = { Bucket, Key: 'refused-range', UploadId, PartNumber: 1, CopySource, CopySourceRange: range }
    await expect(client.send(new sdk.UploadPartCopyCommand(part))).rejects.toMatchObject({ name: 'InvalidArgument' })
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key: 'refused-range', UploadId }))
  })

  it('copy ranges of objects as parts, and are aborted without a trace', async () => {
    const body = randomBytes(300_000)
    await put('whole', body)
    const before = objectFiles()
    const UploadId = await create('assembled')
    const { CopyPartResult } = await client.send(
      new sdk.UploadPartCopyCommand({
        Bucket,
        Key: 'assembled',
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/whole`,
        CopySourceRange: 'bytes=10-100009',
      }),
    )
    expect(CopyPartResult?.ETag).toBe(`"${md5(body.subarray(10, 100_010))}"`)
    expect(objectFiles()).toBe(before + 1)
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key: 'assembled', UploadId }))
    await settle()
    expect(objectFiles()).toBe(before)
  })
})

describe('addresses and signatures', () => {
  it('are found in the host as well as in the path', async () => {
    await put('hosted', 'by host')
    const ask = (host: string, path: string) =>
      new Promise<string>((resolve) => {
        httpRequest(endpoint, { path, headers: { host } }, async (res) =>
          resolve(Buffer.concat(await res.toArray()).toString()),
        ).end()
      })
    for (const host of [
      `${Bucket}.localhost:99`,
      `${Bucket}.s3.localhost`,
      `${Bucket}.s3.us-east-1.localhost`,
      `${Bucket}.s3.amazonaws.com`,
      `${Bucket}.s3.eu-west-1.amazonaws.com`,
    ]) {
      expect(await ask(host, '/hosted')).toBe('by host')
    }
    for (const host of ['localhost', 's3.localhost:1', 's3.us-east-1.amazonaws.com', '127.0.0.1:99'])
      expect(await ask(host, `/${Bucket}/hosted`)).toBe('by host')
  })

  it('may be presigned', async () => {
    const presigned = (method: string, key: string) => presignedUrl(method, `${endpoint}/${Bucket}/${key}`, credentials)
    expect(await (await fetch(await presigned('GET', 'hosted'))).text()).toBe('by host')
    const written = await fetch(await presigned('PUT', 'put-by-url'), { method: 'PUT', body: 'via url' })
    expect([written.status, await read('put-by-url')]).toEqual([200, 'via url'])
    const old = (await presigned('GET', 'hosted')).replace(/X-Amz-Date=\d{8}/, 'X-Amz-Date=20200101')
    const late = await fetch(old)
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('<Message>Request has expired</Message>')])
  })
})

describe('hostile requests', () => {
  it.each([
    ['a DTD', '<!DOCTYPE a [<!ENTITY x "y">]><Delete><Object><Key>&x;</Key></Object></Delete>'],
    ['deep nesting', '<a>'.repeat(100_000)],
    ['another root', '<Nope/>'],
    ['no XML', 'hello'],
  ])('%s is MalformedXML', async (_, body) => {
    const query = new URLSearchParams({ delete: '' })
    const answer = await callAws({
      endpoint,
      region: 'us-east-1',
      service: 's3',
      credentials,
      method: 'POST',
      path: `/${Bucket}`,
      query,
      body,
    })
    expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('MalformedXML')])
  })

  it('cannot put a line break into a header', async () => {
    await put('overridden', 'x')
    await expect(get('overridden', { ResponseContentType: 'a\r\nb: c' })).rejects.toMatchObject({ name: 'InvalidArgument' })
    await expect(get('overridden', { ResponseContentType: '日本' })).rejects.toMatchObject({ name: 'InvalidArgument' })
  })

  it('that break in the middle of aws-chunked are answered, not left hanging', async () => {
    const chunked = {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '9',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    }
    const answer = await raw('PUT', `/${Bucket}/broken`, chunked, Buffer.concat([Buffer.from('zz\r\n'), Buffer.alloc(2_000_000)]))
    expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('IncompleteBody')])
  })

  it('that are refused early still let the caller read why', async () => {
    const refused = client.send(new sdk.PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: Buffer.alloc(30_000_000) }))
    await expect(refused).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })

  it('keep their answers in S3 form', async () => {
    const answer = await raw('GET', `/${Bucket}/none%3C`)
    expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/)
    expect(answer.body.toString()).toContain(
      `<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>none&lt;</Key><RequestId>`,
    )
    expect((await raw('PATCH', `/${Bucket}/x`)).body.toString()).toContain('MethodNotAllowed')
  })
})

describe('on disk', () => {
  it('outlives a killed process, and sweeps what an interrupted write left', async () => {
    const child = join(directory, '..', `s3-child-${process.pid}.mjs`)
    const folder = mkdtempSync(join(tmpdir(), 's3-kill-'))
    const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      child,
      `
      import { openServicesDatabase } from ${here('../kit/database.ts')}
      import { S3Service } from ${here('./service.ts')}
      import { systemClock } from ${here('../../base/clock.ts')}
      const directory = ${JSON.stringify(folder)}
      const s3 = new S3Service({ database: openServicesDatabase(directory), directory, region: 'us-east-1', clock: systemClock })
      s3.createBucket('killed')
      const put = (key, bytes) => s3.putObject('killed', key, { body: (async function* () { yield Buffer.alloc(bytes, key) })() }, { headers: [], tags: [] })
      await put('small', 10); await put('large', 100_000)
      s3.putObject('killed', 'half', { body: (async function* () { yield Buffer.alloc(50_000); await new Promise((r) => setTimeout(r, 60_000)) })() }, { headers: [], tags: [] })
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)
    `,
    )
    await promisify(execFile)(process.execPath, [child]).catch(() => {})
    expect(readdirSync(join(folder, 's3', 'tmp'))).toHaveLength(1)
    const reopened = openServicesDatabase(folder)
    const again = createS3({
      database: reopened,
      directory: folder,
      region: 'us-east-1',
      account: '1',
      endpoint: () => endpoint,
      log,
      clock: systemClock,
      tellBus() {},
    })
    expect(
      again.service
        .listObjects('killed', { prefix: '', delimiter: '', after: '', max: 10 })
        .entries.map((one) => [one.key, one.bytes]),
    ).toEqual([
      ['large', 100_000],
      ['small', 10],
    ])
    const large = again.service.openObject('killed', { key: 'large' })
    expect(
      Buffer.concat(await Readable.from(large.read(0, 100_000)).toArray())
        .toString()
        .startsWith('largelarge'),
    ).toBe(true)
    large.close()
    expect(readdirSync(join(folder, 's3', 'tmp'))).toHaveLength(0)
    await again.close()
    reopened.close()
    rmSync(folder, { recursive: true })
    rmSync(child)
  })

  it('lists among 100,000 keys without looking at them all', async () => {
    const insert = database.prepare(
      "insert into s3_object (bucket, key, bytes, etag, modified_ms, headers, tags, segments, part_bytes) values ('many', ?, 1, 'e', 0, '[]', '[]', '[]', '[]')",
    )
    database.prepare("insert into s3_bucket (name, created_ms) values ('many', 0)").run()
    database.transaction(() => {
      for (let i = 0; i < 100_000; i++) insert.run(`p${i % 10}/${String(i).padStart(6, '0')}`)
    })
    const started = performance.now()
    for (let i = 0; i < 20; i++) {
      const folded = s3.service.listObjects('many', { prefix: '', delimiter: '/', after: '', max: 1000 })
      expect(folded.commonPrefixes).toHaveLength(10)
      expect(s3.service.listObjects('many', { prefix: 'p7/09', delimiter: '', after: 'p7/095', max: 10 }).entries).toHaveLength(
        10,
      )
    }
    expect((performance.now() - started) / 20).toBeLessThan(500)
  })
})
