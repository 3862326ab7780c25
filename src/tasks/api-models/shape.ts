/** What an API model is made of: shapes by name. Written by scripts/api-models.mjs. */
export type Shape =
  /** Any JSON. */
  | 'document'
  | PlainType
  | { readonly type: 'structure'; readonly required?: readonly string[]; readonly members: Readonly<Record<string, string>> }
  | { readonly type: 'list'; readonly member: string }
  | { readonly type: 'map'; readonly value: string }
  | { readonly type: PlainType; readonly min?: number; readonly max?: number; readonly enum?: readonly string[] }

export type PlainType = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob'

export interface Model {
  /** Operation -> the name of its output's shape. */
  readonly operations: Readonly<Record<string, string>>
  /** Operation -> the name of its input's shape; null where it takes nothing. Every operation is here. */
  readonly inputs: Readonly<Record<string, string | null>>
  readonly shapes: Readonly<Record<string, Shape>>
}
