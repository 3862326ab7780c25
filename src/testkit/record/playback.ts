/**
 * Takes a recorded execution again: its input, its answers and its times, through a definition. Where the definition asks what
 * nobody was asked then, it stops: what it would be answered is not known.
 *
 * 1. An answer takes as long as it took: what was faster then is so again.
 * 2. Children of a Map Run are known by their inputs: in which order they began says nothing.
 */
import type { Json } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import type { RunStatus } from '../../engine/state.ts'

import { clock } from '../clock.ts'
import type { DefinitionSource } from '../definition.ts'
import { mock, type Mock, type MockedCall } from '../mock.ts'
import type { Run } from '../run.ts'
import { TestKitError } from '../kit-error.ts'
import { workflow } from '../workflow.ts'
import { type RecordedCall, type Recording, UNKNOWN_RESOURCE } from './recording.ts'

/** What a recorded execution comes to in a definition. */
export interface Outcome {
  readonly status: RunStatus
  readonly output: Json | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
  /** Paths of the states in the order in which they were entered. */
  readonly path: readonly string[]
  /** Why it could not go on to its end; undefined where it could. */
  readonly stop: Stop | undefined
  /** What each call asked, by path, in their order. */
  readonly asked: ReadonlyMap<string, readonly Json[]>
}

export type Stop =
  /** `new`: this state has called nothing; `resource`: it has called another thing; `more`: it has called less often. */
  | {
      readonly kind: 'unrecorded'
      readonly why: 'new' | 'resource' | 'more'
      readonly path: string
      readonly resource: string
      /** Of the recording: what was called, and how often. */
      readonly recorded: string | undefined
      readonly times: number
    }
  /** It is waited for longer than it was, and what it would have been answered nobody knows. */
  | { readonly kind: 'unanswered'; readonly path: string; readonly ms: number }
  /** It does not come to an end. */
  | { readonly kind: 'endless'; readonly reason: string }
  | { readonly kind: 'untold'; readonly path: string }

class Stopped extends TestKitError {
  readonly stop: Stop

  constructor(stop: Stop) {
    super(stop.kind)
    this.stop = stop
  }
}

/** Timers of AWS are as exact as this. */
const TIMEOUT_SLACK_MS = 1_000
/** What ended it may come later here: a retry with another jitter. */
const ABORT_SLACK_MS = 3_600_000
/** A worker sends its heartbeats before they are due. */
const HEARTBEAT_SHARE = 0.9

/** `objects`: what distributed Maps read, by bucket and key. Rejects with TestKitError where the definition is none. */
export async function play(
  recording: Recording,
  source: DefinitionSource,
  objects: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Outcome> {
  const { type, name, input, startedAt } = recording
  const { status, ms, error, cause } = recording.expect
  const answers = new RecordedAnswers(recording)
  const wf = await workflow({
    ...source,
    type,
    mocks: { '*': mock.pick((parameters, call) => answers.answer(parameters, call)) },
    validateMocks: 'NONE',
    clock: status === 'ABORTED' ? clock.manual(startedAt) : clock.virtual(startedAt),
  })
  for (const bucket of bucketsIn(wf.definition)) wf.putObject(`${bucket}/.keep`, '')
  for (const [key, body] of Object.entries(objects)) wf.putObject(key as `${string}/${string}`, body)
  try {
    const run = await wf.start(input, { name: executionName(name) })
    answers.run = run
    const stop = await stopOf(async () => {
      if (status !== 'ABORTED') return void (await run.done())
      await run.advance(ms)
      if (run.status === 'RUNNING') await run.stop(error, cause)
    })
    return { ...outcomeOf(run, answers), stop }
  } finally {
    await wf.close()
  }
}

/** A recording that was made of a file has the file's name. */
const executionName = (name: string): string => name.replaceAll(/[^\w-]/g, '-').slice(0, 80) || 'recorded'

async function stopOf(go: () => Promise<void>): Promise<Stop | undefined> {
  try {
    await go()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Stopped) return thrown.stop
    if (thrown instanceof TestKitError) return { kind: 'endless', reason: thrown.message }
    throw thrown
  }
}

function outcomeOf(run: Run, answers: RecordedAnswers): Omit<Outcome, 'stop'> {
  const { status, output, error, cause } = run
  const states = run.states().filter(({ path }) => !answers.isUnknown(path))
  for (const { path, input } of states) answers.claim(path, input)
  return { status, output, error, cause, path: states.map(({ path }) => answers.recordedPath(path)), asked: answers.asked }
}

/** Whose bucket is there, without an object in it: where a Map writes its results. */
const bucketsIn = (definition: string): ReadonlySet<string> =>
  new Set([...definition.matchAll(/"Bucket"\s*:\s*"([\w.-]+)"/g)].map(([, bucket = '']) => bucket))

class RecordedAnswers {
  readonly asked = new Map<string, Json[]>()
  run: Run | undefined
  readonly #calls: ReadonlyMap<string, readonly RecordedCall[]>
  readonly #children: ReadonlyMap<string, readonly string[]>
  /** Maps whose children's histories were not at hand. */
  readonly #unknown: readonly string[]
  /** Of an item of a Map here: which one it was then. */
  readonly #claims = new Map<string, number>()
  readonly #taken = new Set<string>()

  constructor({ calls, children }: Recording) {
    this.#calls = new Map(Object.entries(calls))
    this.#unknown = Object.keys(children).filter((path) => children[path] === null)
    this.#children = new Map(Object.entries(children).map(([path, inputs]) => [path, inputs?.map(stableJson) ?? []]))
  }

  answer(parameters: Json, call: MockedCall): Mock {
    this.claim(call.path, call.executionInput)
    const path = this.recordedPath(call.path)
    const calls = this.#calls.get(path) ?? []
    const asked = this.asked.get(path) ?? []
    const recorded = calls[asked.length]
    const of = { kind: 'unrecorded', path, resource: call.resource, recorded: calls[0]?.resource, times: calls.length } as const
    if (calls.length === 0) throw new Stopped({ ...of, why: 'new' })
    if (recorded === undefined) throw new Stopped({ ...of, why: 'more' })
    if (!isSame(recorded.resource, call.resource)) throw new Stopped({ ...of, why: 'resource', recorded: recorded.resource })
    asked.push(withoutToken(parameters, call.token))
    this.asked.set(path, asked)
    return this.#mockOf(recorded, path, call)
  }

  #mockOf(recorded: RecordedCall, path: string, call: MockedCall): Mock {
    const { ms, heartbeatSeconds } = recorded
    switch (recorded.outcome) {
      case 'succeeded':
        return after(ms, mock.return(recorded.result), heartbeatSeconds)
      case 'failed':
        return after(ms, { kind: 'throw', error: recorded.error, cause: recorded.cause }, heartbeatSeconds)
      case 'timedOut':
        return after(ms + TIMEOUT_SLACK_MS, this.#stopping({ kind: 'unanswered', path, ms }, call))
      case 'unanswered':
        return after(ms * 2 + ABORT_SLACK_MS, this.#stopping({ kind: 'unanswered', path, ms }, call))
      case 'untold':
        throw new Stopped({ kind: 'untold', path })
    }
  }

  /** Stops where the call is still waited for; where it is not, what it is answered is heard by nobody. */
  #stopping(stop: Stop, call: MockedCall): Mock {
    const { attempt } = call
    return mock.pick(() => {
      const state = this.run?.states(call.path).at(-1)
      const isWaiting = state?.status === 'running' && state.retries === attempt && state.thrown.length === attempt
      if (isWaiting) throw new Stopped(stop)
      return isAnsweredLater(call.resource) ? mock.callback() : mock.throw('States.Timeout')
    })
  }

  /** The path that a state had then. */
  recordedPath(path: string): string {
    const item = this.#itemIn(path)
    const index = item && this.#claims.get(item.whole)
    return item === undefined || index === undefined ? path : `${item.map}[${index}]${path.slice(item.whole.length)}`
  }

  /** The child in which a state is was given `input`: it is the one that was given it then. */
  claim(path: string, input: Json): void {
    const item = this.#itemIn(path)
    if (item === undefined || this.#claims.has(item.whole)) return
    const inputs = this.#children.get(item.map) ?? []
    const wanted = stableJson(input)
    const isFree = (index: number) => !this.#taken.has(`${item.map}[${index}]`)
    const isIt = (index: number) => inputs[index] === wanted && isFree(index)
    const index = isIt(item.index) ? item.index : inputs.findIndex((_, at) => isIt(at))
    const found = index === -1 ? item.index : index
    this.#claims.set(item.whole, found)
    this.#taken.add(`${item.map}[${found}]`)
  }

  /** It is in a child of which nothing is known. */
  isUnknown(path: string): boolean {
    return this.#unknown.some((map) => path.startsWith(`${map}[`))
  }

  /** The item of a distributed Map that a path leads through: the outermost. */
  #itemIn(path: string): { readonly map: string; readonly index: number; readonly whole: string } | undefined {
    for (const map of this.#children.keys()) {
      if (!path.startsWith(`${map}[`)) continue
      const [, index = ''] = /^\[(\d+)\]\//.exec(path.slice(map.length)) ?? []
      if (index !== '') return { map, index: Number(index), whole: `${map}[${index}]` }
    }
    return undefined
  }
}

/** What was said by heartbeats meanwhile is said again: a history does not tell it. */
const after = (ms: number, then: Mock, heartbeatSeconds?: number): Mock => ({
  kind: 'delay',
  ms,
  then,
  ...(heartbeatSeconds !== undefined && { heartbeatMs: heartbeatSeconds * 1_000 * HEARTBEAT_SHARE }),
})

const isAnsweredLater = (resource: string): boolean => /:activity:|\.sync(?::2)?$|\.waitForTaskToken$/.test(resource)

/** Functions and activities are the same by name: accounts and regions differ. */
const isSame = (recorded: string, called: string): boolean => recorded === UNKNOWN_RESOURCE || nameOf(recorded) === nameOf(called)

const nameOf = (resource: string): string =>
  /:(?:function|activity):[^:]+/.exec(resource)?.[0] ?? resource.replace(/^arn:aws[\w-]*:/, 'arn:aws:')

function withoutToken(parameters: Json, token: string | undefined): Json {
  if (token === undefined) return parameters
  return JSON.parse(JSON.stringify(parameters).replaceAll(JSON.stringify(token).slice(1, -1), '<token>')) as Json
}
