/** Visits a definition as it is written: every block (the machine, branches, item processors) and every state, outer ones first. */
import { isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import type { Key } from '../source/tree.ts'

import {
  isStateType,
  type UntypedState,
  type WrittenBlock,
  type WrittenCatcher,
  type WrittenMachine,
  type WrittenRule,
  type WrittenState,
} from './document/written.ts'
import { Expressions } from './expressions.ts'
import type { QueryLanguage, StateType } from './program.ts'

export interface VisitedBlock {
  readonly document: WrittenBlock
  /** As AWS names places; the machine itself is ''. */
  readonly at: string
  readonly path: readonly Key[]
  /** The Parallel or Map state around it. */
  readonly parent: VisitedState | undefined
  readonly states: readonly VisitedState[]
  /** Its states, or those around it, run as child executions of a distributed Map. */
  readonly distributed: JsonObject | undefined
}

export interface VisitedState {
  readonly name: string
  readonly document: WrittenState
  readonly at: string
  readonly path: readonly Key[]
  readonly block: VisitedBlock
  /** The machine's, unless the state says otherwise: what is around it does not count. */
  readonly language: QueryLanguage
}

export interface Machine {
  readonly document: WrittenMachine
  readonly type: 'STANDARD' | 'EXPRESS'
  readonly language: QueryLanguage
  readonly blocks: readonly VisitedBlock[]
  readonly states: readonly VisitedState[]
  readonly expressions: Expressions
}

export function visitMachine(document: WrittenMachine, type: 'STANDARD' | 'EXPRESS', expressions = new Expressions()): Machine {
  const language = document.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath'
  const blocks: VisitedBlock[] = []
  const states: VisitedState[] = []

  const visitBlock = (inner: InnerBlock, parent: VisitedState | undefined, distributed: JsonObject | undefined) => {
    const { document, at, path } = inner
    const own: VisitedState[] = []
    const block: VisitedBlock = { document, at, path, parent, states: own, distributed }
    blocks.push(block)
    if (!isObject(document.States)) return
    for (const [name, state] of Object.entries(document.States)) {
      if (isObject(state)) own.push(visitState(name, state, block, language))
    }
    states.push(...own)
    for (const state of own) {
      for (const inner of innerBlocks(state)) visitBlock(inner, state, inner.config ?? distributed)
    }
  }
  visitBlock({ document, at: '', path: [] }, undefined, undefined)
  return { document, type, language, blocks, states, expressions }
}

function visitState(name: string, document: WrittenState, block: VisitedBlock, around: QueryLanguage): VisitedState {
  const { QueryLanguage: given } = document
  return {
    name,
    document,
    at: `${block.at}/States/${name}`,
    path: [...block.path, 'States', name],
    block,
    language: given === 'JSONata' || given === 'JSONPath' ? given : around,
  }
}

interface InnerBlock {
  readonly document: WrittenBlock
  readonly at: string
  readonly path: readonly Key[]
  /** ProcessorConfig of a distributed Map. */
  readonly config?: JsonObject
}

/** Branches of a Parallel, the processor of a Map. */
export function innerBlocks({ document, at, path }: Pick<VisitedState, 'document' | 'at' | 'path'>): readonly InnerBlock[] {
  if (document.Type === 'Parallel') {
    return arrayOf(document.Branches).flatMap((branch, i) =>
      isObject(branch) ? [{ document: branch, at: `${at}/Branches[${i}]`, path: [...path, 'Branches', i] }] : [],
    )
  }
  if (document.Type !== 'Map') return []
  const field = processorField(document)
  const processor: Json | undefined = document[field]
  if (!isObject(processor)) return []
  const config = distributedConfig(processor)
  return [{ document: processor, at: `${at}/${field}`, path: [...path, field], ...(config && { config }) }]
}

/** ProcessorConfig, where it makes the Map a distributed one. */
export function distributedConfig({ ProcessorConfig: config }: WrittenBlock): JsonObject | undefined {
  return isObject(config) && config['Mode'] === 'DISTRIBUTED' ? config : undefined
}

/** `Iterator` is how Map states were written before 2022. */
export const processorField = (map: UntypedState): 'ItemProcessor' | 'Iterator' =>
  Object.hasOwn(map, 'ItemProcessor') || !Object.hasOwn(map, 'Iterator') ? 'ItemProcessor' : 'Iterator'

export interface Transition {
  readonly to: string
  /** Below the state: `Choices[0]/Next`. */
  readonly place: string
  readonly kind: 'next' | 'choice' | 'default' | 'catch'
}

/** Every place of a state that names another, in the order in which AWS looks at them. */
export function transitionsOf(state: UntypedState): readonly Transition[] {
  const all: Transition[] = []
  const add = (to: Json | undefined, place: string, kind: Transition['kind']) => {
    if (typeof to === 'string') all.push({ to, place, kind })
  }
  add(state.Next, 'Next', 'next')
  for (const [i, rule] of arrayOf(state.Choices).entries()) add(rulesNext(rule), `Choices[${i}]/Next`, 'choice')
  add(state.Default, 'Default', 'default')
  for (const [i, catcher] of arrayOf(state.Catch).entries()) add(rulesNext(catcher), `Catch[${i}]/Next`, 'catch')
  return all
}

function rulesNext(rule: Json): Json | undefined {
  const written: WrittenRule | WrittenCatcher = isObject(rule) ? rule : {}
  return written.Next
}

const arrayOf = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

/** How a state of a type goes on when all goes well. */
const WAYS_ON = {
  Pass: 'Next',
  Task: 'Next',
  Wait: 'Next',
  Parallel: 'Next',
  Map: 'Next',
  Choice: 'Choices',
  Succeed: 'none',
  Fail: 'none',
} as const satisfies Record<StateType, 'Next' | 'Choices' | 'none'>

/** Whether it has Next, or End in its place; a state of no known type may have it. */
export const goesOn = ({ Type }: UntypedState): boolean => !isStateType(Type) || WAYS_ON[Type] === 'Next'

/** Whether its block ends with it. */
export const isTerminal = ({ End, Type }: UntypedState): boolean =>
  End === true || (isStateType(Type) && WAYS_ON[Type] === 'none')
