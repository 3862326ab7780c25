import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { EXIT } from '../cli-error.ts'
import { describe } from './describe.ts'
import { graph } from './graph.ts'
import { list } from './list.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-graph-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const usage = (message: string) => expect.objectContaining({ message: expect.stringContaining(message), exitCode: EXIT.usage })

test('a picture of no states is not drawn: what is wrong is said', async () => {
  const file = join(folder, 'none.json')
  for (const [text, told] of [
    ['{"a":1}', 'These fields are required: [States, StartAt] at /'],
    ['{"StartAt":"A","States":{}}', 'none.json has no states to draw: '],
    ['[]', 'holds no definition'],
  ] as const) {
    await writeFile(file, text)
    await expect(graph(file, {})).rejects.toEqual(usage(told))
  }
})

test('what is half written is drawn', async () => {
  const [file, output] = [join(folder, 'half.json'), join(folder, 'half.mmd')]
  await writeFile(file, '{"States":{"A":{"Type":"Pass"}}}')
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    expect(await graph(file, { output })).toBe(EXIT.ok)
  } finally {
    written.mockRestore()
  }
  expect(await readFile(output, 'utf8')).toContain('A')
})

test('an endpoint that is no URL, and an ARN of another service, are named', async () => {
  for (const endpoint of ['foo', 'localhost:4566', 'ftp://a'])
    await expect(list(undefined, { endpoint, limit: '10' })).rejects.toEqual(usage(`not ${endpoint}.`))
  await expect(describe('arn:aws:s3:::b', {})).rejects.toEqual(usage('arn:aws:s3:::b is no ARN of a state machine'))
})
