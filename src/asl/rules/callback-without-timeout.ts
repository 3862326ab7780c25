/** Whoever holds the task token may never answer; without a time limit the execution then waits for a year. */
import { getOwn } from '../../base/json.ts'

import type { Rule } from './rule.ts'

const LIMITS = ['TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath']

export const callbackWithoutTimeout: Rule = {
  codes: ['CALLBACK_WITHOUT_TIMEOUT'],
  isAdvice: true,
  check({ states }, report) {
    for (const { document, at } of states) {
      const resource = getOwn(document, 'Resource')
      if (typeof resource !== 'string' || !(resource.endsWith('.waitForTaskToken') || resource.includes(':activity:'))) continue
      if (LIMITS.some((name) => Object.hasOwn(document, name))) continue
      report.warning(
        'CALLBACK_WITHOUT_TIMEOUT',
        'Nobody may ever answer this task: it has no TimeoutSeconds and no HeartbeatSeconds.',
        at,
      )
    }
  },
}
