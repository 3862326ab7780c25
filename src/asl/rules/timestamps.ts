import { parseTimestamp } from '../../base/time.ts'

import { isJsonataText } from '../../expr/jsonata/template.ts'

import { type Rule, SCHEMA } from './rule.ts'

export const timestamps: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at, language } of states) {
      if (document.Type !== 'Wait' || typeof document.Timestamp !== 'string') continue
      const timestamp = document.Timestamp
      if (language === 'JSONata' && isJsonataText(timestamp)) continue
      if (parseTimestamp(timestamp) === undefined)
        report.error(SCHEMA, 'String does not match RFC3339 timestamp', `${at}/Timestamp`)
    }
  },
}
