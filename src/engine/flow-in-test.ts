/** For tests: runs a definition signal by signal and keeps what came of it. */
import { asId } from '../base/id-in-test.ts'
import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { compileDefinition } from '../asl/compile.ts'

import { type EngineEvent, historyEventType, isHistoryEvent } from './event.ts'
import { AWS_LIMITS, type Limits } from '../base/limits.ts'
import type { Signal, SignalBody } from './signal.ts'
import { type ExecutionIdentity, type ExecutionState, newExecutionState } from './state.ts'
import { type Step, step } from './step.ts'

export interface RunOptions {
  readonly limits?: Limits
  readonly workMax?: number
}

export const IDENTITY: ExecutionIdentity = {
  executionArn: asId('arn:aws:states:us-east-1:000000000000:execution:m:e'),
  executionName: 'e',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  stateMachineArn: asId('arn:aws:states:us-east-1:000000000000:stateMachine:m'),
  stateMachineName: 'm',
  region: 'us-east-1',
  isExpress: false,
}

export function programOf(definition: Json) {
  const compiled = compileDefinition(JSON.stringify(definition))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return compiled.value
}

/** Runs a definition on signals, keeping them and the events; what a full turn leaves is gone on with at once. */
export function run(definition: Json, input: Json = {}, { limits = AWS_LIMITS, workMax }: RunOptions = {}) {
  const empty = () => newExecutionState(programOf(definition), IDENTITY, Payload.ofValue(input), toInstant(0))
  const state = empty()
  const events: EngineEvent[] = []
  const signals: Signal[] = []
  const commands: ReturnType<typeof step>['commands'][number][] = []
  const turns: Step[] = []
  const send = (body: SignalBody, at = 0) => {
    const signal: Signal = { ...body, at: toInstant(at), seed: newSeed() }
    signals.push(signal)
    const turn = step(state, signal, limits, workMax)
    turns.push(turn)
    events.push(...turn.events)
    commands.push(...turn.commands)
    if (turn.isUnfinished) send({ type: 'Continue' }, at)
  }
  send({ type: 'Start' })
  return {
    state,
    events,
    signals,
    commands,
    turns,
    send,
    empty,
    types: () => events.filter(isHistoryEvent).map(historyEventType),
  }
}

/** All of a state, as text to compare. */
export const shown = (state: ExecutionState) =>
  JSON.stringify(state, (_key, value) =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value] : value instanceof Payload ? value.text : value,
  )
