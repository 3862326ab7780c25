import { expect, test } from 'vitest'

import { TemplateError } from '../problem.ts'
import { parseTemplate } from './template.ts'

const problemsOf = (text: string): string => {
  try {
    parseTemplate(text, 't.yaml')
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
  return ''
}

test('short tags become long forms, nested and on every kind of node', () => {
  const { resources } = parseTemplate(
    `
Resources:
  A:
    Type: T::T::T
    Properties:
      a: !Ref B
      b: !GetAtt B.Arn.Deep
      c: !Sub "x\${B}"
      d: !Join ["-", [!Ref B, !Select [0, !Split [",", "a,b"]]]]
      e: !If [Cond, !Ref AWS::NoValue, 7]
      f: !Sub
        - "\${v}"
        - v: !Ref B
      g: !FindInMap [M, !Ref AWS::Region, k]
      h: 2010-09-09
      i: !GetAtt [B, Arn]
      j: ! plain
`,
    't.yaml',
  )
  expect(resources.get('A')?.properties).toEqual({
    a: { Ref: 'B' },
    b: { 'Fn::GetAtt': ['B', 'Arn.Deep'] },
    c: { 'Fn::Sub': 'x${B}' },
    d: { 'Fn::Join': ['-', [{ Ref: 'B' }, { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] }]] },
    e: { 'Fn::If': ['Cond', { Ref: 'AWS::NoValue' }, 7] },
    f: { 'Fn::Sub': ['${v}', { v: { Ref: 'B' } }] },
    g: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] },
    h: '2010-09-09',
    i: { 'Fn::GetAtt': ['B', 'Arn'] },
    j: 'plain',
  })
})

test('anchors and merges are followed; a bomb of anchors is refused', () => {
  const { resources } = parseTemplate(
    'x: &common {Timeout: 3, Runtime: r}\nResources:\n  A:\n    Type: T\n    Properties:\n      <<: *common\n      Timeout: 9\n',
    't.yaml',
  )
  expect(resources.get('A')?.properties).toEqual({ Timeout: 9, Runtime: 'r' })
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(',')}]`)
  expect(problemsOf(`l0: &l0 x\n${levels.join('\n')}\nResources: {}\n`)).toContain('too large')
})

test('JSON is read as it is', () => {
  const { resources } = parseTemplate('{\n\t"Resources": {"A": {"Type": "T", "Properties": {"x": {"Ref": "P"}}}}}', 't.json')
  expect(resources.get('A')?.properties).toEqual({ x: { Ref: 'P' } })
})

test.each([
  ['Resources:\n  A:\n    Properties: {}\n', 't.yaml:2:3: Resource A has no Type.'],
  ['Resources:\n  A: 7\n', 't.yaml:2:3: Resources A must be a mapping.'],
  ['Resources:\n  A:\n    Type: !Unknown x\n', 't.yaml:3:11: Unresolved tag: !Unknown'],
  ['Resources: [\n', 't.yaml:2:1: '],
  ['text', 't.yaml: A template is a mapping'],
])('%j is told with its place', (text, message) => {
  expect(problemsOf(text)).toContain(message)
})

test('all problems are told at once', () => {
  expect(problemsOf('Resources:\n  A: {}\n  B: {}\n').split('\n')).toHaveLength(2)
})

test('a name that stands twice is a warning, and the last one counts', () => {
  const template = parseTemplate('Resources:\n  A:\n   Type: T\n  A:\n   Type: U\n', 't.yaml')
  expect(template.resources.get('A')?.type).toBe('U')
  expect(template.warnings).toMatchObject([{ position: { line: 4, column: 3 } }])
})

test.each([
  'Resources:\n  A:\n    Type: T\n    Properties:\n      D: {\n        "x": [1,\n  2]\n    }\n  B: {Type: T}\n',
  'Resources:\n  A:\n    Type: T\n    Properties: {D: {\nx: [1, 2\n]}}\n  B: {Type: T}\n',
  'Resources:\n  A:\n    Type: T\n    Properties:\n      D: {\n\t"x": [1, 2]\n      }\n  B: {Type: T}\n',
])('within braces lines begin where they like (%#)', (text) => {
  const { resources } = parseTemplate(text, 't.yaml')
  expect(resources.get('A')?.properties).toEqual({ D: { x: [1, 2] } })
  expect([...resources.keys()]).toEqual(['A', 'B'])
})

test('a number with a zero before it is a text, as an account is', () => {
  const { resources } = parseTemplate('Resources: {A: {Type: T, Properties: {a: 012345678901, b: 0, c: 0.5}}}', 't.yaml')
  expect(resources.get('A')?.properties).toEqual({ a: '012345678901', b: 0, c: 0.5 })
})

test('a section without members is none', () => {
  const template = parseTemplate('Parameters:\nOutputs:\nResources: {A: {Type: T, Properties: }}\n', 't.yaml')
  expect([template.parameters.size, template.outputs.size, template.resources.size]).toEqual([0, 0, 1])
})
