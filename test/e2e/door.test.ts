/** The door of the real program: hostile shapes over raw sockets, and all that SDKs, the AWS CLI and curl send goes on. */
import { connect } from 'node:net'

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SFN } from '@aws-sdk/client-sfn'
import { SNS } from '@aws-sdk/client-sns'
import { SQS } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { presignedUrl } from '../../src/wire/testing/presign.ts'

import { regente } from './command.ts'
import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from './server.ts'
import { aws, describeWithAwsCli } from './tools.ts'
import { useServer } from './use-server.ts'

const server = useServer()
const portOf = (url: string): number => Number(new URL(url).port)

/** Sends the text as it stands; resolves to all that comes back until the server closes, or one whole answer has come. */
function raw(request: string, port = portOf(server.url)): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (piece: string) => {
      answer += piece
      const [head = '', body] = answer.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
      if (body !== undefined && Buffer.byteLength(body) >= length) socket.destroy()
    })
    socket.on('close', () => resolve(answer)).on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
    socket.write(request)
  })
}
const statusOf = (answer: string): number => Number(answer.split(' ')[1])
const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join('')

const FORM = 'Content-Type: application/x-www-form-urlencoded'
const SIGNED =
  'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0'
const post = (headers: readonly string[], body: string, path = '/') =>
  lines(`POST ${path} HTTP/1.1`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '') + body

describe('refused before it is read is', () => {
  test.each([
    ['two hosts', lines('GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example', ''), 400],
    ['no host', lines('GET /_regente/quarantine HTTP/1.0', ''), 400],
    ['an empty host', lines('GET / HTTP/1.1', 'Host: ', ''), 400],
    ['a stranger in the request line', lines('GET http://evil.example/ HTTP/1.1', 'Host: localhost', ''), 400],
    ['a rebound name', lines('GET /_regente/health HTTP/1.1', 'Host: evil.example', ''), 403],
    ['another address', lines('GET / HTTP/1.1', 'Host: 0.0.0.0:4566', ''), 403],
    ['a mapped address', lines('GET / HTTP/1.1', 'Host: [::ffff:7f00:1]', ''), 403],
    [
      'a foreign origin',
      lines('GET /_regente/live?executionArn=a HTTP/1.1', 'Host: localhost', 'Origin: http://localhost:1', ''),
      403,
    ],
    ['no origin to speak of', post(['Host: localhost', 'Origin: null', 'Content-Type: application/json'], '{}'), 403],
    [
      'a preflight',
      lines('OPTIONS / HTTP/1.1', 'Host: localhost', 'Origin: http://a.b', 'Access-Control-Request-Method: PUT', ''),
      403,
    ],
    [
      'an image of another port',
      lines('GET /b/k HTTP/1.1', 'Host: localhost', 'Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: no-cors', ''),
      403,
    ],
    [
      'a WebSocket',
      lines(
        'GET / HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        '',
      ),
      400,
    ],
    ['an unsigned form', post(['Host: localhost', FORM], 'Action=ListQueues&Version=2012-11-05'), 403],
    [
      'a form signed in its link',
      post(['Host: localhost', FORM], 'Version=2012-11-05', '/?Action=ListQueues&X-Amz-Signature=0'),
      403,
    ],
    ['text for Lambda', post(['Host: localhost', 'Content-Type: text/plain'], '{}', '/2015-03-31/functions'), 403],
  ])('%s', async (_, request, status) => {
    const answer = await raw(request)
    expect(statusOf(answer)).toBe(status)
    expect(answer).toMatch(/"message":"[^"]{20,}/)
    expect(answer).not.toMatch(/access-control-allow/i)
  })
})

describe('by a link', () => {
  const link = (url: string, more: readonly string[] = []) => raw(lines(`GET ${url} HTTP/1.1`, 'Host: localhost', ...more, ''))
  const NAVIGATES = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Accept: text/html']

  test.each([
    '/000000000000/q?Action=DeleteQueue&Version=2012-11-05',
    '/000000000000/q?Action=ReceiveMessage&Version=2012-11-05',
    '/?Action=CreateTopic&Name=by-link&Version=2010-03-31',
    '/?X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fsns%2Faws4_request&Action=CreateTopic&Name=by-link&Version=2010-03-31',
    '/?X-Amz-x=1&Action=CreateQueue&QueueName=by-link&Version=2012-11-05',
  ])('%s does nothing', async (url) => {
    for (const more of [[], NAVIGATES, [SIGNED]]) {
      const answer = await link(url, more)
      expect(answer).toMatch(/405 [\s\S]*<Code>MethodNotAllowed<\/Code>[\s\S]*is taken by POST only/)
    }
    expect(await new SNS(config()).listTopics()).toMatchObject({ Topics: [] })
    expect((await new SQS(config()).listQueues({ QueueNamePrefix: 'by-link' })).QueueUrls).toBeUndefined()
  })

  test('a subscription is confirmed, in a browser too, or told why it is not', async () => {
    const answer = await link('/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=x', NAVIGATES)
    expect(statusOf(answer)).not.toBe(403)
    expect(answer).not.toContain('MethodNotAllowed')
    expect(answer).toContain('<Code>')
  })

  test('the console is shown, and an object in an origin of its own', async () => {
    expect(await link('/console', NAVIGATES)).toContain("script-src 'self'")
    for (const path of ['/none/such', '/none', '/'])
      expect(await link(path, path === '/' ? [] : NAVIGATES)).toMatch(
        /content-security-policy: sandbox[\s\S]*x-content-type-options: nosniff[\s\S]*\r\n\r\n<\?xml/i,
      )
  })
})

describe('what is too much is refused at once', () => {
  const unit = 'a&'
  test.each([
    ['1 MB of names without values', unit.repeat(500_000), 400],
    ['10 MB of them', unit.repeat(5_000_000), 413],
  ])('a form of %s', async (_, form, status) => {
    const answer = await raw(post(['Host: localhost', FORM, SIGNED], `Action=ListQueues&Version=2012-11-05&${form}`))
    expect(statusOf(answer)).toBe(status)
  })

  test('JSON of 100,000 levels, or of a million objects', async () => {
    const headers = ['Host: localhost', 'Content-Type: application/x-amz-json-1.0', 'X-Amz-Target: AmazonSQS.ListQueues']
    for (const body of ['{"a":'.repeat(100_000), `{"a":[${'{},'.repeat(1_000_000)}{}]}`]) {
      const answer = await raw(post(headers, body))
      expect(statusOf(answer)).toBe(400)
      expect(answer).toContain('SerializationException')
    }
  })

  test('a result of 5,000 levels, which would hang its execution; one of 1,000 is taken', async () => {
    const sfn = new SFN({ ...config(), disableHostPrefix: true })
    const { activityArn } = await sfn.createActivity({ name: 'deep' })
    const definition = JSON.stringify({ StartAt: 'T', States: { T: { Type: 'Task', Resource: activityArn, End: true } } })
    const { stateMachineArn } = await sfn.createStateMachine({
      name: 'deep',
      definition,
      roleArn: 'arn:aws:iam::000000000000:role/x',
    })
    const { executionArn } = await sfn.startExecution({ stateMachineArn })
    const { taskToken } = await sfn.getActivityTask({ activityArn })
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    await expect(sfn.sendTaskSuccess({ taskToken, output: nested(5_000) })).rejects.toMatchObject({ name: 'InvalidOutput' })
    await sfn.sendTaskSuccess({ taskToken, output: nested(1_000) })
    await expect.poll(async () => (await sfn.describeExecution({ executionArn })).status).toBe('SUCCEEDED')
  })
})

const config = () => ({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 })

describe('taken as ever is', () => {
  test('what SDKs sign: JSON, forms, uploads', async () => {
    const { QueueUrl } = await new SQS(config()).createQueue({ QueueName: 'sdk' })
    await new SQS(config()).sendMessage({ QueueUrl, MessageBody: 'x' })
    const sns = new SNS(config())
    const { TopicArn } = await sns.createTopic({ Name: 'sdk' })
    await sns.publish({ TopicArn, Message: 'x' })
    await sns.deleteTopic({ TopicArn })
    const s3 = new S3Client({ ...config(), forcePathStyle: true })
    await fetch(`${server.url}/sdk`, { method: 'PUT' })
    await s3.send(new PutObjectCommand({ Bucket: 'sdk', Key: 'k', Body: 'text' }))
    expect(await (await s3.send(new GetObjectCommand({ Bucket: 'sdk', Key: 'k' }))).Body?.transformToString()).toBe('text')
  })

  test('a bucket in the host, and a host prefix, which SDKs make by themselves', async () => {
    await fetch(`${server.url}/virtual`, { method: 'PUT' })
    const listing = await raw(lines('GET / HTTP/1.1', `Host: virtual.localhost:${portOf(server.url)}`, ''))
    expect(listing).toContain('<Name>virtual</Name>')
    const sync = post(
      ['Host: sync-localhost', SIGNED, 'Content-Type: application/json', 'X-Amz-Target: AWSStepFunctions.ListStateMachines'],
      '{}',
    )
    expect(statusOf(await raw(sync))).toBe(200)
  })

  test('a presigned upload and download', async () => {
    await fetch(`${server.url}/presigned`, { method: 'PUT' })
    const presigned = (method: string) => presignedUrl(method, `${server.url}/presigned/k`, credentials)
    const upload = { method: 'PUT', body: 'by link', headers: { 'content-type': 'text/plain' } }
    expect((await fetch(await presigned('PUT'), upload)).status).toBe(200)
    expect(await (await fetch(await presigned('GET'))).text()).toBe('by link')
  })

  test('JSON, unsigned, as curl sends it', async () => {
    const curl = ['Host: localhost', 'User-Agent: curl/8.0', 'Accept: */*', 'Content-Type: application/json']
    expect(await raw(post([...curl, 'X-Amz-Target: AWSStepFunctions.ListStateMachines'], '{}'))).toContain('"stateMachines"')
    const invoked = await raw(post(curl, '{}', '/2015-03-31/functions/none/invocations'))
    expect(invoked).toContain('Function not found')
  })

  describeWithAwsCli('the AWS CLI', () => {
    test('in JSON, as a form, as REST', async () => {
      expect(await aws(server.url, 'sqs', 'list-queues')).toBeDefined()
      expect(await aws(server.url, 'sns', 'create-topic', '--name', 'cli')).toMatchObject({
        TopicArn: expect.stringContaining(':cli'),
      })
      expect(await aws(server.url, 's3api', 'create-bucket', '--bucket', 'cli')).toBeDefined()
      expect(await aws(server.url, 'lambda', 'list-functions')).toMatchObject({ Functions: expect.any(Array) })
    }, 60_000)

    test('is told in words why its host is not taken', async () => {
      // 127.0.0.2 is this machine too, but it is not listened on as such.
      await expect(aws(server.url.replace('127.0.0.1', '0.0.0.0'), 'sns', 'list-topics')).rejects.toThrow('--allowed-hosts')
      await expect(aws(server.url.replace('127.0.0.1', '0.0.0.0'), 's3api', 'list-buckets')).rejects.toThrow('--allowed-hosts')
    }, 60_000)
  })
})

describe('the settings', () => {
  const opened: { readonly server: RunningServer; readonly directory: string }[] = []
  async function open(...flags: readonly string[]): Promise<RunningServer> {
    const directory = await makeDataDirectory()
    const other = await startServer(directory, flags)
    opened.push({ server: other, directory })
    return other
  }
  afterAll(async () => {
    for (const { server, directory } of opened) {
      await server.stop()
      await removeDataDirectory(directory)
    }
  })

  test('let a page of an allowed origin in, and read', async () => {
    const { url } = await open('--allowed-origins', 'http://localhost:3000')
    const origin = 'http://localhost:3000'
    const wants = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-amz-target,authorization' }
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin, ...wants, 'access-control-request-private-network': 'true' },
    })
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'x-amz-target,authorization',
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '7200',
      vary: 'Origin',
    })
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false)
    for (const path of ['/', '/none', '/none/such', '/2015-03-31/functions/none', '/_regente/health']) {
      const answer = await fetch(url + path, { headers: { origin } })
      expect(answer.headers.get('access-control-allow-origin'), path).toBe(origin)
      expect(answer.headers.get('access-control-expose-headers'), path).toBe('*')
    }
    expect((await fetch(url, { headers: { origin: 'http://localhost:3001' } })).status).toBe(403)
  })

  test('let a name in; all addresses are listened on only with a warning', async () => {
    const { url } = await open('--host', '0.0.0.0', '--insecure', '--allowed-hosts', 'flows.example.org')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const health = (host: string) => raw(lines('GET /_regente/health HTTP/1.1', `Host: ${host}`, ''), portOf(url))
    expect(statusOf(await health('flows.example.org'))).toBe(200)
    expect(statusOf(await health('0.0.0.0'))).toBe(403)
    const used = await regente(
      'start',
      '--host',
      '0.0.0.0',
      '--insecure',
      '--port',
      String(portOf(url)),
      '--data',
      '/dev/null/none',
    )
    expect(used.stderr).toContain('WARNING: --insecure on 0.0.0.0')
  })
})

describe('a server that is stopped', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await makeDataDirectory()
  })
  afterAll(() => removeDataDirectory(directory))

  test('ends long polls with nothing, event streams in order, and itself', async () => {
    const stopping = await startServer(directory, ['--shutdown-grace', '30'])
    const client = { endpoint: stopping.url, region: REGION, credentials, maxAttempts: 1 }
    const [sqs, sfn] = [new SQS(client), new SFN({ ...client, disableHostPrefix: true })]
    const { QueueUrl } = await sqs.createQueue({ QueueName: 'q' })
    const { activityArn } = await sfn.createActivity({ name: 'a' })
    const stream = await fetch(`${stopping.url}/_regente/live?executionArn=a`)
    const received = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 })
    const task = sfn.getActivityTask({ activityArn })
    // Both are waiting once a later request of the same clients is answered.
    await Promise.all([sqs.listQueues(), sfn.listActivities()])
    const stopped = stopping.stop()
    expect((await received).Messages).toBeUndefined()
    expect((await task).taskToken).toBeUndefined()
    expect(await stream.text()).toContain('event: ready')
    expect(await stopped).toBe(0)
  }, 20_000)
})
