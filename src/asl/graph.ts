/**
 * A definition as nodes and edges, for a drawing: no pixels. Takes any document that is JSON, valid or not, so that an editor
 * can draw what is being typed. Start and end are nodes of their own, as AWS's console draws them.
 */
import { getOwn, isArray, isObject, type JsonObject } from '../base/json.ts'

import { isStateType, type UntypedState } from './document/written.ts'
import type { StateType } from './program.ts'
import { distributedConfig, isTerminal, type Transition, transitionsOf, type VisitedBlock, visitMachine } from './walk.ts'

export interface GraphNode {
  /** Place of the state, or of its block with `#start` or `#end` behind it: unique also where names are not. */
  readonly id: string
  readonly kind: 'state' | 'start' | 'end'
  readonly name: string
  readonly type: StateType | undefined
  /** What a Task calls, short: `lambda:invoke`, the name of a function or an activity. */
  readonly resource?: string | undefined
  /** A Map whose iterations are executions of their own. */
  readonly isDistributed?: boolean
  /** The block that it stands in. */
  readonly block: string
  /** Blocks within, in order: branches of a Parallel, the processor of a Map. */
  readonly blocks: readonly string[]
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly kind: Transition['kind'] | 'start' | 'end'
  /** What leads this way: a choice's condition, a catcher's errors. */
  readonly label: string | undefined
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

export function drawGraph(document: JsonObject): Graph {
  const { blocks } = visitMachine(document, 'STANDARD')
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  for (const block of blocks) {
    const inner = (state: string) => blocks.filter(({ parent }) => parent?.at === state).map(({ at }) => at)
    nodes.push(terminal(block, 'start'))
    for (const { name, document, at } of block.states)
      nodes.push({
        id: at,
        kind: 'state',
        name,
        type: isStateType(document.Type) ? document.Type : undefined,
        resource: resourceOf(document),
        isDistributed: isDistributed(document),
        block: block.at,
        blocks: inner(at),
      })
    nodes.push(terminal(block, 'end'))
    edges.push(...edgesOf(block))
  }
  return { nodes, edges }
}

const terminal = ({ at }: VisitedBlock, kind: 'start' | 'end'): GraphNode => ({
  id: `${at}#${kind}`,
  kind,
  name: kind === 'start' ? 'Start' : 'End',
  type: undefined,
  block: at,
  blocks: [],
})

const isDistributed = ({ ItemProcessor: processor }: UntypedState): boolean =>
  isObject(processor) && distributedConfig(processor) !== undefined

function resourceOf({ Resource: resource }: UntypedState): string | undefined {
  if (typeof resource !== 'string') return undefined
  const integration = /^arn:[^:]*:states:[^:]*:[^:]*:(?!activity:)(.+)$/.exec(resource)?.[1]
  return (integration ?? /:(?:function|activity):([^:]+)/.exec(resource)?.[1] ?? resource).slice(0, RESOURCE_MAX)
}

const RESOURCE_MAX = 60

function edgesOf({ document, states, at }: VisitedBlock): GraphEdge[] {
  const place = new Map(states.map((state) => [state.name, state.at]))
  const edges: GraphEdge[] = []
  const startAt = document.StartAt
  const first = typeof startAt === 'string' ? place.get(startAt) : undefined
  if (first !== undefined) edges.push({ from: `${at}#start`, to: first, kind: 'start', label: undefined })
  for (const state of states) {
    for (const transition of transitionsOf(state.document)) {
      const to = place.get(transition.to)
      if (to !== undefined) edges.push({ from: state.at, to, kind: transition.kind, label: labelOf(state.document, transition) })
    }
    if (isTerminal(state.document)) edges.push({ from: state.at, to: `${at}#end`, kind: 'end', label: undefined })
  }
  return edges
}

function labelOf(state: UntypedState, { kind, place }: Transition): string | undefined {
  if (kind === 'default') return 'Default'
  const index = Number(/\[(\d+)\]/.exec(place)?.[1])
  const list = kind === 'choice' ? state.Choices : state.Catch
  const rule = isArray(list) && Number.isInteger(index) ? list[index] : undefined
  if (!isObject(rule) || (kind !== 'choice' && kind !== 'catch')) return undefined
  if (kind === 'catch') return [getOwn(rule, 'ErrorEquals') ?? []].flat().join(', ')
  return describeRule(rule)
}

/** A choice rule as one reads it: `$.value >= 20 and $.value < 30`. */
export function describeRule(rule: JsonObject): string {
  const condition = getOwn(rule, 'Condition')
  if (condition !== undefined) return String(condition).replace(/^\{%\s*|\s*%\}$/g, '')
  for (const [name, word] of [
    ['And', ' and '],
    ['Or', ' or '],
  ] as const) {
    const parts = getOwn(rule, name)
    if (Array.isArray(parts)) return parts.map((part) => describeRule(part as JsonObject)).join(word)
  }
  const not = getOwn(rule, 'Not')
  if (not !== undefined) return `not (${describeRule(not as JsonObject)})`
  const operator = Object.keys(rule).find((name) => /^(?:String|Numeric|Boolean|Timestamp|Is)/.test(name))
  if (operator === undefined) return ''
  const value = getOwn(rule, operator)
  return `${String(getOwn(rule, 'Variable') ?? '')} ${describeOperator(operator, value)}`
}

const SIGNS: Readonly<Record<string, string>> = {
  Equals: '=',
  LessThan: '<',
  GreaterThan: '>',
  LessThanEquals: '<=',
  GreaterThanEquals: '>=',
  Matches: 'matches',
}

function describeOperator(operator: string, value: unknown): string {
  const is = /^Is(\w+)$/.exec(operator)?.[1]
  if (is !== undefined) return `${value === false ? 'is not' : 'is'} ${is.toLowerCase()}`
  const comparison = operator.replace(/^(?:String|Numeric|Boolean|Timestamp)/, '').replace(/Path$/, '')
  return `${SIGNS[comparison] ?? operator} ${operator.endsWith('Path') ? String(value) : JSON.stringify(value)}`
}
