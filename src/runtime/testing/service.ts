/** The services that tasks call: each call stands open until the test answers it. */
import type { Json } from '../../base/json.ts'

import { type Connector, OwnOutage, type PollOutcome, type TaskOutcome, type TaskRequest } from '../../tasks/connector.ts'
import type { ConnectorRegistry } from '../../tasks/registry.ts'

export interface OpenCall {
  readonly request: TaskRequest
  answer(outcome: TaskOutcome): void
  /** As when the connection breaks. */
  cut(): void
  /** As when it was Regente that was called, and its store is away. */
  putOff(): void
}

export class ScriptedService implements ConnectorRegistry {
  /** All calls so far, oldest first. */
  readonly calls: OpenCall[] = []
  /** What each poll of a job finds; `polls` counts them. */
  job: PollOutcome = { kind: 'pending' }
  polls = 0
  /** What each job that was cancelled had been submitted with. */
  readonly cancelled: Json[] = []
  readonly #connector: Connector = {
    start: (request) =>
      new Promise((answer, reject) => {
        const cut = () => reject(new Error('Connection reset'))
        request.signal.addEventListener('abort', cut, { once: true })
        const putOff = () => reject(new OwnOutage('Please try again.'))
        this.calls.push({ request, answer, cut, putOff })
      }),
    poll: async () => {
      this.polls++
      return this.job
    },
    cancel: async (_request, submitted) => void this.cancelled.push(submitted),
  }

  readonly #facts: Pick<Connector, 'answersWhenDone'>

  constructor(facts: Pick<Connector, 'answersWhenDone'> = {}) {
    this.#facts = facts
  }

  connectorFor(): Connector {
    return { ...this.#connector, ...this.#facts }
  }

  /** The `n`-th call from 0. Throws when there is none. */
  call(n: number): OpenCall {
    const call = this.calls[n]
    if (!call) throw new Error(`there were ${this.calls.length} calls`)
    return call
  }
}
