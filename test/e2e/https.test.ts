/** HTTPS as real clients meet it: on the port of HTTP, with the authority that `regente env` hands them, names checked. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { get } from 'node:https'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { regente } from './command.ts'
import {
  cleanEnv,
  credentials,
  makeDataDirectory,
  REGION,
  removeDataDirectory,
  ROOT,
  type RunningServer,
  startServer,
} from './server.ts'
import { aws, describeWithAwsCli } from './tools.ts'

const run = promisify(execFile)

let dataDirectory = ''
let server: RunningServer
let folder = ''
let authority = ''
let url = ''

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  folder = await mkdtemp(join(tmpdir(), 'regente-https-'))
  authority = join(folder, 'ca.pem')
  url = `https://localhost:${new URL(server.url).port}`
}, 60_000)
afterAll(async () => {
  await server?.stop()
  await removeDataDirectory(dataDirectory)
  await rm(folder, { recursive: true, force: true })
})

test('a server that nobody has asked for HTTPS has made nothing for it', async () => {
  expect((await readdir(dataDirectory)).filter((name) => name.startsWith('ca.'))).toEqual([])
})

test('`regente env` tells a shell where HTTPS is, and whom to trust', async () => {
  const { code, stdout } = await regente('env', '--endpoint', server.url, '--output', authority)
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    `export AWS_ENDPOINT_URL=${server.url.replace('http:', 'https:')}`,
    `export AWS_CA_BUNDLE=${authority}`,
    `export NODE_EXTRA_CA_CERTS=${authority}`,
    '',
  ])
  expect(await readFile(authority, 'utf8')).toBe(await readFile(join(dataDirectory, 'ca.pem'), 'utf8'))
  expect((await stat(join(dataDirectory, 'ca.key'))).mode & 0o777).toBe(0o600)
})

test('`regente env` says where there is no server', async () => {
  const { code, stderr } = await regente('env', '--endpoint', 'http://127.0.0.1:1', '--output', join(folder, 'none.pem'))
  expect([code, stderr]).toEqual([1, expect.stringContaining('No server answers at http://127.0.0.1:1')])
})

describeWithAwsCli('the AWS CLI', () => {
  test('makes a bucket, an object and a queue, whose URL is of https too', async () => {
    const cli = (...args: readonly string[]) => aws(url, '--ca-bundle', authority, ...args)
    await cli('s3api', 'create-bucket', '--bucket', 'by-cli')
    await cli('s3', 'cp', join(ROOT, 'package.json'), 's3://by-cli/package.json')
    expect(await cli('s3', 'cp', 's3://by-cli/package.json', '-')).toMatchObject({ name: 'regente' })
    expect(await cli('sqs', 'create-queue', '--queue-name', 'by-cli')).toEqual({ QueueUrl: expect.stringContaining(`${url}/`) })
    const link = String(await cli('s3', 'presign', 's3://by-cli/package.json')).trim()
    expect(link).toMatch(/^https:/)
    expect((await run('curl', ['-sS', '--fail', '--cacert', authority, link])).stdout).toContain('"regente"')
  }, 60_000)

  test('trusts nobody else', async () => {
    await expect(aws(url, 's3api', 'list-buckets')).rejects.toThrow(/CERTIFICATE_VERIFY_FAILED|SSL validation failed/)
  }, 60_000)
})

test('an SDK, in a process that was given NODE_EXTRA_CA_CERTS, keeps an object, sends a message and runs a workflow', async () => {
  const script = `
    import { SFN } from '@aws-sdk/client-sfn'
    import { S3 } from '@aws-sdk/client-s3'
    import { SQS } from '@aws-sdk/client-sqs'
    const at = { endpoint: process.env.ENDPOINT, region: '${REGION}', credentials: ${JSON.stringify(credentials)} }
    const [sfn, s3, sqs] = [new SFN({ ...at, disableHostPrefix: true }), new S3({ ...at, forcePathStyle: true }), new SQS(at)]
    await s3.createBucket({ Bucket: 'by-sdk' })
    await s3.putObject({ Bucket: 'by-sdk', Key: 'k', Body: 'x'.repeat(300_000) })
    const { QueueUrl } = await sqs.createQueue({ QueueName: 'by-sdk' })
    await sqs.sendMessage({ QueueUrl, MessageBody: 'hello' })
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
    const machine = { name: 'by-sdk', definition, roleArn: 'arn:aws:iam::000000000000:role/r', type: 'EXPRESS' }
    const { stateMachineArn } = await sfn.createStateMachine(machine)
    const { output } = await sfn.startSyncExecution({ stateMachineArn, input: '{"a":1}' })
    const { Messages } = await sqs.receiveMessage({ QueueUrl })
    console.log(JSON.stringify({ output, queue: new URL(QueueUrl).protocol, message: Messages[0].Body }))`
  const env = { ...cleanEnv(), NODE_EXTRA_CA_CERTS: authority, ENDPOINT: url }
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env, cwd: ROOT })
  expect(JSON.parse(stdout)).toEqual({ output: '{"a":1}', queue: 'https:', message: 'hello' })
}, 60_000)

describe('curl', () => {
  const curl = async (...args: readonly string[]) => (await run('curl', ['-sS', '--cacert', authority, ...args])).stdout

  test.each(['localhost', '127.0.0.1', '[::1]', 'by-name.s3.localhost', 'a.lambda-url.us-east-1.localhost'])(
    'finds the name %s in what it is shown',
    async (host) => {
      const { port } = new URL(url)
      const told = await curl('--connect-to', `${host}:${port}:127.0.0.1:${port}`, `https://${host}:${port}/_regente/health`)
      expect(told).toMatch(host.includes('.s3.') || host.includes('lambda-url') ? /./ : /"status":"ok"/)
    },
  )

  test('gets no certificate for a name that is not ours, and no answer either', async () => {
    const { port } = new URL(url)
    const asked = ['--connect-to', `example.org:${port}:127.0.0.1:${port}`, `https://example.org:${port}/_regente/health`]
    await expect(curl(...asked)).rejects.toThrow(/subject name/)
    expect(await curl('-k', ...asked)).toContain('AccessDenied')
  })
})

describe('the console', () => {
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const ca = await readFile(authority)
    return new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      get(`${url}${path}`, { ca, headers }, resolve).on('error', reject)
    })
  }

  test('may ask by https where its own pages came by it', async () => {
    const answers = await Promise.all(
      [url, url.replace('https:', 'http:'), 'https://example.org'].map(async (origin) => {
        const answer = await ask('/_regente/health', { origin })
        await text(answer)
        return answer.statusCode
      }),
    )
    expect(answers).toEqual([200, 403, 403])
  })

  test('hears of changes by https', async () => {
    const changes = await ask('/_regente/live', { accept: 'text/event-stream' })
    expect(changes.headers['content-type']).toContain('text/event-stream')
    expect(String(await new Promise((resolve) => changes.once('data', resolve)))).not.toBe('')
    changes.destroy()
  })
})

test('whoever opens connections and says nothing, or half of it, keeps nobody from being answered', async () => {
  const sockets: Socket[] = []
  for (let count = 0; count < 200; count++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    if (count % 2 === 0) socket.write(Buffer.from([0x16, 3, 1, 0x3f]))
    sockets.push(socket)
  }
  expect((await run('curl', ['-sS', '--cacert', authority, `${url}/_regente/health`])).stdout).toContain('"ok"')
  for (const [index, socket] of sockets.entries()) index % 3 === 0 ? socket.resetAndDestroy() : socket.destroy()
  expect(await (await fetch(`${server.url}/_regente/health`)).json()).toMatchObject({ status: 'ok' })
})

test('the authority is the same after a start, so that those who trust it go on', async () => {
  const before = await readFile(authority, 'utf8')
  await server.kill()
  server = await startServer(dataDirectory, [], Number(new URL(url).port))
  const { stdout } = await run('curl', ['-sS', '--cacert', authority, `${url}/_regente/ca.pem`])
  expect(stdout).toBe(before)
}, 60_000)
