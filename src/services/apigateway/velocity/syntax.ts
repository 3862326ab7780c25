/** What a template of the Velocity Template Language is made of. Source: Apache Velocity user guide and VTL reference. */

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  | { readonly kind: 'foreach'; readonly name: string; readonly list: Expression; readonly body: Template }
  | { readonly kind: 'define'; readonly name: string; readonly body: Template }
  | { readonly kind: 'macro'; readonly name: string; readonly parameters: readonly string[]; readonly body: Template }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'break' }
  | { readonly kind: 'stop' }

export type Template = readonly Node[]

export interface Branch {
  /** Undefined: `#else`. */
  readonly condition: Expression | undefined
  readonly body: Template
}

export interface Reference {
  readonly name: string
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'method'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'index'; readonly index: Expression }

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** In double quotes: a template itself. */
  | { readonly kind: 'interpolated'; readonly template: Template }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'minus'; readonly operand: Expression }
  /** From left to right: `1 + 2 - 3`. */
  | { readonly kind: 'operations'; readonly first: Expression; readonly rest: readonly Operation[] }

export interface Operation {
  readonly operator: Operator
  readonly operand: Expression
}

export type Operator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'

/** The template is none, or asks for more than it may. API Gateway answers 500 then. */
export class TemplateError extends Error {}
