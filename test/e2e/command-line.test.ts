/** The command as people without the AWS CLI use it, against the real program. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { type Ended, regente, regenteIn } from './command.ts'
import { ACCOUNT, cleanEnv, REGION, ROOT } from './server.ts'
import { useServer } from './use-server.ts'

const server = useServer()
const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Greeting`
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-command-'))
  const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /greeting}}
  Greeting:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: Greeting
      Logging: {Level: ALL, IncludeExecutionData: true, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
      Definition:
        StartAt: Wait?
        States:
          Wait?: {Type: Choice, Choices: [{Variable: $.wait, IsPresent: true, Next: Wait}], Default: Greet}
          Wait: {Type: Wait, Seconds: 600, Next: Greet}
          Greet: {Type: Pass, Parameters: {"text.$": "States.Format('Hello, {}', $.name)"}, End: true}
`
  await writeFile(join(folder, 'template.yaml'), template)
  const { code, stderr } = await at('dev', folder, '--no-watch')
  expect(code, stderr).toBe(0)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (...args: string[]): Promise<Ended> => regente(...args, '--endpoint', server.url)
const jsonOf = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>

test('an execution is started, followed, listed, described, and read in its logs', async () => {
  const waited = await at('start-execution', 'Greeting', '--input', '{"name": "Ana"}', '--wait')
  expect(waited).toMatchObject({ code: 0, stdout: '{\n  "text": "Hello, Ana"\n}\n' })
  const [machines, executions] = await Promise.all([at('list'), at('list', 'Greeting', '--json')])
  expect(machines.stdout).toMatch(new RegExp(`^Greeting +STANDARD +\\S+ +${MACHINE}\n$`))
  const [execution] = jsonOf(executions)['executions'] as { executionArn: string; status: string }[]
  expect(execution).toMatchObject({ status: 'SUCCEEDED', startDate: expect.stringMatching(/^\d{4}-.*Z$/) })
  const [described, shown] = await Promise.all([
    at('describe', execution?.executionArn ?? '', '--json'),
    at('show', execution?.executionArn ?? '', '--json'),
  ])
  expect(jsonOf(described)).toMatchObject({ stateMachineArn: MACHINE, output: '{"text":"Hello, Ana"}' })
  expect(jsonOf(shown)).toMatchObject({ states: [{ name: 'Wait?' }, { name: 'Greet', status: 'succeeded' }], transitions: 4 })
  await expect.poll(async () => (await at('logs', 'Greeting')).stdout, { timeout: 20_000 }).toContain('ExecutionSucceeded')
}, 60_000)

test('a running one is stopped, and told as it is', async () => {
  const started = await at('start-execution', MACHINE, '--input', '{"wait": true}')
  const arn = started.stdout.trim()
  expect((await at('stop', arn, '--cause', 'Enough')).stdout).toBe(`${arn} is ABORTED.\n`)
  expect((await at('describe', arn)).stdout).toContain('cause: Enough')
}, 60_000)

test('what is not there, or not known, is told with what would do', async () => {
  expect(await at('start-execution', 'Greting')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean Greeting?'),
  })
  expect(await at('logs', 'nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no log of nobody') })
  expect(await regente('lst')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean list?') })
  const nowhere = await regente('list', '--endpoint', 'http://127.0.0.1:9')
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('regente start') })
}, 60_000)

test('a workflow runs on the server of its command, whatever server its shell names for clients', async () => {
  const file = join(folder, 'calls.asl.json')
  const Resource = 'arn:aws:states:::aws-sdk:sqs:createQueue'
  const States = { Q: { Type: 'Task', Resource, Parameters: { QueueName: 'q' }, End: true } }
  await writeFile(file, JSON.stringify({ StartAt: 'Q', States }))
  const shell = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
  const { code, stdout, stderr } = await regenteIn(shell, 'run', file, '--region', 'sa-east-1', '--account', '210987654321')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toContain('/210987654321/q')
  expect(stderr).toContain('arn:aws:states:sa-east-1:210987654321:execution:')
}, 60_000)

test('an interrupted run leaves nothing behind, whenever that is, and however often', async () => {
  const file = join(folder, 'waits.asl.json')
  await writeFile(file, JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 200, End: true } } }))
  // The server makes its folder, opens its files, starts its threads, and answers, in that order.
  for (const laterMs of [0, 3, 10, 30, 100, 300, 1_000]) {
    const run = await runInterrupted(file, laterMs)
    expect(run, `after ${laterMs} ms`).toEqual({ ended: [130, null], left: [] })
  }
  expect((await runInterrupted(file, 10, 2)).ended).toEqual([130, null])
}, 120_000)

/** `SIGINT` some time after the folder of the data is there, so many times; what is there when the process has ended. */
async function runInterrupted(file: string, laterMs: number, times = 1): Promise<{ ended: unknown; left: string[] }> {
  const temporary = await mkdtemp(join(folder, 'tmp-'))
  const run = spawn(process.execPath, [join(ROOT, 'bin/regente.js'), 'run', file, '--type', 'EXPRESS'], {
    env: { ...cleanEnv(), TMPDIR: temporary },
    stdio: 'ignore',
  })
  onTestFinished(() => void run.kill('SIGKILL'))
  const folders = async () => (await readdir(temporary)).filter((name) => name.startsWith('regente-'))
  await expect.poll(folders, { timeout: 30_000, interval: 5 }).not.toEqual([])
  const ended = once(run, 'exit')
  await setTimeout(laterMs)
  run.kill('SIGINT')
  for (let i = 1; i < times; i++) {
    await setTimeout(5)
    run.kill('SIGINT')
  }
  const exit = await ended
  // Who is not given the time to tidy up is tidied up after.
  if (times > 1) await expect.poll(folders, { timeout: 30_000 }).toEqual([])
  return { ended: exit, left: await folders() }
}
