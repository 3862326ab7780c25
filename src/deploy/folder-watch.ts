/**
 * Watches files and folders that may come and go: what is removed and made anew is seen again, as is what is not there yet.
 *
 * 1. A file is watched through its folder: editors replace files, and a watch on a replaced file is deaf.
 * 2. A folder is watched folder by folder, without what is no code (`ignored-paths.ts`); so is the one above it, which tells
 *    when it is made anew. Of what is not there, the nearest folder that is.
 * 3. A folder that was removed or renamed loses its watch at once, for a new one of its name is another folder.
 * 4. What happens before a watch is there is a change, too: files that were written since then are looked for, and a folder
 *    that is made anew is told once more when it is watched.
 * 5. One look at a time: an earlier one that ended later would close what the later one has opened.
 */
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'

import { isDataFolder, isIgnoredName } from './ignored-paths.ts'

export interface FolderWatchOptions {
  /** `path`: what has changed, absolute. */
  readonly onChange: (path: string) => void
  /** What cannot be watched (the system has no watches left). The rest is. */
  readonly onError: (error: unknown) => void
  /** Absolute. */
  readonly excluded: readonly string[]
}

/** Which changes of a folder count: those of the names, or all. */
type Names = ReadonlySet<string> | 'all'

export class FolderWatch {
  readonly #options: FolderWatchOptions
  readonly #watchers = new Map<string, FSWatcher>()
  #paths: readonly string[] = []
  /** The look that is under way, and the one that waits for it. */
  #looking: Promise<unknown> = Promise.resolve()
  #next: Promise<boolean> | undefined
  #wanted: ReadonlyMap<string, Names> = new Map()
  #isClosed = false
  #isTold = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /**
   * These from now on, absolute, instead of those before. Resolves when all that is there is watched. `since`, in epoch
   * milliseconds: files that were written from then on are a change.
   */
  async follow(paths: readonly string[], since = Number.POSITIVE_INFINITY): Promise<void> {
    this.#paths = paths
    await this.#look()
    if (since === Number.POSITIVE_INFINITY) return
    for (const path of await this.#writtenSince(since)) if (!this.#isClosed) this.#options.onChange(path)
  }

  close(): void {
    this.#isClosed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** Whether a folder is watched that was not before. */
  #look(): Promise<boolean> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined
      return this.#lookNow()
    })
    this.#looking = this.#next
    return this.#next
  }

  async #lookNow(): Promise<boolean> {
    const wanted = new Map<string, Names>()
    for (const path of this.#paths) await this.#want(path, wanted)
    if (this.#isClosed) return false
    this.#wanted = wanted
    for (const folder of this.#watchers.keys()) if (!wanted.has(folder)) this.#drop(folder)
    const missing = [...wanted.keys()].filter((folder) => !this.#watchers.has(folder))
    for (const folder of missing) this.#open(folder)
    return missing.length > 0
  }

  async #writtenSince(since: number): Promise<readonly string[]> {
    const written: string[] = []
    for (const [folder, names] of this.#wanted) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
      for (const entry of entries) {
        const counts = names === 'all' ? !isIgnoredName(entry.name, basename(folder)) : names.has(entry.name)
        if (entry.isDirectory() || !counts) continue
        const path = join(folder, entry.name)
        const status = await stat(path).catch(() => undefined)
        if (status !== undefined && status.ctimeMs >= since) written.push(path)
      }
    }
    return written
  }

  async #want(path: string, wanted: Map<string, Names>): Promise<void> {
    const isFolder = await isDirectory(path)
    if (isFolder) for (const folder of await this.#foldersIn(path)) wanted.set(folder, 'all')
    let [above, name] = [dirname(path), basename(path)]
    while (!(await isDirectory(above)) && dirname(above) !== above) [above, name] = [dirname(above), basename(above)]
    const names = wanted.get(above)
    if (names !== 'all') wanted.set(above, new Set([...(names ?? []), name]))
  }

  /** Packages are not looked into: they change when their folder does. */
  async #foldersIn(folder: string): Promise<readonly string[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const inner = entries.filter((entry) => entry.isDirectory() && !isIgnoredName(entry.name, basename(folder)))
    const found = [folder]
    if (basename(folder) === 'node_modules') return found
    for (const { name } of inner) {
      const path = join(folder, name)
      if (!(await isDataFolder(path, this.#options.excluded))) found.push(...(await this.#foldersIn(path)))
    }
    return found
  }

  #open(folder: string): void {
    try {
      const watcher = watchFolder(folder, (event, name) => this.#onEvent(folder, event, name))
      watcher.on('error', () => this.#drop(folder))
      this.#watchers.set(folder, watcher)
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isGone && !this.#isTold) this.#options.onError(error)
      this.#isTold ||= !isGone
    }
  }

  #drop(folder: string): void {
    for (const [other, watcher] of this.#watchers) {
      if (other !== folder && !other.startsWith(`${folder}${sep}`)) continue
      watcher.close()
      this.#watchers.delete(other)
    }
  }

  #onEvent(folder: string, event: string, name: string | null): void {
    if (this.#isClosed) return
    const path = name === null ? folder : join(folder, name)
    if (event === 'rename') {
      // The folder itself goes under its own name.
      this.#drop(name === null || name === basename(folder) ? folder : join(folder, name))
      void this.#look().then((isOpened) => {
        if (isOpened && !this.#isClosed) this.#options.onChange(path)
      })
    }
    const names = this.#wanted.get(folder)
    const counts = names === 'all' ? name === null || !isIgnoredName(name, basename(folder)) : name === null || names?.has(name)
    if (counts === true && !this.#options.excluded.includes(path)) this.#options.onChange(path)
  }
}

const isDirectory = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true
