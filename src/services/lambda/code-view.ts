/**
 * A look at a function's code as it lies: the list of its files, or the beginning of one of them. A door of ours beside
 * Lambda's own (`/_regente/lambda/code`), for the console: AWS gives the archive by a signed link to S3.
 * Only what the list has is read, and symbolic links are not in it, so no path leads out of the folder.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { JsonObject } from '../../base/json.ts'

import { lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'

export const CODE_PATH = '/_regente/lambda/code'
const FILES_MAX = 1_000
const FILE_BYTES_MAX = 262_144

/** `FunctionName`, `Qualifier`, and `path` for the text of one file. Throws ResourceNotFoundException. */
export async function viewCode(functions: Functions, query: URLSearchParams): Promise<JsonObject> {
  const { record } = functions.resolve(query.get('FunctionName') ?? '', query.get('Qualifier') ?? undefined)
  const path = query.get('path')
  const paths = await filesIn(record.codeDirectory)
  if (path === null) {
    const sizes = await Promise.all(paths.slice(0, FILES_MAX).map((name) => sizeOf(join(record.codeDirectory, name))))
    const files = sizes.map((size, i) => ({ path: paths[i] ?? '', size }))
    return { files, isCut: paths.length > FILES_MAX }
  }
  if (!paths.includes(path)) throw lambdaError('ResourceNotFoundException', `The function has no file ${path.slice(0, 200)}.`)
  return readBeginning(join(record.codeDirectory, path))
}

/** Paths with forward slashes, sorted; one more than are shown where there are too many. Installed packages come last. */
async function filesIn(root: string): Promise<readonly string[]> {
  const found: string[] = []
  const folders = ['']
  for (let folder = folders.shift(); folder !== undefined && found.length <= FILES_MAX; folder = folders.shift()) {
    const children = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    for (const child of children) {
      const path = folder === '' ? child.name : `${folder}/${child.name}`
      if (child.isDirectory()) folders.push(path)
      if (child.isFile()) found.push(path)
    }
  }
  return found.slice(0, FILES_MAX + 1).sort((a, b) => Number(isPackage(a)) - Number(isPackage(b)) || (a < b ? -1 : 1))
}

const isPackage = (path: string): boolean => /(?:^|\/)node_modules\//.test(path)

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function readBeginning(path: string): Promise<JsonObject> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(size, FILE_BYTES_MAX)), 0)
    const bytes = buffer.subarray(0, bytesRead)
    return { size, isCut: size > bytesRead, ...(bytes.includes(0) ? { isBinary: true } : { text: bytes.toString('utf8') }) }
  } finally {
    await file.close()
  }
}
