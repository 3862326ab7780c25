import { describe, expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { checkDefinition } from '../check.ts'
import { CHOICE_OPERATORS } from '../schema.ts'

const AT = '/States/C/Choices[0]'

/** What is told of a rule: `message at place`, the place below the rule. */
function told(rule: Json, language: 'JSONPath' | 'JSONata' = 'JSONPath'): string[] {
  const States = { C: { Type: 'Choice', Choices: [rule], Default: 'D' }, D: { Type: 'Succeed' } }
  const definition = JSON.stringify({ StartAt: 'C', QueryLanguage: language, States })
  return checkDefinition(definition, { type: 'STANDARD' }).map(({ code, message, location = '' }) => {
    expect(code).toBe('SCHEMA_VALIDATION_FAILED')
    expect(location.startsWith(AT)).toBe(true)
    return location === AT ? message : `${message} at ${location.slice(AT.length)}`
  })
}

const rule = (more: Readonly<Record<string, Json>>) => ({ Variable: '$.a', Next: 'D', ...more })
const REQUIRED = (...names: readonly string[]) => `These fields are required: [${names.join(', ')}]`
const ONLY = (...names: readonly string[]) => `There should only be one of the following fields: [${names.join(', ')}]`
const SOME = `There should be one of the following fields: [And, Or, Not, ${CHOICE_OPERATORS.join(', ')}]`
const WANTED = (type: string, at: string) => `Expected value of type ${type} at ${at}`
const other = (field: string, language: 'JSONPath' | 'JSONata') =>
  `The QueryLanguage is set to '${language === 'JSONata' ? 'JSONPath' : 'JSONata'}', but field '${field}' is only supported for the '${language}' QueryLanguage`
const IS_ONE = { Variable: '$.a', NumericEquals: 1 }

describe('a rule by JSONPath', () => {
  test.each<[Json, string[]]>([
    ['text', ['Expected value of type Object']],
    [IS_ONE, [REQUIRED('Next')]],
    [{ NumericEquals: 1 }, [REQUIRED('Variable', 'Next')]],
    [{ Variable: '$.a', Next: 'D' }, [SOME]],
    [
      rule({ NumericEquals: 1, StringEquals: 'x' }),
      [ONLY('NumericEquals', 'StringEquals').replace('NumericEquals, StringEquals', 'StringEquals, NumericEquals')],
    ],
    [rule({ NumericEquals: 1, End: true }), ["Field 'End' is not supported"]],
    [rule({ NumericEquals: 1, Foo: 1 }), ["Field 'Foo' is not supported"]],
    [rule({ NumericEquals: 1, Comment: 2 }), [WANTED('String', '/Comment')]],
    [rule({ NumericEquals: 1, Output: 2 }), [other('Output', 'JSONata')]],
    [rule({ NumericEquals: 1, Condition: true }), [other('Condition', 'JSONata')]],
    [rule({ NumericEquals: 1, Assign: [] }), [WANTED('Object', '/Assign')]],
    [{ Next: 1, ...IS_ONE }, [WANTED('String', '/Next')]],
  ])('%j', (written, expected) => expect(told(written)).toEqual(expected))

  test.each<[string, Json, string]>([
    ['NumericEquals', '1', WANTED('Number', '/NumericEquals')],
    ['StringLessThan', 5, WANTED('String', '/StringLessThan')],
    ['StringMatches', null, WANTED('String', '/StringMatches')],
    ['BooleanEquals', 'true', WANTED('Boolean', '/BooleanEquals')],
    ['IsPresent', 'yes', WANTED('Boolean', '/IsPresent')],
    ['TimestampEquals', 1, WANTED('String', '/TimestampEquals')],
    ['TimestampEquals', 'ontem', 'String does not match RFC3339 timestamp at /TimestampEquals'],
    ['NumericEqualsPath', 5, WANTED('String', '/NumericEqualsPath')],
    ['StringEqualsPath', 'a', "Value is not a Reference Path: Reference path didn't start with '$' at /StringEqualsPath"],
    ['BooleanEqualsPath', '$.a[*]', 'Value is not a Reference Path at /BooleanEqualsPath'],
  ])('%s does not take %j', (operator, operand, expected) => expect(told(rule({ [operator]: operand }))).toEqual([expected]))

  test.each<[Json, string[]]>([
    ['a', ["Value is not a Reference Path: Reference path didn't start with '$' at /Variable"]],
    ['$.a[?(@.b==1)]', ['Value is not a Reference Path at /Variable']],
    [1, [WANTED('String', '/Variable')]],
    ['$$.Execution.Input.a', []],
    ['$variable.a', []],
    ['$', []],
  ])('Variable: %j', (Variable, expected) => expect(told(rule({ Variable, IsNull: true }))).toEqual(expected))

  test.each<[Json, string[]]>([
    [{ And: [], Next: 'D' }, ['Value cannot be empty at /And']],
    [{ Or: {}, Next: 'D' }, [WANTED('Array', '/Or')]],
    [{ And: [IS_ONE, 1], Next: 'D' }, ['Expected value of type Object at /And[1]']],
    [{ Not: true, Next: 'D' }, ['Expected value of type Object at /Not']],
    [{ Not: { ...IS_ONE, Next: 'D' }, Next: 'D' }, ["Field 'Next' is not supported at /Not"]],
    [{ Or: [{ ...IS_ONE, Assign: {} }], Next: 'D' }, ["Field 'Assign' is not supported at /Or[0]"]],
    [{ Or: [{ And: [{ Not: { Variable: '$.a', IsNull: 1 } }] }], Next: 'D' }, [WANTED('Boolean', '/Or[0]/And[0]/Not/IsNull')]],
    [{ And: [IS_ONE], Or: [IS_ONE], Next: 'D' }, [ONLY('And', 'Or'), ONLY('Variable', 'And', 'Or', 'Not')]],
    [{ And: [IS_ONE], Variable: '$.a', Next: 'D' }, [ONLY('Variable', 'And', 'Or', 'Not')]],
    [{ And: [IS_ONE, { Or: [IS_ONE, { Not: IS_ONE }] }], Next: 'D', Comment: 'sound', Assign: { v: 1 } }, []],
  ])('%j', (written, expected) => expect(told(written)).toEqual(expected))
})

describe('a rule by JSONata', () => {
  const judge = (written: Json) => told(written, 'JSONata')

  test.each<[Json, string[]]>([
    [{ Condition: '{% true %}' }, [REQUIRED('Next')]],
    [{ Next: 'D' }, [REQUIRED('Condition')]],
    [{}, [REQUIRED('Condition', 'Next')]],
    [{ Condition: 'true', Next: 'D' }, [WANTED('Boolean', '/Condition')]],
    [{ Condition: ' {% true %}', Next: 'D' }, [WANTED('Boolean', '/Condition')]],
    [{ Condition: 1, Next: 'D' }, [WANTED('Boolean', '/Condition')]],
    [{ Condition: true, Next: 'D', Variable: '$.a' }, [other('Variable', 'JSONPath')]],
    [{ Condition: true, And: [{}], Next: 'D' }, [other('And', 'JSONPath')]],
    [{ ...IS_ONE, Next: 'D' }, [REQUIRED('Condition'), other('Variable', 'JSONPath'), other('NumericEquals', 'JSONPath')]],
    [{ Condition: true, Next: 'D', Output: 1, Assign: { v: 1 }, Comment: 'sound' }, []],
    [7, ['Expected value of type Object']],
  ])('%j', (written, expected) => expect(judge(written)).toEqual(expected))
})
