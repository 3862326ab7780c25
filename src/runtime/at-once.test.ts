import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import { silentLog } from '../base/log.ts'
import { systemEntropy } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { compileDefinition } from '../asl/compile.ts'
import { requestOf } from '../engine/map-run/map-run-in-test.ts'
import type { ExecutionRecord } from '../store/contract.ts'

import type { Observed } from './activation.ts'
import { type AtOncePorts, runAtOnceOf } from './at-once.ts'

const CHILD: ExecutionRecord = {
  key: asId(7),
  arn: asId('arn:aws:states:us-east-1:1:execution:M/Each:c'),
  name: 'c',
  stateMachineArn: asId('arn:aws:states:us-east-1:1:stateMachine:M/Each'),
  stateMachineKey: asId(1),
  revisionKey: asId(1),
  type: 'STANDARD',
  status: 'PENDING',
  startAt: toInstant(1_700_000_000_000),
  input: '{"spelled": "so"}',
  mapRunKey: asId(1),
  itemCount: 1,
  itemIndex: 0,
  mapState: 'Each',
  isBusy: false,
  redriveCount: 0,
  lastEventId: 0,
}
const END = { Type: 'Succeed' }

function runAtOnce(states: Record<string, object>, over: Partial<AtOncePorts> = {}) {
  const told: Observed[] = []
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'A', States: states }
  const Each = { Type: 'Map', Label: 'Each', End: true, ItemProcessor: processor }
  const compiled = compileDefinition(JSON.stringify({ StartAt: 'Each', States: { Each } }))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const ports: AtOncePorts = {
    entropy: systemEntropy,
    limits: AWS_LIMITS,
    arnScope: { partition: 'aws', region: 'us-east-1', account: '1' },
    observer: { committed: (execution) => void told.push(execution) },
    log: silentLog,
    ...over,
  }
  const runnable = { program: compiled.value, roleArn: 'arn:role', loggingConfiguration: undefined }
  return { run: runAtOnceOf(ports, runnable, requestOf()), told }
}

test('a child of states that ask for nothing ends as it is made, and nobody hears of it before it is durable', () => {
  const { run, told } = runAtOnce({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Fail', Error: 'E' } })
  const ended = run(CHILD)
  expect(ended?.record).toMatchObject({ key: 7, status: 'FAILED', error: 'E', lastEventId: 5, isBusy: false })
  expect(ended?.events.map(({ type }) => type)).toEqual([
    ...(['ExecutionStarted', 'StateEntered', 'StateExited', 'StateEntered', 'ExecutionFailed'] as const),
  ])
  expect(told).toEqual([])
  ended?.tell()
  expect(told.map(({ record }) => record.arn)).toEqual([CHILD.arn])
})

test('each child is itself, whatever its siblings were', () => {
  const { run } = runAtOnce({ A: { Type: 'Pass', Parameters: { 'name.$': '$$.Execution.Name' }, End: true } })
  expect(run(CHILD)?.record.output).toBe('{"name":"c"}')
  expect(run({ ...CHILD, name: 'd' })?.record.output).toBe('{"name":"d"}')
})

const parallel = (branch: object, more: object = {}) => ({
  A: { Type: 'Parallel', Branches: [{ StartAt: 'X', States: { X: branch } }], Next: 'Z', ...more },
  Z: END,
})
const RETRY = [{ ErrorEquals: ['States.ALL'] }]

test.each<[string, Record<string, object>, boolean]>([
  ['a Choice', { A: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'Z' }], Default: 'Z' }, Z: END }, true],
  ['a Parallel', parallel(END), true],
  [
    'an inline Map',
    { A: { Type: 'Map', ItemsPath: '$.x', ItemProcessor: { StartAt: 'X', States: { X: END } }, End: true } },
    true,
  ],
  ['a Wait', { A: { Type: 'Wait', Seconds: 0, End: true } }, false],
  ['a Task', { A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } }, false],
  ['a Task in a branch', parallel({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true }), false],
  ['a Retry', parallel(END, { Retry: RETRY }), false],
])('%s', (_, states, isAtOnce) => {
  expect(runAtOnce(states).run({ ...CHILD, input: '{"x": [1, 2]}' }) !== undefined).toBe(isAtOnce)
})

test('a child that is too much for one turn is to be started, and its siblings are not tried', () => {
  const { run } = runAtOnce({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } }, { turnWorkMax: 1 })
  expect([run(CHILD), run(CHILD)]).toEqual([undefined, undefined])
})

test('an observer that throws is no failure of the child', () => {
  const observer = {
    committed() {
      throw new Error('an observer fails')
    },
  }
  const ended = runAtOnce({ A: END }, { observer }).run(CHILD)
  expect(ended?.record.status).toBe('SUCCEEDED')
  expect(() => ended?.tell()).not.toThrow()
})
