/**
 * What an ItemReader asks for, after its Parameters or Arguments were evaluated: wire JSON in, checked settings out.
 * The definition's own rules (which fields go together) are the validator's; here are the facts known only at run time.
 * Source: AWS developer guide, "ItemReader (Map)"; texts from recorded cases (conformance/scenarios, map-item-reader).
 */
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { getOwn, isArray, type Json, type JsonObject } from '../base/json.ts'
import { keysOfPointer } from '../base/json-pointer.ts'
import { err, ok, type Result } from '../base/result.ts'

export type InputType = 'CSV' | 'JSON' | 'JSONL' | 'PARQUET'

export interface CsvSettings {
  /** Undefined: the first row is the header. */
  readonly headers: readonly string[] | undefined
  readonly delimiter: string
}

export interface ItemReaderSettings {
  readonly action: 'getObject' | 'listObjectsV2'
  readonly bucket: string
  /** Of getObject. */
  readonly key: string
  readonly versionId?: string
  readonly expectedBucketOwner?: string
  /** Of listObjectsV2. */
  readonly prefix?: string
  readonly startAfter?: string
  readonly inputType: InputType | undefined
  readonly manifest: 'ATHENA_DATA' | 'S3_INVENTORY' | undefined
  /** Read the listed objects and take items from their contents. */
  readonly flatten: boolean
  readonly csv: CsvSettings
  /** JSON Pointer (RFC 6901) as its unescaped tokens. */
  readonly pointer: readonly string[]
  readonly itemsMax: number
}

const MAX_ITEMS_BOUND = 100_000_000
const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' }

/** `resource` as in the definition: `arn:aws:states:::s3:getObject`. */
export function parseItemReader(
  resource: string,
  args: JsonObject,
  config: JsonObject = {},
): Result<ItemReaderSettings, Failure> {
  const action = /^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/.exec(resource)?.[1]
  if (action !== 'getObject' && action !== 'listObjectsV2') return fail(`The resource ${resource} cannot be read items from.`)
  const bucket = textOf(args, 'Bucket')
  if (bucket === undefined || bucket === '') return fail('The field Bucket must be a non-empty string.')
  const key = textOf(args, 'Key') ?? ''
  if (action === 'getObject' && key === '') return fail('The field Key must be a non-empty string.')
  const type = parseInputType(config, action)
  if (!type.ok) return type
  const csv = parseCsv(config)
  if (!csv.ok) return csv
  const pointer = parsePointer(textOf(config, 'ItemsPointer') ?? '')
  if (pointer === undefined) return fail('The field ItemsPointer must be a JSON Pointer.')
  const itemsMax = parseMaxItems(getOwn(config, 'MaxItems'))
  if (!itemsMax.ok) return itemsMax
  return ok({
    action,
    bucket,
    key,
    ...optional('versionId', textOf(args, 'VersionId')),
    ...optional('expectedBucketOwner', textOf(args, 'ExpectedBucketOwner')),
    ...optional('prefix', textOf(args, 'Prefix')),
    ...optional('startAfter', textOf(args, 'StartAfter')),
    ...type.value,
    csv: csv.value,
    pointer,
    itemsMax: itemsMax.value,
  })
}

/** 0 is no limit; a value over the bound, which only a path or an expression can bring, is cut to the bound. */
export function parseMaxItems(value: Json | undefined): Result<number, Failure> {
  if (value === undefined) return ok(MAX_ITEMS_BOUND)
  if (typeof value !== 'number' || !Number.isInteger(value)) return fail('field MaxItems must be an integer')
  if (value < 0) return fail('field MaxItems must be positive')
  return ok(value === 0 ? Number.POSITIVE_INFINITY : Math.min(value, MAX_ITEMS_BOUND))
}

type TypeSettings = Pick<ItemReaderSettings, 'inputType' | 'manifest' | 'flatten'>

function parseInputType(config: JsonObject, action: ItemReaderSettings['action']): Result<TypeSettings, Failure> {
  const flatten = textOf(config, 'Transformation') === 'LOAD_AND_FLATTEN'
  if (action === 'listObjectsV2' && !flatten) return ok({ inputType: undefined, manifest: undefined, flatten })
  const text = textOf(config, 'InputType')
  const manifestType = textOf(config, 'ManifestType')
  if (manifestType === 'S3_INVENTORY' || (text === 'MANIFEST' && manifestType === undefined)) {
    return ok({ inputType: 'CSV', manifest: 'S3_INVENTORY', flatten })
  }
  if (text !== 'CSV' && text !== 'JSON' && text !== 'JSONL' && text !== 'PARQUET') {
    return fail(`The InputType ${text ?? 'null'} is not supported.`)
  }
  return ok({ inputType: text, manifest: manifestType === 'ATHENA_DATA' ? manifestType : undefined, flatten })
}

function parseCsv(config: JsonObject): Result<CsvSettings, Failure> {
  const given = getOwn(config, 'CSVHeaders')
  const headers = textOf(config, 'CSVHeaderLocation') === 'GIVEN' && isArray(given) ? given.map(String) : undefined
  const delimiter = DELIMITERS[textOf(config, 'CSVDelimiter') ?? 'COMMA']
  return delimiter === undefined ? fail('The field CSVDelimiter has an unknown value.') : ok({ headers, delimiter })
}

function parsePointer(text: string): string[] | undefined {
  return text === '' || text.startsWith('/') ? keysOfPointer(text) : undefined
}

function textOf(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [_ in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [_ in K]?: string }
}

const fail = (cause: string) => err(failure(ErrorName.ItemReaderFailed, cause))
