import { expect, test } from 'vitest'

import { declarationsIn } from '../transforms.ts'
import { checkRules } from './rules.ts'
import { shownValue, stackParameters } from './parameters.ts'
import { readStackTemplate } from './stack-template.ts'

const templateOf = (text: string) => declarationsIn(readStackTemplate(`${text}\nResources: {Q: {Type: T}}\n`))
const take = (declaration: string, value?: string) =>
  stackParameters(templateOf(`Parameters: {P: ${declaration}}`), new Map(value === undefined ? [] : [['P', value]]))

test.each([
  ['{Type: String}', undefined, 'Parameters: [P] must have values'],
  ['{Type: String, AllowedValues: [a, b]}', 'c', "Parameter 'P' must be one of AllowedValues"],
  ['{Type: String, AllowedPattern: "[a-z]*"}', 'aB', "Parameter 'P' must match pattern [a-z]*"],
  ['{Type: String, AllowedPattern: "["}', 'a', "Parameter 'P' AllowedPattern must be a valid regular expression."],
  ['{Type: String, MinLength: 3}', 'ab', "Parameter 'P' must contain at least 3 characters"],
  ['{Type: String, MaxLength: 1}', 'ab', "Parameter 'P' must contain at most 1 characters"],
  ['{Type: Number}', 'x', "Parameter 'P' must be a number"],
  ['{Type: Number, MinValue: 2}', '1', "Parameter 'P' must be a number not less than 2"],
  ['{Type: Number, MaxValue: 2}', '3', "Parameter 'P' must be a number not greater than 2"],
  ['{Type: List<Number>}', '1,x', "Parameter 'P' must be a number"],
  ['{Type: CommaDelimitedList, AllowedValues: [a]}', 'a, b', "Parameter 'P' must be one of AllowedValues"],
  ['{Type: String, MinLength: 3, ConstraintDescription: be long}', '', 'Parameter P failed to satisfy constraint: be long'],
])('%s does not take %j', (declaration, value, message) => {
  expect(() => take(declaration, value)).toThrow(message)
})

test('what the template does not declare is told, all at once', () => {
  const given = new Map([
    ['Q', '1'],
    ['R', '2'],
  ])
  expect(() => stackParameters(templateOf(''), given)).toThrow('Parameters: [Q, R] do not exist in the template')
})

test.each([
  ['{Type: String, Default: 7}', undefined, '7'],
  ['{Type: CommaDelimitedList}', 'a, b', ['a', 'b']],
  ['{Type: "List<AWS::EC2::Subnet::Id>"}', 'subnet-1,subnet-2', ['subnet-1', 'subnet-2']],
  ['{Type: "AWS::SSM::Parameter::Value<String>"}', '/name', '/name'],
  ['{Type: "AWS::EC2::KeyPair::KeyName", AllowedPattern: ".+"}', 'key', 'key'],
])('%s takes %j', (declaration, value, expected) => {
  expect(take(declaration, value).get('P')).toEqual(expected)
})

test('a pattern that would take for ever is stopped', () => {
  const start = performance.now()
  expect(() => take('{Type: String, AllowedPattern: "(a+)+b"}', 'a'.repeat(60))).toThrow('must match pattern')
  expect(performance.now() - start).toBeLessThan(2000)
})

test('what is not to be echoed is shown as asterisks', () => {
  expect([shownValue({ NoEcho: true }, 'x'), shownValue({ NoEcho: 'true' }, 'x'), shownValue({}, 'x')]).toEqual([
    '****',
    '****',
    'x',
  ])
})

const RULES = `
Parameters:
  Env: {Type: String}
  Size: {Type: String, Default: small}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>", Default: "a,b"}
Rules:
  Production:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions:
      - Assert: {"Fn::Contains": [[large, huge], !Ref Size]}
        AssertDescription: Production is large
  Always:
    Assertions:
      - Assert: {"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::Subnet::Id"}, [a, b, c]]}
      - Assert: {"Fn::Not": [{"Fn::EachMemberEquals": [!Ref Subnets, a]}]}
        AssertDescription: Not all of them are a
`

test.each([
  [{ Env: 'test' }, ''],
  [{ Env: 'prod' }, 'Production is large'],
  [{ Env: 'prod', Size: 'huge' }, ''],
  [{ Env: 'test', Subnets: 'd' }, 'Assertion of the rule Always failed'],
  [{ Env: 'test', Subnets: 'a,a' }, 'Not all of them are a'],
])('rules look at parameters together: %j', (given, message) => {
  const template = templateOf(RULES)
  const parameters = stackParameters(template, new Map(Object.entries(given)))
  const check = () => checkRules(template, { parameters, pseudo: new Map() })
  if (message === '') expect(check).not.toThrow()
  else expect(check).toThrow(message)
})
