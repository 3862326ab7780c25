import { readFileSync } from 'node:fs'
import { globSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readPlainYaml } from './plain-yaml.ts'
import type { SourceNode } from './tree.ts'
import { readYaml } from './yaml.ts'

/** Values, names, tags and where they begin; of what is missing, not where it would be. */
function outline(node: SourceNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return undefined
    case 'scalar':
      return [node.value, node.tag, node.value === null ? 0 : node.from]
    case 'array':
      return [node.tag, node.items.map(outline)]
    case 'object':
      return [node.tag, node.from, node.members.map(({ name, nameRange, value }) => [name, nameRange, outline(value)])]
  }
}

/** Whether it is read; then it is read as the library reads it. */
function isReadAlike(text: string): boolean {
  const read = readPlainYaml(text)
  if (read === undefined) return false
  const { root, problems } = readYaml(text)
  const wrong = problems.filter(({ isDuplicate }) => !isDuplicate)
  expect({ text, wrong, read: outline(read) }).toEqual({ text, wrong: [], read: outline(root) })
  return true
}

/** Templates and definitions; suites may have anchors. */
const EXAMPLES = globSync(join(import.meta.dirname, '../../examples/*/*.yaml')).filter(
  (file) => !file.endsWith('.workflow-test.yaml'),
)

test.each(EXAMPLES)('%s is read as by the library', (file) => {
  expect(isReadAlike(readFileSync(file, 'utf8'))).toBe(true)
})

test.each([
  'a: [x, "y", !Ref Z, {b: 1, "c": \'d\'}]  # e',
  'a:\n- b: 1\n  c:\n    - - d\n- !Sub\n  - x\n  - {y: z}\n',
  'a: |\n  one\n    two\n\n  three\nb: |-\n  four\n\nc: >\n  five\n  six\n',
  'Definition: {\n"a": [1,\n2]}\nFn::If: [A, !GetAtt b.C, "\\u00e9"]\n',
  'a: 1.50\nb: 0x1f\nc: ~\nd: True\ne: 012\nf: 2010-09-09\ng: arn:aws:s3:::b\nh:\n',
])('%j is of the plain kind', (text) => {
  expect(isReadAlike(text)).toBe(true)
})

test.each([
  'a: &b 1\nc: *b\n',
  'a: one\n  two\n',
  '---\na: 1\n---\nb: 2\n',
  'a: "one\n  two"\n',
  '? a\n: b\n',
  'a:\n\t- b\n',
  'a: [b',
  'a: b: c\n',
])('%j is left to the library', (text) => {
  expect(readPlainYaml(text)).toBeUndefined()
})

const SCALARS = [
  ...[
    'a',
    'a b',
    '1',
    '-3',
    'true',
    'null',
    '"q"',
    "'s''q'",
    '"a\\nb"',
    'x:y',
    'a#b',
    'a # c',
    '!Ref X',
    '!Sub "${A}"',
    '[]',
    '{}',
  ],
  ...[
    '[a, "b", 1]',
    '{a: 1, b: [x]}',
    '{"a":1}',
    '!Join ["", [a, !Ref B]]',
    '-',
    '- x',
    'a: b',
    '"unclosed',
    '[a',
    '*',
    '.5',
    '012',
  ],
  ...['{a, b}', '{a: }', '[a: b]', '["a":1]', '{a:1}', '{ a: [1, {b: c}] }', '[ "k": v ]', 'one\n  two', '[a,\nb]', '%x', '#c'],
]
const KEYS = ['A', 'b', 'Fn::If', '"q k"', "'s'", '1', 'a b', '<<', '!k', '? k', '"a\\"b"', '-x']
const TEXTS = ['|', '|-', '|+', '>', '>-', '|2', '| # c']
const LINES = ['  text', '    more: x', '', '  # none', ' odd', '  * b', '  ']

/** The same for the same seed. */
function writer(seed: number) {
  let state = seed
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) % n
  }
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[below(list.length)] as T
  const write = (indent: number, depth: number): string => {
    const space = ' '.repeat(indent)
    const isList = below(3) === 0
    const lines = Array.from({ length: 1 + below(4) }, () => {
      const head = isList ? `${space}-` : `${space}${pick(KEYS)}:`
      const kind = below(10)
      if (kind < 5 || depth > 3) return `${head}${pick([' ', ' ', '  ', ''])}${pick(SCALARS)}`
      if (kind < 8 && isList) return `${head} ${write(indent + 2, depth + 1).trimStart()}`
      if (kind < 8) return `${head}${pick(['', ' ', ' !Sub', ' # c'])}\n${write(indent + pick([2, 2, 4, 1, 0]), depth + 1)}`
      return `${head} ${pick(TEXTS)}\n${Array.from({ length: 1 + below(4) }, () => space + pick(LINES)).join('\n')}`
    })
    return lines.join('\n')
  }
  return () => write(0, 0) + pick(['\n', '', '\n\n'])
}

test('whatever is read is read as by the library', () => {
  const next = writer(7)
  const texts = Array.from({ length: 4000 }, next)
  expect(texts.filter(isReadAlike).length).toBeGreaterThan(300)
})
