/** S3 by its REST protocol. */
export interface S3Object {
  readonly key: string
  readonly size: number
  readonly modified: string
}

export async function listBuckets(signal: AbortSignal): Promise<readonly { readonly name: string; readonly created: string }[]> {
  const xml = await readXml(await fetch('/', { headers: { accept: 'application/xml' }, signal }))
  return [...xml.querySelectorAll('Bucket')].map((bucket) => ({
    name: textIn(bucket, 'Name'),
    created: textIn(bucket, 'CreationDate'),
  }))
}

/** At most a thousand, beginning with `prefix`. */
export async function listObjects(bucket: string, prefix: string, signal: AbortSignal): Promise<readonly S3Object[]> {
  const xml = await readXml(await fetch(`/${bucket}?${new URLSearchParams({ 'list-type': '2', prefix })}`, { signal }))
  return [...xml.querySelectorAll('Contents')].map((item) => ({
    key: textIn(item, 'Key'),
    size: Number(textIn(item, 'Size')),
    modified: textIn(item, 'LastModified'),
  }))
}

export const pathOfObject = (bucket: string, key: string): string =>
  `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`

export async function putObject(bucket: string, key: string, body: Blob): Promise<void> {
  await readXml(await fetch(pathOfObject(bucket, key), { method: 'PUT', body }))
}

/** The first bytes as text. */
export async function previewObject(bucket: string, key: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(pathOfObject(bucket, key), { headers: { range: 'bytes=0-65535' }, signal })
  return response.text()
}

const textIn = (element: Element, name: string): string => element.querySelector(name)?.textContent ?? ''

export async function readXml(response: Response): Promise<Document> {
  const xml = new DOMParser().parseFromString(await response.text(), 'text/xml')
  if (!response.ok) throw new Error(xml.querySelector('Message')?.textContent ?? `HTTP ${response.status}`)
  return xml
}
