import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { deepEqual, type Json, type JsonObject } from '../../base/json.ts'

import { pointerOf } from '../../base/json-pointer.ts'
import { print } from '../../source/print.ts'
import type { Notation } from '../../source/source.ts'
import type { SourceNode } from '../../source/tree.ts'

import { checkDefinition } from '../check.ts'
import { mutate } from '../mutate.ts'
import type { Connection } from './connection.ts'
import { Document } from './document.ts'
import { type Edited, insertState, reconnect, removeState, renameState } from './operations.ts'

const EXAMPLES = join(import.meta.dirname, '../../../examples')
const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.asl.json'))
  .map((path) => readFileSync(join(EXAMPLES, path), 'utf8'))

/** Names as people give them, and some that they should not. */
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z][\w -]{0,20}\w$/),
  fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', '1', 'a/b~c', 'true', "it's", '- x', 'a: b', '#', ' ', '\n'),
)
const notation = fc.constantFrom<Notation>('JSON', 'YAML')

/** A chain of states with ways out, and blocks within. Free of faults. */
function chain(names: readonly string[], depth: number): JsonObject {
  const [first = 'only'] = names
  const half = Math.ceil(names.length / 2)
  const own = depth > 0 && names.length > 3 ? names.slice(0, half) : names
  const inner = names.slice(own.length)
  const states = own.map((name, i): [string, JsonObject] => {
    const next: JsonObject = i + 1 < own.length ? { Next: own[i + 1] ?? '' } : { End: true }
    if (i === 0 && inner.length > 0 && depth % 2 === 1)
      return [name, { Type: 'Parallel', Branches: [chain(inner, depth - 1)], ...next }]
    if (i === 0 && inner.length > 0) return [name, { Type: 'Map', ItemProcessor: chain(inner, depth - 1), ...next }]
    const last = own.at(-1) ?? ''
    if (i % 3 === 1 && i + 1 < own.length)
      return [name, { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: last }], Default: own[i + 1] ?? '' }]
    if (i % 3 === 2)
      return [
        name,
        {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Parameters: { FunctionName: 'f', Payload: { Next: name, text: `${name}: {{x}} # "${name}"` } },
          Catch: [{ ErrorEquals: ['States.ALL'], Next: last }],
          ...next,
        },
      ]
    return [name, { Type: 'Pass', Comment: 'one\ntwo: three\n', ...next }]
  })
  return { StartAt: first, States: Object.fromEntries(states) }
}

const definition = fc
  .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), fc.nat({ max: 2 }))
  .map(([names, depth]): Json => JSON.parse(JSON.stringify(chain(names, depth))))

/** Laid out in many ways. */
const layout = fc.record({
  notation,
  indent: fc.constantFrom<string | number>(2, 4, '\t', 0),
  end: fc.constantFrom('', '\n', '\r\n'),
})
const written = fc.tuple(definition, layout).map(([value, { notation, indent, end }]) => {
  if (notation === 'JSON') return (JSON.stringify(value, null, indent) + end).replaceAll('\n', end === '\r\n' ? end : '\n')
  const text = `# a machine\n${print(value, 'YAML')}`
  return end === '\r\n' ? text.replaceAll('\n', end) : end === '' ? text.trimEnd() : text
})

const errorsOf = (document: Document) =>
  checkDefinition(document.json, { type: 'STANDARD' }).filter(({ severity }) => severity === 'ERROR')

const someState = (document: Document, pick: number) => {
  const { states } = document.machine
  const state = states[pick % states.length]
  if (!state) throw new Error('no state')
  return { state, pointer: pointerOf(state.path) }
}

/** The text between the edits is the old one's; the edits make the new one. */
function expectOnlyEdits(before: Document, { document, edits }: Edited): void {
  let made = ''
  let at = 0
  for (const { from, to, text } of edits) {
    expect(from).toBeGreaterThanOrEqual(at)
    made += before.text.slice(at, from) + text
    at = to
  }
  expect(made + before.text.slice(at)).toBe(document.text)
}

test('what is printed is read as the same', () => {
  fc.assert(
    fc.property(definition, notation, (value, notation) => {
      const document = Document.parse(print(value, notation), notation)
      expect(document.source.problems).toEqual([])
      expect(JSON.stringify(document.value)).toBe(JSON.stringify(value))
    }),
  )
})

test('the place of every value holds the text that is read as that value', () => {
  fc.assert(
    fc.property(definition, (value) => {
      for (const indent of [undefined, 2]) {
        const document = Document.parse(JSON.stringify(value, null, indent))
        const visit = (node: SourceNode, value: Json | undefined): void => {
          expect(JSON.parse(document.text.slice(node.from, node.to))).toEqual(value)
          if (node.kind === 'array') node.items.forEach((item, i) => void visit(item, (value as readonly Json[])[i]))
          if (node.kind !== 'object') return
          for (const { name, nameRange, value: member } of node.members) {
            expect(JSON.parse(document.text.slice(nameRange.from, nameRange.to))).toBe(name)
            visit(member, Object.getOwnPropertyDescriptor(value, name)?.value as Json)
          }
        }
        if (document.source.root) visit(document.source.root, document.value)
      }
      const yaml = Document.parse(print(value, 'YAML'), 'YAML')
      for (const { name, path } of yaml.machine.states) {
        const { from, to } = yaml.rangeOf(path)
        expect(yaml.pointerAt(from)).toBe(pointerOf(path))
        const written = Document.parse(yaml.text.slice(from, to), 'YAML').value
        if (!/[\n]/.test(name)) expect(String(written)).toBe(name)
      }
    }),
  )
})

test('a definition without faults is renamed, and stays so; back again it is as it was', () => {
  fc.assert(
    fc.property(written, fc.nat(), name, (text, pick, newName) => {
      const document = Document.parse(text)
      fc.pre(errorsOf(document).length === 0)
      const { state, pointer } = someState(document, pick)
      const renamed = renameState(document, pointer, newName)
      if (!renamed.ok) {
        expect(renamed.error.code).toBe('NAME_TAKEN')
        return
      }
      expectOnlyEdits(document, renamed.value)
      expect(errorsOf(renamed.value.document)).toEqual([])
      const there = renamed.value.document.stateNamed(newName)
      const back = renameState(renamed.value.document, pointerOf(there?.path ?? []), state.name)
      expect(back.ok && deepEqual(back.value.document.value, document.value)).toBe(true)
      // In YAML quotes may come that were not needed before.
      if (document.source.notation === 'JSON') expect(back.ok && back.value.document.text).toBe(text)
    }),
  )
})

test('a state is inserted on any connection, and removed again; without faults before, in between and after', () => {
  fc.assert(
    fc.property(
      written,
      fc.nat(),
      name,
      fc.constantFrom('start', 'next', 'default', 'choice', 'catch'),
      (text, pick, newName, kind) => {
        const document = Document.parse(text)
        fc.pre(errorsOf(document).length === 0)
        const { state, pointer } = someState(document, pick)
        const connection: Connection =
          kind === 'start'
            ? { kind, block: pointerOf(state.block.path) }
            : kind === 'next' || kind === 'default'
              ? { kind, state: pointer }
              : { kind, state: pointer, index: 0 }
        const inserted = insertState(document, newName, { Type: 'Pass', Comment: 'new\nstate' }, connection)
        if (!inserted.ok) {
          expect(['NAME_TAKEN', 'CANNOT_CONNECT', 'NOT_FOUND']).toContain(inserted.error.code)
          return
        }
        expectOnlyEdits(document, inserted.value)
        expect(errorsOf(inserted.value.document)).toEqual([])
        const there = inserted.value.document.stateNamed(newName)
        const removed = removeState(inserted.value.document, pointerOf(there?.path ?? []))
        expect(removed.ok && deepEqual(removed.value.document.value, document.value)).toBe(true)
        if (document.source.notation === 'JSON') expect(removed.ok && removed.value.document.text).toBe(text)
      },
    ),
  )
})

test('a state is removed, alone or with what it alone leads to, and no fault is left', () => {
  fc.assert(
    fc.property(written, fc.nat(), fc.boolean(), (text, pick, withUnreachable) => {
      const document = Document.parse(text)
      fc.pre(errorsOf(document).length === 0)
      const removed = removeState(document, someState(document, pick).pointer, { withUnreachable })
      if (!removed.ok) {
        expect(['CANNOT_CONNECT', 'WOULD_STRAND']).toContain(removed.error.code)
        return
      }
      expectOnlyEdits(document, removed.value)
      expect(errorsOf(removed.value.document)).toEqual([])
    }),
  )
})

test('the examples, too', () => {
  for (const text of examples) {
    const document = Document.parse(text)
    for (const { path, name } of document.machine.states) {
      const renamed = renameState(document, pointerOf(path), `${name} again`)
      if (!renamed.ok) throw new Error(renamed.error.message)
      expect(errorsOf(renamed.value.document)).toEqual(errorsOf(document))
      const inserted = insertState(document, 'Another', { Type: 'Pass' }, { kind: 'next', state: pointerOf(path) })
      if (inserted.ok) expect(errorsOf(inserted.value.document)).toEqual(errorsOf(document))
      const removed = removeState(document, pointerOf(path), { withUnreachable: true })
      if (removed.ok) expect(errorsOf(removed.value.document)).toEqual(errorsOf(document))
    }
  }
})

test('whatever a text holds, operations give a document or a reason', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), notation, fc.boolean(), (seed, pick, cut, notation, isCut) => {
      const good = JSON.parse(examples[seed % examples.length] ?? '{}') as Json
      const whole = print(mutate(good, `seed ${seed}`, 1 + (seed % 4)), notation)
      const text = isCut ? whole.slice(0, cut % whole.length) : whole
      const document = Document.parse(text, notation)
      const { states } = document.machine
      const pointer = pointerOf(states[pick % Math.max(1, states.length)]?.path ?? ['States', 'none'])
      for (const edit of [
        renameState(document, pointer, 'x: y'),
        insertState(document, 'N', { Type: 'Choice' }, { kind: 'next', state: pointer }),
        insertState(document, 'N', { Type: 'Pass' }, { kind: 'start', block: '' }),
        removeState(document, pointer),
        reconnect(document, { kind: 'catch', state: pointer, index: 0 }, 'A'),
        reconnect(document, { kind: 'next', state: pointer }, undefined),
      ])
        if (edit.ok) expectOnlyEdits(document, edit.value)
      document.positionOf(pointer)
      document.stateAt(cut % (text.length + 1))
    }),
    { numRuns: 300 },
  )
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test.each([
  ['JSON', '{"a":'.repeat(100_000)],
  ['JSON', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['YAML', 'a: '.concat('{b: '.repeat(20_000))],
])('a hostile text in %s is told, and nothing is thrown', (_, text) => {
  const document = Document.parse(text)
  expect(document.source.problems.length).toBeGreaterThan(0)
  expect(renameState(document, '/States/A', 'B')).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } })
})

test('a definition of a megabyte is changed', () => {
  const states = Array.from({ length: 10_000 }, (_, i): [string, Json] => [
    `S${i}`,
    { Type: 'Pass', Comment: 'x'.repeat(60), ...(i < 9_999 ? { Next: `S${i + 1}` } : { End: true }) },
  ])
  const document = Document.parse(JSON.stringify({ StartAt: 'S0', States: Object.fromEntries(states) }, null, 2))
  expect(document.text.length).toBeGreaterThan(1_000_000)
  const renamed = renameState(document, '/States/S5000', 'New')
  expect(renamed.ok && renamed.value.edits.map(({ text }) => text)).toEqual(['"New"', '"New"'])
})
