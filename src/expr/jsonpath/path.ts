/**
 * A JSONPath, read once and compiled to closures. The dialect is Jayway 2.0.0, which AWS runs. Indefinite paths answer an
 * array; a definite beginning that is missing leaves it empty (recorded: `$.item.items[1:5]` of `{}` is `[]`). Definite
 * paths answer one value. Both answer the reason when there is none.
 */
import { isArray, type Json } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import type { Scope } from '../scope.ts'
import { WORK_MAX, Work, WorkSpent } from '../work.ts'
import { isDefinite, isReference, type PathAst, printSteps, type Step } from './ast.ts'
import { type SyntaxProblem, SyntaxFault } from './cursor.ts'
import { compileDefinite, type Find } from './definite.ts'
import { parsePath } from './parser.ts'
import { ReadFault, tell } from './problem.ts'
import { itemAt, Run } from './run.ts'
import { compileVisits } from './visit.ts'

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
  readonly #find?: Find
  #collect?: Collect

  constructor(text: string, { root, steps }: PathAst) {
    this.text = text
    this.steps = steps
    this.root = root.kind
    if (root.kind === 'variable') this.variableName = root.name
    this.isDefinite = isDefinite(steps)
    this.isReference = isReference(steps)
    if (this.isDefinite) this.#find = compileDefinite(steps)
    // Patterns are read here, and refused.
    else this.#collect = compileCollect(steps)
  }

  variables(): readonly string[] {
    return this.variableName === undefined ? [] : [this.variableName]
  }

  select(scope: Scope): Result<Json, Missing> {
    const document = this.root === 'input' ? scope.input : this.document(scope)
    return document === undefined ? this.#unassigned() : this.selectIn(document, scope.work)
  }

  selectIn(document: Json, work?: Work): Result<Json, Missing> {
    const value = this.#find?.(document)
    if (value !== undefined) return ok(value)
    this.#collect ??= compileCollect(this.steps)
    const found = this.#collect(document, work)
    return found.ok && this.isDefinite ? ok(found.value[0] ?? null) : found
  }

  selectPresent(scope: Scope): Result<Json, Missing> {
    const document = this.document(scope)
    if (document === undefined) return this.#unassigned()
    const found = this.selectIn(document, scope.work)
    const isPastEnd = found.ok && found.value === null && this.isDefinite && endsPastEnd(this.steps, document)
    return isPastEnd ? err({ missing: `No results for path: $${printSteps(this.steps)}` }) : found
  }

  document(scope: Scope): Json | undefined {
    if (this.root === 'input') return scope.input
    if (this.root === 'context') return scope.context()
    return scope.variable(this.variableName ?? '')
  }

  #unassigned(): Result<Json, Missing> {
    return err({ missing: `No results for path: $${this.variableName}` })
  }
}

type Collect = (document: Json, work?: Work) => Result<readonly Json[], Missing>

/** All that the steps find, in order. */
function compileCollect(steps: readonly Step[]): Collect {
  const visit = compileVisits(steps)
  return (document, work = new Work()) => {
    const found: Json[] = []
    try {
      const problem = visit(document, new Run(document, work), found)
      return problem === undefined ? ok(found) : err({ missing: tell(problem, true) })
    } catch (error) {
      if (error instanceof ReadFault) return err({ missing: error.message })
      // A RangeError: data nested deeper than the call stack bears.
      if (error instanceof WorkSpent || error instanceof RangeError)
        return err({ missing: `The path visits more than ${WORK_MAX} nodes` })
      throw error
    }
  }
}

/** The last step is an index, and the array that it asks has no such item. */
function endsPastEnd(steps: readonly Step[], document: Json): boolean {
  const last = steps.at(-1)
  if (last?.type !== 'index' && last?.type !== 'fromEnd') return false
  const array = compileDefinite(steps.slice(0, -1))(document)
  return isArray(array) && itemAt(array, last.type === 'index' ? last.index : array.length + last.offset) === undefined
}
