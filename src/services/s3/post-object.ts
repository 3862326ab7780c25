/**
 * POST Object: an upload by a form, as browsers send it, under a policy that its maker signed.
 * Source: Amazon S3 API reference, "POST Object".
 */
import type { IncomingHttpHeaders } from 'node:http'

import { drainBody, schemeOf } from '../../wire/http.ts'
import { encodeRfc3986 } from '../../wire/percent.ts'
import { sendRestXml } from '../../wire/rest-xml.ts'
import { element } from '../../wire/xml.ts'

import { grantsTold } from './acl-operations.ts'
import { answerEmpty, type Call, causeOf } from './call.ts'
import { entityTooLarge, entityTooSmall, invalidArgument, preconditionPost } from './errors.ts'
import { boundaryOf, readUploadForm, type UploadForm } from './form-parts.ts'
import { quoted, readChecksumValue, readObjectHeaders, writtenHeaders } from './headers.ts'
import { checkPolicy, type SizeRange } from './post-policy.ts'
import { encrypted, versionHeader } from './object-operations.ts'
import type { StoredObject } from './records.ts'
import { readTagging } from './tagging.ts'

/** Fields that are what the headers of a PUT are. */
const OF_HEADERS =
  /^(?:content-type|content-encoding|content-disposition|content-language|cache-control|expires|x-amz-(?!signature|credential|algorithm|date|security-token).+)$/
const TAGS_MAX = 10

export async function postObject(call: Call): Promise<void> {
  call.service.requireBucket(call.bucket)
  const boundary = boundaryOf(call.req.headers['content-type'])
  if (boundary === undefined) throw preconditionPost()
  const body: AsyncIterableIterator<Buffer> = call.req.iterator({ destroyOnReturn: false })
  try {
    await takeForm(call, await readUploadForm(body, boundary))
  } finally {
    // Whoever reads what is left could not before.
    await body.return?.()
  }
  await drainBody(call.req)
}

async function takeForm(call: Call, { fields, file, fileName }: UploadForm): Promise<void> {
  const key = fields.get('key')?.replaceAll('${filename}', () => fileName.replace(/^.*[\\/]/, ''))
  if (key === undefined || key === '')
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    )
  const size = checkPolicy(new Map([...fields, ['bucket', call.bucket]]), call.service.nowMs())
  const headers: IncomingHttpHeaders = Object.fromEntries([...fields].filter(([name]) => OF_HEADERS.test(name)))
  const given = readChecksumValue(headers)
  const tagging = fields.get('tagging')
  const incoming = {
    body: size ? within(file, size) : file,
    ...(given && { checksum: { algorithm: given.algorithm, expected: () => given.value } }),
  }
  const record = await call.service.putObject(call.bucket, key, incoming, {
    headers: encrypted(call, readObjectHeaders({ headers })),
    tags: tagging === undefined ? [] : readTagging(Buffer.from(tagging), TAGS_MAX),
    acl: grantsTold(call, { ...headers, 'x-amz-acl': fields.get('acl') ?? headers['x-amz-acl'] }),
    cause: causeOf(call, 'ObjectCreated:Post'),
  })
  answerAsAsked(call, fields, record)
}

async function* within(file: AsyncIterable<Buffer>, { min, max }: SizeRange): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of file) {
    bytes += piece.length
    if (bytes > max) throw entityTooLarge({ MaxSizeAllowed: String(max) })
    yield piece
  }
  if (bytes < min) throw entityTooSmall({ ProposedSize: String(bytes), MinSizeAllowed: String(min) })
}

/** A page to go on with, 200, or 201 with a document; else 204. */
function answerAsAsked(call: Call, fields: ReadonlyMap<string, string>, record: StoredObject): void {
  const origin = `${schemeOf(call.req)}://${call.req.headers.host ?? ''}`
  const place = `${origin}/${call.bucket}/${record.key.split('/').map(encodeRfc3986).join('/')}`
  const headers = { ...writtenHeaders(record), ...versionHeader(call, record), location: place }
  const next = fields.get('success_action_redirect') ?? fields.get('redirect')
  if (next !== undefined && /^https?:\/\//i.test(next) && URL.canParse(next)) {
    const url = new URL(next)
    for (const [name, value] of Object.entries({ bucket: call.bucket, key: record.key, etag: quoted(record.etag) }))
      url.searchParams.set(name, value)
    return answerEmpty(call, 303, { ...headers, location: url.href })
  }
  const status = fields.get('success_action_status')
  if (status !== '201') return answerEmpty(call, status === '200' ? 200 : 204, headers)
  const said = { Location: place, Bucket: call.bucket, Key: record.key, ETag: quoted(record.etag) }
  const document = Object.entries(said).map(([name, value]) => element(name, value))
  sendRestXml(call.res, element('PostResponse', document), { status: 201, requestId: call.requestId, headers })
}
