/**
 * A definition as it is written, by the table of the language's fields (`schema.ts`): one type for each state type. Every field
 * may be missing, and hold any JSON, because a document may be wrong; the names are the language's. Nothing is read here: these
 * are types of what JSON.parse gave.
 */
import type { Json } from '../../base/json.ts'

import type { StateType } from '../program.ts'
import { type CATCHER, type MACHINE, type PROCESSOR, type RETRIER, STATES } from '../schema.ts'

type Written<M extends { readonly fields: object }> = { readonly [Name in keyof M['fields']]?: Json }
type States = typeof STATES

/** A state of a type that the language has. */
export type TypedState = { [T in StateType]: StateOf<T> }[StateType]
export type StateOf<T extends StateType> = Omit<Written<States[T]>, 'Type'> & { readonly Type: T }

/** A state of no such type, or of none yet: it may hold the fields of any. */
export type UntypedState = { readonly [Name in { [T in StateType]: keyof States[T]['fields'] }[StateType]]?: Json }

export type WrittenState = TypedState | UntypedState
export type WrittenMachine = Written<typeof MACHINE>
/** The machine, a branch or an item processor. */
export type WrittenBlock = Written<typeof PROCESSOR>
export type WrittenRetrier = Written<typeof RETRIER>
export type WrittenCatcher = Written<typeof CATCHER>
/** A rule of a Choice; its operators are read by `choice-rule.ts`. */
export type WrittenRule = { readonly [Name in 'Next' | 'Condition' | 'Assign' | 'Output']?: Json }

export const isStateType = (type: Json | undefined): type is StateType => typeof type === 'string' && Object.hasOwn(STATES, type)
