/** A process that was stopped (Ctrl-Z, a paused machine) and goes on: what was answered meanwhile was answered in time. */
import { setTimeout as sleep } from 'node:timers/promises'

import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateStateMachineCommand, SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from './server.ts'

let directory = ''
let server: RunningServer
beforeAll(async () => {
  directory = await makeDataDirectory()
  server = await startServer(directory)
}, 60_000)
afterAll(async () => {
  await server?.stop()
  await removeDataDirectory(directory)
})

it.skipIf(process.platform === 'win32')('functions that answered while the server was stopped have not timed out', async () => {
  const config = { endpoint: server.url, region: REGION, credentials, maxAttempts: 1 }
  const lambda = new LambdaClient(config)
  const states = new SFNClient({ ...config, disableHostPrefix: true })
  const place = { FunctionName: 'slow', Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 4 } as const
  const code = 'exports.handler = ({ ms, size = 0 }) => new Promise((done) => setTimeout(done, ms, "x".repeat(size)))'
  const Code = { ZipFile: zipOf({ 'index.js': code }) }
  const roleArn = 'arn:aws:iam::000000000000:role/r'
  await lambda.send(new CreateFunctionCommand({ ...place, Role: roleArn, Code }))
  const invoke = (ms: number, size = 0) =>
    lambda.send(new InvokeCommand({ FunctionName: 'slow', Payload: JSON.stringify({ ms, size }) }))
  const definition = JSON.stringify({
    StartAt: 'Call',
    States: {
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        TimeoutSeconds: 60,
        Parameters: { FunctionName: 'slow', Payload: { ms: 2_500 } },
        End: true,
      },
    },
  })
  const { stateMachineArn } = await states.send(
    new CreateStateMachineCommand({ name: 'm', definition, roleArn, type: 'EXPRESS' }),
  )
  // Warm processes, so that each of the functions runs when the server is stopped.
  await Promise.all([invoke(100), invoke(100), invoke(100)])
  const answers = Promise.all([
    invoke(2_500),
    invoke(2_500, 4_000_000),
    states.send(new StartSyncExecutionCommand({ stateMachineArn })),
  ])
  await sleep(1_000)
  process.kill(server.pid, 'SIGSTOP')
  await sleep(5_000)
  process.kill(server.pid, 'SIGCONT')
  const [small, large, execution] = await answers
  expect([small.FunctionError, large.FunctionError, execution.status]).toEqual([undefined, undefined, 'SUCCEEDED'])
  expect(large.Payload?.length).toBe(4_000_002)
})
