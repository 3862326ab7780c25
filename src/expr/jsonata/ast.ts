/**
 * The syntax tree as the `jsonata` package's parser (release 2.0.6) hands it out, and the only place that calls it.
 * Which members a node carries depends on `type`; see the package's "processAST" stage for their meaning.
 */
import jsonata from 'jsonata'

import { err, ok, type Result } from '../../base/result.ts'

export interface AstNode {
  readonly type: string
  readonly value?: unknown
  readonly position?: number
  readonly steps?: readonly AstNode[]
  readonly stages?: readonly Stage[]
  readonly predicate?: readonly Stage[]
  readonly group?: Group
  readonly keepArray?: boolean
  readonly keepSingletonArray?: boolean
  readonly consarray?: boolean
  readonly tuple?: boolean
  /** `@$name`: the step binds each item to a variable and keeps the context. */
  readonly focus?: string
  /** `#$name`: the step binds each item's position. */
  readonly index?: string
  /** `%` further on looks for this step's context under the label. */
  readonly ancestor?: { readonly label: string }
  readonly slot?: { readonly label: string }
  readonly lhs?: AstNode | readonly (readonly [AstNode, AstNode])[]
  readonly rhs?: AstNode
  readonly expression?: AstNode
  readonly expressions?: readonly AstNode[]
  readonly terms?: readonly { readonly descending: boolean; readonly expression: AstNode }[]
  readonly arguments?: readonly AstNode[]
  readonly procedure?: AstNode
  readonly body?: AstNode
  readonly signature?: { readonly definition: string }
  readonly thunk?: boolean
  readonly condition?: AstNode
  readonly then?: AstNode
  readonly else?: AstNode
  readonly pattern?: AstNode
  readonly update?: AstNode
  readonly delete?: AstNode
}

export interface Stage {
  readonly type: 'filter' | 'index'
  readonly expr?: AstNode
  readonly value?: string
}

export interface Group {
  readonly lhs: readonly (readonly [AstNode, AstNode])[]
}

export interface ParseFailure {
  readonly code: string | undefined
  readonly message: string
  readonly offset: number | undefined
  /** The text nests deeper than the parser's stack; it may be sound. */
  readonly isTooDeep: boolean
}

/** The parser takes a microsecond a character of the worst texts: longer expressions would hold the process up. */
const EXPRESSION_CHARS_MAX = 64 * 1024

/** The parser walks back through the whole path for each `%`, `@` and `#`. */
const PATH_OPERATORS_MAX = 500

const LITERALS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/gs

function unreasonable(text: string): string | undefined {
  if (text.length > EXPRESSION_CHARS_MAX) return `The expression has more than ${EXPRESSION_CHARS_MAX} characters`
  if (text.length <= PATH_OPERATORS_MAX) return undefined
  const operators = text.replace(LITERALS, '').match(/[%@#]/g)?.length ?? 0
  return operators > PATH_OPERATORS_MAX ? `The expression has more than ${PATH_OPERATORS_MAX} of %, @ and #` : undefined
}

/** Reads an expression. Never throws. */
export function parseJsonata(text: string): Result<AstNode, ParseFailure> {
  const reason = unreasonable(text)
  if (reason !== undefined) return err({ code: undefined, message: reason, offset: undefined, isTooDeep: false })
  try {
    return ok(jsonata(text).ast() as unknown as AstNode)
  } catch (thrown) {
    const failure = thrown as { code?: string; message?: string; position?: number }
    return err({
      code: failure.code,
      message: failure.message ?? 'The expression cannot be parsed',
      offset: failure.position,
      isTooDeep: thrown instanceof RangeError,
    })
  }
}

/** The expressions directly inside a node, in no particular order. */
export function childrenOf(node: AstNode): AstNode[] {
  const children: AstNode[] = []
  const add = (child: AstNode | undefined): void => {
    if (child !== undefined) children.push(child)
  }
  const pairs = (list: Group['lhs']): void => {
    for (const [key, value] of list) children.push(key, value)
  }
  node.steps?.forEach(add)
  for (const stage of [...(node.stages ?? []), ...(node.predicate ?? [])]) add(stage.expr)
  if (node.group) pairs(node.group.lhs)
  if (Array.isArray(node.lhs)) pairs(node.lhs as Group['lhs'])
  else add(node.lhs as AstNode | undefined)
  add(node.rhs)
  add(node.expression)
  node.expressions?.forEach(add)
  for (const term of node.terms ?? []) add(term.expression)
  node.arguments?.forEach(add)
  for (const child of [node.procedure, node.body, node.condition, node.then, node.else]) add(child)
  for (const child of [node.pattern, node.update, node.delete]) add(child)
  return children
}

/** `{key: value}` pairs of an object constructor. */
export const pairsOf = (node: AstNode): Group['lhs'] => node.lhs as Group['lhs']
/** The left operand of a binary node. */
export const leftOf = (node: AstNode): AstNode => node.lhs as AstNode
