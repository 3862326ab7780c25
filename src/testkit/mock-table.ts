/**
 * Which mock answers a call. A name in `mocks` is, from the most to the least particular: a state's path with its indexes (`Each[2]/Ship`), its
 * path (`Each/Ship`), its name (`Ship`), what it calls (`arn:aws:states:::sns:publish`, the ARN or name of a function), or a pattern with
 * `*` over any of these.
 */
import { type Mock, type MockFunction, type MockedCall, toMock } from './mock.ts'
import type { MockFileCase } from './mock-file-case.ts'
import { TestKitError } from './kit-error.ts'

export type Mocks = Readonly<Record<string, Mock | MockFunction>>

interface Entry {
  readonly name: string
  readonly mock: Mock
  readonly pattern: RegExp | undefined
  used: number
}

interface Served {
  /** How many, by mock and path. */
  readonly times: Map<string, number>
  /** By `idempotencyKey`: a call that is made again, after a crash, is answered as it was. */
  readonly answers: Map<string, Mock>
}

export class MockTable {
  readonly #entries: readonly Entry[]
  /** Calls that a sequence has answered, by execution. */
  readonly #served = new Map<string, Served>()

  readonly #file: MockFileCase | undefined

  /** `file` answers what `mocks` say nothing of. Throws TestKitError. */
  constructor(mocks: Mocks, file?: MockFileCase) {
    this.#file = file
    this.#entries = Object.entries(mocks).map(([name, mock]) => ({
      name,
      mock: toMock(mock, `the mock of '${name}'`),
      pattern: /[*?]/.test(name) ? patternOf(name) : undefined,
      used: 0,
    }))
  }

  /** `calls`: by what names the thing that is called is known. Undefined where none is meant. */
  find(call: MockedCall, calls: readonly string[]): Mock | undefined {
    const names = namesOf(call, calls)
    const entry = this.#entryOf(names)
    if (entry === undefined) return this.#file?.find(call)
    entry.used++
    return this.#next(entry, call)
  }

  /** Whether any call is answered here, and not by the service itself. */
  get areAny(): boolean {
    return this.#file !== undefined || this.#entries.some(({ mock }) => mock.kind !== 'real')
  }

  /** Names that nothing has called by. */
  get unused(): readonly string[] {
    return this.#entries.filter(({ used }) => used === 0).map(({ name }) => name)
  }

  /** That execution is over. */
  forget(executionArn: string): void {
    this.#served.delete(executionArn)
  }

  #servedTo(executionArn: string): Served {
    const served = this.#served.get(executionArn) ?? { times: new Map(), answers: new Map() }
    this.#served.set(executionArn, served)
    return served
  }

  #entryOf(names: readonly string[]): Entry | undefined {
    for (const name of names) {
      const exact = this.#entries.find((entry) => entry.pattern === undefined && entry.name === name)
      if (exact) return exact
    }
    const patterns = this.#entries.filter(({ pattern }) => pattern && names.some((name) => pattern.test(name)))
    // The longest says most.
    return patterns.toSorted((a, b) => b.name.length - a.name.length)[0]
  }

  #next({ name, mock }: Entry, call: MockedCall): Mock {
    if (mock.kind !== 'sequence') return mock
    const { times, answers } = this.#servedTo(call.executionArn)
    const known = call.idempotencyKey === undefined ? undefined : answers.get(call.idempotencyKey)
    if (known) return known
    const key = `${name} ${call.path}`
    const served = times.get(key) ?? 0
    times.set(key, served + 1)
    const next = mock.mocks[served]
    if (next) {
      if (call.idempotencyKey !== undefined) answers.set(call.idempotencyKey, next)
      return next
    }
    throw new TestKitError(
      `The mock of '${name}' has ${mock.mocks.length} answers, and ${call.path} called a ${ordinal(served + 1)} time. Add one to mock.sequence(…).`,
    )
  }
}

/** From the most to the least particular. */
function namesOf({ path, state }: MockedCall, calls: readonly string[]): readonly string[] {
  return [...new Set([path, path.replaceAll(/\[\d+\]/g, ''), state, ...calls])]
}

const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

function ordinal(n: number): string {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10
  return `${n}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`
}
