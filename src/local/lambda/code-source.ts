/** Where a function's code comes from: the request itself, a bucket read through Regente's own endpoint, or a live folder. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { callAws } from '../../wire/client.ts'
import { readErrorResponse } from '../../wire/errors.ts'

import { type CodePackage, type CodeStore, HOT_RELOAD_BUCKET } from './code-store.ts'
import { lambdaError } from './errors.ts'
import { readText } from './settings.ts'

const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
const PATH_CHARS_MAX = 4096

export interface CodeOrigin {
  readonly endpoint: () => string
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
  const response = await callAws({
    endpoint: origin.endpoint(),
    region: origin.region,
    service: 's3',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    method: 'GET',
    path: `/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/')}`,
    query: version === undefined ? undefined : new URLSearchParams({ versionId: version }),
    responseBytesMax: ARCHIVE_BYTES_MAX,
  })
  if (response.status === 200) return response.body
  const error = readErrorResponse(response)
  throw lambdaError(
    'InvalidParameterValueException',
    `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
  )
}
