/**
 * Moves definitions and executions from one store to another: a data folder, a PostgreSQL database, or an NDJSON file. All of it, or
 * nothing: a target is none until all is in it. A store that was moved away says so itself, so that no two carry on one execution.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { StartError } from '../base/start-error.ts'
import { hidePassword } from '../base/url-password.ts'

import { isPostgresUrl } from '../store/postgres/address.ts'
import type { PostgresSource } from '../store/postgres/transfer.ts'
import { openSqliteSource, openSqliteTarget } from '../store/sqlite/transfer.ts'
import { TABLE_NAMES, type TableName, type TransferSource, type TransferTarget } from '../store/transfer.ts'

import { checkNotMoved, checkWhole, MOVED } from '../data-directory.ts'

import { exists } from './backup-writer.ts'
import { fillFolder } from './incomplete.ts'
import { openNdjsonSource, openNdjsonTarget } from './ndjson.ts'

export interface MoveOptions {
  /** A data folder, `postgres://…`, or a file that ends in `.ndjson`. */
  readonly from: string
  readonly to: string
  /** Executions that have closed too. */
  readonly withClosed: boolean
  /** Told now and then: rows so far. */
  readonly progress?: (rows: number) => void
}

/** Rows that were moved, by table. */
export type Moved = Readonly<Record<TableName, number>>

/** A store at one end of a move. */
interface Place {
  openSource(): Promise<TransferSource>
  /** All of `fill`, or nothing. */
  fill(fill: (target: TransferTarget) => Promise<void>): Promise<void>
  /** Says that all that was there goes on elsewhere. */
  leave(to: string): Promise<void>
  /** Takes that back. */
  stay(): Promise<void>
}

/** Throws StartError: a server uses the source, or the target is not empty, or one of them cannot be read. */
export async function move({ from, to, withClosed, progress = () => {} }: MoveOptions): Promise<Moved> {
  if (from === to || resolve(from) === resolve(to)) throw new StartError('Nothing is moved: both places are the same.')
  const [source, target] = [placeOf(from), placeOf(to)]
  const opened = await source.openSource()
  const moved: Record<TableName, number> = { ...NONE }
  try {
    await target.fill(async (into) => {
      let rows = 0
      for await (const part of opened.parts(withClosed)) {
        await into.write(part)
        moved[part.table] += part.rows.length
        rows += part.rows.length
        progress(rows)
      }
      // An export leaves the store as it is; what was moved into another store goes on there, and nowhere else.
      if (!isFile(to)) await source.leave(to)
      await into.finish()
    })
  } catch (error) {
    await source.stay()
    throw error
  } finally {
    await opened.close()
  }
  return moved
}

const NONE = Object.fromEntries(TABLE_NAMES.map((name) => [name, 0])) as Record<TableName, number> // all names are there

const isFile = (name: string): boolean => name.endsWith('.ndjson')

function placeOf(name: string): Place {
  if (isPostgresUrl(name)) return databasePlace(name)
  return isFile(name) ? filePlace(name) : folderPlace(resolve(name))
}

/** The driver is loaded only here. */
function databasePlace(url: string): Place {
  let opened: PostgresSource | undefined
  let isLeft = false
  return {
    async openSource() {
      const { openPostgresSource } = await import('../store/postgres/transfer.ts')
      opened = await openPostgresSource(url)
      return opened
    },
    async fill(fill) {
      const { openPostgresTarget } = await import('../store/postgres/transfer.ts')
      await filled(await openPostgresTarget(url), fill)
    },
    async leave() {
      isLeft = true
      await opened?.leave()
    },
    async stay() {
      if (isLeft) await opened?.stay()
    },
  }
}

function filePlace(file: string): Place {
  return {
    openSource: () => openNdjsonSource(file),
    fill: async (fill) => filled(await openNdjsonTarget(file), fill),
    async leave() {},
    async stay() {},
  }
}

function folderPlace(directory: string): Place {
  let isLeft = false
  return {
    async openSource() {
      if (!(await exists(join(directory, 'regente.sqlite')))) throw new StartError(`There is no data of Regente in ${directory}.`)
      await checkWhole(directory)
      await checkNotMoved(directory)
      return openSqliteSource(directory)
    },
    fill: (fill) => fillFolder(directory, 'move into', async () => filled(openSqliteTarget(directory), fill)),
    async leave(to) {
      isLeft = true
      await writeFile(join(directory, MOVED), `Moved to ${hidePassword(to)} at ${new Date().toISOString()}.\n`, {
        mode: 0o600,
        flush: true,
      })
    },
    async stay() {
      if (isLeft) await rm(join(directory, MOVED), { force: true })
    },
  }
}

async function filled(target: TransferTarget, fill: (target: TransferTarget) => Promise<void>): Promise<void> {
  try {
    await fill(target)
  } catch (error) {
    await target.abandon()
    throw error
  }
}
