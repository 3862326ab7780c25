import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import type { Json } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'

import { readUploadForm } from './form-parts.ts'
import { createS3, type LocalS3 } from './handler.ts'
import { checkPolicy } from './post-policy.ts'

const SIGNATURE = {
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'test/20261130/us-east-1/s3/aws4_request',
  'x-amz-date': '20261130T000000Z',
  'x-amz-signature': '0'.repeat(64),
}
const OF_SIGNATURE: readonly Json[] = [
  ...['x-amz-algorithm', 'x-amz-credential', 'x-amz-date'].map((name) => ['starts-with', `$${name}`, '']),
]
const policyOf = (conditions: readonly Json[], expiration = '2100-01-01T00:00:00Z') =>
  Buffer.from(JSON.stringify({ expiration, conditions: [...OF_SIGNATURE, ...conditions] })).toString('base64')

describe('POST Object', () => {
  let directory: string
  let database: ServicesDatabase
  let s3: LocalS3
  let server: Server
  let endpoint = ''

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 's3-post-'))
    database = openServicesDatabase(directory)
    const clock = systemClock
    s3 = createS3({
      database,
      directory,
      region: 'us-east-1',
      account: '1',
      endpoint: () => endpoint,
      log: silentLog,
      clock,
      tellBus() {},
    })
    server = createServer((req, res) => void s3.handler(req, res))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await fetch(`${endpoint}/bucket`, { method: 'PUT' })
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await s3.close()
    database.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function post(fields: Record<string, string>, conditions: readonly Json[], file = 'content', bucket = 'bucket') {
    const form = new FormData()
    for (const [name, value] of Object.entries({ ...fields, ...SIGNATURE, policy: policyOf(conditions) }))
      form.append(name, value)
    form.append('file', new Blob([file]), 'a b.txt')
    const answer = await fetch(`${endpoint}/${bucket}`, { method: 'POST', body: form, redirect: 'manual' })
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() }
  }

  test('puts the file under its key, with what the form says of it', async () => {
    const conditions = [
      { bucket: 'bucket' },
      ['starts-with', '$key', 'up/'],
      ['starts-with', '$Content-Type', 'text/'],
      { 'x-amz-meta-k': 'v' },
    ]
    const fields = { key: 'up/${filename}', 'Content-Type': 'text/plain', 'x-amz-meta-k': 'v' }
    const body = `${'x'.repeat(300_000)}\r\n--no boundary\r\n`
    expect(await post(fields, conditions, body)).toMatchObject({
      status: 204,
      location: `${endpoint}/bucket/up/a%20b.txt`,
      text: '',
    })
    const got = await fetch(`${endpoint}/bucket/up/a%20b.txt`)
    expect([got.headers.get('content-type'), got.headers.get('x-amz-meta-k')]).toEqual(['text/plain', 'v'])
    expect(await got.text()).toBe(body)
  })

  test('answers as it is asked to', async () => {
    const allowed = [{ key: 'k' }, ['starts-with', '$success_action_status', ''], ['starts-with', '$success_action_redirect', '']]
    expect(await post({ key: 'k', success_action_status: '200' }, allowed)).toMatchObject({ status: 200 })
    const created = await post({ key: 'k', success_action_status: '201' }, allowed)
    expect(created.status).toBe(201)
    expect(created.text).toContain('<Bucket>bucket</Bucket><Key>k</Key><ETag>')
    const led = await post({ key: 'k', success_action_redirect: 'http://x.test/done?a=1' }, allowed)
    expect(led).toMatchObject({
      status: 303,
      location: expect.stringMatching(/^http:\/\/x\.test\/done\?a=1&bucket=bucket&key=k&etag=%22\w+%22$/),
    })
  })

  test('keeps nothing of what the policy refuses', async () => {
    const range = [{ key: 'no' }, ['content-length-range', 3, 10]]
    expect(await post({ key: 'no' }, range, 'x'.repeat(11))).toMatchObject({
      status: 400,
      text: expect.stringContaining('EntityTooLarge'),
    })
    expect(await post({ key: 'no' }, range, 'x')).toMatchObject({ status: 400, text: expect.stringContaining('EntityTooSmall') })
    expect(await post({ key: 'other' }, range)).toMatchObject({
      status: 403,
      text: expect.stringContaining(
        'Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;no&quot;]'.replaceAll(', ', ','),
      ),
    })
    expect((await fetch(`${endpoint}/bucket/no`)).status).toBe(404)
    expect(await post({ key: 'k' }, [{ key: 'k' }], '', 'absent')).toMatchObject({ status: 404 })
    expect((await fetch(`${endpoint}/bucket`, { method: 'POST', body: 'x' })).status).toBe(412)
  })
})

describe('a policy', () => {
  const judge = (fields: Record<string, string>) => {
    try {
      return checkPolicy(new Map(Object.entries(fields)), Date.parse('2026-11-30T00:00:00Z')) ?? 'passes'
    } catch (error) {
      return error instanceof Error ? error.message : error
    }
  }
  test.each([
    ['that is not there', { key: 'k' }, 'Access Denied'],
    ['that is not signed', { key: 'k', policy: policyOf([{ key: 'k' }]) }, 'Access Denied'],
    [
      'that is over',
      { ...SIGNATURE, policy: policyOf([], '2026-11-30T00:00:00Z') },
      'Invalid according to Policy: Policy expired.',
    ],
    ['that is no policy', { ...SIGNATURE, policy: 'e30=' }, 'Invalid Policy: Invalid JSON.'],
    [
      'without a word on a field',
      { ...SIGNATURE, key: 'k', policy: policyOf([]) },
      'Invalid according to Policy: Extra input fields: key',
    ],
    [
      'for all that the form says',
      { ...SIGNATURE, key: 'k', 'x-ignore-a': '1', policy: policyOf([['eq', '$key', 'k']]) },
      'passes',
    ],
    [
      'of the older signature',
      {
        awsaccesskeyid: 'a',
        signature: 'b',
        policy: Buffer.from('{"expiration":"2100-01-01T00:00:00Z","conditions":[]}').toString('base64'),
      },
      'passes',
    ],
    ['of a size', { ...SIGNATURE, policy: policyOf([['content-length-range', 0, 5]]) }, { kind: 'size', min: 0, max: 5 }],
  ])('%s', (_, fields, outcome) => expect(judge(fields)).toEqual(outcome))
})

describe('a form', () => {
  const text =
    '--B\r\nContent-Disposition: form-data; name="Key"\r\n\r\nk\r\n--B\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\na\r\n--\r\n--B--\r\n'
  async function read(whole: string, pieceBytes: number) {
    async function* body() {
      for (let at = 0; at < whole.length; at += pieceBytes) yield Buffer.from(whole.slice(at, at + pieceBytes))
    }
    const { fields, file, fileName } = await readUploadForm(body(), 'B')
    const pieces: Buffer[] = []
    for await (const piece of file) pieces.push(piece)
    return { fields: [...fields], file: Buffer.concat(pieces).toString(), fileName }
  }

  test('is read however it is cut', async () => {
    for (const bytes of [1, 2, 3, 7, 1_000])
      expect(await read(text, bytes)).toEqual({ fields: [['key', 'k']], file: 'a\r\n--', fileName: 'f' })
  })

  test('that is broken, has no file, or says too much is refused', async () => {
    const long = text.replace('\r\nk\r\n', `\r\n${'k'.repeat(30_000)}\r\n`)
    for (const broken of ['', 'x', text.slice(0, 60), text.slice(0, -12), '--B--\r\n', long])
      await expect(read(broken, 100)).rejects.toMatchObject({ code: 'MalformedPOSTRequest' })
  })
})
