/** `regente record` and `regente replay` against the real program: what ran there is taken again through what is to be deployed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { deployExample, type Ended, regente } from './command.ts'
import { ACCOUNT, REGION, ROOT } from './server.ts'
import { useServer } from './use-server.ts'

const server = useServer()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-record-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const json = (text: string) => JSON.parse(text) as Readonly<Record<string, unknown>>
const record = (arn: string, ...args: readonly string[]): Promise<Ended> =>
  regente('record', arn, '--endpoint', server.url, ...args)

async function call(operation: string, input: object): Promise<Readonly<Record<string, unknown>>> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(input) })
  if (!response.ok) throw new Error(await response.text())
  return json(await response.text())
}

/** Runs an execution to its end, and gives its ARN. */
async function ran(machine: string, input: object): Promise<string> {
  const { stderr } = await regente(
    'start-execution',
    machine,
    '--input',
    JSON.stringify(input),
    '--wait',
    '--endpoint',
    server.url,
  )
  const [arn = ''] = /arn:\S+:execution:\S+/.exec(stderr) ?? []
  expect(arn, stderr).not.toBe('')
  return arn
}

async function create(name: string, definition: object): Promise<void> {
  await call('CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: `arn:aws:iam::${ACCOUNT}:role/r` })
}

test('what cannot be recorded is told with what can', async () => {
  await create('Waiting', { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 600, End: true } } })
  const { stdout } = await regente('start-execution', 'Waiting', '--endpoint', server.url)
  expect(await record(stdout.trim())).toMatchObject({ code: 2, stderr: expect.stringContaining('has not ended') })
  expect(await record('Waiting')).toMatchObject({ code: 2, stderr: expect.stringContaining('is not the ARN of an execution') })
  const express = `arn:aws:states:${REGION}:${ACCOUNT}:express:Fast:one:two`
  expect(await record(express)).toMatchObject({ code: 2, stderr: expect.stringContaining('keeps no history') })
  const nobody = `arn:aws:states:${REGION}:${ACCOUNT}:execution:Waiting:nobody`
  expect(await record(nobody)).toMatchObject({ code: 1, stderr: expect.stringContaining('ExecutionDoesNotExist') })
  expect(await regente('record')).toMatchObject({ code: 2, stderr: expect.stringContaining('or --history FILE') })
}, 60_000)

describe('the order process', () => {
  const INPUT = { orderId: '1001', item: 'book', quantity: 2, amount: 39.9, card: 'valid' }
  let arn = ''
  beforeAll(async () => {
    await deployExample('order-process', server.url)
    arn = await ran('OrderProcess', INPUT)
    const { code, stderr } = await record(arn, '--out', at('order.json'), '--suite', at('order.test.yaml'))
    expect(code, stderr).toBe(0)
  }, 60_000)

  /** The example's definition otherwise, in a file. */
  async function changedFile(name: string, change: (definition: string) => string): Promise<string> {
    const { definition } = json(await readFile(at('order.json'), 'utf8'))
    await writeFile(at(name), change(String(definition)))
    return at(name)
  }

  test('is recorded with its definition, its calls and its end', async () => {
    const recording = json(await readFile(at('order.json'), 'utf8'))
    expect(recording).toMatchObject({ version: 1, source: arn, input: INPUT, notes: [], expect: { status: 'SUCCEEDED' } })
    expect(Object.keys(recording['calls'] as object).length).toBeGreaterThan(1)
    expect(await readFile(at('order.test.yaml'), 'utf8')).toContain('file: ./order.asl.json')
    expect(json(await readFile(at('order.asl.json'), 'utf8'))).toHaveProperty('StartAt')
    expect(await record(arn, '--suite', at('order.test.yaml'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is there already'),
    })
  }, 30_000)

  test('goes through its own definition as it went', async () => {
    expect(await regente('replay', at('order.json'))).toEqual({
      code: 0,
      stdout: `${at('order.json')}: the same\n1 replayed: 1 the same, 0 different.\n`,
      stderr: '',
    })
  }, 30_000)

  test('and tells a pipeline where it would go otherwise', async () => {
    const { expect: ended } = json(await readFile(at('order.json'), 'utf8')) as { expect: { path: readonly string[] } }
    const [first = '', second = ''] = ended.path
    const detour = await changedFile('detour.asl.json', (text) => {
      const definition = JSON.parse(text) as { StartAt: string; States: object }
      return JSON.stringify({
        ...definition,
        StartAt: 'Greet',
        States: { ...definition.States, Greet: { Type: 'Pass', Next: definition.StartAt } },
      })
    })
    const told = await regente('replay', at('order.json'), '--definition', detour)
    expect(told.stdout.split('\n')).toEqual([
      `${at('order.json')}: different`,
      `  At the start comes Greet, where ${first} came.`,
      '1 replayed: 0 the same, 1 different.',
      '',
    ])
    expect(told.code).toBe(1)
    const asJson = await regente('replay', at('order.json'), '--definition', detour, '--json')
    expect(json(asJson.stdout)).toMatchObject({
      different: 1,
      recordings: [{ result: 'DIFFERENT', source: arn, differences: [{ kind: 'path', before: first, now: 'Greet' }] }],
    })
    expect(second).not.toBe('')
  }, 30_000)

  test('or that it could not be done', async () => {
    const broken = await changedFile('broken.asl.json', () => '{"StartAt": "Nowhere", "States": {}}')
    expect(await regente('replay', at('order.json'), '--definition', broken)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('1 could not be replayed'),
      stderr: expect.stringContaining('is no state machine'),
    })
    expect(await regente('replay', join(ROOT, 'package.json'), at('order.json'))).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('2 replayed: 1 the same, 0 different, 1 could not be replayed.'),
      stderr: expect.stringContaining('is no recording of an execution'),
    })
  }, 30_000)

  test('is recorded of its history in a file as of the server', async () => {
    await writeFile(
      at('history.json'),
      JSON.stringify(await call('GetExecutionHistory', { executionArn: arn, maxResults: 1_000 })),
    )
    const args = ['--history', at('history.json'), '--definition', at('order.asl.json'), '--out', at('of-file.json')]
    expect(await regente('record', ...args)).toMatchObject({ code: 0 })
    const [ofFile, ofServer] = await Promise.all(
      ['of-file.json', 'order.json'].map(async (name) => json(await readFile(at(name), 'utf8'))),
    )
    expect(ofFile).toEqual({ ...ofServer, source: at('history.json'), name: 'history' })
  }, 30_000)
})

const distributed = (ExecutionType: 'STANDARD' | 'EXPRESS') => {
  const Work = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:sqs:createQueue',
    Parameters: { 'QueueName.$': '$' },
    End: true,
  }
  const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType }, StartAt: 'Work', States: { Work } }
  return { StartAt: 'All', States: { All: { Type: 'Map', ItemProcessor, End: true } } }
}

test('the children of a distributed Map are recorded with it', async () => {
  await create('All', distributed('STANDARD'))
  const arn = await ran('All', ['a', 'b', 'c'])
  expect(await record(arn, '--out', at('all.json'))).toMatchObject({ code: 0 })
  const { calls, children } = json(await readFile(at('all.json'), 'utf8'))
  expect(Object.keys(calls as object).toSorted()).toEqual(['All[0]/Work', 'All[1]/Work', 'All[2]/Work'])
  expect((children as { All: string[] }).All.toSorted()).toEqual(['a', 'b', 'c'])
  expect(await regente('replay', at('all.json'))).toMatchObject({ code: 0 })
}, 60_000)

test('where they are Express executions, which keep no history, that is said', async () => {
  await create('Fast', distributed('EXPRESS'))
  const arn = await ran('Fast', ['a'])
  const { code, stderr } = await record(arn, '--out', at('fast.json'))
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('the children of All were not at hand') })
}, 60_000)
