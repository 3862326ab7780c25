import { expect, test } from 'vitest'

import { declarationsIn } from '../transforms.ts'
import { wantedOutputs, wantedResources } from './dependencies.ts'
import type { Scope } from './intrinsics.ts'
import { readStackTemplate } from './stack-template.ts'

const CONDITIONS = 'Parameters: {Env: {Type: String}}\nConditions: {IsProd: !Equals [!Ref Env, prod]}\n'

function read(text: string, env = 'test') {
  const template = declarationsIn(readStackTemplate(`${CONDITIONS}${text}`))
  const scope: Scope = {
    template,
    parameters: new Map([['Env', env]]),
    pseudo: new Map([['AWS::Region', 'us-east-1']]),
    ref: () => undefined,
    attribute: () => undefined,
    imported: (name) => name,
  }
  return { template, scope }
}

function waitsOf(text: string, env?: string) {
  const { template, scope } = read(text, env)
  return [...wantedResources(template, scope)].map(([id, { waitsFor }]) => [id, [...waitsFor]])
}

const OPTIONAL = `
Resources:
  A: {Type: T, Properties: {x: !If [IsProd, !GetAtt P.Arn, none], y: !Sub "\${B.Name}-\${AWS::Region}"}, DependsOn: [C, P]}
  B: {Type: T}
  C: {Type: T}
  P: {Type: T, Condition: IsProd}
Outputs:
  O: {Condition: IsProd, Value: !Ref P}
  Q: {Value: !Ref A}
`

test('each resource waits for what it refers to in branches that are taken, and for what it depends on, where that is made', () => {
  expect(waitsOf(OPTIONAL)).toEqual([
    ['B', []],
    ['C', []],
    ['A', ['B', 'C']],
  ])
  expect(waitsOf(OPTIONAL, 'prod')).toEqual([
    ['P', []],
    ['B', []],
    ['C', []],
    ['A', ['P', 'B', 'C']],
  ])
})

test('outputs are those whose conditions hold', () => {
  const names = (env: string) => {
    const { template, scope } = read(OPTIONAL, env)
    return [...wantedOutputs(template, scope).keys()]
  }
  expect([names('test'), names('prod')]).toEqual([['Q'], ['O', 'Q']])
})

test('what refers to a resource that is not made is refused', () => {
  const text = 'Resources:\n  A: {Type: T, Properties: {x: !Ref P}}\n  P: {Type: T, Condition: IsProd}\n'
  expect(() => waitsOf(text)).toThrow(
    'Template format error: Unresolved resource dependencies [P] in the Resources block of the template',
  )
  const { template, scope } = read(
    'Resources:\n  P: {Type: T, Condition: IsProd}\n  Q: {Type: T}\nOutputs: {O: {Value: !Ref P}}\n',
  )
  expect(() => wantedOutputs(template, scope)).toThrow(
    'Unresolved resource dependencies [P] in the Outputs block of the template',
  )
})

test('a circle is refused with its members, in the order of the template', () => {
  const text = 'Resources:\n  Z: {Type: T, DependsOn: B}\n  A: {Type: T, Properties: {x: !Ref B}}\n  B: {Type: T, DependsOn: A}\n'
  expect(() => waitsOf(text)).toThrow('Circular dependency between resources: [A, B]')
})
