/** Credentials name a role, and nothing else (recorded: credentials). */
import { getOwn, isObject } from '../../base/json.ts'

import { type Rule, SCHEMA } from './rule.ts'

export const credentials: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at } of states) {
      if (document.Type !== 'Task' || document.Credentials === undefined) continue
      const given = document.Credentials
      const place = `${at}/Credentials`
      if (!isObject(given)) report.error(SCHEMA, 'Expected value of type Object', place)
      else if (getOwn(given, 'RoleArn') === undefined && getOwn(given, 'RoleArn.$') === undefined)
        report.error(SCHEMA, "The field 'RoleArn' is required but was missing", place)
    }
  },
}
