/** What may stand at a place of a definition, by the language's own table of fields (src/asl/schema.ts). */
import { getOwn, isObject } from '../../../src/base/json.ts'
import type { Document } from '../../../src/asl/document/document.ts'
import { isStateType } from '../../../src/asl/document/written.ts'
import type { QueryLanguage, StateType } from '../../../src/asl/program.ts'
import { type Field, MACHINE, type Members, STATES } from '../../../src/asl/schema.ts'
import type { Key } from '../../../src/source/tree.ts'

export type Context = Where & {
  readonly language: QueryLanguage
  /** The innermost state around the place. */
  readonly stateType: StateType | undefined
  /** Names of the states that a Next may lead to from here. */
  readonly states: readonly string[]
}

type Where =
  /** An object with fields of the language: the machine, a state, a retrier … */
  | { readonly kind: 'members'; readonly members: Members; readonly present: readonly string[] }
  | { readonly kind: 'states' }
  | { readonly kind: 'rule'; readonly present: readonly string[] }
  /** The value of a field. */
  | { readonly kind: 'value'; readonly name: string; readonly field: Field | undefined }
  /** Data of one's own: payloads, variables. */
  | { readonly kind: 'data' }

export function contextAt(document: Document, path: readonly Key[]): Context {
  let where: Step = { kind: 'members', members: MACHINE }
  let language: QueryLanguage = languageOf(document.valueAt([]), 'JSONPath')
  let stateType: StateType | undefined
  let states: readonly string[] = []
  for (const [index, key] of path.entries()) {
    const here = path.slice(0, index + 1)
    if (where.kind === 'members' && key === 'States') states = namesIn(document.valueAt(here))
    where = stepInto(where, key, () => {
      const state = document.valueAt(here)
      language = languageOf(state, language)
      stateType = typeOf(state)
      return stateType ? STATES[stateType] : ANY_STATE
    })
  }
  const around = { language, stateType, states: path.length === 0 ? namesIn(document.valueAt(['States'])) : states }
  const present = () => namesIn(document.valueAt(path))
  switch (where.kind) {
    case 'members':
      // StartAt stands beside the States that it names.
      return {
        ...where,
        ...around,
        states: states.length > 0 ? states : namesIn(document.valueAt([...path, 'States'])),
        present: present(),
      }
    case 'rule':
      return { ...where, ...around, present: present() }
    case 'value':
      return where.name === 'StartAt'
        ? { ...where, ...around, states: namesIn(document.valueAt([...path.slice(0, -1), 'States'])) }
        : { ...where, ...around }
    case 'list':
    case 'rules':
      return { kind: 'data', ...around }
    case 'states':
    case 'data':
      return { ...where, ...around }
  }
}

type Step =
  | { readonly kind: 'members'; readonly members: Members }
  | { readonly kind: 'list'; readonly members: Members }
  | { readonly kind: 'states' }
  | { readonly kind: 'rules' }
  | { readonly kind: 'rule' }
  | { readonly kind: 'value'; readonly name: string; readonly field: Field | undefined }
  | { readonly kind: 'data' }

function stepInto(where: Step, key: Key, membersOfState: () => Members): Step {
  switch (where.kind) {
    case 'members': {
      if (key === 'States') return { kind: 'states' }
      if (key === 'Choices') return { kind: 'rules' }
      const name = String(key)
      const field = Object.hasOwn(where.members.fields, name) ? where.members.fields[name] : undefined
      if (field?.members) return { kind: field.type === 'Array' ? 'list' : 'members', members: field.members }
      return { kind: 'value', name, field }
    }
    case 'list':
      return { kind: 'members', members: where.members }
    case 'states':
      return { kind: 'members', members: membersOfState() }
    case 'rules':
      return { kind: 'rule' }
    case 'rule':
      if (key === 'And' || key === 'Or') return { kind: 'rules' }
      return key === 'Not' ? { kind: 'rule' } : { kind: 'value', name: String(key), field: undefined }
    case 'value':
      // Items of a list are values of the list's field.
      return typeof key === 'number' ? where : { kind: 'data' }
    case 'data':
      return where
  }
}

/** Before it has a type, a state may become any. */
const ANY_STATE: Members = { fields: Object.assign({}, ...Object.values(STATES).map(({ fields }) => fields)) }

function languageOf(value: unknown, around: QueryLanguage): QueryLanguage {
  const language = isObject(value) ? getOwn(value, 'QueryLanguage') : undefined
  return language === 'JSONata' || language === 'JSONPath' ? language : around
}

function typeOf(value: unknown): StateType | undefined {
  const type = isObject(value) ? getOwn(value, 'Type') : undefined
  return isStateType(type) ? type : undefined
}

const namesIn = (value: unknown): readonly string[] => (isObject(value) ? Object.keys(value) : [])
