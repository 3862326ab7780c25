/**
 * What AWS checks of an expression when the state machine is created, and what it mentions.
 * An expression is evaluated without a context, so a path that starts with a name reads nothing: AWS refuses it, and `$$`
 * too (floci-io/floci#2670, #2745). Inside predicates, later steps, groupings and sorts there is a context again.
 */
import { type AstNode, childrenOf, leftOf } from './ast.ts'
import { BUILT_IN } from './functions/table.ts'

export interface Mentions {
  /** Variables that the expression does not bind itself, built-in functions and `$states` left out; in order of first use. */
  readonly variables: readonly string[]
  /** Members of `$states`: input, result, errorOutput, context. */
  readonly statesFields: readonly string[]
  /** Names used where there is no context. */
  readonly topLevelNames: readonly string[]
}

export function inspect(ast: AstNode): Mentions {
  const inspector = new Inspector()
  inspector.walk(ast, true, new Set(boundIn([ast])))
  return {
    variables: [...inspector.variables],
    statesFields: [...inspector.statesFields],
    topLevelNames: [...inspector.topLevelNames],
  }
}

const CONTEXT_SELECTORS: Readonly<Record<string, string>> = { wildcard: '*', descendant: '**', parent: '%' }

class Inspector {
  readonly variables = new Set<string>()
  readonly statesFields = new Set<string>()
  readonly topLevelNames = new Set<string>()

  walk(node: AstNode, isTop: boolean, bound: ReadonlySet<string>): void {
    if (node.type === 'path') {
      this.#path(node, isTop, bound)
      return
    }
    if (node.type === 'variable') this.#variable(node.value as string, bound)
    else if (isTop && node.type in CONTEXT_SELECTORS) this.topLevelNames.add(CONTEXT_SELECTORS[node.type] as string)
    else if (isTop && node.type === 'name') this.topLevelNames.add(node.value as string)
    else if (node.type === 'bind') this.walk(node.rhs as AstNode, isTop, bound)
    else if (node.type === 'transform') this.#transform(node, bound)
    else this.#children(node, isTop, bound)
    this.#selections(node, bound)
  }

  #children(node: AstNode, isTop: boolean, bound: ReadonlySet<string>): void {
    const inner = innerScope(node, bound)
    const selections = new Set([...(node.predicate ?? []), ...(node.stages ?? [])].map((stage) => stage.expr))
    const grouped = new Set(node.group?.lhs.flat())
    for (const child of childrenOf(node)) {
      const isParameter = node.type === 'lambda' && node.arguments?.includes(child)
      if (!isParameter && !selections.has(child) && !grouped.has(child)) this.walk(child, isTop, inner)
    }
  }

  #selections(node: AstNode, bound: ReadonlySet<string>): void {
    for (const stage of [...(node.predicate ?? []), ...(node.stages ?? [])]) if (stage.expr) this.walk(stage.expr, false, bound)
    for (const part of node.group?.lhs.flat() ?? []) this.walk(part, false, bound)
  }

  #path(node: AstNode, isTop: boolean, bound: ReadonlySet<string>): void {
    const steps = node.steps ?? []
    const carried = new Set(bound)
    for (const step of steps) {
      if (step.focus !== undefined) carried.add(step.focus)
      if (step.index !== undefined) carried.add(step.index)
      for (const stage of step.stages ?? []) if (stage.value !== undefined) carried.add(stage.value)
    }
    steps.forEach((step, i) => {
      this.walk(step, isTop && i === 0, carried)
    })
    const [first, second] = steps
    if (first?.type === 'variable' && first.value === 'states' && second?.type === 'name') {
      this.statesFields.add(second.value as string)
    }
    this.#selections({ ...node, stages: [] } as AstNode, carried)
  }

  #variable(name: string, bound: ReadonlySet<string>): void {
    if (name === '$') this.topLevelNames.add('$$')
    else if (name !== '' && name !== 'states' && !bound.has(name) && !BUILT_IN.has(name)) this.variables.add(name)
  }

  /** The pattern and what follows it look at the object that is being changed. */
  #transform(node: AstNode, bound: ReadonlySet<string>): void {
    for (const child of childrenOf(node)) this.walk(child, false, bound)
  }
}

function innerScope(node: AstNode, bound: ReadonlySet<string>): ReadonlySet<string> {
  if (node.type === 'lambda') {
    return new Set([...bound, ...(node.arguments ?? []).map((parameter) => parameter.value as string), ...boundIn([node.body])])
  }
  return node.type === 'block' ? new Set([...bound, ...boundIn(node.expressions ?? [])]) : bound
}

/** Names bound in these nodes themselves, not in blocks and functions inside them. */
function boundIn(nodes: readonly (AstNode | undefined)[]): string[] {
  return nodes.flatMap((node) => {
    if (node === undefined || node.type === 'lambda' || node.type === 'block') return []
    const own = node.type === 'bind' ? [leftOf(node).value as string] : []
    return [...own, ...boundIn(childrenOf(node))]
  })
}
