/** Whoever holds the task token may never answer; without a time limit the execution then waits for a year. */
import type { UntypedState } from '../document/written.ts'
import type { Rule } from './rule.ts'

const isLimited = (state: UntypedState): boolean =>
  [state.TimeoutSeconds, state.TimeoutSecondsPath, state.HeartbeatSeconds, state.HeartbeatSecondsPath].some(
    (limit) => limit !== undefined,
  )

export const callbackWithoutTimeout: Rule = {
  codes: ['CALLBACK_WITHOUT_TIMEOUT'],
  isAdvice: true,
  check({ states }, report) {
    for (const { document, at } of states) {
      const { Resource: resource }: UntypedState = document
      if (typeof resource !== 'string' || !(resource.endsWith('.waitForTaskToken') || resource.includes(':activity:'))) continue
      if (isLimited(document)) continue
      report.warning(
        'CALLBACK_WITHOUT_TIMEOUT',
        'Nobody may ever answer this task: it has no TimeoutSeconds and no HeartbeatSeconds.',
        at,
      )
    }
  },
}
