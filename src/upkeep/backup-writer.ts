/**
 * Where a backup goes: a folder, or a tar archive. It gets its name when it is whole and on the disk; until then it has another
 * one beside it, and is taken away when it fails.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { assert } from '../base/assert.ts'

import { syncFolder } from '../services/kit/sync-folder.ts'

import type { BackupEntry } from './manifest.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

export interface BackupWriter {
  /** Copies the file or link at `source`, which does not change. Undefined: it is not there. */
  add(path: string, source: string): Promise<BackupEntry | undefined>
  addText(path: string, text: string): Promise<void>
  /** Makes it durable, and gives it its name. */
  finish(): Promise<void>
  /** Takes away what there is of it. */
  discard(): Promise<void>
}

const MODE = 0o600
const OWNERS = 0o700

/** Somebody may take the name in the meantime: then `finish` fails. */
export const openBackupWriter = (target: string): Promise<BackupWriter> =>
  target.endsWith('.tar') ? tarWriter(target) : folderWriter(target)

interface Sink {
  file(path: string, mode: number, bytes: number, body: AsyncIterable<Buffer>): Promise<void>
  link(path: string, link: string): Promise<void>
}

const addTo = (sink: Sink) => ({
  async add(path: string, source: string): Promise<BackupEntry | undefined> {
    const link = await readlink(source).catch(() => undefined)
    if (link !== undefined) {
      await sink.link(path, link)
      return { path, link }
    }
    const file = await open(source).catch(undefinedIfMissing)
    if (file === undefined) return undefined
    try {
      const { size: bytes, mode } = await file.stat()
      const hash = createHash('sha256')
      await sink.file(path, (mode & OWNERS) | MODE, bytes, hashed(partOf(file, bytes), hash))
      return { path, bytes, sha256: hash.digest('hex') }
    } finally {
      await file.close()
    }
  },
  addText(path: string, text: string): Promise<void> {
    const body = Buffer.from(text)
    return sink.file(path, MODE, body.length, onePiece(body))
  },
})

async function* onePiece(body: Buffer): AsyncGenerator<Buffer> {
  yield body
}

async function* partOf(file: FileHandle, bytes: number): AsyncGenerator<Buffer> {
  if (bytes === 0) return
  let read = 0
  for await (const piece of file.createReadStream({ end: bytes - 1, autoClose: false, highWaterMark: 256 * 1024 })) {
    read += piece.length
    yield piece
  }
  assert(read === bytes, 'a file that is backed up does not become shorter')
}

export async function* hashed(pieces: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}

async function folderWriter(target: string): Promise<BackupWriter> {
  const draft = `${target}.partial-${process.pid}`
  const folders = new Set([draft])
  await mkdir(draft, { recursive: true, mode: 0o700 })
  const place = async (path: string) => {
    const whole = join(draft, path)
    for (let folder = dirname(whole); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
    await mkdir(dirname(whole), { recursive: true, mode: 0o700 })
    return whole
  }
  return {
    ...addTo({
      file: async (path, mode, _, body) => writeDurably(await place(path), mode, body),
      link: async (path, link) => symlink(link, await place(path)),
    }),
    async finish() {
      for (const folder of folders) await syncFolder(folder)
      await rename(draft, target)
      await syncFolder(dirname(target))
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  }
}

/** A new file, synced. */
export async function writeDurably(path: string, mode: number, body: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    for await (const piece of body) await file.writeFile(piece)
    await file.datasync()
  } finally {
    await file.close()
  }
  // The umask is not asked: executable files of functions stay so.
  await chmod(path, mode)
}

async function tarWriter(target: string): Promise<BackupWriter> {
  const draft = `${target}.partial-${process.pid}`
  const archive = await open(draft, 'wx', MODE)
  return {
    ...addTo({
      async file(path, mode, bytes, body) {
        await archive.writeFile(tarHeader({ path, mode, bytes }))
        for await (const piece of body) await archive.writeFile(piece)
        await archive.writeFile(tarPadding(bytes))
      },
      link: (path, link) => archive.writeFile(tarHeader({ path, mode: MODE, bytes: 0, link })),
    }),
    async finish() {
      await archive.writeFile(tarEnd())
      await archive.sync()
      await archive.close()
      await rename(draft, target)
      await syncFolder(dirname(target))
    },
    async discard() {
      await archive.close().catch(() => {})
      await rm(draft, { force: true })
    },
  }
}

export function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
  throw error
}

export const exists = (path: string): Promise<boolean> =>
  stat(path)
    .then(() => true, undefinedIfMissing)
    .then((found) => found === true)
export const readPieces = (path: string): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: 256 * 1024 })
