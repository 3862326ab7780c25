/**
 * What lies in the data folder, what a function can reach of the server that runs it, and who else can read any of it. With the
 * real program, as root and as another user. Where this machine lets nobody hide folders, what hiding gives is skipped by name.
 */
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { PutObjectCommand, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { PublishCommand, CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'
import { callAws } from '../../src/wire/client.ts'

import { credentials, REGION, type RunningServer, startServer } from './server.ts'

const SECRET = 'sUpErSeCrEt'
const env = {
  AWS_ACCESS_KEY_ID: 'AKIAREALREALREALREAL',
  AWS_SECRET_ACCESS_KEY: 'realsecretrealsecret',
  AWS_SESSION_TOKEN: 'realtoken',
  DATABASE_URL: 'postgres://u:realpw@h/d',
  REGENTE_SMTP: 'smtp://me:realpw@127.0.0.1:1',
}
const isLinux = process.platform === 'linux'
const isRoot = process.getuid?.() === 0
const canHide = (...user: string[]): boolean =>
  isLinux && spawnSync('unshare', ['--mount', ...user, 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' }).status === 0

/** Tries everything, and tells what it got. `data` is in the event. */
const NODE_SPY = `
const fs = require('fs'), { execFileSync } = require('child_process')
exports.handler = async ({ data, server }) => {
  const seen = {}
  const look = (name, work) => { try { seen[name] = work() } catch (error) { seen[name] = error.code } }
  look('environmentOfParent', () => /real/.test(fs.readFileSync('/proc/' + process.ppid + '/environ', 'latin1')))
  look('environmentOfServer', () => /real/.test(fs.readFileSync('/proc/' + server + '/environ', 'latin1')))
  look('readsDatabase', () => fs.readFileSync(data + '/regente.sqlite').length > 0)
  look('readsByTheRootOfServer', () => fs.readFileSync('/proc/' + server + '/root' + data + '/regente.sqlite').length > 0)
  look('listsData', () => fs.readdirSync(data))
  look('writesData', () => fs.writeFileSync(data + '/x', '1'))
  look('writesCode', () => fs.writeFileSync(__dirname + '/y', '1'))
  look('childWritesData', () => execFileSync('sh', ['-c', 'echo 1 > ' + data + '/x'], { stdio: 'ignore' }) && 'yes')
  look('writesTmp', () => { fs.writeFileSync('/tmp/regente-spy-' + process.pid, '1'); fs.unlinkSync('/tmp/regente-spy-' + process.pid); return 'yes' })
  look('ownEnvironment', () => Object.entries(process.env).filter(([, value]) => /real/.test(value)))
  return seen
}`
const PYTHON_SPY = `
import os
def handler(event, context):
    seen = {}
    def look(name, work):
        try: seen[name] = work()
        except OSError as error: seen[name] = error.strerror
    look('environmentOfServer', lambda: 'real' in open('/proc/%d/environ' % event['server']).read())
    look('readsDatabase', lambda: len(open(event['data'] + '/regente.sqlite', 'rb').read()) > 0)
    look('writesData', lambda: open(event['data'] + '/x', 'w').write('1'))
    look('writesCode', lambda: open(os.path.dirname(__file__) + '/y', 'w').write('1'))
    look('writesTmp', lambda: open('/tmp/regente-spy-%d' % os.getpid(), 'w').write('1'))
    os.unlink('/tmp/regente-spy-%d' % os.getpid())
    return seen
`

function clientsOf({ url }: RunningServer) {
  const config = { endpoint: url, region: REGION, credentials }
  return {
    lambda: new LambdaClient(config),
    events: async (operation: string, input: unknown) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${operation}` }
      const answer = await callAws({ ...config, service: 'events', method: 'POST', headers, body: JSON.stringify(input) })
      return JSON.parse(answer.body.toString()) as unknown
    },
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sns: new SNSClient(config),
  }
}

async function spy(server: RunningServer, runtime: 'nodejs22.x' | 'python3.12'): Promise<unknown> {
  const { lambda } = clientsOf(server)
  const files = runtime === 'nodejs22.x' ? { 'index.js': NODE_SPY } : { 'index.py': PYTHON_SPY }
  const Code = { ZipFile: zipOf(files) }
  const FunctionName = `spy-${runtime.slice(0, 4)}`
  const Role = 'arn:aws:iam::000000000000:role/r'
  await lambda.send(
    new CreateFunctionCommand({ FunctionName, Runtime: runtime, Handler: 'index.handler', Role, Timeout: 20, Code }),
  )
  const Payload = JSON.stringify({ data: server.dataDirectory, server: server.pid })
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }))
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString())
}

const folders: string[] = []
async function newFolder(uid?: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regente-isolation-'))
  folders.push(folder)
  await chmod(folder, 0o755)
  if (uid !== undefined) await chown(folder, uid, uid)
  return join(folder, 'data')
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** Everything under `folder` that somebody else could read or write. */
async function openToOthers(folder: string): Promise<string[]> {
  const names = ['', ...(await readdir(folder, { recursive: true }))]
  const modes = await Promise.all(names.map(async (name) => ({ name, mode: (await stat(join(folder, name))).mode })))
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ name }) => name)
}

describe.skipIf(!isLinux)('a function', () => {
  const users = isRoot
    ? [
        { user: 'root', uid: undefined, isHere: canHide() },
        { user: 'another user', uid: 65_534, isHere: canHide('--user', '--map-root-user') },
      ]
    : [{ user: 'whoever runs the tests', uid: undefined, isHere: canHide('--user', '--map-root-user') }]
  for (const { user, uid, isHere } of users) {
    describe.skipIf(!isHere)(`of a server that ${user} runs`, () => {
      let server: RunningServer
      beforeAll(async () => {
        server = await startServer(await newFolder(uid), [], 0, {
          env: { ...env, HOME: '/tmp' },
          ...(uid !== undefined && { uid }),
        })
      }, 60_000)
      afterAll(() => server?.stop())

      it('reads nothing of the server, writes only where it may, and has its /tmp', async () => {
        expect(await spy(server, 'nodejs22.x')).toEqual({
          environmentOfParent: 'EACCES',
          environmentOfServer: 'EACCES',
          readsDatabase: 'ENOENT',
          readsByTheRootOfServer: 'EACCES',
          listsData: ['lambda'],
          writesData: 'EROFS',
          writesCode: 'EROFS',
          childWritesData: undefined,
          writesTmp: 'yes',
          ownEnvironment: [],
        })
      })

      it('in Python neither', async () => {
        expect(await spy(server, 'python3.12')).toEqual({
          environmentOfServer: 'Permission denied',
          readsDatabase: 'No such file or directory',
          writesData: 'Read-only file system',
          writesCode: 'Read-only file system',
          writesTmp: 1,
        })
      })
    })
  }
})

describe('the server', () => {
  let server: RunningServer
  let dataDirectory = ''
  beforeAll(async () => {
    dataDirectory = await newFolder()
    // As an older version left it.
    await mkdir(join(dataDirectory, 's3/objects/00'), { recursive: true })
    await writeFile(join(dataDirectory, 's3/objects/00/f00'), 'x')
    await writeFile(join(dataDirectory, 'notes.txt'), 'not ours')
    await chmod(dataDirectory, 0o755)
    server = await startServer(dataDirectory, ['--log-level', 'debug'], 0, { env })
  }, 60_000)
  afterAll(() => server?.stop())

  it.skipIf(!isLinux)('shows nothing of the environment that it was started with', async () => {
    const shown = await readFile(`/proc/${server.pid}/environ`, 'latin1')
    expect(shown.replaceAll('\0', '')).toBe('')
  })

  it.skipIf(process.platform === 'win32')('keeps all that it writes for its owner, and shuts what stood open', async () => {
    const { s3, sns, events, lambda } = clientsOf(server)
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: Buffer.alloc(100_000) }))
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }))
    await sns.send(new PublishCommand({ TopicArn, Message: 'm' }))
    const Code = { ZipFile: zipOf({ 'index.js': 'exports.handler = async () => 1' }) }
    const place = { FunctionName: 'f', Runtime: 'nodejs22.x', Handler: 'index.handler' } as const
    await lambda.send(new CreateFunctionCommand({ ...place, Role: 'arn:aws:iam::000000000000:role/r', Code }))
    const ApiKeyAuthParameters = { ApiKeyName: 'X-Key', ApiKeyValue: SECRET }
    const connection = { Name: 'c', AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters } }
    await events('CreateConnection', connection)
    expect(await openToOthers(dataDirectory)).toEqual(['notes.txt'])
  })

  it('has no secret of a connection, nor its own signing key, in its files in the clear', async () => {
    const names = await readdir(dataDirectory, { recursive: true })
    for (const name of names) {
      if (!(await stat(join(dataDirectory, name))).isFile()) continue
      const content = await readFile(join(dataDirectory, name), 'latin1')
      expect([name, content.includes(SECRET), content.includes('BEGIN PRIVATE KEY')]).toEqual([name, false, false])
    }
    const shown = await clientsOf(server).events('DescribeConnection', { Name: 'c' })
    expect(shown).toMatchObject({ AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key' } } })
    expect(JSON.stringify(shown)).not.toContain(SECRET)
  })
})
