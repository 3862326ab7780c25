/** Succeed: ends its frame with its input, or what Output makes of it. */
import type { SucceedState } from '../../asl/program.ts'

import { effectiveInput, exitWithInput } from '../data-flow.ts'
import { exitState } from '../fail.ts'
import type { Visit } from '../visit.ts'

export function enterSucceed(visit: Visit<SucceedState>): void {
  const effective = effectiveInput(visit)
  exitState(visit, effective.ok ? exitWithInput(visit, effective.value) : effective, undefined)
}
