import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, it } from 'vitest'

import { scopeOf, sha256Hex, signRequest } from './sigv4.ts'
import { presignedUrl } from './testing/presign.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'to/ken=',
}
const at = new Date('2026-11-23T07:30:00Z')
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
    const req = { method, url: `${path}?${new URLSearchParams(query)}`, headers: ours }
    expect(scopeOf(req)).toEqual({ accessKeyId: 'AKIDEXAMPLE', date: '20261123', region: 'eu-west-1', service })
  })

  it.each([
    [{ authorization: 'AWS4-HMAC-SHA256 rubbish' }, '/'],
    [{ authorization: 'Bearer x' }, '/'],
    [{ authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/sqs/aws3_request' }, '/'],
    [{}, '/?X-Amz-Credential=AKID'],
    [{}, '/'],
  ])('nobody claims anything with %o at %s', (headers, url) => {
    expect(scopeOf({ headers, url })).toBeUndefined()
  })

  it('a presigned URL tells what it was signed for', async () => {
    const url = await presignedUrl('GET', 'http://h:1/bucket/k', credentials)
    expect(scopeOf({ headers: {}, url })).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1', service: 's3' })
  })
})
