/** A Timestamp that is written out is one of RFC 3339 (recorded: scenarios, wait timestamp invalid). */
import { getOwn } from '../../base/json.ts'
import { parseTimestamp } from '../../base/time.ts'

import { isJsonataText } from '../../expr/jsonata/template.ts'

import { type Rule, SCHEMA } from './rule.ts'

export const timestamps: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at, language } of states) {
      const timestamp = getOwn(document, 'Timestamp')
      if (getOwn(document, 'Type') !== 'Wait' || typeof timestamp !== 'string') continue
      if (language === 'JSONata' && isJsonataText(timestamp)) continue
      if (parseTimestamp(timestamp) === undefined)
        report.error(SCHEMA, 'String does not match RFC3339 timestamp', `${at}/Timestamp`)
    }
  },
}
