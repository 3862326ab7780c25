/**
 * The outcomes of the cases of one file that say `snapshot: true`, kept beside it as `__snapshots__/NAME.json`. What is missing is made,
 * except where nobody would see it (in CI): there it fails.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { deepEqual, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { diffOf } from './compare.ts'
import { messageOf } from '../kit-error.ts'

export interface SnapshotOptions {
  /** What is kept is written anew. */
  readonly update: boolean
  /** What is missing fails. */
  readonly isCi: boolean
}

export interface SnapshotProblem {
  readonly message: string
  readonly hint?: string
  readonly diff?: readonly string[]
}

export class Snapshots {
  readonly path: string
  readonly #options: SnapshotOptions
  readonly #kept: Map<string, Json>
  readonly #asked = new Set<string>()
  #isChanged = false

  private constructor(path: string, kept: JsonObject, options: SnapshotOptions) {
    this.path = path
    this.#options = options
    this.#kept = new Map(Object.entries(kept))
  }

  /** Rejects with an Error where what is kept is no JSON object. */
  static async open(suiteFile: string, options: SnapshotOptions): Promise<Snapshots> {
    const path = join(dirname(suiteFile), '__snapshots__', `${basename(suiteFile)}.json`)
    const text = await readFile(path, 'utf8').catch(() => '{}')
    try {
      const kept: unknown = JSON.parse(text)
      if (isObject(kept)) return new Snapshots(path, kept, options)
    } catch (error) {
      if (!options.update) throw new Error(`${path} is no JSON: ${messageOf(error)}. Mend it, or remove it.`)
    }
    return new Snapshots(path, {}, options)
  }

  /** Undefined where the outcome is what is kept, or is kept now. */
  compare(name: string, outcome: Json): SnapshotProblem | undefined {
    this.#asked.add(name)
    const kept = this.#kept.get(name)
    if (kept !== undefined && deepEqual(kept, outcome)) return undefined
    if (kept !== undefined && !this.#options.update)
      return {
        message: 'What comes of it is not what is kept.',
        diff: diffOf(kept, outcome),
        hint: 'Where it is right as it is now: regente test --update',
      }
    if (kept === undefined && this.#options.isCi && !this.#options.update)
      return {
        message: `Nothing is kept of it in ${this.path}.`,
        hint: 'In CI nothing is made. Run it elsewhere, and commit the file.',
      }
    this.#kept.set(name, outcome)
    this.#isChanged = true
    return undefined
  }

  /** Writes what is new. `isWhole`: all cases were run, so what none has asked for is of no case any more. */
  async close(isWhole: boolean): Promise<void> {
    if (this.#options.update && isWhole)
      for (const name of this.#kept.keys()) if (!this.#asked.has(name)) this.#isChanged = this.#kept.delete(name)
    if (!this.#isChanged) return
    if (this.#kept.size === 0) return await rm(this.path, { force: true })
    await mkdir(dirname(this.path), { recursive: true })
    await writeFile(this.path, `${JSON.stringify(Object.fromEntries(this.#kept), null, 2)}\n`)
  }
}
