/** Compiled programs by revision: each is compiled once while it is in use. Bounded; the oldest goes first. */
import { assert } from '../base/assert.ts'

import { compileDefinition } from '../asl/compile.ts'
import type { Program } from '../asl/program.ts'

import type { RevisionRecord, Store } from '../store/contract.ts'

const PROGRAMS_MAX = 500

export class Programs {
  readonly #byRevision = new Map<number, Program>()
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  of(revision: RevisionRecord): Program {
    const known = this.#byRevision.get(revision.key)
    if (known) return known
    const compiled = compileDefinition(revision.definition)
    assert(compiled.ok, `revision ${revision.key} was checked when it was made`)
    const oldest = this.#byRevision.keys().next()
    if (this.#byRevision.size >= PROGRAMS_MAX && !oldest.done) this.#byRevision.delete(oldest.value)
    this.#byRevision.set(revision.key, compiled.value)
    return compiled.value
  }

  async ofKey(revisionKey: number): Promise<Program> {
    const known = this.#byRevision.get(revisionKey)
    if (known) return known
    const revision = await this.#store.revision(revisionKey)
    assert(revision, `revision ${revisionKey} is kept as long as an execution runs it`)
    return this.of(revision)
  }
}
