import { describe, expect, test } from 'vitest'

import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { checkDefinition } from '../../asl/check.ts'

import { definitionOf } from './operation-definition.ts'
import type { OperationRecord } from './records.ts'

const PLACE = { stackName: 'shop', activity: 'arn:aws:states:us-east-1:123456789012:activity:stacks', isFirst: false }
const operation = (more: Partial<OperationRecord>): OperationRecord => ({
  id: '11111111-2222-3333-4444-555555555555',
  stackId: 'arn:shop',
  isOver: false,
  kind: 'update',
  startedMs: 0,
  deploy: [],
  remove: [],
  onFailure: 'ROLLBACK',
  skip: [],
  failed: [],
  ...more,
})
const KINDS = ['create', 'update', 'delete', 'rollback'] as const
const MODES = ['ROLLBACK', 'DELETE', 'DO_NOTHING'] as const

function statesIn(value: Json | undefined): readonly (readonly [name: string, state: JsonObject])[] {
  const states = isObject(value ?? null) ? (value as JsonObject)['States'] : undefined
  if (!isObject(states ?? null)) return []
  return Object.entries(states as JsonObject).flatMap(([name, state]) => {
    const branches = isObject(state) ? state['Branches'] : undefined
    const inner = isObject(state) ? state['ItemProcessor'] : undefined
    return [[name, state as JsonObject] as const, ...(isArray(branches) ? branches : [inner]).flatMap(statesIn)]
  })
}

/** Complaints of whoever would run it; its states by name. */
function read(definition: string) {
  const states = statesIn(JSON.parse(definition) as JsonObject)
  return {
    problems: checkDefinition(definition, { type: 'STANDARD' }),
    names: states.map(([name]) => name),
    states: new Map(states),
  }
}

describe('the state machine of an operation', () => {
  const plans: readonly (readonly [string, Partial<OperationRecord>])[] = [
    ['nothing', {}],
    ['one resource', { deploy: [['A']] }],
    ['levels', { deploy: [['A'], ['B', 'C'], ['D']], remove: [['X', 'Y'], ['A']] }],
    ['removals alone', { remove: [['X'], ['Y']] }],
    [
      'names like those of its own states',
      {
        deploy: [
          ['stack', 'the', 'complete'],
          ['End', 'failed'],
        ],
        remove: [['stack']],
      },
    ],
    [
      'names that begin alike and are long',
      { deploy: [[`${'x'.repeat(254)}a`, `${'x'.repeat(254)}b`, `${'x'.repeat(254)}c`]], remove: [[`${'x'.repeat(254)}a`]] },
    ],
  ]
  test.each(plans.flatMap(([name, plan]) => KINDS.map((kind) => [name, kind, plan] as const)))(
    'of %s is valid: %s',
    (_, kind, plan) => {
      for (const onFailure of MODES)
        for (const isFirst of [true, false]) {
          const { problems, names } = read(definitionOf(operation({ ...plan, kind, onFailure }), { ...PLACE, isFirst }))
          expect(problems).toEqual([])
          expect(names.filter((name) => [...name].length > 80)).toEqual([])
          expect(new Set(names).size).toBe(names.length)
        }
    },
  )

  test.each(KINDS)('of as many resources as a stack may have is within the limits: %s', (kind) => {
    const ids = Array.from({ length: 500 }, (_, i) => `${'x'.repeat(251)}${String(i).padStart(4, '0')}`)
    for (const deploy of [[ids], ids.map((id) => [id])]) {
      const plan = { deploy: kind === 'delete' ? [] : deploy, remove: deploy }
      const definition = definitionOf(operation({ ...plan, kind }), PLACE)
      expect(Buffer.byteLength(definition)).toBeLessThan(1_000_000)
      const { problems, names } = read(definition)
      expect(problems).toEqual([])
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test('goes level by level, to the rollback where something fails, and fails itself when that is done', () => {
    const { states } = read(definitionOf(operation({ deploy: [['A', 'B'], ['C']], remove: [['X']] }), PLACE))
    const next = (name: string) => states.get(name)?.['Next']
    expect(
      ['Deploy the stack', 'Clean up X', 'Begin rollback', 'Roll back C', 'Roll back (3)', 'Rollback complete'].map(next),
    ).toEqual(['Clean up X', 'End', 'Roll back X', 'Roll back (3)', 'Rollback complete', 'Take back X'])
    expect(states.get('Deploy the stack')).toMatchObject({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Begin rollback' }] })
    expect(states.get('End rollback')).toMatchObject({ Next: 'Failed' })
    expect(states.get('Failed')).toMatchObject({ Type: 'Fail' })
  })

  test('asks for a step again when its worker was lost, and says which step of which operation it is', () => {
    const { states } = read(definitionOf(operation({ deploy: [['A']] }), PLACE))
    expect(states.get('Deploy A')).toMatchObject({
      Type: 'Task',
      Resource: PLACE.activity,
      Parameters: { operationId: '11111111-2222-3333-4444-555555555555', step: 'deploy', logicalId: 'A' },
      Retry: [{ ErrorEquals: ['States.Timeout', 'States.HeartbeatTimeout', 'Interrupted'] }],
    })
  })

  test('gives up where that is wanted', () => {
    const { states, names } = read(definitionOf(operation({ deploy: [['A']], onFailure: 'DO_NOTHING' }), PLACE))
    expect(states.get('Deploy the stack')).toMatchObject({ Catch: [{ Next: 'Give up' }] })
    expect(names).not.toContain('Begin rollback')
  })
})
