import { LABEL_CHARS_MAX } from '../map-label.ts'
import type { Rule } from './rule.ts'

const REFUSED = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/

export const labels: Rule = {
  codes: ['INVALID_LABEL_NAME', 'DUPLICATE_LABEL_NAME'],
  check({ states }, report) {
    const seen = new Set<string>()
    for (const { document, at } of states) {
      if (document.Type !== 'Map' || typeof document.Label !== 'string') continue
      const label = document.Label
      const place = `${at}/Label`
      if (label.length === 0 || label.length > LABEL_CHARS_MAX)
        report.error('INVALID_LABEL_NAME', `Label must have 1 to ${LABEL_CHARS_MAX} characters`, place)
      else if (REFUSED.test(label)) report.error('INVALID_LABEL_NAME', `Label contains invalid characters: ${label}`, place)
      if (seen.has(label)) report.error('DUPLICATE_LABEL_NAME', `Duplicate label name: ${label}`, place)
      seen.add(label)
    }
  },
}
