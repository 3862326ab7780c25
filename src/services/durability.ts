/**
 * Makes what is answered safe against a power cut. Commits to the local database do not wait for the disk (synchronous=NORMAL:
 * each would hold the event loop for as long as the disk takes, 1 to 60 ms measured); instead an answer is held back until the
 * write-ahead log has been synced, off the event loop, once for all who wait. SQLite itself syncs the log before it moves pages
 * on, so a log that is on the disk up to here holds everything that was committed up to here.
 */
import type { ServerResponse } from 'node:http'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { integer } from '../sqlite/row.ts'
import type { Statement } from '../sqlite/statement.ts'

import type { ServicesDatabase } from './kit/database.ts'
import { syncFolder } from './kit/sync-folder.ts'

export class Durability {
  readonly #log: string
  readonly #database: ServicesDatabase
  readonly #count: Statement<[], number>
  /** How much had been changed when so many statements had been run. */
  #counted = { writes: -1, changes: 0 }
  #file: Promise<FileHandle> | undefined
  #synced = 0
  #underWay: { readonly changes: number; readonly done: Promise<void> } | undefined
  /** The sync after the one that is under way: for all who have come since that began. */
  #next: Promise<void> | undefined

  /** `log`: the -wal file of the database. */
  constructor(database: ServicesDatabase, log: string) {
    this.#log = log
    this.#database = database
    this.#count = database.prepareValue('SELECT total_changes()', integer)
  }

  /** Resolves when all that has been committed is on the disk; undefined where it is already. */
  sync(): Promise<void> | undefined {
    const changes = this.#changes()
    if (changes === this.#synced) return undefined
    if (this.#underWay === undefined) return this.#start(changes)
    if (this.#underWay.changes === changes) return this.#underWay.done
    this.#next ??= this.#underWay.done
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#start(this.#changes())
      })
    return this.#next
  }

  #changes(): number {
    const { writes } = this.#database
    if (this.#counted.writes !== writes) this.#counted = { writes, changes: this.#count.get() ?? 0 }
    return this.#counted.changes
  }

  #start(changes: number): Promise<void> {
    const done = this.#run(changes).finally(() => {
      this.#underWay = undefined
    })
    this.#underWay = { changes, done }
    return done
  }

  async #run(changes: number): Promise<void> {
    await (await this.#open()).datasync()
    this.#synced = changes
  }

  #open(): Promise<FileHandle> {
    this.#file ??= openInFolder(this.#log).catch((error: unknown) => {
      this.#file = undefined
      throw error
    })
    return this.#file
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#underWay?.done)?.catch(() => {})
    await (await this.#file?.catch(() => undefined))?.close()
  }
}

async function openInFolder(path: string): Promise<FileHandle> {
  const file = await open(path, 'r+')
  await syncFolder(dirname(path))
  return file
}

/** Holds back the end of an answer until `sync` is done. Where that fails nothing was promised: the connection is cut. */
export function holdAnswer(res: ServerResponse, sync: () => Promise<void> | undefined): void {
  const end = res.end.bind(res) as (...parts: unknown[]) => ServerResponse
  res.end = ((...parts: unknown[]): ServerResponse => {
    const synced = sync()
    if (synced === undefined) return end(...parts)
    synced.then(
      () => end(...parts),
      () => res.destroy(),
    )
    return res
  }) as ServerResponse['end']
}
