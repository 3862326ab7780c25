import { afterAll, beforeAll, expect, it } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda({ inspect: 0 })
})
afterAll(() => lambda.close())

const SLOW = (value: number) =>
  `exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 1200)); return ${value} }`
const debuggersOf = (name: string): readonly (string | undefined)[] =>
  lambda.logs.flatMap(({ group, message }) =>
    group === `/aws/lambda/${name}` ? (/^Debugger listening on (ws:\/\/127\.0\.0\.1:\d+)\//.exec(message)?.[1] ?? []) : [],
  )

it('a Node function is debugged on loopback, has no time-out then, and its next process is on the same port', async () => {
  await lambda.create('slow', { 'index.js': SLOW(1) }, { timeout: 1 })
  expect((await lambda.invoke('slow')).payload).toBe(1)
  const [url = ''] = debuggersOf('slow')
  const list = await fetch(`${url.replace('ws:', 'http:')}/json/list`)
  expect(await list.json()).toMatchObject([{ type: 'node' }])

  await lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'slow', ZipFile: zipOf({ 'index.js': SLOW(2) }) }))
  expect((await lambda.invoke('slow')).payload).toBe(2)
  expect(debuggersOf('slow')).toEqual([url, url])
}, 30_000)

it('a function that is called twice at once has one debugger', async () => {
  await lambda.create('twice', { 'index.js': SLOW(1) })
  const answers = await Promise.all([lambda.invoke('twice'), lambda.invoke('twice')])
  expect(answers.map(({ payload }) => payload)).toEqual([1, 1])
  expect(debuggersOf('twice')).toHaveLength(1)
}, 30_000)
