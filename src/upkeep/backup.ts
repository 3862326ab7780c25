/**
 * A backup of a data folder, while a server runs on it or not. What was acknowledged before it began is in it.
 * 1. Each database is copied as it was at one moment: a read that stays open while its pages are copied.
 * 2. The moment of the services' database lies after that of the engine's, and both within the same few milliseconds: what the engine
 *    knows to be done, the services have done. What they have done and it does not know of it asks for once more, as after a crash.
 * 3. A file that the services' database names is in the backup: files are written before they are named and never changed, so
 *    they are copied first; what came meanwhile is copied while nobody can commit, which is short, or is tried again.
 */
import { mkdtemp, opendir, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { StartError } from '../base/start-error.ts'

import { Database } from '../sqlite/database.ts'

import { checkWhole } from '../data-directory.ts'

import { type BackupWriter, exists, openBackupWriter, undefinedIfMissing } from './backup-writer.ts'
import { type BackupEntry, MANIFEST, manifestText } from './manifest.ts'

export interface BackupReport {
  readonly files: number
  readonly bytes: number
}

/**
 * Files that have their names when they are whole, and never change: drafts, which have others, are left out. `dynamodb` holds tables
 * of an earlier Regente, until the first start that takes them over.
 */
const LASTING_FOLDERS = ['s3/objects', 'lambda', 'mailbox', 'dynamodb']
const DRAFT = /^\.draft-|\.(?:draft|part)$/
/** Can be made anew from what is there. */
const MADE_ANEW = 'lambda/layers.laid'
/** Commits of the services wait for at most that long, and are tried again then. */
const HELD_MS = 2_000
const TRIES = 20
const PAUSE_MS = 100

/** `target`: a new folder, or a file that ends in `.tar`. Throws StartError. */
export async function backUp(directory: string, target: string): Promise<BackupReport> {
  const wanted = resolve(target)
  if (!(await exists(join(directory, 'regente.sqlite'))) && !(await exists(join(directory, 'local.sqlite'))))
    throw new StartError(`There is no data of Regente in ${directory}. Name its folder with --data.`)
  await checkWhole(directory)
  const children = await readdir(wanted).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return ['a file']
    return undefinedIfMissing(error)
  })
  if (children !== undefined && children.length > 0)
    throw new StartError(`${target} is there already, and nothing is overwritten. Name another file or folder for the backup.`)
  const writer = await openBackupWriter(wanted)
  const drafts = await mkdtemp(join(dirname(wanted), '.regente-backup-'))
  try {
    const entries = new Map<string, BackupEntry>()
    await copyAll(directory, drafts, writer, entries)
    const files = [...entries.values()]
    await writer.addText(MANIFEST, manifestText(new Date(), files))
    await writer.finish()
    return { files: files.length, bytes: files.reduce((sum, entry) => sum + ('bytes' in entry ? entry.bytes : 0), 0) }
  } catch (error) {
    await writer.discard()
    throw error
  } finally {
    await rm(drafts, { recursive: true, force: true })
  }
}

async function copyAll(
  directory: string,
  drafts: string,
  writer: BackupWriter,
  entries: Map<string, BackupEntry>,
): Promise<void> {
  const add = async (path: string, source = join(directory, path)) => {
    const entry = await writer.add(path, source)
    if (entry) entries.set(path, entry)
  }
  /** Files that are not in the backup yet. False: the time was up before all of them were. */
  const addNew = async (until = Number.POSITIVE_INFINITY): Promise<boolean> => {
    for await (const path of lastingFiles(directory)) {
      if (entries.has(path)) continue
      if (performance.now() > until) return false
      await add(path)
    }
    return true
  }

  await addNew()
  const { engine, services } = await momentOf(directory, addNew)
  try {
    for (const [name, database] of [
      ['regente.sqlite', engine],
      ['local.sqlite', services],
    ] as const) {
      if (!database) continue
      const draft = join(drafts, name)
      await database.copyTo(draft)
      await add(name, draft)
    }
  } finally {
    engine?.close()
    services?.close()
  }
  for (const name of await readdir(directory)) if (/^(?:[\w-]+\.key|ca\.pem)$/.test(name)) await add(name)
}

interface Moment {
  readonly engine: Database | undefined
  readonly services: Database | undefined
}

/** Both databases, each within a transaction that has read (1, 2), when `addNew` has all that the services' one names (3). */
async function momentOf(directory: string, addNew: (until?: number) => Promise<boolean>): Promise<Moment> {
  const [enginePath, servicesPath] = [join(directory, 'regente.sqlite'), join(directory, 'local.sqlite')]
  if (!(await exists(servicesPath))) return { engine: await reading(enginePath), services: undefined }
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const holder = new Database(servicesPath)
    let moment: Moment | undefined
    try {
      await addNew()
      holder.exec('BEGIN IMMEDIATE')
      moment = { engine: await reading(enginePath), services: await reading(servicesPath) }
      if (await addNew(performance.now() + HELD_MS)) return moment
    } catch (error) {
      closeMoment(moment)
      throw error
    } finally {
      holder.close()
    }
    closeMoment(moment)
    await sleep(PAUSE_MS)
  }
  throw new StartError('Objects are written faster than they can be backed up. Try again when the server has less to do.')
}

function closeMoment(moment: Moment | undefined): void {
  moment?.engine?.close()
  moment?.services?.close()
}

async function reading(path: string): Promise<Database | undefined> {
  if (!(await exists(path))) return undefined
  const database = new Database(path)
  database.exec('BEGIN')
  database.prepare('SELECT count(*) FROM sqlite_schema').get()
  return database
}

async function* lastingFiles(directory: string): AsyncGenerator<string> {
  for (const folder of LASTING_FOLDERS) yield* filesBelow(directory, folder)
}

async function* filesBelow(directory: string, folder: string): AsyncGenerator<string> {
  const opened = await opendir(join(directory, folder)).catch(undefinedIfMissing)
  if (opened === undefined) return
  for await (const child of opened) {
    const path = `${folder}/${child.name}`
    if (isDraft(folder, child.name) || path === MADE_ANEW) continue
    if (child.isDirectory()) yield* filesBelow(directory, path)
    else if (child.isFile() || child.isSymbolicLink()) yield path
  }
}

/** A package of code may hold any names: what has one of a draft in it is none. */
const isDraft = (folder: string, name: string): boolean => folder.split('/').length < 3 && DRAFT.test(name)
