/** How S3 tells its operations apart: by method, subresource, and the header that makes a PUT a copy. */
import type { IncomingMessage } from 'node:http'

/** Query parameters that name another operation; some are features that are not here. */
const SUBRESOURCES = [
  ...['list-type', 'location', 'versioning', 'tagging', 'uploads', 'uploadId', 'delete'],
  ...['accelerate', 'acl', 'analytics', 'attributes', 'cors', 'encryption', 'intelligent-tiering', 'inventory', 'legal-hold'],
  ...['lifecycle', 'logging', 'metrics', 'notification', 'object-lock', 'ownershipControls', 'policy', 'policyStatus'],
  ...['publicAccessBlock', 'replication', 'requestPayment', 'restore', 'retention', 'select', 'torrent', 'versions', 'website'],
]

export const subresourceOf = (query: URLSearchParams): string | undefined => SUBRESOURCES.find((name) => query.has(name))

/** `METHOD`, `METHOD subresource`, `PUT copy`, `PUT uploadId copy`. `key` is empty where a bucket is meant. */
export function requestNameOf(req: Pick<IncomingMessage, 'method' | 'headers'>, key: string, query: URLSearchParams): string {
  const method = req.method ?? 'GET'
  const isCopy = key !== '' && method === 'PUT' && req.headers['x-amz-copy-source'] !== undefined
  return [method, subresourceOf(query), isCopy ? 'copy' : undefined].filter((part) => part !== undefined).join(' ')
}
