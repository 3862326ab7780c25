/**
 * Compiled programs by revision: each is compiled once while it is in use, slice by slice, for a definition may take a
 * second. Bounded; the oldest goes first.
 */
import { assert } from '../base/assert.ts'
import type { RevisionKey } from '../base/ids.ts'
import { type Breathe, inSlices } from '../base/breather.ts'

import { compileSlices } from '../asl/compile.ts'
import type { Program } from '../asl/program.ts'

import type { RevisionRecord, Store } from '../store/contract.ts'
import { withParameterChecks } from '../tasks/api-models/checked-program.ts'

const PROGRAMS_MAX = 500

/** What an execution needs of the revision that it runs. */
export interface Runnable {
  readonly program: Program
  readonly roleArn: string
  readonly loggingConfiguration: string | undefined
}

export class Programs {
  readonly #byRevision = new Map<RevisionKey, Promise<Runnable>>()
  readonly #store: Pick<Store, 'revision'>
  readonly #breathe: Breathe

  constructor(store: Pick<Store, 'revision'>, breathe: Breathe) {
    this.#store = store
    this.#breathe = breathe
  }

  async of(revision: RevisionRecord): Promise<Program> {
    return (await this.#once(revision.key, () => this.#compile(revision))).program
  }

  async ofKey(revisionKey: RevisionKey): Promise<Program> {
    return (await this.runnable(revisionKey)).program
  }

  runnable(revisionKey: RevisionKey): Promise<Runnable> {
    return this.#once(revisionKey, async () => {
      const revision = await this.#store.revision(revisionKey)
      assert(revision, `revision ${revisionKey} is kept as long as an execution runs it`)
      return this.#compile(revision)
    })
  }

  /** Whoever asks while it is being compiled waits for the same; what could not be made is asked for again. */
  #once(revisionKey: RevisionKey, make: () => Promise<Runnable>): Promise<Runnable> {
    const known = this.#byRevision.get(revisionKey)
    if (known) return known
    const made = make()
    const oldest = this.#byRevision.keys().next()
    if (this.#byRevision.size >= PROGRAMS_MAX && !oldest.done) this.#byRevision.delete(oldest.value)
    this.#byRevision.set(revisionKey, made)
    made.catch(() => this.#byRevision.delete(revisionKey))
    return made
  }

  async #compile({ key, definition, roleArn, loggingConfiguration }: RevisionRecord): Promise<Runnable> {
    const compiled = await inSlices(compileSlices(definition), this.#breathe)
    assert(compiled.ok, `revision ${key} was checked when it was made`)
    return { program: withParameterChecks(compiled.value), roleArn, loggingConfiguration }
  }
}
