import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { declarationsIn } from '../transforms.ts'
import { checkTemplate } from './check.ts'
import { checkShape, readStackTemplate } from './stack-template.ts'

const QUEUE = 'Resources: {Q: {Type: AWS::SQS::Queue}}\n'
const queues = (properties: string, more = ''): string =>
  `Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: ${properties}}\n${more}`

function refusalOf(body: string): string {
  try {
    const root = readStackTemplate(body)
    checkShape(root)
    checkTemplate(declarationsIn(root))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ValidationError', status: 400 })
    return error instanceof Error ? error.message : ''
  }
  return ''
}

test.each([
  ['{"Resources": {"A": }}', 'Template format error: JSON not well-formed. (line 1, column 21)'],
  ['{', 'Template format error: JSON not well-formed. (line 1, column 1)'],
  ['Resources:\n  A:\n    Type: [\n', 'Template format error: YAML not well-formed. (line 4, column 1)'],
  ['Resources: !Nope x', 'Template format error: YAML not well-formed. (line 1, column 12)'],
  ['a template', 'Template format error: unsupported structure.'],
  ['- a list', 'Template format error: unsupported structure.'],
  ['x: &a 1\ny: *a\n', 'Template error: YAML aliases are not allowed in CloudFormation templates'],
])('%j is no text of a template', (body, message) => {
  expect(refusalOf(body)).toBe(message)
})

test.each([
  ['{}', 'Template format error: At least one Resources member must be defined.'],
  ['Resources: {}', 'Template format error: At least one Resources member must be defined.'],
  ['Resources:\n', "[/Resources] 'null' values are not allowed in templates"],
  [queues('{QueueName: }'), "[/Resources/Q/Type/QueueName] 'null' values are not allowed in templates"],
  [`${QUEUE}Other: 1\n`, 'Invalid template property or properties [Other]'],
  ['AWSTemplateFormatVersion: "2011-01-01"\n', 'Template format error: unsupported value for AWSTemplateFormatVersion.'],
  [`Description: ${'x'.repeat(1025)}\n${QUEUE}`, "Template format error: 'Description' length is greater than 1024"],
  ['Resources: {Q: {}}', 'Template format error: [/Resources/Q] Every Resources object must contain a Type member.'],
  ['Resources: {Q: 1}', 'Template format error: [/Resources/Q] resource definition is malformed'],
  ['Resources: {a-b: {Type: T}}', 'Template format error: Resource name a-b is non alphanumeric.'],
  ['Resources: {Q: {Type: T, Propertys: {}}}', "Invalid template resource property 'Propertys'"],
  ['Resources: {Q: {Type: T, DeletionPolicy: Keep}}', 'Template format error: Unrecognized DeletionPolicy Keep for resource Q'],
  ['Resources: {Q: {Type: T, DependsOn: [1]}}', 'Template format error: DependsOn must be a string or list of strings.'],
  [
    'Resources: {F: {Type: AWS::Serverless::Function}}',
    'Template format error: Unrecognized resource types: [AWS::Serverless::Function]',
  ],
  [`Parameters: {P: {Type: Strin}}\n${QUEUE}`, 'Template format error: Unrecognized parameter type: Strin'],
  [`Parameters: {P: {}}\n${QUEUE}`, 'Template format error: Every Parameters object must contain a Type member.'],
  [`Parameters: {P: {Type: String, Min: 1}}\n${QUEUE}`, "Invalid template parameter property 'Min'"],
  [`Mappings: {M: {a: b}}\n${QUEUE}`, 'Template format error: [/Mappings/M/a] Every Mappings attribute must be a map'],
  [`Outputs: {O: {}}\n${QUEUE}`, 'Template format error: Every Outputs member must contain a Value object'],
  [`Outputs: {a_b: {Value: x}}\n${QUEUE}`, 'Template format error: Output name a_b is non alphanumeric.'],
])('%j has not the shape of one', (body, message) => {
  expect(refusalOf(body)).toBe(message)
})

const many = (section: string, count: number, member: Json): string =>
  JSON.stringify({
    Resources: { Q: { Type: 'T' } },
    [section]: Object.fromEntries(Array.from({ length: count }, (_, i) => [`M${i}`, member])),
  })

test.each([
  ['Resources', 500, { Type: 'T' }],
  ['Parameters', 200, { Type: 'String' }],
  ['Outputs', 200, { Value: 'x' }],
  ['Mappings', 200, { a: { b: 'c' } }],
])('%s are %d at most', (section, max, member) => {
  expect(refusalOf(many(section, max, member))).toBe('')
  expect(refusalOf(many(section, max + 1, member))).toBe(
    `Template format error: Number of ${section.toLowerCase()}, ${max + 1}, is greater than maximum allowed, ${max}`,
  )
})

test.each([
  [
    queues('{QueueName: !Ref Nope}'),
    'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
  ],
  [
    queues('{QueueName: !Sub "${Nope}-x"}'),
    'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
  ],
  [queues('{QueueName: !Sub ["${L}-x", {L: y}]}'), ''],
  [queues('{QueueName: !Sub "${!L}-${AWS::Region}"}'), ''],
  [queues('{QueueName: !GetAtt Nope.Arn}'), 'Template error: instance of Fn::GetAtt references undefined resource Nope'],
  [
    queues('{QueueName: !Sub "${Nope.Arn}"}'),
    'Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn',
  ],
  [
    'Resources: {Q: {Type: T, DependsOn: Nope}}',
    'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
  ],
  [
    `${QUEUE}Outputs: {O: {Value: !Ref Nope}}\n`,
    'Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template',
  ],
  [
    'Resources: {Q: {Type: T, Condition: Nope}}',
    'Template format error: Unresolved condition dependency Nope in the Resources block of the template',
  ],
  [
    `${QUEUE}Outputs: {O: {Value: x, Condition: Nope}}\n`,
    'Template format error: Unresolved condition dependency Nope in the Outputs block of the template',
  ],
  [queues('{QueueName: !If [Nope, a, b]}'), 'Template error: unresolved condition dependency Nope in Fn::If'],
  [`Conditions: {A: !Not [!Condition Nope]}\n${QUEUE}`, 'Template error: unresolved condition dependency Nope in Condition'],
  [
    `Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n${QUEUE}`,
    'Template error: Found circular condition dependency: A',
  ],
  [
    `Conditions: {A: !Equals [!Ref Q, x]}\n${QUEUE}`,
    'Template format error: Unresolved dependencies [Q]. Cannot reference resources in the Conditions block of the template',
  ],
  [
    `Conditions: {A: "true"}\n${QUEUE}`,
    'Template format error: Conditions can only be boolean operations on parameters and other conditions',
  ],
  [
    queues('{QueueName: !FindInMap [M, a, b]}'),
    "Template error: Mapping named 'M' is not present in the 'Mappings' section of template.",
  ],
  [
    queues('{QueueName: !Join [a]}'),
    'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  ],
  [
    queues('{QueueName: !GetAtt Q}'),
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ],
  [
    `Parameters: {Q: {Type: String}}\n${QUEUE}`,
    'Template error: all resources and parameters must have unique names. Common name(s):[Q]',
  ],
])('%j refers to what is not there, or as nothing can be referred to', (body, message) => {
  expect(refusalOf(body)).toBe(message)
})

test('functions of the language extensions are there with their transform alone', () => {
  const body = queues('{QueueName: !ToJsonString {a: 1}, N: !Length [a]}')
  expect(refusalOf(body)).toContain(
    'Template error: encountered unsupported function: Fn::ToJsonString Supported functions are: [Fn::Base64,',
  )
  expect(refusalOf(`Transform: AWS::LanguageExtensions\n${body}`)).toBe('')
})

test('what is too large or too deep is refused at once', () => {
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(',')}]`)
  const bodies = [
    [`l0: &l0 x\n${levels.join('\n')}\n${QUEUE}`, 'YAML aliases are not allowed'],
    [`{"Resources": ${'['.repeat(400_000)}`, 'JSON not well-formed'],
    [`Resources: ${'['.repeat(400_000)}`, 'unsupported structure'],
    [`Resources: ${'{a: '.repeat(200_000)}`, 'unsupported structure'],
    [`{"Resources": ${'{"a":'.repeat(200)}1${'}'.repeat(201)}`, 'unsupported structure'],
    ['x'.repeat(10_000_000), 'Template may not exceed 1000000 bytes in size.'],
  ] as const
  for (const [body, message] of bodies) {
    const start = performance.now()
    expect(refusalOf(body)).toContain(message)
    expect(performance.now() - start).toBeLessThan(2000)
  }
})

test("names of an object's prototype are names like others", () => {
  const body = '{"Resources": {"__proto__": {"Type": "T"}, "constructor": {"Type": "T"}, "toString": {"Type": "T"}}}'
  expect(refusalOf(body)).toBe('Template format error: Resource name __proto__ is non alphanumeric.')
  expect(refusalOf(queues('{N: !FindInMap [constructor, a, b]}'))).toContain("Mapping named 'constructor' is not present")
  expect(refusalOf(queues('{N: {"Fn::constructor": 1}}'))).toContain('unsupported function: Fn::constructor')
})
