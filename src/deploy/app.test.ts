import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { deployApp } from './app.ts'
import type { DeployOptions, Progress } from './deploy.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import { type FakeEndpoint, startFakeEndpoint } from './fake-endpoint.ts'
import { openStackRecords } from './stack-record.ts'

let aws = new FakeAws()
let endpoint: FakeEndpoint
beforeAll(async () => {
  endpoint = await startFakeEndpoint(() => aws)
})
afterAll(() => endpoint.close())

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-app-'))
  aws = new FakeAws()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** As after a restart, every time. What was taken away, by name; `failed` where the deployment did. */
async function put(names: readonly string[], more: Partial<DeployOptions> = {}) {
  const steps: Progress[] = []
  const answer = await deployApp(
    names.map((name) => ({ file: join(folder, name) })),
    {
      endpoint: endpoint.url,
      region: 'us-east-1',
      account: '000000000000',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      ...more,
      records: await openStackRecords(join(folder, 'data.json')),
      onProgress: (step) => steps.push(step),
    },
  ).catch((error: Error) => error)
  const removed = steps.flatMap((step) => (step.kind === 'removed' ? [step.ref.split(/[/:]/).at(-1)] : []))
  const warnings = steps.flatMap((step) => (step.kind === 'warning' ? [step.message] : []))
  return { failed: answer instanceof Error ? answer.message : undefined, removed, warnings }
}

const queue = (name: string, id = 'Q') => `  ${id}: {Type: AWS::SQS::Queue, Properties: {QueueName: ${name}}}\n`
const PASS = 'Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}'
const machine = (name: string) => `  M: {Type: AWS::Serverless::StateMachine, Properties: {Name: ${name}, Role: r, ${PASS}}}\n`
const plainMachine = (name: string) =>
  `  M: {Type: AWS::StepFunctions::StateMachine, Properties: {StateMachineName: ${name}, RoleArn: r, ${PASS}}}\n`
const BROKEN = '  B: {Type: AWS::Serverless::StateMachine, Properties: {Role: r, DefinitionUri: nowhere.json}}\n'
const CHILD = '  Child: {Type: AWS::Serverless::Application, Properties: {Location: ./child.yaml}}\n'
const template = (...resources: readonly string[]) => `Resources:\n${resources.join('')}`

test('a deployment that fails leads to no removal of what is declared, in templates within templates either', async () => {
  write('child.yaml', template(queue('childq'), machine('childm')))
  write('template.yaml', template(CHILD, queue('own')))
  expect(await put(['template.yaml'])).toMatchObject({ failed: undefined, removed: [] })
  write('template.yaml', template(CHILD, queue('own'), BROKEN))
  expect((await put(['template.yaml'])).failed).toContain('nowhere.json')
  write('template.yaml', template(CHILD, queue('own')))
  expect(await put(['template.yaml'])).toMatchObject({ failed: undefined, removed: [] })
  write('child.yaml', template(machine('childm'), BROKEN))
  expect((await put(['template.yaml'])).failed).toContain('nowhere.json')
  write('child.yaml', template(machine('childm')))
  expect(await put(['template.yaml'])).toMatchObject({ failed: undefined, removed: ['childq'] })
})

test('what was renamed while the template was broken goes when it is mended, and stays when it has its name again', async () => {
  write('template.yaml', template(queue('one')))
  await put(['template.yaml'])
  write('template.yaml', template(queue('two'), BROKEN))
  expect((await put(['template.yaml'])).removed).toEqual([])
  write('template.yaml', template(queue('one')))
  expect((await put(['template.yaml'])).removed).toEqual(['two'])
  expect((await put(['template.yaml'])).removed).toEqual([])
})

test('a template within the template that is not there for a moment keeps its resources', async () => {
  write('child.yaml', template(queue('childq')))
  write('template.yaml', template(CHILD))
  await put(['template.yaml'])
  rmSync(join(folder, 'child.yaml'))
  expect(await put(['template.yaml'])).toMatchObject({ failed: undefined, removed: [] })
  write('child.yaml', template(machine('childm')))
  expect((await put(['template.yaml'])).removed).toEqual(['childq'])
})

test('what moves to another stack stays, whichever is deployed first, and while the other one is broken', async () => {
  for (const names of [
    ['a/t.yaml', 'b/t.yaml'],
    ['b/t.yaml', 'a/t.yaml'],
  ]) {
    write('a/t.yaml', template(queue('moving'), machine('a')))
    write('b/t.yaml', template(machine('b')))
    await put(names)
    write('a/t.yaml', template(machine('a')))
    write('b/t.yaml', `${template(queue('moving'), machine('b'))}  no: [`)
    expect(await put(names)).toMatchObject({ failed: expect.stringMatching(/./), removed: [] })
    write('b/t.yaml', template(queue('moving'), machine('b')))
    expect((await put(names)).removed).toEqual([])
    write('b/t.yaml', template(machine('b')))
    expect((await put(names)).removed).toEqual(['moving'])
  }
})

test('templates of one folder do not take away what the others declare, together or one after the other', async () => {
  write('one.yaml', template(queue('one'), queue('both', 'Both')))
  write('two.yaml', template(queue('two'), queue('both', 'Both')))
  expect((await put(['one.yaml', 'two.yaml'])).removed).toEqual([])
  expect((await put(['two.yaml'])).removed).toEqual([])
  write('two.yaml', template(queue('two')))
  const { removed, warnings } = await put(['two.yaml'])
  expect(removed).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(/^Both .* is no longer in the template, and stays: another stack has it\.$/)])
  write('one.yaml', template(queue('one')))
  expect((await put(['one.yaml'])).removed).toEqual(['both'])
})

test('what is declared by another type, or has another address, is the same thing', async () => {
  write('template.yaml', template(machine('m'), queue('q')))
  await put(['template.yaml'])
  write('template.yaml', template(plainMachine('m'), queue('q', 'Other')))
  aws.address = 'http://q:4321'
  expect((await put(['template.yaml'])).removed).toEqual([])
})

test('what is to be retained stays after a failure, too', async () => {
  const kept = queue('kept').replace('{Type', '{DeletionPolicy: Retain, Type')
  write('template.yaml', template(kept, machine('m')))
  await put(['template.yaml'])
  write('template.yaml', template(kept, BROKEN))
  await put(['template.yaml'])
  write('template.yaml', template(machine('m')))
  expect(await put(['template.yaml'])).toMatchObject({ removed: [], warnings: [expect.stringContaining('it is to be retained')] })
})

test('a resource without a type does not hide what else is wrong, and nothing is deployed', async () => {
  write('template.yaml', template('  None: {Properties: {A: b}}\n', queue('!Ref Nope'), queue('!Ref None', 'Fine')))
  const { failed } = await put(['template.yaml'])
  expect(failed?.split('\n')).toEqual([
    expect.stringContaining('template.yaml:2:3: Resource None has no Type.'),
    expect.stringContaining('template.yaml:3:3: Q refers to Nope, which is neither a parameter nor a resource.'),
  ])
  expect(aws.calls).toEqual([])
})
