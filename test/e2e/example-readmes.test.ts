/** The READMEs of the examples, command by command as they stand; only the port is the test's. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'vitest'

import { regente } from './command.ts'
import { ROOT } from './server.ts'
import { awsShell, describeWithAwsCli } from './tools.ts'
import { useServer } from './use-server.ts'

/** How the executions of the first machine that a README names end, in the order in which it starts them. */
const ENDINGS = {
  'callback-approval': ['SUCCEEDED'],
  'distributed-map-s3': ['SUCCEEDED'],
  etl: ['SUCCEEDED'],
  'follow-up': ['SUCCEEDED', 'RUNNING'],
  'nested-workflows': ['SUCCEEDED'],
  'order-process': ['SUCCEEDED', 'FAILED', 'SUCCEEDED'],
  parallel: ['SUCCEEDED'],
  saga: ['FAILED', 'SUCCEEDED'],
  'task-timer': ['SUCCEEDED'],
}

const server = useServer()

/** By the order of their starts. */
async function statusesOf(stateMachineArn: string): Promise<readonly string[]> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.ListExecutions' }
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ stateMachineArn }) })
  const { executions } = (await response.json()) as {
    readonly executions: readonly { readonly status: string; readonly startDate: number }[]
  }
  return executions.toSorted((a, b) => a.startDate - b.startDate).map(({ status }) => status)
}

describeWithAwsCli('the commands hold that are in the README of', () => {
  test.concurrent.for(Object.entries(ENDINGS))('%s', { timeout: 90_000 }, async ([example, endings], { expect }) => {
    const text = readFileSync(join(ROOT, 'examples', example, 'README.md'), 'utf8')
    const [first = '', ...later] = [...text.matchAll(/```\n([\s\S]*?)```/g)].map(([, block = '']) => block)
    const [deploy = '', ...commands] = first.split('\n')
    const words = /^node bin\/regente\.js (.*?) +#/.exec(deploy)?.[1]?.split(' ') ?? []
    expect(await regente(...words, '--no-watch', '--endpoint', server.url)).toMatchObject({ code: 0 })
    await awsShell(server.url, commands.join('\n'))
    const machine = /arn:aws:states:[\w:-]+:stateMachine:\w+/.exec(first)?.[0] ?? ''
    await expect.poll(() => statusesOf(machine), { timeout: 40_000, interval: 500 }).toEqual(endings)
    for (const block of later) await awsShell(server.url, block)
  })
})
