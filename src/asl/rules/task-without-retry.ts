/** A function can fail for reasons that pass; a Task without Retry fails the execution then. */
import { getOwn } from '../../base/json.ts'

import type { Rule } from './rule.ts'

export const taskWithoutRetry: Rule = {
  codes: ['TASK_WITHOUT_RETRY'],
  isAdvice: true,
  check({ states }, report) {
    for (const { document, at } of states) {
      const resource = getOwn(document, 'Resource')
      if (getOwn(document, 'Type') !== 'Task' || typeof resource !== 'string' || getOwn(document, 'Retry') !== undefined) continue
      if (!/:lambda:invoke|:function:/.test(resource)) continue
      report.warning('TASK_WITHOUT_RETRY', 'This function is called without Retry: one throttled call fails the execution.', at)
    }
  },
}
