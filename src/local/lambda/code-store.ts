/**
 * Where functions' code lies: `DIRECTORY/<function>/<sha256>/`, written once and never changed, so that a running
 * process keeps the code it started with. A package is unpacked beside its place and renamed into it: half a package is
 * never seen. Bucket `hot-reload` with an absolute path as its key runs a folder in place, as LocalStack does.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'

import { lambdaError } from './errors.ts'
import { LAMBDA_ZIP_BOUNDS, readZipEntries, readZipEntry, ZipError, ZipTooLargeError } from './zip.ts'

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
  unpack(functionName: string, archive: Buffer): Promise<CodePackage>
  live(path: string): Promise<CodePackage>
  /** Removes what is stored for a function. */
  remove(functionName: string): Promise<void>
  close(): Promise<void>
}

/** Without a directory the code lives in a temporary one, which goes with the process. Code that is not `used` is removed. */
export function openCodeStore(directory: string | undefined, used: ReadonlySet<string>): CodeStore {
  const root = resolve(directory === undefined ? mkdtempSync(join(tmpdir(), 'regente-lambda-')) : join(directory, 'lambda'))
  sweep(root, used)
  return {
    root,
    unpack: (functionName, archive) => unpack(join(root, functionName), archive),
    live,
    remove: (functionName) => rm(join(root, functionName), { recursive: true, force: true }),
    close: async () => {
      if (directory === undefined) await rm(root, { recursive: true, force: true })
    },
  }
}

/** What updates, deletions and crashes have left behind. Done at the start, when no process reads it. */
function sweep(root: string, used: ReadonlySet<string>): void {
  for (const home of listDirectory(root)) {
    for (const directory of listDirectory(home)) if (!used.has(directory)) rmSync(directory, { recursive: true, force: true })
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

async function unpack(home: string, archive: Buffer): Promise<CodePackage> {
  const digest = createHash('sha256').update(archive).digest()
  const directory = join(home, digest.toString('hex'))
  const found: CodePackage = { sha256: digest.toString('base64'), size: archive.length, directory, isLive: false }
  if (await exists(directory)) return found
  const draft = join(home, `.draft-${randomBytes(8).toString('hex')}`)
  try {
    await writeEntries(draft, archive)
    await rename(draft, directory).catch(async (error: unknown) => {
      if (!(await exists(directory))) throw error
    })
    return found
  } catch (error) {
    if (error instanceof ZipTooLargeError) throw lambdaError('InvalidParameterValueException', TOO_LARGE, { cause: error })
    if (error instanceof ZipError) throw lambdaError('InvalidParameterValueException', UNZIP_FAILED, { cause: error })
    throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function writeEntries(directory: string, archive: Buffer): Promise<void> {
  const entries = readZipEntries(archive, LAMBDA_ZIP_BOUNDS)
  if (entries.length === 0) throw new ZipError('the archive is empty')
  await mkdir(directory, { recursive: true })
  for (const entry of entries) {
    const path = join(directory, entry.path)
    try {
      if (entry.isDirectory) await mkdir(path, { recursive: true })
      else {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, await readZipEntry(archive, entry), { flag: 'wx', mode: entry.isExecutable ? 0o700 : 0o600 })
      }
    } catch (error) {
      if (isClash(error)) throw new ZipError(`entry cannot be written: ${entry.path}`, { cause: error })
      throw error
    }
  }
}

/** A file where a directory should be, or a name that the file system takes for another's (case): the archive's fault. */
function isClash(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG'
}

async function live(path: string): Promise<CodePackage> {
  const found = isAbsolute(path) ? await stat(path).catch(() => undefined) : undefined
  if (!found?.isDirectory()) {
    throw lambdaError('InvalidParameterValueException', `The hot-reload key must be the absolute path of a directory: ${path}`)
  }
  return { sha256: createHash('sha256').update(path).digest('base64'), size: 0, directory: path, isLive: true }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

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
