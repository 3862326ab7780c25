import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, it } from 'vitest'

import { EMPTY_SHA256, presignRequest, scopeOf, sha256Hex, signRequest, verifyRequest } from './sigv4.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'to/ken=',
}
const at = new Date('2026-11-23T07:30:00Z')
const secretOf = (id: string) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined)
const oracle = (service: string) =>
  new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
  })

const cases = [
  { service: 'sqs', method: 'POST', path: '/', query: {}, body: '{"a":1}' },
  {
    service: 'lambda',
    method: 'GET',
    path: '/2015-03-31/functions/arn%3Aaws%3Alambda/x%20y/../z',
    query: { Marker: 'a b+c/d', MaxItems: '3' },
    body: '',
  },
  {
    service: 's3',
    method: 'PUT',
    path: "/bucket/a%20b/%C3%A9/'(x)*",
    query: { partNumber: '1', uploadId: 'x/y=' },
    body: 'hello',
  },
  { service: 's3', method: 'GET', path: '/bucket/a/../b//c', query: { prefix: '', 'list-type': '2' }, body: '' },
]

describe('signature version 4', () => {
  it.each(cases)('signs $service $method $path as the SDK does', async ({ service, method, path, query, body }) => {
    const headers = {
      host: 'example.eu-west-1.amazonaws.com:8080',
      'content-type': 'application/json',
      'x-amz-meta-a': '  two   blanks ',
    }
    const theirs = await oracle(service).sign(
      { method, protocol: 'http:', hostname: 'example', path, query, headers, body },
      { signingDate: at },
    )
    const request = { method, path, query: new URLSearchParams(query), headers }
    const ours = signRequest(request, sha256Hex(body), { service, region: 'eu-west-1' }, credentials, at)
    expect(ours['authorization']).toBe(theirs.headers['authorization'])
    const url = `${path}?${new URLSearchParams(query)}`
    const req = { method, url, headers: ours }
    expect(verifyRequest(req, { secretOf, payloadHash: sha256Hex(body), now: at })).toMatchObject({
      ok: true,
      value: { service },
    })
    expect(scopeOf(req)).toEqual({ accessKeyId: 'AKIDEXAMPLE', date: '20261123', region: 'eu-west-1', service })
  })

  it('presigns as the SDK does, and verifies until the URL expires', async () => {
    const request = {
      method: 'GET',
      path: '/bucket/a%20b',
      query: new URLSearchParams({ versionId: 'null' }),
      headers: { host: 'h:1' },
    }
    const theirs = await oracle('s3').presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: 'h',
        path: request.path,
        query: { versionId: 'null' },
        headers: { host: 'h:1' },
      },
      { signingDate: at, expiresIn: 60 },
    )
    const ours = presignRequest(request, { service: 's3', region: 'eu-west-1' }, credentials, at, 60)
    // The SDK writes an empty-body hash where S3 takes UNSIGNED-PAYLOAD; all else is the same.
    const { 'X-Amz-Signature': _, ...rest } = theirs.query as Record<string, string>
    for (const [name, value] of Object.entries(rest)) if (name !== 'X-Amz-Content-Sha256') expect(ours.get(name)).toBe(value)
    const req = { method: 'GET', url: `${request.path}?${ours}`, headers: { host: 'h:1' } }
    const verify = (now: string) => verifyRequest(req, { secretOf, payloadHash: EMPTY_SHA256, now: new Date(now) })
    expect(verify('2026-11-23T07:30:59Z')).toMatchObject({ ok: true })
    expect(verify('2026-11-23T07:31:01Z')).toMatchObject({ ok: false, error: { code: 'InvalidSignatureException' } })
  })

  it('refuses a changed body, a changed header, an unknown key, an old date and no signature at all', () => {
    const scope = { service: 'sqs', region: 'eu-west-1' }
    const headers = signRequest(
      { method: 'POST', path: '/', headers: { host: 'h', 'x-amz-target': 'A.B' } },
      sha256Hex('x'),
      scope,
      credentials,
      at,
    )
    const verify = (changed: object, payload = 'x', now = at) =>
      verifyRequest(
        { method: 'POST', url: '/', headers: { ...headers, ...changed } },
        { secretOf, payloadHash: sha256Hex(payload), now },
      )
    expect(verify({})).toMatchObject({ ok: true })
    expect(verify({}, 'y')).toMatchObject({ ok: false, error: { code: 'InvalidSignatureException', status: 403 } })
    expect(verify({ 'x-amz-target': 'A.C' })).toMatchObject({ ok: false, error: { code: 'InvalidSignatureException' } })
    expect(verify({ authorization: headers['authorization']?.replace('AKIDEXAMPLE', 'OTHER') })).toMatchObject({
      ok: false,
      error: { code: 'UnrecognizedClientException' },
    })
    expect(verify({}, 'x', new Date(at.getTime() + 16 * 60_000))).toMatchObject({ ok: false })
    expect(verify({ authorization: undefined })).toMatchObject({
      ok: false,
      error: { code: 'MissingAuthenticationTokenException' },
    })
    expect(verify({ authorization: 'AWS4-HMAC-SHA256 rubbish' })).toMatchObject({
      ok: false,
      error: { code: 'IncompleteSignatureException' },
    })
  })
})
