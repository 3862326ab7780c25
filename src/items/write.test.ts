import { readdirSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { toInstant } from '../base/time.ts'

import { MemorySource } from './in-memory.ts'
import { type ResultRecord, renderStateOutput } from './result-record.ts'
import { diskSpool, memorySpool } from './spool.ts'
import { writeResults } from './write.ts'

const MAP_RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:sm/Label:11111111-2222-3333-4444-555555555555'
const FOLDER = 'jobs/11111111-2222-3333-4444-555555555555'
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:sm/Label'

const record = (name: string, status: ResultRecord['status'], output?: string): ResultRecord => ({
  status,
  input: '{"i":1}',
  output,
  name,
  executionArn: `arn:aws:states:us-east-1:000000000000:execution:sm/Label:${name}`,
  stateMachineArn: MACHINE,
  startDate: toInstant(1789180622001),
  stopDate: toInstant(1789180623000),
  ...(status === 'FAILED' && { error: 'E', cause: 'because' }),
})

test('results go to a file by status and a manifest names them', async () => {
  const source = new MemorySource()
  const records = [record('a', 'SUCCEEDED', '[1]'), record('b', 'FAILED'), record('c', 'PENDING'), record('d', 'TIMED_OUT')]
  const directory = await mkdtemp(join(tmpdir(), 'regente-test-'))
  const settings = { bucket: 'r', prefix: 'jobs', mapRunArn: MAP_RUN }
  expect(await writeResults([records], settings, source, diskSpool(directory))).toEqual({
    ok: true,
    value: { Bucket: 'r', Key: `${FOLDER}/manifest.json` },
  })
  const succeeded = source.textOf(`r/${FOLDER}/SUCCEEDED_0.json`) ?? ''
  expect(succeeded).toBe(
    `[{"ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:sm/Label:a","Input":"{\\"i\\":1}","InputDetails":{"Included":true},"Name":"a","Output":"[1]","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2026-09-12T02:37:02.001Z","StateMachineArn":"${MACHINE}","Status":"SUCCEEDED","StopDate":"2026-09-12T02:37:03.000Z"}]`,
  )
  const failed = JSON.parse(source.textOf(`r/${FOLDER}/FAILED_0.json`) ?? '')
  expect(failed).toMatchObject([
    { Name: 'b', Error: 'E', Cause: 'because', Status: 'FAILED' },
    { Name: 'd', Status: 'TIMED_OUT' },
  ])
  expect(failed[0]).not.toHaveProperty('Output')
  expect(source.textOf(`r/${FOLDER}/PENDING_0.json`)).toBe(
    '[{"Input":"{\\"i\\":1}","InputDetails":{"Included":true},"Status":"PENDING"}]',
  )
  const manifest = JSON.parse(source.textOf(`r/${FOLDER}/manifest.json`) ?? '')
  expect(manifest).toMatchObject({ DestinationBucket: 'r', MapRunArn: MAP_RUN })
  expect(manifest.ResultFiles.SUCCEEDED).toEqual([{ Key: `${FOLDER}/SUCCEEDED_0.json`, Size: Buffer.byteLength(succeeded) }])
  expect(readdirSync(directory)).toEqual([])
  await rmdir(directory)
})

test('a file is split at its limit and every part is whole', async () => {
  const source = new MemorySource()
  const records = Array.from({ length: 50 }, (_, i) => record(`n${i}`, 'SUCCEEDED', JSON.stringify(`é${'x'.repeat(i)}`)))
  const settings = { bucket: 'r', prefix: '', mapRunArn: MAP_RUN, transformation: 'COMPACT', fileBytesMax: 200 } as const
  expect((await writeResults([records], settings, source, memorySpool)).ok).toBe(true)
  const manifest = JSON.parse(source.textOf('r/11111111-2222-3333-4444-555555555555/manifest.json') ?? '')
  const outputs: string[] = []
  for (const { Key, Size } of manifest.ResultFiles.SUCCEEDED) {
    const text = source.textOf(`r/${Key}`) ?? ''
    expect(Buffer.byteLength(text)).toBe(Size)
    expect(Size).toBeLessThanOrEqual(200)
    outputs.push(...JSON.parse(text))
  }
  expect(outputs).toEqual(records.map((r) => JSON.parse(r.output ?? '')))
  expect(manifest.ResultFiles).toMatchObject({ FAILED: [], PENDING: [] })
})

test('FLATTEN to JSON Lines opens arrays; failures stay whole', async () => {
  const source = new MemorySource()
  const records = [record('a', 'SUCCEEDED', '[1,[2]]'), record('b', 'SUCCEEDED', '{\n"x": 3}'), record('c', 'FAILED')]
  const settings = { bucket: 'r', prefix: 'jobs', mapRunArn: MAP_RUN, transformation: 'FLATTEN', outputType: 'JSONL' } as const
  await writeResults([records], settings, source, memorySpool)
  expect(source.textOf(`r/${FOLDER}/SUCCEEDED_0.json`)).toBe('1\n[2]\n{"x":3}')
  expect(source.textOf(`r/${FOLDER}/FAILED_0.json`)).toContain('"Error":"E"')
})

test('members keep their order, names like numbers too', () => {
  const output = '{"2":1,\n"b":2,"1":{"10":3,"a":4,"9":5}}'
  const text = output.replace('\n', '')
  expect(renderStateOutput([record('a', 'SUCCEEDED', output)], 'FLATTEN')).toBe(`[${text}]`)
  expect(renderStateOutput([record('a', 'SUCCEEDED', output)], 'COMPACT')).toBe(`[${text}]`)
  expect(renderStateOutput([record('a', 'SUCCEEDED', `[${output}]`)], 'FLATTEN')).toBe(`[${text}]`)
})

test('a bucket that refuses is States.ResultWriterFailed', async () => {
  const source = new MemorySource()
  source.write = async () => ({ ok: false, error: { code: 'NoSuchBucket', message: 'The specified bucket does not exist' } })
  const settings = { bucket: 'r', prefix: 'p', mapRunArn: MAP_RUN }
  const result = await writeResults([[record('a', 'SUCCEEDED', '1')]], settings, source, memorySpool)
  expect(result).toMatchObject({ ok: false, error: { error: 'States.ResultWriterFailed' } })
})

test('a state output without export is the list of outputs', () => {
  const records = [record('a', 'SUCCEEDED', '[1]'), record('b', 'SUCCEEDED', '{"x":2}')]
  expect(renderStateOutput(records)).toBe('[[1],{"x":2}]')
  expect(renderStateOutput(records, 'FLATTEN', 'JSONL')).toBe(JSON.stringify('1\n{"x":2}'))
})
