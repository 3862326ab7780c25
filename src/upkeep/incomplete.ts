/**
 * A folder that is being made says so itself, in a file of that name, until all of it is there: a server does not start on it,
 * whatever it was that was cut off.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { StartError } from '../base/start-error.ts'

import { INCOMPLETE } from '../data-directory.ts'
import { syncFolder } from '../services/kit/sync-folder.ts'

/** What may be in a folder that counts as empty: the root of a file system has it. */
const NOBODYS = new Set(['lost+found'])

/**
 * Fills an empty or missing folder by `fill`: all of it, or nothing. Throws StartError where the folder has something in it;
 * `doing` says what for: 'restore into'.
 */
export async function fillFolder<T>(folder: string, doing: string, fill: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const there = (await readdir(folder)).filter((name) => !NOBODYS.has(name))
  if (there.includes(INCOMPLETE))
    throw new StartError(`The folder ${folder} was left half-made by what was cut off before. Remove it, and begin again.`)
  if (there.length > 0)
    throw new StartError(`The folder ${folder} is not empty, and nothing in it is overwritten. Name a new one to ${doing}.`)
  await writeFile(join(folder, INCOMPLETE), `What was to ${doing} this folder has not come to its end.\n`, {
    flag: 'wx',
    mode: 0o600,
  })
  try {
    const filled = await fill()
    await syncFolder(folder)
    await rm(join(folder, INCOMPLETE))
    await syncFolder(folder)
    return filled
  } catch (error) {
    for (const name of await readdir(folder))
      if (!NOBODYS.has(name) && name !== INCOMPLETE) await rm(join(folder, name), { recursive: true, force: true })
    await rm(join(folder, INCOMPLETE), { force: true })
    throw error
  }
}
