/** A machine, branch or processor has States and StartAt, and its states are objects. */
import { getOwn, isObject } from '../../base/json.ts'

import { type Rule, SCHEMA } from './rule.ts'

export const blockShape: Rule = {
  codes: [SCHEMA],
  check({ blocks }, report) {
    for (const { document, at } of blocks) {
      const missing = ['States', 'StartAt'].filter((name) => getOwn(document, name) === undefined)
      if (missing.length > 0) report.error(SCHEMA, `These fields are required: [${missing.join(', ')}]`, at || '/')
      const states = document.States
      if (states === undefined) continue
      if (!isObject(states)) {
        report.error(SCHEMA, 'Expected value of type Object', `${at}/States`)
        continue
      }
      if (Object.keys(states).length === 0) report.error(SCHEMA, 'Value cannot be empty', `${at}/States`)
      for (const [name, state] of Object.entries(states)) {
        if (!isObject(state)) report.error(SCHEMA, 'Expected value of type Object', `${at}/States/${name}`)
      }
    }
  },
}
