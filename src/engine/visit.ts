/**
 * A frame's stay in a state, as a turn works on it: what the functions of the states hand each other. It tells events of its
 * frame, and evaluates the state's fields. A turn makes one whenever it takes the state up; nothing is kept in it.
 */
import { assert } from '../base/assert.ts'
import type { Failure } from '../base/failure.ts'
import type { Json } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'
import type { Result } from '../base/result.ts'

import type { EvaluationFailure, EvaluationScope, FieldValue, State, StateType } from '../asl/program.ts'

import type { Fact, ShownBody } from './event.ts'
import { scopeOf, type Seen } from './scope.ts'
import { type ActiveState, activeOf, type Frame } from './state.ts'
import type { Turn } from './turn.ts'

/** A value of a state's fields, or why it has none. */
export type Outcome<T> = Result<T, EvaluationFailure>
export type StateOf<T extends StateType> = Extract<State, { readonly type: T }>

export class Visit<S extends State = State> {
  readonly turn: Turn
  readonly frame: Frame
  readonly state: S
  readonly active: ActiveState

  constructor(turn: Turn, frame: Frame, state: S) {
    this.turn = turn
    this.frame = frame
    this.state = state
    this.active = activeOf(frame)
  }

  /** The state's input as it came, before InputPath. */
  get input(): Payload {
    return this.active.input
  }

  get isJsonata(): boolean {
    return this.state.queryLanguage === 'JSONata'
  }

  /** How AWS begins the cause of what fails in the state. */
  get place(): string {
    return `An error occurred while executing the state '${this.active.name}' (entered at the event id #${this.active.enteredEventId}).`
  }

  is<T extends StateType>(type: T): this is Visit<StateOf<T>> {
    return this.state.type === type
  }

  scope(seen: Seen): EvaluationScope {
    return scopeOf(this.turn, this.frame, seen)
  }

  /** `input` is what the field sees as `$`. */
  evaluate(field: FieldValue, input: Json): Outcome<Json> {
    return field.evaluate(this.scope({ input }))
  }

  emit(body: ShownBody, previousEventId?: number): void {
    this.turn.emit(this.frame, body, previousEventId)
  }

  note(fact: Fact, previousEventId?: number): void {
    this.turn.note(this.frame, fact, previousEventId)
  }

  /** The execution ends with this failure, whatever the state says. */
  failExecution(failure: Failure, previousEventId?: number): void {
    this.turn.failExecution(this.frame, failure, previousEventId)
  }
}

/** The visit of a frame that is in a state. */
export function visitOf(turn: Turn, frame: Frame): Visit {
  const { name } = activeOf(frame)
  const state = turn.state.program.states.get(name)
  assert(state, `the program has a state named ${name}`)
  return new Visit(turn, frame, state)
}
