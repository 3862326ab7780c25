import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type CheckedFile, checkFile, readDefinition } from './checks.ts'
import { CliError } from './cli-error.ts'
import { findFiles } from './found-files.ts'
import { sarifOf } from './sarif.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-checks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const settings = { type: 'STANDARD', ignore: ['TASK_WITHOUT_RETRY'] } as const
const check = async (text: string, path = 'file') => (await checkFile(path, text, settings)).files
const places = (files: readonly CheckedFile[]) =>
  files.flatMap(({ diagnostics }) =>
    diagnostics.map(({ code, pointer, position }) => `${position?.line}:${position?.column} ${code} ${pointer}`),
  )

const PASS = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'

describe('a definition', () => {
  test('with placeholders has nothing wrong where they stand, and its faults elsewhere are found in their places', async () => {
    const text = `{
  "StartAt": "M",
  "States": {
    "M": {"Type": "Map", "MaxConcurrency": \${N}, "ItemsPath": "no path", "End": true,
      "ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "\${Arn}", "Retry": \${Retry}, "End": true}}}}
  }
}`
    expect(places(await check(text))).toEqual(['4:50 SCHEMA_VALIDATION_FAILED /States/M/ItemsPath'])
  })

  test('may begin with a byte order mark', async () => {
    const path = join(folder, 'marked.asl.json')
    await writeFile(path, `\uFEFF${PASS}`)
    expect(await readDefinition(path)).toEqual({ path, definition: PASS })
  })

  test('in YAML may have them bare, in braces too', async () => {
    const text = 'StartAt: W\nStates:\n  W: {Type: Wait, Seconds: ${N}, OutputPath: nowhere, End: true}\n'
    expect(places(await check(text))).toEqual(['3:34 SCHEMA_VALIDATION_FAILED /States/W/OutputPath'])
  })

  test('tells bad paths beside a wrong Type', async () => {
    const text = '{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$..[","Next":"B"},"B":{"Type":"Tusk","End":true}}}'
    const found = (await check(text)).flatMap(({ diagnostics }) => diagnostics.map(({ pointer }) => pointer))
    expect(found.toSorted()).toEqual(['/States/A/InputPath', '/States/B/Type'])
  })

  test('in YAML tells names that stand twice, and is judged all the same', async () => {
    const text = 'StartAt: P\nStates:\n  P:\n    Type: Pass\n    Comment: a\n    Comment: b\n    OutputPath: no\n    End: true\n'
    expect(places(await check(text))).toEqual(['7:5 SCHEMA_VALIDATION_FAILED /States/P/OutputPath', '6:5 DUPLICATE_KEY '])
  })

  test('in a file of YAML may be in braces', async () => {
    expect(places(await check('{StartAt: P, States: {P: {Type: Pass, InputPath: no, End: true}}}', 'a.asl.yaml'))).toEqual([
      '1:39 SCHEMA_VALIDATION_FAILED /States/P/InputPath',
    ])
  })

  test('that is broken is told where it breaks', async () => {
    expect(places(await check('{"StartAt": }'))).toEqual(['1:13 INVALID_JSON_DESCRIPTION '])
    expect(places(await check('a: b: c'))).toEqual([expect.stringContaining('INVALID_JSON_DESCRIPTION')])
  })
})

describe('a template', () => {
  const machine = (properties: string) =>
    `Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n${properties.replace(/^/gm, '      ')}\n`

  test('has its definitions as texts, with what is put in, line by line', async () => {
    const text = machine(`DefinitionString: !Sub
  - |-
    {
      "StartAt": "T",
      "States": {
        "T": {"Type": "Task", "Resource": "\${arn}", "InputPath": "no", "End": true}
      }
    }
  - {arn: !GetAtt [F, Arn]}`)
    expect(places(await check(text))).toEqual(['10:59 SCHEMA_VALIDATION_FAILED /States/T/InputPath'])
  })

  test('or joined of pieces, told at the property', async () => {
    const json = JSON.stringify({
      Resources: {
        Q: { Type: 'AWS::SQS::Queue' },
        M: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: {
            DefinitionString: {
              'Fn::Join': [
                '',
                ['{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"', { 'Fn::GetAtt': ['F', 'Arn'] }, '"}}}'],
              ],
            },
          },
        },
      },
    })
    const found = await check(json)
    expect(found.map(({ machine }) => machine)).toEqual(['M'])
    expect(places(found)[0]).toBe(`1:${json.indexOf('"DefinitionString"') + 1} SCHEMA_VALIDATION_FAILED /States/T`)
  })

  test('or as mappings with functions', async () => {
    const text = machine(`Definition:
  StartAt: T
  States:
    T:
      Type: Task
      Resource: arn:aws:states:::lambda:invoke
      Parameters: {FunctionName: !Ref F}
      TimeoutSeconds: !If [Never, 3, 5]
      HeartbeatSeconds: !If [Never, !Ref AWS::NoValue, soon]
      End: true`)
    expect(places(await check(text))).toEqual(['13:13 SCHEMA_VALIDATION_FAILED /States/T/HeartbeatSeconds'])
  })

  test('or in files, with the values that it writes out', async () => {
    await writeFile(join(folder, 'm.asl.json'), '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":${N},"End":true}}}')
    const template = machine('DefinitionUri: m.asl.json\nDefinitionSubstitutions: {N: -1}')
    const [file, ...others] = await check(template, join(folder, 'template.yaml'))
    expect(others).toEqual([])
    expect(file).toMatchObject({ path: join(folder, 'm.asl.json'), machine: 'M' })
    expect(file?.diagnostics).toMatchObject([{ message: 'Minimum value is 0', pointer: '/States/W/Seconds' }])
  })

  test('tells a file that is not there at the place that names it, and what only a deployment can tell', async () => {
    const [file] = await check(machine('DefinitionUri: gone.asl.json'), join(folder, 'template.yaml'))
    expect(file?.diagnostics).toMatchObject([{ code: 'UNREADABLE_FILE', position: { line: 5, column: 7 } }])
    const { unchecked } = await checkFile('t.yaml', machine('DefinitionString: !Ref Text'), settings)
    expect(unchecked).toEqual(['t.yaml: M is not checked: its DefinitionString is known only when it is deployed.'])
  })

  test('or in a file that is to be put into a bucket', async () => {
    const stored = { S3Bucket: 'assets', S3Key: 'k.json' }
    const assets = { files: { a: { source: { path: 'asset.json' }, destinations: { d: { objectKey: 'k.json' } } } } }
    await writeFile(join(folder, 'App.assets.json'), JSON.stringify(assets))
    await writeFile(join(folder, 'asset.json'), '{"StartAt":"A","States":{}}')
    const M = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { DefinitionS3Location: { Bucket: stored.S3Bucket, Key: stored.S3Key } },
    }
    const path = join(folder, 'App.template.json')
    const [file] = await check(JSON.stringify({ Resources: { M } }), path)
    expect(file).toMatchObject({ path: join(folder, 'asset.json'), machine: 'M' })
    expect(file?.diagnostics).not.toEqual([])
  })

  test('that is wrong in one place is checked in all others', async () => {
    const text = `Resources:
  Q: {Properties: {}}
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      X: !Nope 1
      Definition: {StartAt: P, States: {P: {Type: Pass, InputPath: no, End: true}}}
      RoleArn: a
      RoleArn: b
`
    expect(places(await check(text))).toEqual([
      '6:10 INVALID_TEMPLATE ',
      '2:3 INVALID_TEMPLATE ',
      '9:7 DUPLICATE_KEY ',
      '7:57 SCHEMA_VALIDATION_FAILED /States/P/InputPath',
    ])
  })

  test('that is wrong itself is told at its places', async () => {
    const [file] = await check('Resources:\n  M: {Properties: {}}\n')
    expect(file?.diagnostics).toMatchObject([{ code: 'INVALID_TEMPLATE', position: { line: 2 } }])
  })

  test('gives the definition of the machine that is asked for', async () => {
    const path = join(folder, 'two.yaml')
    const two = ['A', 'B'].map(
      (id) => `  ${id}: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: ${id}}}}`,
    )
    await writeFile(path, `Resources:\n${two.join('\n')}\n`)
    expect(JSON.parse((await readDefinition(path, 'B')).definition)).toEqual({ StartAt: 'B' })
    await expect(readDefinition(path)).rejects.toThrow('has the state machines A, B; choose one with --machine.')
    await expect(readDefinition(path, 'C')).rejects.toThrow('has no state machine C. It has A, B.')
  })
})

test('of a folder all templates and definitions are found, templates first; other folders and files are passed over', async () => {
  const inner = await mkdtemp(join(folder, 'walk-'))
  for (const name of ['sub', 'node_modules', '.hidden']) await mkdir(join(inner, name))
  for (const name of [
    'a.asl.json',
    'sub/template.yaml',
    'sub/b.asl.yml',
    'node_modules/c.asl.json',
    '.hidden/d.asl.json',
    'e.json',
  ])
    await writeFile(join(inner, name), PASS)
  expect(await findFiles([inner, join(inner, 'a.asl.json'), '-'])).toEqual([
    ...['sub/template.yaml', 'a.asl.json', 'sub/b.asl.yml'].map((name) => join(inner, name)),
    '-',
  ])
  await expect(findFiles([await mkdtemp(join(folder, 'empty-'))])).rejects.toThrow(CliError)
})

test('SARIF has each finding with its rule, its place, and a path that is a URI', async () => {
  const files = await check('{"StartAt":"A","States":{"A":{"Type":"Nope","End":true}}}', 'a folder/x.asl.json')
  expect(sarifOf(files, '1.2.3')).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'regente', version: '1.2.3', rules: [{ id: 'SCHEMA_VALIDATION_FAILED' }] } },
        results: [
          {
            ruleId: 'SCHEMA_VALIDATION_FAILED',
            ruleIndex: 0,
            level: 'error',
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'a%20folder/x.asl.json' },
                  region: { startLine: 1, startColumn: 31 },
                },
                logicalLocations: [{ fullyQualifiedName: '/States/A/Type' }],
              },
            ],
          },
        ],
      },
    ],
  })
})
