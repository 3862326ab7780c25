import { type Rule, SCHEMA } from './rule.ts'

const LANGUAGES = ['JSONPath', 'JSONata']

export const queryLanguage: Rule = {
  codes: [SCHEMA],
  check({ document, blocks, states }, report) {
    const whole = document.QueryLanguage
    const oneOf = `The field 'QueryLanguage' should have one of these values: [${LANGUAGES.join(', ')}]`
    if (whole !== undefined && !LANGUAGES.includes(String(whole))) report.error(SCHEMA, oneOf, '/QueryLanguage')
    for (const block of blocks) {
      if (block.parent && block.document.QueryLanguage !== undefined)
        report.error(SCHEMA, "Field 'QueryLanguage' is not supported", block.at)
    }
    for (const state of states) {
      const own = state.document.QueryLanguage
      if (own === undefined) continue
      if (!LANGUAGES.includes(String(own))) report.error(SCHEMA, oneOf, `${state.at}/QueryLanguage`)
      else if (whole === 'JSONata' && own === 'JSONPath') {
        report.error(SCHEMA, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", state.at)
      }
    }
  },
}
