/**
 * Where functions' code lies: `DIRECTORY/<function>/<sha256>/`, its archive beside it, written once and never changed, so that a
 * running process keeps the code it started with. A package is unpacked beside its place and renamed into it: half a package
 * is never seen. Records name a place by its whole path, of which only what lies below the root counts: the data folder may have
 * been moved since, or brought back from a backup elsewhere.
 * Bucket `hot-reload` with an absolute path as its key runs a folder in place, as LocalStack does.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

import { lambdaError } from './errors.ts'
import type { HelperThread } from './helper-thread.ts'
import { LAMBDA_ZIP_BOUNDS } from './zip.ts'

export const HOT_RELOAD_BUCKET = 'hot-reload'

export interface CodePackage {
  /** Base64 SHA-256 of the archive, as CodeSha256 shows it. */
  readonly sha256: string
  /** Bytes of the archive. */
  readonly size: number
  /** Where the code lies, absolute. */
  readonly directory: string
  readonly isLive: boolean
}

export interface CodeStore {
  /** All code lies under it, but that of live folders. */
  readonly root: string
  unpack(functionName: string, archive: Uint8Array): Promise<CodePackage>
  live(path: string): Promise<CodePackage>
  /** Removes what is stored for a function. */
  remove(functionName: string): Promise<void>
  close(): Promise<void>
}

/** Where all code lies. Without a data directory a temporary one, which goes with the process. */
export const codeRoot = (directory: string | undefined): string =>
  resolve(directory === undefined ? mkdtempSync(join(tmpdir(), 'regente-lambda-')) : join(directory, 'lambda'))

/** Where a package lies now that was stored as `recorded`. */
export const codePlace = (root: string, recorded: string): string => join(root, ...recorded.split(/[\\/]/).slice(-2))

/** Code that is not `used` is removed. A temporary root goes when it is closed. */
export function openCodeStore(root: string, isTemporary: boolean, used: ReadonlySet<string>, thread: HelperThread): CodeStore {
  sweep(root, used)
  return {
    root,
    unpack: (functionName, archive) => unpack(thread, join(root, functionName), archive),
    live,
    remove: (functionName) => thread.run('remove', join(root, functionName)),
    close: async () => {
      if (isTemporary) await thread.run('remove', root)
    },
  }
}

/** What updates, deletions and crashes have left behind. Done at the start, when no process reads it. */
function sweep(root: string, used: ReadonlySet<string>): void {
  for (const home of listDirectory(root)) {
    for (const path of listDirectory(home)) {
      if (!used.has(path) && !used.has(path.replace(/\.zip$/, ''))) rmSync(path, { recursive: true, force: true })
    }
  }
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path).map((name) => join(path, name))
  } catch {
    return []
  }
}

const UNZIP_FAILED = 'Could not unzip uploaded file. Please check your file, then try to upload again.'
const TOO_LARGE = `Unzipped size must be smaller than ${LAMBDA_ZIP_BOUNDS.bytesMax} bytes`

async function unpack(thread: HelperThread, home: string, archive: Uint8Array): Promise<CodePackage> {
  const size = archive.length
  try {
    return { ...(await thread.run('unpack', home, archive)), size, isLive: false }
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (name === 'ZipTooLargeError') throw lambdaError('InvalidParameterValueException', TOO_LARGE, { cause: error })
    if (name === 'ZipError') throw lambdaError('InvalidParameterValueException', UNZIP_FAILED, { cause: error })
    throw error
  }
}

async function live(path: string): Promise<CodePackage> {
  const found = isAbsolute(path) ? await stat(path).catch(() => undefined) : undefined
  if (!found?.isDirectory()) {
    throw lambdaError('InvalidParameterValueException', `The hot-reload key must be the absolute path of a directory: ${path}`)
  }
  return { sha256: createHash('sha256').update(path).digest('base64'), size: 0, directory: path, isLive: true }
}

const UNWATCHED = new Set(['node_modules', '.git', '__pycache__', '.venv', '.aws-sam', 'cdk.out'])
const WATCHED_FILES_MAX = 5000

/** Changes when a file under `directory` is added, removed or saved; installed packages are not looked into. */
export async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha1')
  const folders = [directory]
  let left = WATCHED_FILES_MAX
  for (let folder = folders.pop(); folder !== undefined && left > 0; folder = folders.pop()) {
    const children = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, child.name)
      if (child.isDirectory() && !UNWATCHED.has(child.name)) folders.push(path)
      if (!child.isFile() || left-- <= 0) continue
      const found = await stat(path).catch(() => undefined)
      hash.update(`${path}\0${found?.mtimeMs}\0${found?.size}\0`)
    }
  }
  return hash.digest('hex')
}
