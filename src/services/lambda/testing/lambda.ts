/** A Lambda on a port of its own with the real SDK in front, for tests. */
import { createServer } from 'node:http'
import { once } from 'node:events'

import { CreateFunctionCommand, InvokeCommand, LambdaClient, type Runtime } from '@aws-sdk/client-lambda'

import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'

import { openServicesDatabase } from '../../kit/database.ts'

import { createLambda, type LambdaDeps } from '../handler.ts'
import { zipOf } from './zip.ts'

export interface TestInvocation {
  readonly status: number | undefined
  readonly payload: unknown
  readonly functionError: string | undefined
  readonly log: string
  readonly version: string | undefined
}

export interface TestFunction {
  readonly runtime?: Runtime
  readonly handler?: string
  readonly timeout?: number
  readonly memory?: number
  readonly mode?: number
  readonly variables?: Record<string, string>
}

export const ROLE = 'arn:aws:iam::000000000000:role/lambda'

export async function startTestLambda(options: Partial<LambdaDeps> = {}) {
  const logs: { group: string; stream: string; timestamp: number; message: string }[] = []
  let url = ''
  const lambda = createLambda({
    database: options.database ?? openServicesDatabase(),
    region: 'us-east-1',
    account: '000000000000',
    endpoint: () => url,
    log: silentLog,
    clock: systemClock,
    writeLog: (group, stream, events) => logs.push(...events.map((event) => ({ group, stream, ...event }))),
    ...options,
  })
  const server = createServer((req, res) => void lambda.handler(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const client = new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })

  const create = (name: string, files: Record<string, string>, given: TestFunction = {}) =>
    client.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: given.runtime ?? 'nodejs22.x',
        Handler: given.handler ?? 'index.handler',
        Role: ROLE,
        Timeout: given.timeout ?? 10,
        MemorySize: given.memory ?? 256,
        Code: { ZipFile: zipOf(files, given.mode) },
        ...(given.variables && { Environment: { Variables: given.variables } }),
      }),
    )

  const invoke = async (
    name: string,
    event: unknown = {},
    more: Partial<InvokeCommand['input']> = {},
  ): Promise<TestInvocation> => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)), LogType: 'Tail', ...more }),
    )
    const text = Buffer.from(answer.Payload ?? []).toString()
    return {
      status: answer.StatusCode,
      payload: text === '' ? undefined : (JSON.parse(text) as unknown),
      functionError: answer.FunctionError,
      log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
      version: answer.ExecutedVersion,
    }
  }

  const close = async () => {
    await lambda.close()
    server.close()
    server.closeAllConnections()
    client.destroy()
  }
  return { lambda, client, create, invoke, logs, close, url }
}
