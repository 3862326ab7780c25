/** A JSONPath as read: a root and steps. Plain data; `definite.ts` and `indefinite.ts` turn it into closures. */
import type { Json } from '../../base/json.ts'

export interface PathAst {
  readonly root: PathRoot
  readonly steps: readonly Step[]
}

export type PathRoot = { readonly kind: 'input' | 'context' } | { readonly kind: 'variable'; readonly name: string }

export type Step =
  | { readonly type: 'property'; readonly names: readonly [string, ...string[]] }
  | { readonly type: 'index'; readonly indexes: readonly [number, ...number[]] }
  | { readonly type: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly type: 'wildcard' }
  | { readonly type: 'scan' }
  | { readonly type: 'filter'; readonly filter: Filter }

export type Filter =
  | { readonly type: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly type: 'not'; readonly term: Filter }
  | { readonly type: 'exists'; readonly path: OperandPath }
  | { readonly type: 'compare'; readonly left: Operand; readonly operator: FilterOperator; readonly right: Operand }

export type Operand =
  | { readonly type: 'literal'; readonly value: Json }
  | { readonly type: 'pattern'; readonly source: string; readonly flags: string }
  | { readonly type: 'path'; readonly path: OperandPath }

/** `@…` starts at the item that is judged, `$…` at the document that is searched. */
export interface OperandPath {
  readonly root: 'item' | 'document'
  readonly steps: readonly Step[]
}

export type FilterOperator =
  | '=='
  | '==='
  | '!='
  | '!=='
  | '<'
  | '<='
  | '>'
  | '>='
  | '=~'
  | 'IN'
  | 'NIN'
  | 'CONTAINS'
  | 'ALL'
  | 'SIZE'
  | 'EMPTY'
  | 'SUBSETOF'
  | 'ANYOF'
  | 'NONEOF'

/** A definite path names one place. Several names at the end are merged into one object, which is one value too. */
export function isDefinite(steps: readonly Step[]): boolean {
  return steps.every(
    (step, i) =>
      (step.type === 'property' && (step.names.length === 1 || i === steps.length - 1)) ||
      (step.type === 'index' && step.indexes.length === 1),
  )
}

/** A reference path names one place with single names and indexes only. */
export function isReference(steps: readonly Step[]): boolean {
  return steps.every(
    (step) => (step.type === 'property' && step.names.length === 1) || (step.type === 'index' && step.indexes.length === 1),
  )
}

/** Steps in Jayway's canonical spelling: `['a'][0]`. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map(printStep).join('')
}

function printStep(step: Step): string {
  switch (step.type) {
    case 'property':
      return `[${step.names.map((name) => `'${name}'`).join(',')}]`
    case 'index':
      return `[${step.indexes.join(',')}]`
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}]`
    case 'wildcard':
      return '[*]'
    case 'scan':
      return '..'
    case 'filter':
      return '[?]'
  }
}
