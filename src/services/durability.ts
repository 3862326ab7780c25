/**
 * Makes what is answered safe against a power cut. Commits to the local database do not wait for the disk (synchronous=NORMAL:
 * each would hold the event loop for as long as the disk takes, 1 to 60 ms measured); instead an answer is held back until the
 * write-ahead log has been synced, off the event loop, once for all who wait. SQLite itself syncs the log before it moves pages
 * on, so a log that is on the disk up to here holds everything that was committed up to here.
 */
import type { ServerResponse } from 'node:http'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { ServicesDatabase } from './kit/database.ts'
import { syncFolder } from './kit/sync-folder.ts'

export class Durability {
  readonly #log: string
  readonly #changes: () => number
  #file: Promise<FileHandle> | undefined
  #synced = 0
  #underWay: Promise<void> | undefined
  /** The sync after the one that is under way: for all who have come since that began. */
  #next: Promise<void> | undefined

  /** `log`: the -wal file of the database. */
  constructor(database: ServicesDatabase, log: string) {
    this.#log = log
    const count = database.prepare('SELECT total_changes() AS changes')
    this.#changes = () => (count.get() as { changes: number }).changes
  }

  /** Resolves when all that has been committed is on the disk; undefined where it is already. */
  sync(): Promise<void> | undefined {
    if (this.#changes() === this.#synced) return undefined
    if (this.#underWay === undefined) return this.#start()
    this.#next ??= this.#underWay
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  #start(): Promise<void> {
    this.#underWay = this.#run(this.#changes()).finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
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
    await (this.#next ?? this.#underWay)?.catch(() => {})
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
