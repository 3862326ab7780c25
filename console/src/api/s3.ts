/** S3 by its REST protocol. Names come URL-encoded, because XML cannot carry every character that a key may have. */
import type { Page } from '../ui/use-pages.ts'
import { ApiError } from './client.ts'

export interface S3Object {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly modified: string
}

/** A folder is a prefix that ends with a slash; it has no size. */
export type S3Entry = { readonly type: 'folder'; readonly key: string } | ({ readonly type: 'object' } & S3Object)

const PAGE = '1000'

export async function listBuckets(signal: AbortSignal): Promise<readonly { readonly name: string; readonly created: string }[]> {
  const xml = await readXml(await fetch('/', { headers: { accept: 'application/xml' }, signal }))
  return [...xml.querySelectorAll('Bucket')].map((bucket) => ({
    name: textIn(bucket, 'Name'),
    created: textIn(bucket, 'CreationDate'),
  }))
}

/** Folders and objects right under `prefix`, at most a thousand a page. */
export async function listEntries(
  bucket: string,
  prefix: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Page<S3Entry>> {
  const query = { 'list-type': '2', prefix, delimiter: '/', 'encoding-type': 'url', 'max-keys': PAGE }
  const search = new URLSearchParams({ ...query, ...(token !== undefined && { 'continuation-token': token }) })
  const xml = await readXml(await fetch(`/${encodeURIComponent(bucket)}?${search}`, { signal }))
  const folders = [...xml.querySelectorAll('CommonPrefixes')].map(
    (folder): S3Entry => ({ type: 'folder', key: nameIn(folder, 'Prefix') }),
  )
  const objects = [...xml.querySelectorAll('Contents')].map(
    (item): S3Entry => ({
      type: 'object',
      key: nameIn(item, 'Key'),
      size: Number(textIn(item, 'Size')),
      modified: textIn(item, 'LastModified'),
    }),
  )
  return { items: [...folders, ...objects], next: xml.querySelector('NextContinuationToken')?.textContent ?? undefined }
}

/** Slashes are escaped too, so that no part of a key is taken for `..`. */
const pathOf = (bucket: string, key: string): string => `/${encodeURIComponent(bucket)}/${encodeURIComponent(key)}`

/** A link that always downloads: what is stored must never be opened as a page of ours. */
export function downloadPath(bucket: string, key: string): string {
  const overrides = { 'response-content-disposition': 'attachment', 'response-content-type': 'application/octet-stream' }
  return `${pathOf(bucket, key)}?${new URLSearchParams(overrides)}`
}

export async function createBucket(bucket: string): Promise<void> {
  await readXml(await fetch(`/${encodeURIComponent(bucket)}`, { method: 'PUT' }))
}

export async function deleteBucket(bucket: string): Promise<void> {
  await readXml(await fetch(`/${encodeURIComponent(bucket)}`, { method: 'DELETE' }))
}

export async function putObject(bucket: string, key: string, body: Blob): Promise<void> {
  await readXml(await fetch(pathOf(bucket, key), { method: 'PUT', body }))
}

export async function deleteObject(bucket: string, key: string): Promise<void> {
  await readXml(await fetch(pathOf(bucket, key), { method: 'DELETE' }))
}

export interface ObjectPiece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** Of the whole object. */
  readonly size: number
}

/** The first `bytesMax` bytes. */
export async function readBeginning(bucket: string, key: string, bytesMax: number, signal: AbortSignal): Promise<ObjectPiece> {
  const response = await fetch(pathOf(bucket, key), { headers: { range: `bytes=0-${bytesMax - 1}` }, signal })
  // An empty object has no first byte.
  if (response.status === 416) return { bytes: new Uint8Array(), contentType: '', size: 0 }
  if (!response.ok) await readXml(response)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
  return {
    bytes,
    contentType: response.headers.get('content-type') ?? '',
    size: total === undefined ? bytes.length : Number(total),
  }
}

const textIn = (element: Element, name: string): string => element.querySelector(name)?.textContent ?? ''
const nameIn = (element: Element, name: string): string => decodeURIComponent(textIn(element, name).replaceAll('+', ' '))

export async function readXml(response: Response): Promise<Document> {
  const xml = new DOMParser().parseFromString(await response.text(), 'text/xml')
  if (response.ok) return xml
  const code = xml.querySelector('Code')?.textContent ?? `HTTP ${response.status}`
  throw new ApiError(code, xml.querySelector('Message')?.textContent ?? response.statusText)
}
