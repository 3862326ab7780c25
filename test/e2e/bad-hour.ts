/** What the tests of bad hours share: workflows that are in the middle of something, and a server's word on how it is. */
import { Lambda } from '@aws-sdk/client-lambda'
import { S3 } from '@aws-sdk/client-s3'
import { SFN } from '@aws-sdk/client-sfn'
import { SNS } from '@aws-sdk/client-sns'
import { SQS } from '@aws-sdk/client-sqs'
import { connect } from 'node:net'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { ACCOUNT, credentials, REGION } from './server.ts'

export const ROLE = `arn:aws:iam::${ACCOUNT}:role/test`
export const machineArn = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`

/** Clients of all services, which try nothing twice unless they are told to. */
export function clientsOf(url: string, maxAttempts = 1) {
  const settings = { endpoint: url, region: REGION, credentials, maxAttempts, disableHostPrefix: true }
  return {
    url,
    sfn: new SFN(settings),
    sqs: new SQS(settings),
    sns: new SNS(settings),
    s3: new S3({ ...settings, forcePathStyle: true }),
    lambda: new Lambda(settings),
  }
}
export type Clients = ReturnType<typeof clientsOf>

/** Asks again until the answer will do. Throws with the last answer when it never does. */
export async function until<T>(read: () => Promise<T>, is: (value: T) => boolean, withinMs = 60_000): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const value = await read()
    if (is(value)) return value
    if (Date.now() > end) throw new Error(`not reached within ${withinMs} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export async function create({ sfn }: Clients, name: string, States: object, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') {
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States })
  const { stateMachineArn } = await sfn.createStateMachine({ name, definition, roleArn: ROLE, type })
  return stateMachineArn ?? ''
}

export async function start({ sfn }: Clients, machine: string, input: unknown = {}): Promise<string> {
  const { executionArn } = await sfn.startExecution({ stateMachineArn: machineArn(machine), input: JSON.stringify(input) })
  return executionArn ?? ''
}

/** The execution when it has ended. */
export const ended = ({ sfn }: Clients, executionArn: string, withinMs?: number) =>
  until(
    () => sfn.describeExecution({ executionArn }),
    ({ status }) => status !== 'RUNNING',
    withinMs,
  )

/** Status, error and cause of each, by its machine's name: what is left of a bad hour, in one glance. */
export async function endsOf(clients: Clients, executionArns: readonly string[]): Promise<string[]> {
  const ends = await Promise.all(executionArns.map((arn) => ended(clients, arn)))
  return ends.map(({ stateMachineArn, status, error, cause }) =>
    [stateMachineArn?.split(':').at(-1), status, error, cause].filter((part) => part !== undefined).join(' '),
  )
}

export async function typesOf({ sfn }: Clients, executionArn: string): Promise<string[]> {
  const { events = [] } = await sfn.getExecutionHistory({ executionArn, maxResults: 1_000 })
  return events.map(({ type }) => String(type))
}

const SLOW = `exports.handler = async ({ ms, fails }) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  if (fails) throw new Error('as told')
  return ms
}`

/** A function named slow that answers after `event.ms`, with an error if `event.fails`. */
export async function createSlowFunction({ lambda }: Clients): Promise<void> {
  const function_ = { FunctionName: 'slow', Runtime: 'nodejs22.x', Role: ROLE, Handler: 'index.handler', Timeout: 60 } as const
  await lambda.createFunction({ ...function_, Code: { ZipFile: zipOf({ 'index.js': SLOW }) } })
}

/** The tokens of tasks that wait, as the queue `name` got them; `count` of them. */
export async function tokensFrom({ sqs, url }: Clients, name: string, count: number): Promise<string[]> {
  const tokens: string[] = []
  while (tokens.length < count) {
    const QueueUrl = `${url}/${ACCOUNT}/${name}`
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 })
    for (const { Body, ReceiptHandle } of Messages) {
      tokens.push(JSON.parse(Body ?? '{}').token)
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle })
    }
  }
  return tokens
}

/** A task that sends its token to a queue of this server and waits. */
export const callback = ({ url }: Clients, queue: string) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { QueueUrl: `${url}/${ACCOUNT}/${queue}`, MessageBody: { 'token.$': '$$.Task.Token' } },
  End: true,
})

export async function healthOf({ url }: Clients) {
  const answer = await (await fetch(`${url}/_regente/health`)).json()
  return answer as { readonly status: string; readonly reasons?: readonly string[] }
}

/** Requests in one packet, so that all are read before the first is durable; the answers in their order. */
export function inOnePacket(
  url: string,
  requests: readonly { readonly operation: string; readonly input: object }[],
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }[]> {
  const { hostname, port } = new URL(url)
  const text = requests.map(({ operation, input }) => {
    const body = JSON.stringify(input)
    const head = [
      'POST / HTTP/1.1',
      `host: ${hostname}:${port}`,
      `x-amz-target: AWSStepFunctions.${operation}`,
      'content-type: application/x-amz-json-1.0',
      `content-length: ${Buffer.byteLength(body)}`,
    ]
    return `${head.join('\r\n')}\r\n\r\n${body}`
  })
  return new Promise((resolve, reject) => {
    let got = ''
    const socket = connect(Number(port), hostname, () => socket.write(text.join('')))
    socket.on('error', reject)
    socket.on('data', (piece) => {
      got += piece.toString()
      const answers = [...got.matchAll(/HTTP\/1\.1 (\d+).*?\r\n\r\n(\{.*?\})(?=HTTP\/1\.1|$)/gs)]
      if (answers.length < requests.length) return
      socket.destroy()
      resolve(answers.map(([, status, body = '{}']) => ({ status: Number(status), body: JSON.parse(body) })))
    })
  })
}
