/**
 * Random workflows whose end does not depend on the order of things: whatever a task answers follows from who asks and for
 * what, so that a run in a bad hour can be compared with a quiet one. Data is always `{ id, v }`.
 */
import type { Json } from '../../src/base/json.ts'

import type { Dice } from './dice.ts'

export interface PlannedMachine {
  readonly name: string
  readonly definition: string
  /** Its executions fail at most until they are redriven, and are redriven until they succeed. */
  readonly heals: boolean
}

export interface PlannedExecution {
  readonly machine: PlannedMachine
  readonly name: string
  readonly input: { readonly id: string; readonly v: number }
  readonly startsAfterMs: number
}

export interface Workload {
  readonly machines: readonly PlannedMachine[]
  /** An Express machine that is asked for its result (StartSyncExecution). */
  readonly express: PlannedMachine
  readonly executions: readonly PlannedExecution[]
  /** `bucket/key` -> body. */
  readonly objects: Readonly<Record<string, string>>
}

export const ACCOUNT = '123456789012'
export const REGION = 'us-east-1'
export const ACTIVITIES: readonly string[] = ['press', 'kiln']
export const activityArnOf = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:activity:${name}`
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:work`
export const DATA = 'data'
export const RESULTS = 'results'
const ITEM_COUNTS = [0, 1, 3, 7, 12]

/** `isShort`: nothing waits long by itself. */
export function workloadOf(dice: Dice, isShort = false): Workload {
  const machines = Array.from({ length: dice.between(1, 2) }, (_, index) =>
    machineOf(dice.of(`machine ${index}`), `m${index}`, isShort),
  )
  const executions = Array.from({ length: dice.between(1, 4) }, (_, index): PlannedExecution => {
    const name = `e${index}`
    const machine = machines[index % machines.length] ?? machines[0]
    if (!machine) throw new Error('there is a machine')
    return { machine, name, input: { id: name, v: dice.below(1_000) }, startsAfterMs: dice.pick([0, 0, 500, 20_000]) }
  })
  return { machines, express: expressOf(dice.of('express')), executions, objects: datasets() }
}

function expressOf(dice: Dice): PlannedMachine {
  const block = new Writer(dice, false, 'JSONata').block(0, 'express', dice.between(1, 3))
  return { name: 'express', definition: JSON.stringify({ QueryLanguage: 'JSONata', ...block }), heals: false }
}

function machineOf(dice: Dice, name: string, isShort: boolean): PlannedMachine {
  const heals = dice.chance(0.35)
  // Its last wait is longer than its time by more than the clock is ever set back.
  const timesOut = !heals && dice.chance(0.07)
  const writer = new Writer(dice, heals, dice.chance(0.5) ? 'JSONata' : 'JSONPath', isShort)
  const block = writer.block(
    2,
    'standard',
    dice.between(1, 4),
    timesOut ? { Type: 'Wait', Seconds: 6_000, End: true } : undefined,
  )
  const definition = JSON.stringify({
    ...(writer.language === 'JSONata' && { QueryLanguage: 'JSONata' }),
    ...(timesOut && { TimeoutSeconds: isShort ? 800 : 2_000 }),
    ...block,
  })
  return { name, definition, heals }
}

function datasets(): Record<string, string> {
  const items = (count: number) => Array.from({ length: count }, (_, index) => ({ v: (index * 37) % 101 }))
  return Object.fromEntries(
    ITEM_COUNTS.flatMap((count) => [
      [`${DATA}/${count}.json`, JSON.stringify(items(count))],
      [
        `${DATA}/${count}.jsonl`,
        items(count)
          .map((item) => JSON.stringify(item))
          .join('\n'),
      ],
    ]),
  )
}

type State = Record<string, Json>
interface Block extends Record<string, Json> {
  readonly StartAt: string
  readonly States: Record<string, State>
}
/** Where a block runs: what an Express child may not have depends on it. */
type Place = 'standard' | 'express'

class Writer {
  readonly language: 'JSONata' | 'JSONPath'
  readonly #dice: Dice
  readonly #heals: boolean
  readonly #isShort: boolean
  #names = 0

  constructor(dice: Dice, heals: boolean, language: 'JSONata' | 'JSONPath', isShort = false) {
    this.#isShort = isShort
    this.#dice = dice
    this.#heals = heals
    this.language = language
  }

  /** States one after the other; `last` is the last of them if given. */
  block(depth: number, place: Place, length: number, last?: State): Block {
    const states: Record<string, State> = {}
    const makers = Array.from({ length }, () => this.#maker(depth, place))
    if (last) makers.push((name) => ({ [name]: last }))
    else if (!this.#heals && this.#dice.chance(0.06))
      makers.push((name) => ({ [name]: { Type: 'Fail', Error: 'Boom', Cause: 'it ends so' } }))
    else if (this.#dice.chance(0.1)) makers.push((name) => ({ [name]: { Type: 'Succeed' } }))
    const names = makers.map(() => `S${this.#names++}`)
    for (const [index, make] of makers.entries()) {
      const next = names[index + 1]
      Object.assign(states, make(names[index] ?? '', next === undefined ? { End: true } : { Next: next }, next))
    }
    return { StartAt: names[0] ?? '', States: states }
  }

  #maker(depth: number, place: Place): (name: string, then: State, next: string | undefined) => Record<string, State> {
    const leaves = ['work', 'work', 'pass', 'choice', 'wait', 'patchy', 'silent', 'work'] as const
    const standard = [...leaves, 'token', 'token', 'beating', 'dead', 'job', 'activity'] as const
    const nested = ['parallel', 'map', 'distributed', 'distributed'] as const
    const kind =
      place === 'express'
        ? this.#dice.pick([...leaves])
        : depth > 0 && this.#dice.chance(0.3)
          ? this.#dice.pick([...nested])
          : this.#dice.pick([...standard])
    return (name, then, next) => {
      switch (kind) {
        case 'pass':
          return { [name]: { Type: 'Pass', ...this.#reshaped('v'), ...this.#assigned(name), ...then } }
        case 'choice':
          return this.#choice(name, then)
        case 'wait':
          return { [name]: { Type: 'Wait', Seconds: this.#waitSeconds(depth), ...then } }
        case 'parallel':
          return { [name]: this.#parallel(depth, place, then, next) }
        case 'map':
          return this.#inlineMap(name, depth, place, then, next)
        case 'distributed':
          return this.#distributedMap(name, then, next)
        case 'silent':
        case 'dead':
          // Where nothing catches the timeout, a machine that heals would never succeed.
          return { [name]: this.#task(this.#heals && next === undefined ? 'work' : kind, name, then, next) }
        default:
          return { [name]: this.#task(kind, name, then, next) }
      }
    }
  }

  #waitSeconds(depth: number): number {
    const seconds = this.#dice.pick(depth < 2 ? [0, 1, 5] : [0, 1, 5, 60, 700])
    return this.#isShort ? Math.min(seconds, 60) : seconds
  }

  /** `{ id, v }` anew, `v` from where it is said to be. */
  #reshaped(v: string): State {
    return this.language === 'JSONata'
      ? { Output: { id: '{% $states.input.id %}', v: `{% ($states.input.${v} * 31 + ${this.#dice.below(97)}) % 10007 %}` } }
      : { Parameters: { 'id.$': '$.id', 'v.$': `States.MathAdd($.${v}, ${this.#dice.below(97)})` } }
  }

  /** A variable that nothing reads: it is part of the state all the same. */
  #assigned(name: string): State {
    if (this.#dice.chance(0.5)) return {}
    return { Assign: this.language === 'JSONata' ? { [`of${name}`]: '{% $states.input.v %}' } : { [`of${name}.$`]: '$.v' } }
  }

  #choice(name: string, then: State): Record<string, State> {
    const [low, high] = [`${name}low`, `${name}high`]
    const rule =
      this.language === 'JSONata'
        ? { Condition: '{% $states.input.v < 5000 %}', Next: low }
        : { Variable: '$.v', NumericLessThan: 5_000, Next: low }
    return {
      [name]: { Type: 'Choice', Choices: [rule], Default: high },
      [low]: { Type: 'Pass', ...this.#reshaped('v'), ...then },
      [high]: { Type: 'Pass', ...this.#reshaped('v'), ...then },
    }
  }

  #task(
    kind: 'work' | 'token' | 'beating' | 'dead' | 'job' | 'activity' | 'silent' | 'patchy',
    name: string,
    then: State,
    next: string | undefined,
  ): State {
    const does = kind === 'beating' || kind === 'dead' ? 'token' : kind
    const hasToken = does === 'token'
    const script: State = {
      does,
      state: name,
      heals: this.#heals,
      beats: kind === 'beating' ? 2 : 0,
      isDead: kind === 'dead',
      ...(this.language === 'JSONata'
        ? {
            id: '{% $states.input.id %}',
            v: '{% $states.input.v %}',
            attempt: '{% $states.context.State.RetryCount %}',
            // A synchronous Express execution has none.
            redrive: '{% ($count := $states.context.Execution.RedriveCount; $exists($count) ? $count : 0) %}',
            ...(hasToken && { token: '{% $states.context.Task.Token %}' }),
          }
        : {
            'id.$': '$.id',
            'v.$': '$.v',
            'attempt.$': '$$.State.RetryCount',
            'redrive.$': '$$.Execution.RedriveCount',
            ...(hasToken && { 'token.$': '$$.Task.Token' }),
          }),
    }
    const [resource, parameters] = this.#call(kind, script)
    const isLeft = kind === 'silent' || kind === 'dead'
    return {
      Type: 'Task',
      Resource: resource,
      [this.language === 'JSONata' ? 'Arguments' : 'Parameters']: parameters,
      ...(this.language === 'JSONata'
        ? { Output: { id: '{% $states.input.id %}', v: '{% $states.result.v %}' } }
        : { ResultSelector: { 'id.$': '$.id', 'v.$': '$.v' } }),
      ...TIMES[kind],
      ...(kind === 'patchy' || kind === 'activity'
        ? { Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 1_000 }] }
        : isLeft
          ? {}
          : this.#retry(['Boom'])),
      ...(isLeft ? this.#catch(this.#heals ? 1 : 0.7, ['States.Timeout'], next) : this.#catch(0.3, ['States.ALL'], next)),
      ...then,
    }
  }

  #call(kind: string, script: State): [string, State] {
    switch (kind) {
      case 'token':
      case 'beating':
      case 'dead':
        return ['arn:aws:states:::lambda:invoke.waitForTaskToken', { FunctionName: FUNCTION, Payload: script }]
      case 'job':
        return ['arn:aws:states:::states:startExecution.sync', { StateMachineArn: 'job', Input: script }]
      case 'activity':
        return [activityArnOf(this.#dice.pick(['press', 'kiln'])), script]
      default:
        return [FUNCTION, script]
    }
  }

  #retry(errors: string[]): State {
    if (this.#dice.chance(0.5)) return {}
    const retrier = {
      ErrorEquals: errors,
      IntervalSeconds: this.#dice.between(1, 3),
      MaxAttempts: this.#dice.between(1, 3),
      BackoffRate: 2,
    }
    return { Retry: [retrier] }
  }

  /** Of a machine that heals no block is tried again: its Map Runs would be new ones, whose children were never redriven. */
  #retryBlock(): State {
    return this.#heals ? {} : this.#retry(['States.ALL'])
  }

  /** What is caught goes on as if nothing had happened, with the state's input. The last of a block has nowhere to go on. */
  #catch(share: number, errors: string[], next: string | undefined): State {
    if (next === undefined || !this.#dice.chance(share)) return {}
    // How often it was redriven decides whether a task of a machine that heals fails: nothing else may follow from that.
    if (this.#heals && errors.includes('States.ALL')) return {}
    const onwards = this.language === 'JSONata' ? { Output: '{% $states.input %}' } : { ResultPath: null }
    return { Catch: [{ ErrorEquals: errors, Next: next, ...onwards }] }
  }

  #parallel(depth: number, place: Place, then: State, next: string | undefined): State {
    const branches = Array.from({ length: this.#dice.between(2, 3) }, () =>
      this.block(depth - 1, place, this.#dice.between(1, 2)),
    )
    return {
      Type: 'Parallel',
      Branches: branches,
      ...(this.language === 'JSONata'
        ? { Output: { id: '{% $states.input.id %}', v: '{% $sum($states.result.v) % 10007 %}' } }
        : { ResultSelector: { 'id.$': '$[0].id', 'v.$': '$[0].v', 'all.$': '$[*].v' } }),
      ...this.#retryBlock(),
      ...this.#catch(0.4, ['States.ALL'], next),
      ...then,
    }
  }

  #inlineMap(name: string, depth: number, place: Place, then: State, next: string | undefined): Record<string, State> {
    const items = Array.from({ length: this.#dice.below(4) }, (_, index) => ({ v: index * 11 }))
    return this.#withItems(name, items, (itemFields) => ({
      Type: 'Map',
      ...itemFields,
      ItemProcessor: this.block(depth - 1, place, this.#dice.between(1, 2)),
      MaxConcurrency: this.#dice.below(3),
      ...this.#retryBlock(),
      ...this.#mapResult(),
      ...this.#catch(0.4, ['States.ALL'], next),
      ...then,
    }))
  }

  #distributedMap(name: string, then: State, next: string | undefined): Record<string, State> {
    const dice = this.#dice
    const executionType = dice.chance(0.5) ? 'STANDARD' : 'EXPRESS'
    const batchItems = dice.chance(0.25) ? dice.between(2, 4) : 1
    const inner = this.block(0, executionType === 'STANDARD' ? 'standard' : 'express', dice.between(1, 2))
    const processor = batchItems > 1 ? this.#ofBatch(`${name}batch`, inner) : inner
    const count = dice.pick([...ITEM_COUNTS] as [number, ...number[]])
    const hasReader = dice.chance(0.5)
    const isMissing = !this.#heals && dice.chance(0.08)
    const tolerates = !this.#heals && dice.chance(0.6)
    const parameters = this.language === 'JSONata' ? 'Arguments' : 'Parameters'
    const writes = dice.chance(0.35)
    const inputType = dice.chance(0.5) ? 'JSON' : 'JSONL'
    const items = Array.from({ length: count }, (_, index) => ({ v: index * 7 }))
    const fields = (itemFields: State): State => ({
      Type: 'Map',
      Label: `L${name}`,
      ...itemFields,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: executionType }, ...processor },
      MaxConcurrency: dice.pick([0, 1, 2, 5]),
      ...(tolerates && { ToleratedFailurePercentage: 100 }),
      ...(batchItems > 1 && { ItemBatcher: { MaxItemsPerBatch: batchItems } }),
      ...(hasReader && {
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: inputType },
          [parameters]: { Bucket: DATA, Key: isMissing ? 'missing' : `${count}.${inputType.toLowerCase()}` },
        },
      }),
      ...(writes && {
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', [parameters]: { Bucket: RESULTS, Prefix: name } },
      }),
      ...(!writes ? this.#mapResult() : this.language === 'JSONata' ? { Output: '{% $states.input %}' } : { ResultPath: null }),
      ...this.#retryBlock(),
      ...this.#catch(0.4, ['States.ALL'], next),
      ...then,
    })
    return hasReader ? { [name]: fields(this.#selector()) } : this.#withItems(name, items, fields)
  }

  /** The same block for a batch of items: it goes on with one `{ id, v }` for them all. */
  #ofBatch(name: string, { StartAt, States }: Block): Block {
    const reshaped =
      this.language === 'JSONata'
        ? { Output: { id: '{% $states.input.Items[0].id %}', v: '{% $sum($states.input.Items.v) % 10007 %}' } }
        : { Parameters: { 'id.$': '$.Items[0].id', 'v.$': '$.Items[0].v' } }
    return { StartAt: name, States: { [name]: { Type: 'Pass', ...reshaped, Next: StartAt }, ...States } }
  }

  /** A Map over these items. JSONPath has no field for them: a Pass puts them into the input. */
  #withItems(name: string, items: readonly Json[], map: (itemFields: State) => State): Record<string, State> {
    if (this.language === 'JSONata') return { [name]: map({ Items: items, ...this.#selector() }) }
    const inner = `${name}map`
    return {
      [name]: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'v.$': '$.v', items }, Next: inner },
      [inner]: map({ ItemsPath: '$.items', ...this.#selector() }),
    }
  }

  #selector(): State {
    return this.language === 'JSONata'
      ? {
          ItemSelector: {
            id: "{% $states.input.id & '/' & $string($states.context.Map.Item.Index) %}",
            v: '{% $states.context.Map.Item.Value.v + $states.input.v %}',
          },
        }
      : { ItemSelector: { 'id.$': "States.Format('{}/{}', $.id, $$.Map.Item.Index)", 'v.$': '$$.Map.Item.Value.v' } }
  }

  #mapResult(): State {
    return this.language === 'JSONata'
      ? { Output: { id: '{% $states.input.id %}', v: '{% $sum($append(0, $states.result.v)) % 10007 %}' } }
      : { ResultSelector: { 'all.$': '$[*].v' }, ResultPath: '$.m' }
  }
}

/** Those that nobody answers time out soon; others have time for whatever the bad hour does to them. */
const TIMES: Readonly<Record<string, State>> = {
  silent: { TimeoutSeconds: 20 },
  dead: { TimeoutSeconds: 3_000, HeartbeatSeconds: 15 },
  beating: { TimeoutSeconds: 6_000, HeartbeatSeconds: 4_000 },
  token: { TimeoutSeconds: 6_000 },
  patchy: { TimeoutSeconds: 30 },
  activity: { TimeoutSeconds: 200, HeartbeatSeconds: 100 },
}
