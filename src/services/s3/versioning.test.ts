import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import * as sdk from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase } from '../kit/database.ts'
import { createS3, type LocalS3 } from './handler.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const database = openServicesDatabase()
let s3: LocalS3
let server: Server
let client: sdk.S3Client
let Bucket = ''
let made = 0

beforeAll(async () => {
  let endpoint = ''
  s3 = createS3({
    database,
    region: 'us-east-1',
    account: '123456789012',
    endpoint: () => endpoint,
    log: silentLog,
    clock: systemClock,
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
  Bucket = `versions-${made++}`
  await client.send(new sdk.CreateBucketCommand({ Bucket }))
})

const version = (Status: sdk.BucketVersioningStatus) =>
  client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
const put = async (Key: string, Body: string) => (await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body }))).VersionId
const read = async (Key: string, VersionId?: string) =>
  (await client.send(new sdk.GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString()
const remove = (Key: string, VersionId?: string) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId }))
/** `key body` or `key marker`, the newest of a key first; the latest with a star. */
const listed = async (more: Partial<sdk.ListObjectVersionsCommandInput> = {}) => {
  const page = await client.send(new sdk.ListObjectVersionsCommand({ Bucket, ...more }))
  const versions = [
    ...(page.Versions ?? []).map((one) => ({ ...one, isMarker: false })),
    ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, isMarker: true })),
  ]
  return { page, versions }
}

describe('a bucket with versions', () => {
  it('keeps what is overwritten, and gives each version its id', async () => {
    expect(await put('k', 'before')).toBeUndefined()
    await version('Enabled')
    expect((await client.send(new sdk.GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled')
    const [first, second] = [await put('k', 'one'), await put('k', 'two')]
    expect([await read('k'), await read('k', first), await read('k', second), await read('k', 'null')]).toEqual([
      'two',
      'one',
      'two',
      'before',
    ])
    const { page } = await listed()
    expect(page.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second, true],
      [first, false],
      ['null', false],
    ])
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'k', VersionId: first }))
    expect([head.VersionId, head.ContentLength]).toEqual([first, 3])
  })

  it('hides a deleted object behind a marker, whose removal brings it back', async () => {
    await version('Enabled')
    const id = await put('k', 'kept')
    const { DeleteMarker, VersionId: marker } = await remove('k')
    expect(DeleteMarker).toBe(true)
    await expect(read('k')).rejects.toMatchObject({ name: 'NoSuchKey' })
    await expect(client.send(new sdk.HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({
      $response: { headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker } },
    })
    await expect(read('k', marker)).rejects.toMatchObject({ name: 'MethodNotAllowed', $metadata: { httpStatusCode: 405 } })
    expect(await read('k', id)).toBe('kept')
    expect((await client.send(new sdk.ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0)
    await expect(client.send(new sdk.DeleteBucketCommand({ Bucket }))).rejects.toThrow('You must delete all versions')
    expect(await remove('k', marker)).toMatchObject({ DeleteMarker: true, VersionId: marker })
    expect(await read('k')).toBe('kept')
  })

  it('shows the version before when the newest is removed for good', async () => {
    await version('Enabled')
    const [first, second] = [await put('k', 'one'), await put('k', 'two')]
    expect(await remove('k', second)).toMatchObject({ VersionId: second })
    expect(await read('k')).toBe('one')
    await remove('k', first)
    expect((await listed()).versions).toEqual([])
    await client.send(new sdk.DeleteBucketCommand({ Bucket }))
  })

  it('writes and deletes `null` while versioning is suspended', async () => {
    await version('Enabled')
    const kept = await put('k', 'kept')
    await version('Suspended')
    expect(await put('k', 'loose')).toBe('null')
    expect(await put('k', 'looser')).toBe('null')
    expect(await read('k', 'null')).toBe('looser')
    expect((await remove('k')).VersionId).toBe('null')
    await expect(read('k')).rejects.toMatchObject({ name: 'NoSuchKey' })
    expect((await listed()).versions.map(({ VersionId, isMarker }) => [VersionId, isMarker])).toEqual([
      [kept, false],
      ['null', true],
    ])
    expect(await put('k', 'again')).toBe('null')
    expect((await listed()).versions).toHaveLength(2)
    expect(await read('k', kept)).toBe('kept')
  })

  it('is copied from by version, and tagged by version', async () => {
    await version('Enabled')
    const first = await put('k', 'one')
    await put('k', 'two')
    const CopySource = `${Bucket}/k?versionId=${first}`
    const copied = await client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
    expect(copied).toMatchObject({ CopySourceVersionId: first, VersionId: expect.stringMatching(/^.{32}$/) })
    expect(await read('copy')).toBe('one')
    const restored = await client.send(new sdk.CopyObjectCommand({ Bucket, Key: 'k', CopySource }))
    expect(restored.VersionId).not.toBe(first)
    expect(await read('k')).toBe('one')
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] }
    await client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: 'k', VersionId: first, Tagging }))
    const tags = async (VersionId?: string) =>
      (await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: 'k', VersionId }))).TagSet
    expect([await tags(first), await tags()]).toEqual([Tagging.TagSet, []])
  })

  it('gives an upload in parts a version', async () => {
    await version('Enabled')
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: 'k', ChecksumAlgorithm: 'CRC32' }))
    const part = { Bucket, Key: 'k', UploadId, PartNumber: 1 }
    const { ETag, ChecksumCRC32 } = await client.send(new sdk.UploadPartCommand({ ...part, Body: 'part' }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] }
    const done = await client.send(new sdk.CompleteMultipartUploadCommand({ ...part, MultipartUpload }))
    expect(await read('k', done.VersionId)).toBe('part')
    const ObjectAttributes: sdk.ObjectAttributes[] = ['ETag', 'ObjectSize', 'ObjectParts', 'Checksum', 'StorageClass']
    expect(await client.send(new sdk.GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes }))).toMatchObject({
      ETag: done.ETag?.replaceAll('"', ''),
      ObjectSize: 4,
      ObjectParts: { TotalPartsCount: 1, Parts: [{ PartNumber: 1, Size: 4 }] },
      Checksum: { ChecksumType: 'COMPOSITE' },
      StorageClass: 'STANDARD',
      VersionId: done.VersionId,
    })
  })

  it('refuses versions that are not there, and texts that are none', async () => {
    await version('Enabled')
    await put('k', 'x')
    await expect(read('k', 'a'.repeat(32))).rejects.toMatchObject({ name: 'NoSuchVersion' })
    await expect(read('k', 'short')).rejects.toMatchObject({ name: 'InvalidArgument' })
    expect(await remove('k', 'a'.repeat(32))).toMatchObject({ VersionId: 'a'.repeat(32) })
    const Objects = [
      { Key: 'k', VersionId: 'short' },
      { Key: 'other', VersionId: 'null' },
    ]
    const { Errors, Deleted } = await client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect([Errors, Deleted]).toMatchObject([[{ Key: 'k', Code: 'NoSuchVersion' }], [{ Key: 'other', VersionId: 'null' }]])
    expect(await read('k')).toBe('x')
  })
})

describe('a listing of versions', () => {
  beforeEach(async () => {
    await version('Enabled')
    for (const key of ['a', 'b/1', 'b/2', 'c']) for (const body of ['1', '2', '3']) await put(key, body)
    await remove('c')
  })

  it('is paged inside keys and between them', async () => {
    const seen: string[] = []
    let markers: Partial<sdk.ListObjectVersionsCommandInput> = {}
    for (let pages = 0; pages < 20; pages++) {
      const { page, versions } = await listed({ MaxKeys: 2, ...markers })
      expect(versions.length).toBeLessThanOrEqual(2)
      seen.push(...versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`))
      if (page.IsTruncated !== true) break
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
    }
    expect(seen).toHaveLength(13)
    expect(new Set(seen).size).toBe(13)
  })

  it('goes on behind a version that was removed meanwhile', async () => {
    for (let rounds = 0; rounds < 20; rounds++) {
      const { page, versions } = await listed({ MaxKeys: 4 })
      if (versions.length === 0) break
      const Objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }))
      await client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
      const next = await listed({ MaxKeys: 4, KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker })
      expect(next.versions).toHaveLength(Math.max(0, Math.min(4, 13 - 4 * (rounds + 1))))
    }
    expect((await listed()).versions).toEqual([])
    await client.send(new sdk.DeleteBucketCommand({ Bucket }))
  })

  it('folds prefixes and begins where it is told', async () => {
    const { page, versions } = await listed({ Delimiter: '/' })
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'b/' }])
    expect(versions).toHaveLength(7)
    expect((await listed({ Prefix: 'b/' })).versions).toHaveLength(6)
    expect((await listed({ KeyMarker: 'b/2' })).versions.every(({ Key }) => Key === 'c')).toBe(true)
    await expect(listed({ VersionIdMarker: 'null' })).rejects.toThrow('without a key marker')
  })
})
