/**
 * The data folder, as it lies on the disk: it and all that is in it belong to its owner alone, whatever the umask. The files that
 * name themselves in the clear (databases, lock) are made before anybody opens them, because SQLite gives its -wal and -shm the
 * mode of the database. What an older Regente left open to others is shut at the next start.
 * Windows has no such modes; there the folder is as safe as the one that it lies in.
 */
import { access, chmod, mkdir, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Log } from './base/log.ts'
import { StartError } from './base/start-error.ts'

/** A file that is there as long as a folder is being made out of something else (`upkeep/incomplete.ts`). */
export const INCOMPLETE = 'incomplete'

/** A file that is there when all that was in the folder goes on elsewhere (`upkeep/move.ts`). */
export const MOVED = 'moved'

const FILES = ['regente.lock', 'regente.sqlite', 'local.sqlite']
/** Ours, and nothing else: the folder may be one that holds other things too. */
const OURS =
  /^(?:(?:regente|local)\.(?:lock|sqlite)(?:-\w+)?|[\w-]+\.key|ca\.pem|incomplete|moved|s3|lambda|dynamodb|spool|mailbox)$/
const OTHERS = 0o077
const STICKY = 0o1000

/** Makes the folder and shuts it. A folder that is not ours to shut (another's, `/tmp`) is told. Throws StartError. */
export async function openDataDirectory(directory: string, log: Log): Promise<void> {
  await checkWhole(directory)
  try {
    await makeFolder(directory)
    if (process.platform !== 'win32') await shutOut(directory, log)
    for (const name of FILES) await (await open(join(directory, name), 'a', 0o600)).close()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`The data folder cannot be used: ${reason}. Name another folder with --data.`, { cause: error })
  }
}

/** Throws StartError where a folder is being made of something else, or that was cut off. */
export async function checkWhole(directory: string): Promise<void> {
  if (!(await isThere(join(directory, INCOMPLETE)))) return
  throw new StartError(
    `The data folder ${directory} is not whole: a restore or a move into it has not come to its end. Where it is over, remove the folder and begin again.`,
  )
}

/** Throws StartError where the executions of the folder go on elsewhere: they would be carried on twice. */
export async function checkNotMoved(directory: string): Promise<void> {
  const told = await readFile(join(directory, MOVED), 'utf8').catch(() => undefined)
  if (told === undefined) return
  throw new StartError(
    `The executions of the data folder ${directory} go on elsewhere: ${told.trim()} To carry them on here all the same, remove the file ${join(directory, MOVED)}.`,
  )
}

/** As mkdir with `recursive`, which never ends where a folder can be in none of its parents, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' && (await isFolder(path))) return
    if (code !== 'ENOENT' || (await isFolder(dirname(path)))) throw error
    await makeFolder(dirname(path))
    await makeFolder(path)
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

async function shutOut(directory: string, log: Log): Promise<void> {
  const { mode } = await stat(directory)
  if ((mode & OTHERS) === 0) return
  try {
    for (const name of await readdir(directory)) if (OURS.test(name)) await tighten(join(directory, name))
    if ((mode & STICKY) !== 0) throw new Error('it belongs to everybody')
    await chmod(directory, 0o700)
  } catch (error) {
    log.warn('the data folder stays open to other users of this machine', { directory, error: String(error) })
  }
}

/** From the leaves up, so that what is shut needs no second look. */
async function tighten(path: string): Promise<void> {
  const { mode } = await stat(path)
  const children = (mode & 0o170000) === 0o040000 ? await readdir(path, { withFileTypes: true }) : []
  for (const child of children) if (!child.isSymbolicLink()) await tighten(join(path, child.name))
  if ((mode & OTHERS) !== 0) await chmod(path, mode & 0o700)
}
