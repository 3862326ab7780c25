import type { Rule } from './rule.ts'

export const taskWithoutRetry: Rule = {
  codes: ['TASK_WITHOUT_RETRY'],
  isAdvice: true,
  check({ states }, report) {
    for (const { document, at } of states) {
      if (document.Type !== 'Task' || document.Retry !== undefined) continue
      if (typeof document.Resource !== 'string' || !/:lambda:invoke|:function:/.test(document.Resource)) continue
      report.warning('TASK_WITHOUT_RETRY', 'This function is called without Retry: one throttled call fails the execution.', at)
    }
  },
}
