/** Retriers and catchers: which errors, and that States.ALL stands alone and last. Source: Amazon States Language, "Errors". */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { ErrorName } from '../../base/error-names.ts'

import type { VisitedState } from '../walk.ts'
import { type Report, type Rule, SCHEMA } from './rule.ts'

export const retryCatch: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const state of states) {
      checkList(state, 'Retry', report)
      checkList(state, 'Catch', report)
    }
  },
}

function checkList({ document, at }: VisitedState, field: 'Retry' | 'Catch', report: Report): void {
  const list = getOwn(document, field)
  if (!isArray(list)) return
  for (const [i, item] of list.entries()) {
    if (!isObject(item)) continue
    const place = `${at}/${field}[${i}]`
    checkDelay(item, place, report)
    const errors = getOwn(item, 'ErrorEquals')
    if (!isArray(errors)) continue
    if (errors.length === 0) report.error(SCHEMA, 'Value cannot be empty', `${place}/ErrorEquals`)
    if (!errors.includes(ErrorName.All)) continue
    if (errors.length > 1) report.error(SCHEMA, 'States.ALL must appear alone in ErrorEquals', `${place}/ErrorEquals`)
    if (i < list.length - 1)
      report.error(
        SCHEMA,
        `States.ALL must appear in the last ${field === 'Retry' ? 'Retrier' : 'Catcher'}`,
        `${place}/ErrorEquals`,
      )
  }
}

function checkDelay(retrier: Record<string, Json>, place: string, report: Report): void {
  const interval = getOwn(retrier, 'IntervalSeconds') ?? 1
  const max = getOwn(retrier, 'MaxDelaySeconds')
  if (typeof max === 'number' && typeof interval === 'number' && max < interval)
    report.error(SCHEMA, 'MaxDelaySeconds must not be smaller than IntervalSeconds', `${place}/MaxDelaySeconds`)
}
