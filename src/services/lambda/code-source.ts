/** Where a function's code comes from: the request itself, a bucket read through Regente's own endpoint, or a live folder. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { call } from '../../aws/call.ts'
import { endpointsAt } from '../../aws/endpoints.ts'
import { toError } from '../../aws/failure.ts'
import { objectPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { type CodePackage, type CodeStore, HOT_RELOAD_BUCKET } from './code-store.ts'
import { lambdaError } from './errors.ts'
import { readText } from './input.ts'

const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
const PATH_CHARS_MAX = 4096

export interface CodeOrigin {
  readonly endpoint: () => string
  /** Where links to code lead, where that is elsewhere. */
  readonly publicUrl?: (() => string) | undefined
  readonly region: string
}

/** `code` is CreateFunction's Code, or UpdateFunctionCode itself; `archive` is its ZipFile where that is decoded already. */
export async function fetchCode(
  code: JsonObject,
  functionName: string,
  store: CodeStore,
  origin: CodeOrigin,
  archive?: Uint8Array,
): Promise<CodePackage> {
  if (archive) return await store.unpack(functionName, archive)
  const zip = getOwn(code, 'ZipFile')
  if (typeof zip === 'string') return await store.unpack(functionName, Buffer.from(zip, 'base64'))
  const bucket = readText(code, 'S3Bucket')
  const key = readText(code, 'S3Key', PATH_CHARS_MAX)
  if (bucket === undefined || key === undefined) {
    throw lambdaError('InvalidParameterValueException', 'Please provide a source for function code.')
  }
  if (bucket === HOT_RELOAD_BUCKET) return await store.live(key)
  return await store.unpack(functionName, await readObject(bucket, key, readText(code, 'S3ObjectVersion'), origin))
}

async function readObject(bucket: string, key: string, version: string | undefined, origin: CodeOrigin): Promise<Buffer> {
  const endpoints = endpointsAt(() => ({ endpoint: origin.endpoint(), region: origin.region }))
  const called = await call(endpoints, SERVICES.s3, {
    method: 'GET',
    path: objectPath(bucket, key),
    query: version === undefined ? undefined : new URLSearchParams({ versionId: version }),
    responseBytesMax: ARCHIVE_BYTES_MAX,
  })
  if (called.ok) return called.value.body
  const { error } = called
  if (error.kind !== 'service') throw toError(error)
  throw lambdaError(
    'InvalidParameterValueException',
    `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
  )
}
