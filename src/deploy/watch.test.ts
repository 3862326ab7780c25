import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import type { DeployedStack } from './deploy.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import { type FakeEndpoint, startFakeEndpoint } from './fake-endpoint.ts'
import { type Project, templatesAsTheyAre } from './project.ts'
import { openStackRecords } from './stack-record.ts'
import { ToolError } from './tool.ts'
import { type Watch, watch } from './watch.ts'

let aws = new FakeAws()
let endpoint: FakeEndpoint
beforeAll(async () => {
  endpoint = await startFakeEndpoint(() => aws)
})
afterAll(() => endpoint.close())

let folder = ''
let watching: Watch | undefined
let next = deferred<readonly DeployedStack[] | Error>()
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'regente-watch-')))
  aws = new FakeAws()
  next = deferred()
})
afterEach(async () => {
  await watching?.close()
  rmSync(folder, { recursive: true, force: true })
})

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

const start = (...names: string[]): Promise<void> =>
  startProject(templatesAsTheyAre(names.map((name) => ({ file: join(folder, name) }))))

async function startProject(project: Project): Promise<void> {
  watching = watch([project], {
    endpoint: endpoint.url,
    region: 'us-east-1',
    account: '000000000000',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    settleMs: 20,
    records: await openStackRecords(join(folder, 'stacks.json')),
    onDeployed: (stacks) => next.resolve(stacks),
    onError: (error) => next.resolve(error as Error),
  })
}

/** What the next deployment comes to. */
async function take(): Promise<readonly DeployedStack[] | Error> {
  const value = await next.promise
  next = deferred()
  return value
}

/** Deployments until one is as it should be: a file that is being written may be seen twice. */
async function until(isRight: (value: readonly DeployedStack[] | Error) => boolean): Promise<void> {
  for (;;) if (isRight(await take())) return
}
const hasOutput = (value: string) => (stacks: readonly DeployedStack[] | Error) =>
  !(stacks instanceof Error) && stacks[0]?.outputs['O'] === value

const queue = (name: string, output = name) =>
  `Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: ${name}}}\nOutputs:\n  O: {Value: ${output}}\n`
const MACHINE_LINE = '  M: {Type: AWS::Serverless::StateMachine, Properties: {Name: m, Role: r, DefinitionUri: m.asl.yaml}}\n'
const MACHINE = `Resources:\n${MACHINE_LINE}`
const PASS = 'StartAt: A\nStates: {A: {Type: Pass, End: true}}\n'

test('a change of the template deploys again, a broken template is told and the watch goes on', async () => {
  write('template.yaml', queue('one'))
  await start('template.yaml')
  await until(hasOutput('one'))
  write('template.yaml', 'Resources: 7')
  await until((value) => value instanceof Error)
  write('template.yaml', queue('two'))
  await until(hasOutput('two'))
})

test('a definition that is broken, or not there, at the first deployment is seen mended', async () => {
  write('template.yaml', MACHINE)
  await start('template.yaml')
  expect(await take()).toMatchObject({ message: expect.stringContaining('m.asl.yaml cannot be read') })
  write('m.asl.yaml', 'StartAt: [')
  await until((value) => value instanceof Error && value.message.includes('m.asl.yaml:1:'))
  write('m.asl.yaml', PASS)
  await until((value) => !(value instanceof Error))
  expect(JSON.parse(String(aws.inputs['CreateStateMachine']?.['definition']))).toMatchObject({ StartAt: 'A' })
})

test('what is renamed or removed goes, also when that was done between two starts; what is to be retained stays', async () => {
  write('template.yaml', queue('one'))
  await start('template.yaml')
  await until(hasOutput('one'))
  write('template.yaml', queue('two'))
  await until(hasOutput('two'))
  expect(aws.inputs['DeleteQueue']).toEqual({ QueueUrl: 'http://q/000000000000/one' })
  await watching?.close()

  write('template.yaml', `${queue('two', 'three').replace('Type:', 'DeletionPolicy: Retain, Type:')}`)
  await start('template.yaml')
  await until(hasOutput('three'))
  write(
    'template.yaml',
    'Resources:\n  A: {Type: AWS::StepFunctions::Activity, Properties: {Name: a}}\nOutputs: {O: {Value: four}}\n',
  )
  await until(hasOutput('four'))
  expect(aws.calls.filter((call) => call === 'DeleteQueue')).toHaveLength(1)
  write('template.yaml', queue('five'))
  await until(hasOutput('five'))
  expect(aws.inputs['DeleteActivity']).toEqual({ activityArn: 'arn:aws:states:us-east-1:000000000000:activity:a' })
})

test('stacks of one app are deployed after those that they import from', async () => {
  mkdirSync(join(folder, 'shop'))
  mkdirSync(join(folder, 'base'))
  write('shop/template.yaml', queue('shop', '!ImportValue base-queue'))
  write(
    'base/template.yaml',
    queue('base').replace('{Value: base}', '{Value: !Ref Q, Export: {Name: !Sub "${AWS::StackName}-queue"}}'),
  )
  await start('shop/template.yaml', 'base/template.yaml')
  const stacks = await take()
  expect(stacks).toMatchObject([{ stackName: 'shop', outputs: { O: 'http://q/000000000000/base' } }, { stackName: 'base' }])
})

test('what is written while it is deployed for the first time is deployed, too', async () => {
  class Late extends FakeAws {
    override json(...call: Parameters<FakeAws['json']>) {
      if (call[1] === 'CreateStateMachine') write('m.asl.yaml', PASS.replaceAll(/A\b/g, 'Late'))
      return super.json(...call)
    }
  }
  aws = new Late()
  write('template.yaml', MACHINE)
  write('m.asl.yaml', PASS)
  await start('template.yaml')
  await until(() => aws.inputs['UpdateStateMachine'] !== undefined)
  expect(JSON.parse(String(aws.inputs['UpdateStateMachine']?.['definition']))).toMatchObject({ StartAt: 'Late' })
})

test('templates are made anew when a source has changed, not when a definition has, and what the tool makes is no news', async () => {
  let made = 0
  await startProject({
    kind: 'app',
    folder,
    async make() {
      made++
      const name = readFileSync(join(folder, 'source'), 'utf8')
      if (name === 'broken') throw new ToolError('the app is broken')
      mkdirSync(join(folder, 'out'), { recursive: true })
      const machine = MACHINE_LINE.replace('m.asl', '../m.asl')
      write('out/template.yaml', queue(name).replace('Outputs:', `${machine}Outputs:`))
      return [{ file: join(folder, 'out/template.yaml') }]
    },
    isSource: (path) => path === join(folder, 'source'),
    isMade: (path) => path.startsWith(join(folder, 'out')),
  })
  expect(await take()).toMatchObject({ message: expect.stringContaining('source') })
  write('m.asl.yaml', PASS)
  write('source', 'one')
  await until(hasOutput('one'))
  const before = made
  write('m.asl.yaml', PASS.replaceAll(/A\b/g, 'Other'))
  await until((value) => !(value instanceof Error) && aws.inputs['UpdateStateMachine'] !== undefined)
  expect(made).toBe(before)
  write('source', 'broken')
  await until((value) => value instanceof ToolError)
  write('source', 'two')
  await until(hasOutput('two'))
})
