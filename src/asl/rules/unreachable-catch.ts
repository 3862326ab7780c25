/** A retrier or catcher all of whose errors an earlier one takes is never asked. */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { ErrorName } from '../../base/error-names.ts'

import type { Rule } from './rule.ts'

export const unreachableCatch: Rule = {
  codes: ['UNREACHABLE_CATCH'],
  isAdvice: true,
  check({ states }, report) {
    for (const { document, at } of states) {
      for (const field of ['Retry', 'Catch']) {
        const list = getOwn(document, field)
        if (!isArray(list)) continue
        const taken = new Set<Json>()
        for (const [i, item] of list.entries()) {
          const errors = isObject(item) ? getOwn(item, 'ErrorEquals') : undefined
          if (!isArray(errors) || errors.length === 0) continue
          if (errors.every((error) => taken.has(error) || taken.has(ErrorName.All))) {
            const kind = field === 'Retry' ? 'retrier' : 'catcher'
            report.warning(
              'UNREACHABLE_CATCH',
              `This ${kind} is never asked: earlier ones take all of its errors.`,
              `${at}/${field}[${i}]`,
            )
          }
          for (const error of errors) taken.add(error)
        }
      }
    }
  },
}
