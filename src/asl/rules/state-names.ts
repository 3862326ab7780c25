/** Names of states are at most 80 characters and unique in the whole machine. Source: developer guide, quotas. */
import type { Rule } from './rule.ts'

const CHARS_MAX = 80

export const stateNames: Rule = {
  codes: ['DUPLICATE_STATE_NAME', 'INVALID_STATE_NAME'],
  check({ states }, report) {
    const seen = new Set<string>()
    for (const { name, at } of states) {
      if (seen.has(name)) report.error('DUPLICATE_STATE_NAME', `Duplicate state name: ${name}`, at)
      seen.add(name)
      if (name.length > CHARS_MAX || name === '')
        report.error('INVALID_STATE_NAME', `The name of a state has 1 to ${CHARS_MAX} characters`, at)
    }
  },
}
