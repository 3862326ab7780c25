/**
 * All that is wrong with a definition, in AWS's codes, texts and places: shape, names, transitions, then what the compiler
 * cannot bind. Every fault is told, up to a bound. Source: API reference, ValidateStateMachineDefinition.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { nestsWithin } from '../expr/json-bounds.ts'

import { compileDefinition } from './compile.ts'
import type { Diagnostic } from './diagnostic.ts'

const DIAGNOSTICS_MAX = 100
const TYPES = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map']

export function checkDefinition(text: string, { type }: { readonly type: 'STANDARD' | 'EXPRESS' }): readonly Diagnostic[] {
  if (!nestsWithin(text)) return [fault('INVALID_JSON_DESCRIPTION', 'The definition is nested too deeply.')]
  let definition: Json
  try {
    definition = JSON.parse(text) as Json
  } catch (error) {
    return [fault('INVALID_JSON_DESCRIPTION', error instanceof Error ? error.message : 'not JSON')]
  }
  if (!isObject(definition)) return [fault('INVALID_JSON_DESCRIPTION', 'A definition is a JSON object.')]
  const check = new Check(type)
  check.block(definition, '')
  if (check.found.length === 0) {
    const compiled = compileDefinition(text)
    if (!compiled.ok) check.found.push(...compiled.error)
  }
  return check.found.slice(0, DIAGNOSTICS_MAX)
}

function fault(code: string, message: string, location?: string): Diagnostic {
  return { severity: 'ERROR', code, message, ...(location !== undefined && { location }) }
}

class Check {
  readonly found: Diagnostic[] = []
  readonly #type: 'STANDARD' | 'EXPRESS'
  readonly #names = new Set<string>()

  constructor(type: 'STANDARD' | 'EXPRESS') {
    this.#type = type
  }

  block(block: JsonObject, location: string): void {
    const startAt = getOwn(block, 'StartAt')
    const states = getOwn(block, 'States')
    const missing = [states === undefined && 'States', startAt === undefined && 'StartAt'].filter((name) => name !== false)
    if (missing.length > 0) this.#schema(`These fields are required: [${missing.join(', ')}]`, location || '/')
    if (!isObject(states)) return
    if (typeof startAt === 'string' && !Object.hasOwn(states, startAt)) {
      this.found.push(fault('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${startAt}`, `${location}/StartAt`))
    }
    for (const [name, state] of Object.entries(states)) {
      const at = `${location}/States/${name}`
      if (this.#names.has(name)) this.found.push(fault('DUPLICATE_STATE_NAME', `Duplicate state name: ${name}`, at))
      this.#names.add(name)
      if (name.length > 80) this.found.push(fault('INVALID_STATE_NAME', 'State names must be at most 80 characters', at))
      if (isObject(state)) this.#state(name, state, states, at)
      else this.#schema('A state is a JSON object', at)
    }
    if (typeof startAt === 'string' && this.found.length === 0) this.#reachability(startAt, states, location)
  }

  #schema(message: string, location: string): void {
    this.found.push(fault('SCHEMA_VALIDATION_FAILED', message, location))
  }

  #state(_name: string, state: JsonObject, siblings: JsonObject, at: string): void {
    const type = getOwn(state, 'Type')
    if (type === undefined) return this.#schema('These fields are required: [Type]', at)
    if (typeof type !== 'string' || !TYPES.includes(type)) {
      return this.#schema(`The field 'Type' should have one of these values: [${TYPES.join(', ')}]`, `${at}/Type`)
    }
    this.#transitions(type, state, siblings, at)
    if (type === 'Task') this.#task(state, at)
    if (type === 'Parallel') this.#branches(state, at)
    if (type === 'Map') this.#processor(state, at)
  }

  #transitions(type: string, state: JsonObject, siblings: JsonObject, at: string): void {
    for (const { to, place } of transitionsOf(state)) {
      if (!Object.hasOwn(siblings, to))
        this.found.push(fault('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${to}`, `${at}/${place}`))
    }
    if (type === 'Choice') {
      const choices = getOwn(state, 'Choices')
      if (!isArray(choices)) this.#schema('These fields are required: [Choices]', at)
      else if (choices.length === 0) this.#schema('Value cannot be empty', `${at}/Choices`)
      return
    }
    if (type === 'Succeed' || type === 'Fail') return
    const hasNext = getOwn(state, 'Next') !== undefined
    const isEnd = getOwn(state, 'End') === true
    if (!hasNext && !isEnd) this.#schema('There should be one of the following fields: [Next, End]', at)
    if (hasNext && isEnd) this.#schema('There should only be one of the following fields: [Next, End]', at)
  }

  #task(state: JsonObject, at: string): void {
    const resource = getOwn(state, 'Resource')
    if (typeof resource !== 'string') return this.#schema('These fields are required: [Resource]', at)
    if (this.#type === 'STANDARD') return
    const refuse = (what: string) => this.#schema(`Express state machine does not support ${what}`, `${at}/Resource`)
    if (/\.sync(:2)?$/.test(resource)) refuse("'.sync' service integration ")
    else if (resource.endsWith('.waitForTaskToken')) refuse("'.waitForTaskToken' service integration ")
    else if (resource.includes(':activity:')) refuse('Activity ARN')
  }

  #branches(state: JsonObject, at: string): void {
    const branches = getOwn(state, 'Branches')
    if (!isArray(branches)) return this.#schema('These fields are required: [Branches]', at)
    if (branches.length === 0) this.#schema('Value cannot be empty', `${at}/Branches`)
    for (const [i, branch] of branches.entries()) if (isObject(branch)) this.block(branch, `${at}/Branches[${i}]`)
  }

  #processor(state: JsonObject, at: string): void {
    const field = Object.hasOwn(state, 'ItemProcessor') ? 'ItemProcessor' : 'Iterator'
    const processor = getOwn(state, field)
    if (!isObject(processor)) return this.#schema('These fields are required: [ItemProcessor]', at)
    this.block(processor, `${at}/${field}`)
  }

  /** States that nothing leads to are errors on AWS. */
  #reachability(startAt: string, states: JsonObject, location: string): void {
    const reached = new Set<string>([startAt])
    for (const name of reached) {
      const state = states[name]
      if (isObject(state)) for (const { to } of transitionsOf(state)) if (Object.hasOwn(states, to)) reached.add(to)
    }
    if (![...reached].some((name) => isTerminal(states[name]))) {
      this.found.push(fault('MISSING_END_STATE', 'Workflow has no terminal state'))
      return
    }
    for (const name of Object.keys(states)) {
      if (!reached.has(name))
        this.found.push(fault('MISSING_TRANSITION_TARGET', `State "${name}" is not reachable.`, `${location}/States/${name}`))
    }
  }
}

const isTerminal = (state: Json | undefined): boolean =>
  isObject(state) && (getOwn(state, 'End') === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail')

/** Every place of a state that names another. */
function transitionsOf(state: JsonObject): readonly { readonly to: string; readonly place: string }[] {
  const all: { to: string; place: string }[] = []
  const add = (holder: JsonObject, field: string, place: string) => {
    const to = getOwn(holder, field)
    if (typeof to === 'string') all.push({ to, place })
  }
  add(state, 'Next', 'Next')
  add(state, 'Default', 'Default')
  for (const field of ['Choices', 'Catch']) {
    const rules = getOwn(state, field)
    if (!isArray(rules)) continue
    for (const [i, rule] of rules.entries()) if (isObject(rule)) add(rule, 'Next', `${field}[${i}]/Next`)
  }
  return all
}
