/** Credentials name a role, and nothing else (recorded: credentials). */
import { getOwn, isObject } from '../../base/json.ts'

import { type Rule, SCHEMA } from './rule.ts'

export const credentials: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at } of states) {
      const given = getOwn(document, 'Credentials')
      if (getOwn(document, 'Type') !== 'Task' || given === undefined) continue
      const place = `${at}/Credentials`
      if (!isObject(given)) report.error(SCHEMA, 'Expected value of type Object', place)
      else if (getOwn(given, 'RoleArn') === undefined && getOwn(given, 'RoleArn.$') === undefined)
        report.error(SCHEMA, "The field 'RoleArn' is required but was missing", place)
    }
  },
}
