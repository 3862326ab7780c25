/**
 * The state machine of a stack's operation: a state for each resource, those that can go at once side by side, each level after
 * the one before it. What fails leads to the states of the rollback, and the machine fails when that is done.
 * All states are tasks of one activity, whose worker is the service itself: the execution remembers what is done and what is
 * not, whatever becomes of the process.
 */
import { createHash } from 'node:crypto'

import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { OperationRecord } from './records.ts'

/** What a state asks for. */
export type Step =
  /** Of a resource. */
  | { readonly step: 'deploy' | 'cleanUp' | 'rollBack' | 'takeBack' | 'delete'; readonly logicalId: string }
  /** Of the whole stack. */
  | { readonly step: 'complete' | 'end' | 'beginRollback' | 'giveUp' | 'completeRollback' | 'endRollback' | 'endDeletion' }

type States = Record<string, JsonObject>

/** A worker that says nothing for so long is gone, and the step is asked for again. */
export const HEARTBEAT_SECONDS = 15
/** What a worker that came back says of the steps that the one before it had begun. */
export const INTERRUPTED = 'Interrupted'
const LOST = ['States.Timeout', 'States.HeartbeatTimeout', INTERRUPTED]
const STATE_NAME_MAX = 80
/** Resources of a rollback or a deletion that cannot be taken away hold up nobody else: the end counts them. */
type OnFailure = 'stop' | 'goOn'

interface Place {
  readonly stackName: string
  /** Its ARN. */
  readonly activity: string
  /** Whether the stack has never been made: then all that there is is taken back at once. */
  readonly isFirst: boolean
}

/** What a definition may have, and some room. */
const BYTES_MAX = 900_000

/** JSON. What is taken back or away has a state a resource, unless that is more than a definition may have. */
export function definitionOf(operation: OperationRecord, place: Place): string {
  const whole = written(operation, place, false)
  return Buffer.byteLength(whole) > BYTES_MAX ? written(operation, place, true) : whole
}

function written(operation: OperationRecord, { stackName, activity, isFirst }: Place, isShort: boolean): string {
  const states: States = {}
  const write = new Writer(states, operation, activity, isShort)
  const { kind, deploy, remove } = operation
  const touched = lastFirst([...deploy, ...remove])
  switch (kind) {
    case 'delete':
      write.levels('delete', remove, 'Stack deleted', 'goOn')
      write.task('Stack deleted', { step: 'endDeletion' }, undefined)
      break
    case 'create':
    case 'update': {
      const failure = operation.onFailure === 'DO_NOTHING' ? 'Give up' : 'Begin rollback'
      write.deployment(deploy, kind === 'create' ? undefined : (firstOf('cleanUp', remove) ?? 'End'), failure)
      write.levels('cleanUp', remove, 'End', 'goOn')
      write.task('End', { step: 'end' }, undefined)
      write.task('Give up', { step: 'giveUp' }, 'Failed')
      write.rollback(touched, isFirst)
      break
    }
    case 'rollback':
      write.rollback(touched, isFirst)
      break
  }
  const start =
    kind === 'rollback' ? 'Begin rollback' : kind === 'delete' ? (firstOf('delete', remove) ?? 'Stack deleted') : DEPLOYMENT
  const reached = reachable(states, start)
  const Comment = `CloudFormation: ${kind} of the stack ${stackName}`
  return JSON.stringify({
    Comment,
    StartAt: start,
    States: Object.fromEntries(Object.entries(states).filter(([name]) => reached.has(name))),
  })
}

/** One state with all of it, so that what fails in it has failed, and is not caught, for whoever looks at the graph. */
const DEPLOYMENT = 'Deploy the stack'
const VERBS = {
  deploy: 'Deploy',
  cleanUp: 'Clean up',
  rollBack: 'Roll back',
  takeBack: 'Take back',
  delete: 'Delete',
} as const
type ResourceStep = keyof typeof VERBS

/** Of a level of several, the state that holds them. */
function nameOf(step: ResourceStep, ids: readonly string[], level: number): string {
  if (ids.length !== 1) return `${VERBS[step]} (${level + 1})`
  return stateNameOf(step, ids[0] ?? '')
}

/** Names that are cut short still differ. */
function stateNameOf(step: ResourceStep, logicalId: string, ending = ''): string {
  const name = `${VERBS[step]} ${logicalId}`
  const charsMax = STATE_NAME_MAX - ending.length
  if (name.length <= charsMax) return `${name}${ending}`
  const digest = createHash('sha256').update(logicalId).digest('hex').slice(0, 8)
  return `${name.slice(0, charsMax - 9)}-${digest}${ending}`
}

function firstOf(step: ResourceStep, levels: readonly (readonly string[])[]): string | undefined {
  const [first] = levels
  return first && nameOf(step, first, 0)
}

/** Each resource once, where it comes last. */
function lastFirst(levels: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const seen = new Set<string>()
  return levels.toReversed().flatMap((ids) => {
    const fresh = ids.filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    return fresh.length > 0 ? [fresh] : []
  })
}

class Writer {
  readonly #states: States
  readonly #operation: OperationRecord
  readonly #activity: string

  readonly #isShort: boolean

  constructor(states: States, operation: OperationRecord, activity: string, isShort: boolean) {
    this.#states = states
    this.#isShort = isShort
    this.#operation = operation
    this.#activity = activity
  }

  task(name: string, step: Step, next: string | undefined): void {
    this.#states[name] = this.#taskOf(step, next)
  }

  levels(step: ResourceStep, levels: readonly (readonly string[])[], next: string, mode: OnFailure): void {
    const first = firstOf(step, levels)
    if (this.#isShort && mode === 'goOn' && first !== undefined) return this.#listed(step, first, levels, next)
    levels.forEach((ids, level) => {
      const following = levels[level + 1]
      const after = following === undefined ? next : nameOf(step, following, level + 1)
      this.#states[nameOf(step, ids, level)] = this.#level(step, ids, after, mode)
    })
  }

  deployment(levels: readonly (readonly string[])[], next: string | undefined, onFailure: string): void {
    const inner = new Writer({}, this.#operation, this.#activity, false)
    inner.levels('deploy', levels, 'Resources complete', 'stop')
    inner.task('Resources complete', { step: 'complete' }, undefined)
    this.#states[DEPLOYMENT] = {
      Type: 'Parallel',
      Branches: [{ StartAt: firstOf('deploy', levels) ?? 'Resources complete', States: inner.#states }],
      ResultPath: null,
      Catch: catchTo(onFailure),
      ...(next === undefined ? { End: true } : { Next: next }),
    }
  }

  /** From `Begin rollback` on. */
  rollback(levels: readonly (readonly string[])[], isFirst: boolean): void {
    const restored = isFirst ? 'End rollback' : 'Rollback complete'
    this.task('Begin rollback', { step: 'beginRollback' }, firstOf('rollBack', levels) ?? restored)
    this.levels('rollBack', levels, restored, 'goOn')
    this.task('Rollback complete', { step: 'completeRollback' }, firstOf('takeBack', levels) ?? 'End rollback')
    this.levels('takeBack', levels, 'End rollback', 'goOn')
    this.task('End rollback', { step: 'endRollback' }, this.#operation.kind === 'rollback' ? undefined : 'Failed')
    this.#states['Failed'] = { Type: 'Fail', Error: 'StackOperationFailed', CausePath: '$.failure.Cause' }
  }

  /** One level after the other, each as a list whose items go at once. */
  #listed(step: ResourceStep, first: string, levels: readonly (readonly string[])[], next: string): void {
    const verb = VERBS[step]
    const one = this.#taskOf({ step, logicalId: '' }, undefined, `${verb} one: failed`)
    const { logicalId: _, ...parameters } = isObject(one['Parameters'] ?? null) ? (one['Parameters'] as JsonObject) : {}
    const states: JsonObject = {
      [`${verb} one`]: {
        ...one,
        Parameters: { ...parameters, 'logicalId.$': '$$.Map.Item.Value' },
        Catch: catchTo(`${verb} one: failed`, null),
      },
      [`${verb} one: failed`]: { Type: 'Pass', End: true },
    }
    const level: JsonObject = { Type: 'Map', ItemProcessor: { StartAt: `${verb} one`, States: states }, End: true }
    this.#states[first] = { Type: 'Pass', Result: levels, ResultPath: '$.levels', Next: `${verb} all` }
    this.#states[`${verb} all`] = {
      Type: 'Map',
      ItemsPath: '$.levels',
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: `${verb} level`, States: { [`${verb} level`]: level } },
      ResultPath: null,
      Next: next,
    }
  }

  #level(step: ResourceStep, ids: readonly string[], next: string, mode: OnFailure): JsonObject {
    const [only = ''] = ids
    if (ids.length === 1) return this.#taskOf({ step, logicalId: only }, next, mode === 'goOn' ? next : undefined)
    return {
      Type: 'Parallel',
      Branches: ids.map((id) => this.#branch(step, id, mode)),
      // Each branch answers its input, and all of them together have to stay below the limit of a payload.
      Parameters: {},
      ResultPath: null,
      Next: next,
    }
  }

  #branch(step: ResourceStep, logicalId: string, mode: OnFailure): JsonObject {
    const name = stateNameOf(step, logicalId)
    if (mode === 'stop') return { StartAt: name, States: { [name]: this.#taskOf({ step, logicalId }, undefined) } }
    const left = stateNameOf(step, logicalId, ': failed')
    return {
      StartAt: name,
      States: { [name]: this.#taskOf({ step, logicalId }, undefined, left), [left]: { Type: 'Pass', End: true } },
    }
  }

  /** `onFailure`: where it goes on all the same; the end counts the failures. */
  #taskOf(step: Step, next: string | undefined, onFailure?: string): JsonObject {
    return {
      Type: 'Task',
      Resource: this.#activity,
      HeartbeatSeconds: HEARTBEAT_SECONDS,
      Parameters: { operationId: this.#operation.id, ...step },
      ResultPath: null,
      Retry: [{ ErrorEquals: LOST, IntervalSeconds: 1, MaxAttempts: 1000, BackoffRate: 1 }],
      ...(onFailure !== undefined && { Catch: catchTo(onFailure, null) }),
      ...(next === undefined ? { End: true } : { Next: next }),
    }
  }
}

const catchTo = (next: string, resultPath: string | null = '$.failure'): Json => [
  { ErrorEquals: ['States.ALL'], ResultPath: resultPath, Next: next },
]

function reachable(states: States, start: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (name: Json | undefined): void => {
    if (typeof name !== 'string' || found.has(name)) return
    const state = states[name]
    if (state === undefined) return
    found.add(name)
    visit(state['Next'])
    const catchers = state['Catch']
    if (Array.isArray(catchers)) for (const { Next } of catchers as readonly JsonObject[]) visit(Next)
  }
  visit(start)
  return found
}
