/**
 * How S3 tells its operations apart: by method, subresource, and the header that makes a PUT a copy. What is no parameter of an
 * operation that is here is another operation, never the plain verb: `PUT ?renameObject` must not empty an object.
 * Source: Amazon S3 API reference, request syntax of each operation; the SDK's model.
 */
import type { IncomingMessage } from 'node:http'

/** Query parameters that name another operation; some are features that are not here. */
const SUBRESOURCES = [
  ...['list-type', 'location', 'versioning', 'tagging', 'uploads', 'uploadId', 'delete'],
  ...['abac', 'accelerate', 'acl', 'analytics', 'annotation', 'append', 'attributes', 'cors', 'encryption'],
  ...['intelligent-tiering', 'inventory', 'legal-hold', 'lifecycle', 'logging', 'metadataAnnotationTable'],
  ...['metadataConfiguration', 'metadataInventoryTable', 'metadataJournalTable', 'metadataTable', 'metrics', 'notification'],
  ...['object-lock', 'ownershipControls', 'policy', 'policyStatus', 'publicAccessBlock', 'renameObject', 'replication'],
  ...['requestPayment', 'restore', 'retention', 'select', 'session', 'torrent', 'versions', 'website'],
]

/** Parameters of operations, by the names that AWS gives them without a value too: `?prefix=&delimiter=/`. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...['bucket-region', 'continuation-token', 'delimiter', 'encoding-type', 'fetch-owner', 'key-marker', 'marker', 'max-buckets'],
  ...['max-keys', 'max-parts', 'max-uploads', 'part-number-marker', 'partNumber', 'prefix', 'start-after', 'upload-id-marker'],
  ...['version-id-marker', 'versionId', 'AWSAccessKeyId', 'Expires', 'Signature'],
])
/** `X-Amz-Signature`, `x-amz-acl` (a header in a signed link), `x-id`, `response-content-type`. */
const PARAMETER = /^(?:x-amz-|x-id$|response-)/i

export const subresourceOf = (query: URLSearchParams): string | undefined =>
  SUBRESOURCES.find((name) => query.has(name)) ?? strangerIn(query)

/** The bare name that stands for an operation that nobody here has heard of. With a value it is passed over, as by AWS. */
function strangerIn(query: URLSearchParams): string | undefined {
  for (const [name, value] of query) if (value === '' && !PARAMETERS.has(name) && !PARAMETER.test(name)) return name.slice(0, 100)
  return undefined
}

/** `METHOD`, `METHOD subresource`, `PUT copy`, `PUT uploadId copy`. `key` is empty where a bucket is meant. */
export function requestNameOf(req: Pick<IncomingMessage, 'method' | 'headers'>, key: string, query: URLSearchParams): string {
  const method = req.method ?? 'GET'
  const isCopy = key !== '' && method === 'PUT' && req.headers['x-amz-copy-source'] !== undefined
  return [method, subresourceOf(query), isCopy ? 'copy' : undefined].filter((part) => part !== undefined).join(' ')
}
