/**
 * The data folder, as it lies on the disk: it and all that is in it belong to its owner alone, whatever the umask. The files that
 * name themselves in the clear (databases, lock) are made before anybody opens them, because SQLite gives its -wal and -shm the
 * mode of the database. What an older Regente left open to others is shut at the next start.
 * Windows has no such modes; there the folder is as safe as the one that it lies in.
 */
import { chmod, mkdir, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Log } from './base/log.ts'
import { StartError } from './base/start-error.ts'

const FILES = ['regente.lock', 'regente.sqlite', 'local.sqlite']
/** Ours, and nothing else: the folder may be one that holds other things too. */
const OURS = /^(?:(?:regente|local)\.(?:lock|sqlite)(?:-\w+)?|[\w-]+\.key|s3|lambda|dynamodb|spool|mailbox)$/
const OTHERS = 0o077
const STICKY = 0o1000

/** Makes the folder and shuts it. A folder that is not ours to shut (another's, `/tmp`) is told. Throws StartError. */
export async function openDataDirectory(directory: string, log: Log): Promise<void> {
  try {
    await makeFolder(directory)
    if (process.platform !== 'win32') await shutOut(directory, log)
    for (const name of FILES) await (await open(join(directory, name), 'a', 0o600)).close()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`The data folder cannot be used: ${reason}. Name another folder with --data.`, { cause: error })
  }
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
