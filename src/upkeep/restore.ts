/**
 * A backup made a data folder again: all of it, or nothing. Every file is compared with what the backup says of it, and the databases
 * are checked, before a server may start on the folder.
 */
import { createHash } from 'node:crypto'
import { opendir, readFile, readlink, rm, stat, symlink, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { StartError } from '../base/start-error.ts'

import { Database } from '../sqlite/database.ts'
import { versionOfFile } from '../sqlite/migrations.ts'
import { syncFolder } from '../services/kit/sync-folder.ts'
import { segmentFiles } from '../services/s3/segment-files.ts'
import { MIGRATIONS } from '../store/sqlite/migrations.ts'

import { hashed, readPieces, undefinedIfMissing, writeDurably } from './backup-writer.ts'
import type { BackupReport } from './backup.ts'
import { fillFolder } from './incomplete.ts'
import { type BackupEntry, faultOf, MANIFEST } from './manifest.ts'
import { readTar, type TarEntry, TarError } from './tar.ts'

/** What a backup may hold, and nothing that leads out of the folder. */
const OURS = /^(?:regente\.sqlite|local\.sqlite|[\w-]+\.key|(?:s3\/objects|lambda|mailbox|dynamodb)\/.+|backup\.ndjson)$/

type Found = Omit<TarEntry, 'bytes'> & { readonly body: AsyncIterable<Buffer> }

/** `source`: a folder or a tar archive that `backUp` has made. Throws StartError: the source is no whole backup, or the folder not empty. */
export function restore(source: string, directory: string): Promise<BackupReport> {
  return fillFolder(directory, 'restore into', async () => {
    const found = new Map<string, BackupEntry>()
    const manifest = await unpack(source, directory, found)
    const fault = faultOf(manifest, found)
    if (fault !== undefined) throw refusal(source, fault)
    for (const path of ['regente.sqlite', 'local.sqlite']) if (found.has(path)) checkDatabase(source, join(directory, path))
    if (found.has('local.sqlite')) await removeUnnamed(directory, found)
    return { files: found.size, bytes: [...found.values()].reduce((sum, entry) => sum + ('bytes' in entry ? entry.bytes : 0), 0) }
  })
}

const refusal = (source: string, why: string, cause?: unknown): StartError =>
  new StartError(`${source} cannot be restored: ${why}. Nothing was changed; take another backup.`, { cause })

/** The text of the manifest. Symbolic links are made last, so that no file is written through one. */
async function unpack(source: string, directory: string, found: Map<string, BackupEntry>): Promise<string | undefined> {
  const links: { readonly path: string; readonly link: string }[] = []
  const folders = new Set([directory])
  let manifest: string | undefined
  try {
    for await (const { path, mode, link, body } of await entriesOf(source)) {
      if (!OURS.test(path) || path.split('/').some((part) => part === '..' || part === '.'))
        throw new TarError(`it holds ${path}`)
      if (link !== undefined) {
        links.push({ path, link })
        found.set(path, { path, link })
        continue
      }
      const whole = join(directory, path)
      for (let folder = dirname(whole); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
      await mkdir(dirname(whole), { recursive: true, mode: 0o700 })
      const hash = createHash('sha256')
      await writeDurably(whole, (mode & 0o700) | 0o600, hashed(body, hash))
      if (path === MANIFEST) {
        manifest = await readFile(whole, 'utf8')
        await rm(whole)
      } else found.set(path, { path, bytes: (await stat(whole)).size, sha256: hash.digest('hex') })
    }
  } catch (error) {
    if (error instanceof TarError) throw refusal(source, error.message, error)
    throw error
  }
  for (const { path, link } of links) {
    await mkdir(dirname(join(directory, path)), { recursive: true, mode: 0o700 })
    await symlink(link, join(directory, path))
  }
  for (const folder of folders) await syncFolder(folder)
  return manifest
}

async function entriesOf(source: string): Promise<AsyncIterable<Found>> {
  const found = await stat(source).catch(undefinedIfMissing)
  if (found === undefined) throw new StartError(`There is no backup at ${source}.`)
  return found.isDirectory() ? filesOf(source, '') : readTar(readPieces(source))
}

async function* filesOf(source: string, folder: string): AsyncGenerator<Found> {
  for await (const child of await opendir(join(source, folder))) {
    const path = folder === '' ? child.name : `${folder}/${child.name}`
    const whole = join(source, path)
    if (child.isDirectory()) yield* filesOf(source, path)
    else if (child.isSymbolicLink()) yield { path, mode: 0, link: await readlink(whole), body: nothing() }
    else yield { path, mode: (await stat(whole)).mode, body: readPieces(whole) }
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

function checkDatabase(source: string, file: string): void {
  const database = new Database(file)
  try {
    const told = database.prepareValue<[], string>('PRAGMA integrity_check').all()
    if (told.length !== 1 || told[0] !== 'ok')
      throw refusal(source, `its database ${file} is damaged: ${told.slice(0, 3).join('; ')}`)
    const version = file.endsWith('regente.sqlite') ? versionOfFile(database).read() : 0
    if (version > MIGRATIONS.length)
      throw refusal(
        source,
        `it was made by a newer Regente (schema ${version}; this one knows ${MIGRATIONS.length}): update Regente`,
      )
  } finally {
    database.close()
  }
}

/** Objects that were removed while the backup was made are in it, and nothing names them. */
async function removeUnnamed(directory: string, found: ReadonlyMap<string, BackupEntry>): Promise<void> {
  const database = new Database(join(directory, 'local.sqlite'))
  try {
    const named = new Set(segmentFiles(database))
    for (const path of found.keys())
      if (path.startsWith('s3/objects/') && !named.has(path)) await rm(join(directory, path), { force: true })
  } finally {
    database.close()
  }
}
