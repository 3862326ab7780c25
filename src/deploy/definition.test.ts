import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { Json, JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import type { JsonService } from '../aws/services.ts'

import { deployTemplate } from './deploy.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import { parseTemplate } from '../cloudformation/template/template.ts'

const folder = mkdtempSync(join(tmpdir(), 'regente-definition-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return name
}

const definitionOf = async (properties: string, aws = new FakeAws()): Promise<Json> =>
  JSON.parse(await definitionTextOf(properties, aws)) as Json

async function definitionTextOf(properties: string, aws = new FakeAws()): Promise<string> {
  const isSam = /^\{Definition(?:Uri)?:/.test(properties)
  const type = isSam ? 'AWS::Serverless::StateMachine' : 'AWS::StepFunctions::StateMachine'
  const role = isSam ? 'Role: r' : 'RoleArn: r'
  const text = `Resources:\n  M:\n    Type: ${type}\n    Properties: ${properties.replace(/\}$/, `, ${role}}`)}\n`
  await deployTemplate(parseTemplate(text, 't.yaml'), join(folder, 't.yaml'), aws, {
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    account: '000000000000',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  return String(aws.inputs['CreateStateMachine']?.['definition'])
}

const WAIT = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 2, End: true } } }

test.each([
  ['numbers without quotes in YAML', 'a.asl.yaml', 'StartAt: W\nStates:\n  W: {Type: Wait, Seconds: ${S}, End: true}\n'],
  ['numbers without quotes in JSON', 'b.asl.json', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":${S},"End":true}}}'],
  ['YAML by its content', 'c.asl', 'StartAt: W\nStates: {W: {Type: Wait, Seconds: ${ S }, End: true}}\n'],
  ['YAML in braces', 'd.asl', '{StartAt: W, States: {W: {Type: Wait, Seconds: ${S}, End: true}}}'],
  ['a name that stands twice', 'e.yaml', 'StartAt: X\nStartAt: W\nStates: {W: {Type: Wait, Seconds: ${S}, End: true}}\n'],
])('substitutions are made in the text, before it is read: %s', async (_, name, text) => {
  expect(await definitionOf(`{DefinitionUri: ${file(name, text)}, DefinitionSubstitutions: {S: 2}}`)).toEqual(WAIT)
})

test('numbers keep their spelling, in the template and in a file of YAML', async () => {
  const yaml = '{StartAt: P, States: {P: {Type: Pass, End: true, Result: {f: 1.0, big: 9007199254740993, e: 1e3}}}}'
  const spelled = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Result":{"f":1.0,"big":9007199254740993,"e":1e3}}}}'
  for (const properties of [`{Definition: ${yaml}}`, `{DefinitionUri: ${file('numbers.yaml', yaml)}}`])
    expect((await definitionTextOf(properties)).replaceAll(/\s/g, '')).toBe(spelled)
})

test('an asset of cdk synth is found by its key, an object of a bucket otherwise', async () => {
  file('asset.1.json', JSON.stringify(WAIT))
  const destinations = { current: { bucketName: 'assets-${AWS::AccountId}', objectKey: '1.json' } }
  file('App.assets.json', JSON.stringify({ files: { 1: { source: { path: 'asset.1.json' }, destinations } } }))
  expect(await definitionOf('{DefinitionS3Location: {Bucket: b, Key: 1.json}}')).toEqual(WAIT)
  await expect(definitionOf('{DefinitionUri: s3://b/other.json}')).rejects.toThrow(
    't.yaml:4:18: M: s3://b/other.json is neither an asset beside the template nor an object that is there.',
  )
})

/** Refuses every definition, for one thing in it. */
class Refusing extends FakeAws {
  override async json(service: JsonService, action: string, input: JsonObject): Promise<JsonObject> {
    if (action === 'CreateStateMachine') throw new WireError(400, 'InvalidDefinition', 'Invalid State Machine Definition')
    const diagnostics = [{ code: 'MISSING_TRANSITION_TARGET', message: 'Missing', location: '/States/A/Next' }]
    return action === 'ValidateStateMachineDefinition' ? { diagnostics } : super.json(service, action, input)
  }
}

test.each([
  [
    'DefinitionUri',
    () => file('bad.asl.json', '{"StartAt":"A",\n"States":{"A":{"Type":"Pass",\n  "Next":"B"}}}'),
    /bad\.asl\.json:3:3: /,
  ],
  ['DefinitionUri', () => file('bad.yaml', 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n'), /bad\.yaml:5:5: /],
  ['Definition', () => '{StartAt: A, States: {A: {Type: Pass, Next: B}}}', /^t\.yaml:4:68: /],
  ['DefinitionString', () => `'{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}'`, /^t\.yaml:4:18: /],
])('what is wrong in a %s is told where it stands (%#)', async (property, value, place) => {
  const failure = await definitionOf(`{${property}: ${value()}}`, new Refusing()).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(TemplateError)
  expect(String(failure instanceof Error && failure.message)).toMatch(place)
  expect(String(failure instanceof Error && failure.message)).toContain(
    'M: MISSING_TRANSITION_TARGET: Missing (at /States/A/Next)',
  )
})

test('a text that cannot be read is told in its own file, and the file is one to watch', async () => {
  const failure = await definitionOf(`{DefinitionUri: ${file('broken.yaml', 'StartAt: A\nStates: [\n')}}`).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({
    problems: [{ position: { line: expect.any(Number) } }],
    sources: [expect.any(String), join(folder, 'broken.yaml')],
  })
  expect(String(failure)).toContain('broken.yaml:')
})
