/** What the API tells of an execution, in the same members of DescribeExecution and of StartSyncExecution; time is real there. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { RunStatus } from '../../engine/state.ts'

import { SkippedOnTarget, type TargetName } from '../target.ts'
import { parsedAt, textAt } from './states-client.ts'

const ENDS = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const

export abstract class ToldExecution {
  protected readonly target: TargetName
  /** As it was told last. */
  protected told: JsonObject = {}

  constructor(target: TargetName) {
    this.target = target
  }

  get status(): RunStatus {
    const status = textAt(this.told, 'status')
    return ENDS.find((one) => one === status) ?? 'RUNNING'
  }

  get output(): Json | undefined {
    return parsedAt(this.told, 'output')
  }

  get error(): string | undefined {
    return textAt(this.told, 'error')
  }

  get cause(): string | undefined {
    return textAt(this.told, 'cause')
  }

  get now(): number {
    return Date.now()
  }

  async advance(): Promise<void> {
    throw new SkippedOnTarget(this.target, 'run.advance moves time, and time is real there.')
  }
}
