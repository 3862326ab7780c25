/**
 * A JSONPath, read once and compiled to closures. Indefinite paths answer an array, empty when nothing is there, even when
 * their definite beginning is missing (recorded: `$.item.items[1:5]` of `{}` is `[]`); definite paths answer one value or the
 * reason why there is none.
 */
import type { Json } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import type { Scope } from '../scope.ts'
import { WORK_MAX, Work, WorkSpent } from '../work.ts'
import { isDefinite, isReference, type PathAst, type Step } from './ast.ts'
import { type SyntaxProblem, SyntaxFault } from './cursor.ts'
import { compileDefinite, explainMiss } from './definite.ts'
import { compileSelect } from './indefinite.ts'
import { parsePath } from './parser.ts'
import { Run } from './run.ts'

export interface Missing {
  /** Jayway's text, such as `Missing property in path $['no']`. */
  readonly missing: string
}

export interface JsonPath {
  readonly text: string
  readonly isDefinite: boolean
  /** Only single names and indexes. */
  readonly isReference: boolean
  /** `$` is the input, `$$` the context object, `$name` a variable. */
  readonly root: 'input' | 'context' | 'variable'
  readonly variableName?: string
  readonly steps: readonly Step[]
  /** The variables that the path mentions: one or none. */
  variables(): readonly string[]
  /** The value in `scope`. An index past the end of an array that is there is null, as in AWS's payload templates. */
  select(scope: Scope): Result<Json, Missing>
  /** As `select`, but an index past the end is missing, as in AWS's intrinsic arguments and `IsPresent`. */
  selectPresent(scope: Scope): Result<Json, Missing>
  /** As `select`, with `document` in place of what the root names. */
  selectIn(document: Json, work?: Work): Result<Json, Missing>
  /** What the root names; undefined for a variable without a value. */
  document(scope: Scope): Json | undefined
}

/** Reads and compiles a path; the problem says what is wrong and where in `text`. */
export function compilePath(text: string): Result<JsonPath, SyntaxProblem> {
  try {
    return ok(new CompiledPath(text, parsePath(text)))
  } catch (error) {
    if (error instanceof SyntaxFault) return err({ message: error.message, offset: error.offset })
    throw error
  }
}

class CompiledPath implements JsonPath {
  readonly text: string
  readonly isDefinite: boolean
  readonly isReference: boolean
  readonly root: 'input' | 'context' | 'variable'
  readonly variableName?: string
  readonly steps: readonly Step[]
  readonly #find: (document: Json, work?: Work) => Json | undefined

  constructor(text: string, { root, steps }: PathAst) {
    this.text = text
    this.steps = steps
    this.root = root.kind
    if (root.kind === 'variable') this.variableName = root.name
    this.isDefinite = isDefinite(steps)
    this.isReference = isReference(steps)
    this.#find = this.isDefinite ? compileDefinite(steps) : compileIndefinite(steps)
  }

  variables(): readonly string[] {
    return this.variableName === undefined ? [] : [this.variableName]
  }

  select(scope: Scope): Result<Json, Missing> {
    const document = this.root === 'input' ? scope.input : this.document(scope)
    return document === undefined ? this.#unassigned() : this.selectIn(document, scope.work)
  }

  selectIn(document: Json, work?: Work): Result<Json, Missing> {
    const value = this.#find(document, work)
    return value === undefined ? this.#explain(document, true) : ok(value)
  }

  selectPresent(scope: Scope): Result<Json, Missing> {
    const document = this.document(scope)
    if (document === undefined) return this.#unassigned()
    const value = this.#find(document, scope.work)
    return value === undefined ? this.#explain(document, false) : ok(value)
  }

  document(scope: Scope): Json | undefined {
    if (this.root === 'input') return scope.input
    if (this.root === 'context') return scope.context()
    return scope.variable(this.variableName ?? '')
  }

  #explain(document: Json, isPastEndNull: boolean): Result<Json, Missing> {
    if (!this.isDefinite) return err({ missing: `The path visits more than ${WORK_MAX} nodes` })
    const miss = explainMiss(this.steps, document)
    return miss.isPastEnd && isPastEndNull ? ok(null) : err({ missing: miss.text })
  }

  #unassigned(): Result<Json, Missing> {
    return err({ missing: `No results for path: $${this.variableName}` })
  }
}

/** Undefined only when the work is spent, or when data nests deeper than the call stack bears. */
function compileIndefinite(steps: readonly Step[]): (document: Json, work?: Work) => Json | undefined {
  const select = compileSelect(steps)
  return (document, work = new Work()) => {
    try {
      return select(document, new Run(document, work))
    } catch (error) {
      if (error instanceof WorkSpent || error instanceof RangeError) return undefined
      throw error
    }
  }
}
