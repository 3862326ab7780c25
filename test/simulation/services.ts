/**
 * The services that tasks call, scripted: what a call does follows from its parameters alone, so that it is the same
 * whenever and however often it is made. They live outside the process: a crash leaves them what they took on.
 */
import { isObject, type Json } from '../../src/base/json.ts'

import type { Connector, PollOutcome, TaskOutcome, TaskRequest } from '../../src/tasks/connector.ts'
import type { ConnectorRegistry } from '../../src/tasks/registry.ts'

import { type Dice, hash } from './dice.ts'
import type { Life, Scheduler } from './scheduler.ts'

/** What a task's parameters say; workload.ts writes them. */
export interface Script {
  /**
   * work: answers; token: somebody answers by the token; job: is polled; silent: never answers; patchy: in bad hours late or
   * never; activity: whoever takes it answers.
   */
  readonly does: 'work' | 'token' | 'job' | 'silent' | 'patchy' | 'activity'
  /** Whom it is done for: the execution's name, and the item's index below it. */
  readonly id: string
  readonly state: string
  readonly v: number
  readonly attempt: number
  readonly redrive: number
  /** Failures are gone after a redrive, and only then. */
  readonly heals: boolean
  readonly token?: string
  /** Heartbeats before the answer by the token. */
  readonly beats: number
  /** Nobody answers by the token. */
  readonly isDead: boolean
}

export interface Dispatch {
  readonly life: Life
  readonly key: string
  readonly script: Script
}

/** Of all calls whose outcome is open, so many fail. */
const FAILING = 0.25

export const failsBy = ({ id, state, attempt, redrive, heals }: Script): boolean =>
  (!heals || redrive === 0) && hash(`${id} ${state} ${heals ? '' : attempt}`) / 2 ** 32 < FAILING

/** The result of a call that succeeds. */
export const resultOf = ({ id, state, v }: Script): { readonly id: string; readonly v: number } => ({
  id,
  v: (v + hash(`${id} ${state}`)) % 10_007,
})

export const latencyOf = ({ id, state }: Script): number => [0, 0, 40, 900, 7_000][hash(`${state} ${id} latency`) % 5] ?? 0

export interface ServicesPorts {
  readonly scheduler: Scheduler
  readonly dice: Dice
  /** How often a patchy service answers late, or never. */
  patchiness(): number
  /** A call is made. */
  called(request: TaskRequest, life: Life): void
  /** Somebody was given a token to answer. */
  tokenGiven(token: string, script: Script): void
}

interface Call {
  readonly life: Life
  readonly cut: () => void
}

export class Services {
  readonly dispatches: Dispatch[] = []
  readonly #ports: ServicesPorts
  readonly #calls = new Set<Call>()
  /** Jobs by the call that submitted them: when they end. */
  readonly #jobs = new Map<string, number>()

  constructor(ports: ServicesPorts) {
    this.#ports = ports
  }

  /** Calls that a process has open. */
  openCalls(life: Life): number {
    return [...this.#calls].filter((call) => call.life === life).length
  }

  /** The connections of a process that goes down in order are reset. */
  cut(life: Life): void {
    for (const call of this.#calls) if (call.life === life) call.cut()
  }

  connectorsFor(life: Life): ConnectorRegistry {
    const connector: Connector = {
      start: (request) => this.#start(life, request),
      poll: (request, submitted) => this.#poll(life, request, submitted),
      cancel: async () => {},
    }
    return { connectorFor: () => connector }
  }

  #start(life: Life, request: TaskRequest): Promise<TaskOutcome> {
    const script = scriptOf(request.parameters)
    const { dice, scheduler } = this.#ports
    this.dispatches.push({ life, key: request.idempotencyKey, script })
    scheduler.note(`${life.name} calls ${script.does} for ${script.id} ${script.state}`, ` (${request.idempotencyKey})`)
    this.#ports.called(request, life)
    const isPatchy = script.does === 'patchy' && script.attempt < 2 && dice.chance(this.#ports.patchiness())
    if (script.does === 'token') this.#ports.tokenGiven(script.token ?? '', script)
    if (script.does === 'job' && !this.#jobs.has(request.idempotencyKey))
      this.#jobs.set(request.idempotencyKey, scheduler.elapsed + latencyOf(script) * 3)
    const latency = isPatchy ? 35_000 + dice.below(20_000) : latencyOf(script)
    const isSilent = script.does === 'silent' || (isPatchy && dice.chance(0.5))
    return this.#call(life, request, `${script.does} ${script.id} ${script.state}`, isSilent ? undefined : latency, () => {
      if (script.does === 'token') return { kind: 'submitted', output: {} }
      if (script.does === 'job') return { kind: 'submitted', output: { JobRunId: request.idempotencyKey } }
      return outcomeOf(script)
    })
  }

  #poll(life: Life, request: TaskRequest, submitted: Json): Promise<PollOutcome> {
    const script = scriptOf(request.parameters)
    const endsAt = this.#jobs.get(String(isObject(submitted) ? submitted['JobRunId'] : '')) ?? 0
    return this.#call(life, request, `poll ${script.id} ${script.state}`, 0, () =>
      this.#ports.scheduler.elapsed < endsAt ? { kind: 'pending' } : outcomeOf(script),
    )
  }

  /** An answer after `latencyMs`, or never; an error when the caller gives up or is cut off. */
  #call<T>(life: Life, { signal }: TaskRequest, label: string, latencyMs: number | undefined, answer: () => T): Promise<T> {
    const { scheduler } = this.#ports
    return new Promise((resolve, reject) => {
      const settle = (how: string, tell: () => void) => {
        if (!this.#calls.delete(call)) return
        alarm?.cancel()
        signal.removeEventListener('abort', abort)
        scheduler.post(life, `${life.name} call ${label}: ${how}`, tell)
      }
      const abort = () => settle('given up', () => reject(new Error('The operation was aborted')))
      const call = { life, cut: () => settle('cut off', () => reject(new Error('Connection reset'))) }
      const alarm =
        latencyMs === undefined
          ? undefined
          : scheduler.after(life, `${life.name} call ${label}`, latencyMs, () => settle('answered', () => resolve(answer())))
      this.#calls.add(call)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
    })
  }
}

const outcomeOf = (script: Script): TaskOutcome =>
  script.does !== 'patchy' && failsBy(script)
    ? { kind: 'failed', failure: { error: 'Boom', cause: `${script.state} of ${script.id}` } }
    : { kind: 'succeeded', output: resultOf(script) }

/** Wherever the service's own parameters hold it. */
export function scriptOf(parameters: Json): Script {
  assertObject(parameters)
  const { does, Payload = null, Input = null, MessageBody = null } = parameters
  const found = does === undefined ? (Payload ?? Input ?? MessageBody) : parameters
  assertObject(found)
  return found as unknown as Script // written by workload.ts
}

function assertObject(value: Json): asserts value is { readonly [key: string]: Json } {
  if (!isObject(value)) throw new Error('a call of the simulation has a script')
}
