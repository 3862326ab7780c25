/** Visits a definition as it is written: every block (the machine, branches, item processors) and every state, outer ones first. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { Expressions } from './expressions.ts'
import type { QueryLanguage } from './program.ts'

export interface VisitedBlock {
  readonly document: JsonObject
  /** As AWS names places; the machine itself is ''. */
  readonly at: string
  /** The Parallel or Map state around it. */
  readonly parent: VisitedState | undefined
  readonly states: readonly VisitedState[]
  /** Its states, or those around it, run as child executions of a distributed Map. */
  readonly distributed: JsonObject | undefined
}

export interface VisitedState {
  readonly name: string
  readonly document: JsonObject
  readonly at: string
  readonly block: VisitedBlock
  /** The machine's, unless the state says otherwise: what is around it does not count. */
  readonly language: QueryLanguage
}

export interface Machine {
  readonly document: JsonObject
  readonly type: 'STANDARD' | 'EXPRESS'
  readonly language: QueryLanguage
  readonly blocks: readonly VisitedBlock[]
  readonly states: readonly VisitedState[]
  readonly expressions: Expressions
}

export function visitMachine(document: JsonObject, type: 'STANDARD' | 'EXPRESS', expressions = new Expressions()): Machine {
  const language = getOwn(document, 'QueryLanguage') === 'JSONata' ? 'JSONata' : 'JSONPath'
  const blocks: VisitedBlock[] = []
  const states: VisitedState[] = []

  const visitBlock = (
    document: JsonObject,
    at: string,
    parent: VisitedState | undefined,
    distributed: JsonObject | undefined,
  ) => {
    const own: VisitedState[] = []
    const block: VisitedBlock = { document, at, parent, states: own, distributed }
    blocks.push(block)
    const written = getOwn(document, 'States')
    if (!isObject(written)) return
    for (const [name, state] of Object.entries(written)) {
      if (!isObject(state)) continue
      const given = getOwn(state, 'QueryLanguage')
      own.push({
        name,
        document: state,
        at: `${at}/States/${name}`,
        block,
        language: given === 'JSONata' || given === 'JSONPath' ? given : language,
      })
    }
    states.push(...own)
    for (const state of own) {
      for (const { document: inner, at, config } of innerBlocks(state)) visitBlock(inner, at, state, config ?? distributed)
    }
  }
  visitBlock(document, '', undefined, undefined)
  return { document, type, language, blocks, states, expressions }
}

interface InnerBlock {
  readonly document: JsonObject
  readonly at: string
  /** ProcessorConfig of a distributed Map. */
  readonly config?: JsonObject
}

/** Branches of a Parallel, the processor of a Map. */
export function innerBlocks({ document, at }: Pick<VisitedState, 'document' | 'at'>): readonly InnerBlock[] {
  const type = getOwn(document, 'Type')
  if (type === 'Parallel') {
    const branches = getOwn(document, 'Branches')
    return (isArray(branches) ? branches : []).flatMap((branch, i) =>
      isObject(branch) ? [{ document: branch, at: `${at}/Branches[${i}]` }] : [],
    )
  }
  if (type !== 'Map') return []
  const field = processorField(document)
  const processor = getOwn(document, field)
  if (!isObject(processor)) return []
  const config = getOwn(processor, 'ProcessorConfig')
  const isDistributed = isObject(config) && getOwn(config, 'Mode') === 'DISTRIBUTED'
  return [{ document: processor, at: `${at}/${field}`, ...(isDistributed && { config }) }]
}

/** `Iterator` is how Map states were written before 2022. */
export const processorField = (map: JsonObject): 'ItemProcessor' | 'Iterator' =>
  Object.hasOwn(map, 'ItemProcessor') || !Object.hasOwn(map, 'Iterator') ? 'ItemProcessor' : 'Iterator'

export interface Transition {
  readonly to: string
  /** Below the state: `Choices[0]/Next`. */
  readonly place: string
  readonly kind: 'next' | 'choice' | 'default' | 'catch'
}

/** Every place of a state that names another, in the order in which AWS looks at them. */
export function transitionsOf(state: JsonObject): readonly Transition[] {
  const all: Transition[] = []
  const add = (holder: JsonObject, field: string, place: string, kind: Transition['kind']) => {
    const to = getOwn(holder, field)
    if (typeof to === 'string') all.push({ to, place, kind })
  }
  add(state, 'Next', 'Next', 'next')
  for (const [i, rule] of objectsOf(getOwn(state, 'Choices')).entries()) add(rule, 'Next', `Choices[${i}]/Next`, 'choice')
  add(state, 'Default', 'Default', 'default')
  for (const [i, catcher] of objectsOf(getOwn(state, 'Catch')).entries()) add(catcher, 'Next', `Catch[${i}]/Next`, 'catch')
  return all
}

const objectsOf = (value: Json | undefined): readonly JsonObject[] =>
  isArray(value) ? value.map((item) => (isObject(item) ? item : {})) : []

export const isTerminal = (state: JsonObject): boolean =>
  getOwn(state, 'End') === true || getOwn(state, 'Type') === 'Succeed' || getOwn(state, 'Type') === 'Fail'
