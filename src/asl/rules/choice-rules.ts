/**
 * The rules of Choice states: each is an object with one comparison, and what it compares with is of its type; only a rule of the
 * state itself leads somewhere. Source: developer guide, "Choice workflow state"; texts as measured (aws-cloudformation/cfn-lint#4077).
 */
import { getOwn, isArray, type Json, type JsonObject } from '../../base/json.ts'

import { CHOICE_RULE, NESTED_RULE } from '../schema.ts'
import { Check } from './fields.ts'
import { type Rule, SCHEMA } from './rule.ts'

export const choiceRules: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at, language } of states) {
      if (document.Type !== 'Choice' || !isArray(document.Choices)) continue
      const check = new Check(report, language)
      for (const [i, rule] of document.Choices.entries()) {
        const place = `${at}/Choices[${i}]`
        if (check.object(rule, CHOICE_RULE, place) && language === 'JSONPath') checkWithin(check, rule, place)
      }
    }
  },
}

function checkWithin(check: Check, rule: JsonObject, at: string): void {
  const nested = (inner: Json, place: string) => {
    if (check.object(inner, NESTED_RULE, place)) checkWithin(check, inner, place)
  }
  for (const name of ['And', 'Or']) {
    const rules = getOwn(rule, name)
    if (isArray(rules)) for (const [i, inner] of rules.entries()) nested(inner, `${at}/${name}[${i}]`)
  }
  const negated = getOwn(rule, 'Not')
  if (negated !== undefined) nested(negated, `${at}/Not`)
}
