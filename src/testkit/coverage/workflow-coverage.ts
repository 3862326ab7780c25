/** What runs have reached of one workflow: its points, and how often each was. */
import { isObject, type JsonObject } from '../../base/json.ts'

import { TestKitError } from '../kit-error.ts'

import { countHistory, type History } from './count-history.ts'
import { type Model, modelOf } from './model.ts'
import { type Point, pointsOf } from './points.ts'
import { Tally } from './tally.ts'

/** The workflow that histories are of. */
export interface CoveredWorkflow {
  readonly name: string
  /** JSON text, with its substitutions made. */
  readonly definition: string
  /** The file that it is written in, from where the tests run. */
  readonly file?: string | undefined
  /** Where the file is a template: the logical id of the state machine. */
  readonly resource?: string | undefined
}

export class WorkflowCoverage {
  readonly workflow: CoveredWorkflow
  readonly document: JsonObject
  readonly points: readonly Point[]
  /** Histories that were added; those of children are not counted. */
  runs = 0
  readonly #tally = new Tally()
  #model: Model | undefined

  /** Throws TestKitError where the definition is no JSON object. */
  constructor(workflow: CoveredWorkflow) {
    this.workflow = workflow
    this.document = documentOf(workflow)
    this.points = pointsOf(this.document)
  }

  /** The same for workflows whose coverage adds up: of one name and file, with the same points. */
  get key(): string {
    const { name, file, resource } = this.workflow
    return JSON.stringify([name, file, resource, this.points.map(({ id }) => id)])
  }

  /** Throws TestKitError where the history is of another definition. */
  add(history: History, children?: readonly History[]): void {
    this.#model ??= modelOf(this.workflow.definition, this.workflow.name, this.points)
    this.take(countHistory(this.#model, history, children), 1)
  }

  merge(other: WorkflowCoverage): void {
    this.take(other.#tally, other.runs)
  }

  take(tally: Tally, runs: number): void {
    this.#tally.add(tally)
    this.runs += runs
  }

  /** How often a point was reached for certain. */
  hits({ id }: Point): number {
    return this.#tally.hits.get(id) ?? 0
  }

  /** How often it may have been, where the histories do not tell. */
  maybe({ id }: Point): number {
    return this.#tally.maybe.get(id) ?? 0
  }

  isCovered(point: Point): boolean {
    return this.hits(point) > 0
  }
}

function documentOf({ name, definition }: CoveredWorkflow): JsonObject {
  try {
    const document: unknown = JSON.parse(definition)
    if (isObject(document)) return document
  } catch {
    // Told below.
  }
  throw new TestKitError(
    `The definition of ${name} is no JSON object: coverage takes its text, as DescribeStateMachine answers it.`,
  )
}
