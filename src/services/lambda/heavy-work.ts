/**
 * Work that would hold the event loop for longer than others should wait: big requests, archives, folders of many files. Runs in
 * a thread (heavy-worker.ts), one job after the other; what can be synchronous is, because nobody else is there to wait.
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { parseJsonBody } from '../../wire/json-body.ts'

import { LAMBDA_ZIP_BOUNDS, readZipEntries, ZipError } from './zip.ts'

export interface ReadRequest {
  /** Without the archive. */
  readonly input: JsonObject
  readonly archive: Uint8Array<ArrayBuffer> | undefined
}

export interface Unpacked {
  /** Base64 of the archive's SHA-256. */
  readonly sha256: string
  readonly directory: string
}

export const WORK = {
  /** A request of CreateFunction, UpdateFunctionCode or PublishLayerVersion, its ZipFile decoded. */
  readRequest(body: Uint8Array): ReadRequest {
    const input = parseJsonBody(Buffer.from(body.buffer, body.byteOffset, body.length))
    const code = getOwn(input, 'Code') ?? getOwn(input, 'Content')
    const holder: Record<string, unknown> = isObject(code) ? code : input
    const text = holder['ZipFile']
    if (typeof text !== 'string') return { input, archive: undefined }
    delete holder['ZipFile']
    // In memory of its own, so that it can be handed over.
    const archive = new Uint8Array(Buffer.byteLength(text, 'base64'))
    const bytes = Buffer.from(archive.buffer).write(text, 'base64')
    return { input, archive: bytes === archive.length ? archive : archive.slice(0, bytes) }
  },

  /**
   * Into `home/<sha256>`, with the archive itself beside it; what is there of them stays. Half an archive is never seen under
   * that name. Rejects with ZipError.
   */
  async unpack(home: string, bytes: Uint8Array): Promise<Unpacked> {
    const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const digest = createHash('sha256').update(archive).digest()
    const directory = join(home, digest.toString('hex'))
    const found = { sha256: digest.toString('base64'), directory }
    const [isUnpacked, isKept] = [existsSync(directory), existsSync(archiveOf(directory))]
    if (isUnpacked && isKept) return found
    const draft = join(home, `.draft-${randomBytes(8).toString('hex')}`)
    const archiveDraft = archiveOf(draft)
    try {
      if (!isUnpacked) await writeEntries(draft, archive)
      writeFileSync(archiveDraft, archive, { mode: 0o600 })
      renameSync(archiveDraft, archiveOf(directory))
      if (!isUnpacked) renameSync(draft, directory)
      return found
    } finally {
      rmSync(draft, { recursive: true, force: true })
      rmSync(archiveDraft, { force: true })
    }
  },

  remove(path: string): void {
    rmSync(path, { recursive: true, force: true })
  },

  /** Why the text is no JSON; undefined where it is. */
  jsonFault(bytes: Uint8Array): string | undefined {
    try {
      JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : 'not JSON'
    }
  },
}

export type Work = typeof WORK

/** Where the archive lies of which `directory` was unpacked. */
export const archiveOf = (directory: string): string => `${directory}.zip`

async function writeEntries(directory: string, archive: Buffer): Promise<void> {
  const entries = await readZipEntries(archive, LAMBDA_ZIP_BOUNDS)
  if (entries.length === 0) throw new ZipError('the archive is empty')
  mkdirSync(directory, { recursive: true })
  const made = new Set([directory])
  const makeFolder = (path: string): void => {
    if (!made.has(path)) mkdirSync(path, { recursive: true })
    made.add(path)
  }
  for (const entry of entries) {
    const path = join(directory, entry.path)
    try {
      makeFolder(entry.isDirectory ? path : dirname(path))
      if (entry.isDirectory) continue
      writeFileSync(path, await entry.read(), { flag: 'wx', mode: entry.isExecutable ? 0o700 : 0o600 })
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
