/** Labels of distributed Maps: at most 40 characters, none that an ARN could not bear, unique. Source: developer guide, Map `Label`. */
import { getOwn } from '../../base/json.ts'

import { LABEL_CHARS_MAX } from '../map-label.ts'
import type { Rule } from './rule.ts'

const REFUSED = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/

export const labels: Rule = {
  codes: ['INVALID_LABEL_NAME', 'DUPLICATE_LABEL_NAME'],
  check({ states }, report) {
    const seen = new Set<string>()
    for (const { document, at } of states) {
      const label = getOwn(document, 'Label')
      if (typeof label !== 'string' || getOwn(document, 'Type') !== 'Map') continue
      const place = `${at}/Label`
      if (label.length === 0 || label.length > LABEL_CHARS_MAX)
        report.error('INVALID_LABEL_NAME', `Label must have 1 to ${LABEL_CHARS_MAX} characters`, place)
      else if (REFUSED.test(label)) report.error('INVALID_LABEL_NAME', `Label contains invalid characters: ${label}`, place)
      if (seen.has(label)) report.error('DUPLICATE_LABEL_NAME', `Duplicate label name: ${label}`, place)
      seen.add(label)
    }
  },
}
