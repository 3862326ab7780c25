/** The three warnings that AWS gives. Source: API reference, ValidateStateMachineDefinition, `code`. */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import type { Rule } from './rule.ts'

const looksLikePath = (value: Json): value is string => typeof value === 'string' && /^\$(?:\$?[.[]|\$?$)/.test(value)

export const awsWarnings: Rule = {
  codes: ['NO_DOLLAR', 'NO_PATH', 'PASS_RESULT_IS_STATIC'],
  check({ states, expressions }, report) {
    for (const { document, at, language } of states) {
      if (language === 'JSONata') continue
      if (document.Type === 'Pass' && document.Result !== undefined && holdsPath(document.Result))
        report.warning('PASS_RESULT_IS_STATIC', 'Attempt to use a path in the Result of a Pass state.', `${at}/Result`)
      for (const field of ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign']) {
        const template = getOwn(document, field)
        if (template !== undefined) visit(template, `${at}/${field}`)
      }
    }

    function visit(value: Json, place: string): void {
      if (isArray(value)) return value.forEach((item, i) => void visit(item, `${place}[${i}]`))
      if (!isObject(value)) return
      for (const [name, member] of Object.entries(value)) {
        if (name.endsWith('.$')) {
          if (typeof member === 'string' && !expressions.expression(member).ok)
            report.warning('NO_PATH', 'A field that ends with .$ holds no JSONPath or intrinsic function.', `${place}/${name}`)
        } else if (looksLikePath(member) || (typeof member === 'string' && /^States\.\w+\(/.test(member))) {
          report.warning('NO_DOLLAR', 'No .$ on a field that appears to be a JSONPath or intrinsic function.', `${place}/${name}`)
        } else visit(member, `${place}/${name}`)
      }
    }
  },
}

function holdsPath(value: Json): boolean {
  if (isArray(value)) return value.some(holdsPath)
  if (isObject(value)) return Object.entries(value).some(([name, member]) => name.endsWith('.$') || holdsPath(member))
  return looksLikePath(value)
}
