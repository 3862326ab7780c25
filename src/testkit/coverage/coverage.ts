/**
 * What tests have reached of workflows. It is made of what AWS has too, definitions and histories, so that runs in this process, on
 * a server and on AWS add up: `coverage.add({ name, definition }, history, children)`.
 */
import type { JsonObject } from '../../base/json.ts'

import type { History } from './count-history.ts'
import { printWorkflows, readWorkflows } from './coverage-file.ts'
import { missingIn } from './missing.ts'
import { type CoverageSummary, summarize } from './summary.ts'
import { checkThresholds, type Thresholds } from './thresholds.ts'
import { type CoveredWorkflow, WorkflowCoverage } from './workflow-coverage.ts'

export class Coverage {
  readonly #workflows = new Map<string, WorkflowCoverage>()
  /** Of those that were given, so that none is read twice. */
  readonly #known = new Map<CoveredWorkflow, WorkflowCoverage>()

  /** What `toJSON` gave, or its text; `where` is what to call it. Throws TestKitError. */
  static fromJSON(written: unknown, where = 'The coverage'): Coverage {
    const coverage = new Coverage()
    for (const workflow of readWorkflows(written, where)) coverage.#take(workflow)
    return coverage
  }

  /** In the order in which they came. */
  get workflows(): readonly WorkflowCoverage[] {
    return [...this.#workflows.values()]
  }

  /** A workflow that is to be covered, also where nothing runs in it. Throws TestKitError where its definition is none. */
  of(workflow: CoveredWorkflow): WorkflowCoverage {
    const known = this.#known.get(workflow) ?? this.#take(new WorkflowCoverage(workflow))
    this.#known.set(workflow, known)
    return known
  }

  /**
   * A run: what GetExecutionHistory answers of it, and of the child executions of its distributed Maps (`children`; left out where
   * nobody has them). Throws TestKitError where the history is of another definition.
   */
  add(workflow: CoveredWorkflow, history: History, children?: readonly History[]): this {
    this.of(workflow).add(history, children)
    return this
  }

  /** Takes in what another has counted. */
  merge(other: Coverage): this {
    for (const workflow of other.workflows) {
      const own = this.#take(new WorkflowCoverage(workflow.workflow))
      own.merge(workflow)
    }
    return this
  }

  toJSON(): JsonObject {
    return printWorkflows(this.workflows)
  }

  /** Of all workflows together. */
  summary(): CoverageSummary {
    return summarize(this.workflows)
  }

  /** What no run has reached, as sentences: `Pay: Catch 0 (States.Timeout) was never taken.` */
  missing(): readonly string[] {
    const isOne = this.#workflows.size < 2
    return this.workflows.flatMap((workflow) =>
      missingIn(workflow).map(({ sentence }) => (isOne ? sentence : `${workflow.workflow.name}: ${sentence}`)),
    )
  }

  /** A sentence for each threshold, in percent, that is not reached: `check({ states: 100, choices: 90 })`. Throws TestKitError. */
  check(thresholds: Thresholds): readonly string[] {
    return checkThresholds(this.summary(), thresholds)
  }

  #take(workflow: WorkflowCoverage): WorkflowCoverage {
    const known = this.#workflows.get(workflow.key)
    if (!known) this.#workflows.set(workflow.key, workflow)
    else if (known !== workflow) known.merge(workflow)
    return known ?? workflow
  }
}
