/** A JSONPath as read: a root and steps. Plain data; `definite.ts` and `visit.ts` turn it into closures. */

export interface PathAst {
  readonly root: PathRoot
  readonly steps: readonly Step[]
}

export type PathRoot = { readonly kind: 'input' | 'context' } | { readonly kind: 'variable'; readonly name: string }

export type Step =
  | { readonly type: 'property'; readonly names: readonly string[] }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'indexes'; readonly indexes: readonly number[] }
  /** `[(@.length-1)]`: the offset is negative, or past the end. */
  | { readonly type: 'fromEnd'; readonly offset: number }
  /** One of the ends, or both. */
  | { readonly type: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly type: 'wildcard' }
  | { readonly type: 'scan' }
  | { readonly type: 'filter'; readonly filter: Filter }
  /** `[?]`, `[?,?]`: places for filters of the caller's, which Step Functions has none of. Fails where it would judge. */
  | { readonly type: 'unset'; readonly count: number }
  /** A `$` behind a bracket or `..`: stays where it is. */
  | { readonly type: 'root' }

/** `||` of `&&`, both in the order in which they are judged: from the last one written to the first. */
export type Filter = readonly (readonly Criterion[])[]

export type Criterion =
  | { readonly type: 'exists'; readonly path: OperandPath; readonly isNegated: boolean }
  | { readonly type: 'compare'; readonly left: Operand; readonly operator: Operator; readonly right: Operand }

export type Operand =
  /** Always a text: `1`, `true` and `foo` are what they are compared with. */
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'pattern'; readonly source: string; readonly ignoresCase: boolean }
  | { readonly type: 'path'; readonly path: OperandPath }

/** `@…` starts at the item that is judged, `$…` at the document that is searched. Always definite. */
export interface OperandPath {
  readonly text: string
  readonly root: 'item' | 'document'
  readonly steps: readonly Step[]
}

/** In the order in which a criterion is searched for them. */
export const OPERATORS = ['==', '>=', '<=', '!=', '<', '>', '=~'] as const
export type Operator = (typeof OPERATORS)[number]

/** A definite path names one place. Several names in one bracket are merged into one object, which is one value too. */
export const isDefinite = (steps: readonly Step[]): boolean => steps.every(isDefiniteStep)

export const isDefiniteStep = ({ type }: Step): boolean =>
  type === 'property' || type === 'index' || type === 'fromEnd' || type === 'root'

/** A reference path names one place with single names and indexes only. */
export const isReference = (steps: readonly Step[]): boolean =>
  steps.every((step) => (step.type === 'property' && step.names.length === 1) || step.type === 'index')

/** Steps in Jayway's canonical spelling: `['a'][0]`. */
export const printSteps = (steps: readonly Step[]): string => steps.map(printStep).join('')

export function printStep(step: Step): string {
  switch (step.type) {
    case 'property':
      return `[${step.names.map((name) => `'${name}'`).join(', ')}]`
    case 'index':
      return `[${step.index}]`
    case 'indexes':
      return `[${step.indexes.join(',')}]`
    case 'fromEnd':
      return `[@.size()${step.offset}]`
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}]`
    case 'wildcard':
      return '[*]'
    case 'scan':
      return '..'
    case 'filter':
      return '[?]'
    case 'unset':
      return `[${Array(step.count).fill('?').join(',')}]`
    case 'root':
      return '$'
  }
}
