/** Tells the other nodes, for whoever watches there, of which machines executions have moved: now and then, one execution for all. */
import type { ExecutionArn, StateMachineArn } from '../../base/arn.ts'
import type { Clock } from '../../base/clock.ts'

import type { ExecutionRecord, NodeRecord } from '../../store/contract.ts'

import type { NodeCalls } from './node-calls.ts'

export interface MovePorts {
  readonly clock: Clock
  readonly calls: NodeCalls
  others(): readonly NodeRecord[]
}

/** As often as pages are told. */
const TELL_MS = 5_000
const MACHINES_MAX = 1_000

export class Moves {
  readonly #ports: MovePorts
  readonly #moved = new Map<StateMachineArn, ExecutionArn>()
  #alarm: { cancel(): void } | undefined

  constructor(ports: MovePorts) {
    this.#ports = ports
  }

  note({ stateMachineArn, arn }: ExecutionRecord): void {
    if (this.#moved.has(stateMachineArn) || this.#moved.size >= MACHINES_MAX) return
    this.#moved.set(stateMachineArn, arn)
    this.#alarm ??= this.#ports.clock.after(TELL_MS, () => this.#tell())
  }

  close(): void {
    this.#alarm?.cancel()
  }

  #tell(): void {
    this.#alarm = undefined
    const executionArns = [...this.#moved.values()]
    this.#moved.clear()
    const { calls, others } = this.#ports
    for (const node of others()) calls.call(node, 'moved', { executionArns }).catch((error: unknown) => error)
  }
}
