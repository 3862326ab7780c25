import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { coverage, mock, readCoverage, workflow, writeCoverage } from '../index.ts'
import { Coverage } from './coverage.ts'
import { pagesOf } from './html.ts'
import { lcovOf } from './lcov.ts'
import { textOf } from './text.ts'

const HOSTILE = '</svg><script>alert("x")</script>'
const DEFINITION = `{
  "StartAt": "Check",
  "States": {
    "Check": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.n", "NumericGreaterThan": 1, "Next": "Pay" },
        { "Variable": "$.n", "StringEquals": ${JSON.stringify(HOSTILE)}, "Next": "Pay" }
      ],
      "Default": "Done"
    },
    "Pay": {
      "Type": "Task",
      "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues",
      "Parameters": {},
      "TimeoutSeconds": 10,
      "Retry": [
        { "ErrorEquals": ["Busy"], "MaxAttempts": 1 }
      ],
      "Catch": [
        { "ErrorEquals": ["States.Timeout"], "Next": "Done" }
      ],
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" }
  }
}
`
let folder = ''
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coverage-'))
  file = join(folder, 'order.asl.json')
  await writeFile(file, DEFINITION)
})
afterAll(() => rm(folder, { recursive: true }))

const order = (pay = mock.return({})) => workflow({ file, mocks: { Pay: pay }, validateMocks: 'NONE' })
async function covered(...inputs: readonly object[]): Promise<Coverage> {
  const wf = await order()
  for (const input of inputs) await wf.run(input)
  return await wf.coverage()
}

describe('a summary', () => {
  test('of what nothing ran in has nothing covered', async () => {
    const { states, total, maps } = (await covered()).summary()
    expect(states).toEqual({ total: 3, covered: 0, unclear: 0, percent: 0 })
    expect(total.total).toBe(11)
    expect(maps).toEqual({ total: 0, covered: 0, unclear: 0, percent: 100 })
  })

  test('counts by kind, and rounds down', async () => {
    const { states, transitions, choices, catches, retries, timeouts } = (await covered({ n: 2 })).summary()
    expect([states, transitions, choices].map(({ covered, total, percent }) => [covered, total, percent])).toEqual([
      [3, 3, 100],
      [2, 5, 40],
      [1, 3, 33.3],
    ])
    expect([catches, retries, timeouts].map(({ covered, total }) => [covered, total])).toEqual([
      [0, 1],
      [0, 2],
      [0, 1],
    ])
  })
})

test('what is missing is told, of a state that was never entered this alone', async () => {
  expect((await covered({ n: 0 })).missing()).toEqual([
    'Check: Choice 0 ($.n > 1) was never taken.',
    `Check: Choice 1 ($.n = ${JSON.stringify(HOSTILE)}) was never taken.`,
    'Pay was never entered.',
  ])
  expect((await covered({ n: 2 })).missing().slice(2)).toEqual([
    'Pay: Catch 0 (States.Timeout) was never taken.',
    'Pay: Retry 0 (Busy) never fired.',
    'Pay: Retry 0 (Busy) was never exhausted.',
    'Pay never timed out (TimeoutSeconds).',
  ])
})

describe('thresholds', () => {
  test('that are not reached are told', async () => {
    expect((await covered({ n: 2 })).check({ states: 100, choices: 90, total: 10 })).toEqual([
      '33.3 % of choices are covered (1 of 3), and 90 % are wanted.',
    ])
  })

  test.each([
    [{ branches: 100 }, "'branches' is no kind of coverage. There are: states, transitions"],
    [{ states: '100' }, 'The threshold of states is a percentage from 0 to 100, not "100".'],
    [{ states: 101 }, 'from 0 to 100, not 101'],
  ])('that are none are told: %j', async (thresholds, message) => {
    const found = await covered()
    expect(() => found.check(thresholds as object)).toThrow(message)
  })
})

describe('merged', () => {
  test('the runs of the same workflow add up, those of another stand beside', async () => {
    const other = await workflow({ definition: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } })
    const all = await coverage(await order(), await order(), other)
    expect(all.workflows.map(({ workflow, runs }) => [workflow.name, runs])).toEqual([
      [expect.stringMatching(/order\.asl\.json$/), 0],
      ['workflow', 0],
    ])
    const both = (await covered({ n: 2 })).merge(await covered({ n: 2 }, { n: 0 }))
    expect(both.workflows.map(({ runs }) => runs)).toEqual([3])
    expect(both.summary().choices.covered).toBe(2)
    expect(all.missing()).toContain('workflow: A was never entered.')
  })

  test('nothing of what was merged is counted again when it goes on', async () => {
    const wf = await order()
    await wf.run({ n: 2 })
    const all = await coverage(wf)
    await wf.run({ n: 2 })
    expect(all.workflows[0]?.runs).toBe(1)
    expect((await coverage(wf)).workflows[0]?.runs).toBe(2)
  })
})

describe('the file', () => {
  test('is read as it was written', async () => {
    const found = await covered({ n: 2 }, { n: 0 })
    const again = Coverage.fromJSON(JSON.stringify(found))
    expect(again.toJSON()).toEqual(found.toJSON())
    expect(again.missing()).toEqual(found.missing())
  })

  test('may be several, of several processes', async () => {
    await writeCoverage(await covered({ n: 2 }), join(folder, 'a'), ['json'])
    await writeCoverage(await covered({ n: 0 }), join(folder, 'b'), ['json'])
    const both = await readCoverage(join(folder, 'a/coverage.json'), join(folder, 'b/coverage.json'))
    expect(both.workflows.map(({ runs }) => runs)).toEqual([2])
    expect(both.summary().choices.covered).toBe(2)
  })

  test.each([
    ['{', 'x.json is no JSON'],
    ['{}', 'x.json is no coverage: a coverage file is JSON with "format": "regente-coverage".'],
    ['{"format":"regente-coverage","version":2}', 'x.json is coverage of version 2, and this Regente reads version 1.'],
    ['{"format":"regente-coverage","version":1}', 'x.json is coverage without "workflows"'],
    ['{"format":"regente-coverage","version":1,"workflows":[null]}', 'x.json, workflows[0] lacks "name" and "definition"'],
    [
      '{"format":"regente-coverage","version":1,"workflows":[{"name":"a","definition":"[]","points":{}}]}',
      'The definition of a is no JSON object',
    ],
    [
      '{"format":"regente-coverage","version":1,"workflows":[{"name":"a","definition":"{}","points":{"/States/A":-1}}]}',
      'x.json, workflows[0], points: "/States/A" is no count, but -1.',
    ],
  ])('that is none is told: %s', (text, message) => {
    expect(() => Coverage.fromJSON(text, 'x.json')).toThrow(message)
  })

  test('that is not there is told', async () => {
    await expect(readCoverage(join(folder, 'nowhere.json'))).rejects.toThrow('nowhere.json cannot be read')
  })
})

describe('the text', () => {
  test('has a table and what is missing', async () => {
    const lines = textOf(await covered({ n: 2 })).split('\n')
    expect(lines[0]).toMatch(/order\.asl\.json, 1 run$/)
    expect(lines.slice(1, 4)).toEqual([
      '  states         100 %   3 of  3',
      '  transitions     40 %   2 of  5',
      '  choices       33.3 %   1 of  3',
    ])
    expect(lines).toContain('    Pay: Catch 0 (States.Timeout) was never taken.')
  })

  test('obeys no name', () => {
    const definition = JSON.stringify({ StartAt: '\u001B[2J', States: { '\u001B[2J': { Type: 'Succeed' } } })
    const found = new Coverage()
    found.of({ name: 'a\nb', definition })
    expect(textOf(found)).not.toMatch(/\u001B|a\nb/)
  })

  test('of nothing says so', () => expect(textOf(new Coverage())).toBe('No workflow was run.\n'))
})

describe('lcov', () => {
  test('has states as functions, and each rule, catcher and retrier on its line', async () => {
    const lines = (await lcovOf(await covered({ n: 2 }))).split('\n')
    expect(lines[1]).toMatch(/^SF:.*order\.asl\.json$/)
    expect(lines).toEqual(
      expect.arrayContaining(['FN:4,Check', 'FN:12,Pay', 'FN:25,Done', 'FNDA:1,Pay', 'FNF:3', 'FNH:3', 'end_of_record']),
    )
    expect(lines.filter((line) => line.startsWith('DA:'))).toEqual([
      'DA:4,1',
      'DA:7,1',
      'DA:8,0',
      'DA:10,0',
      'DA:12,1',
      'DA:18,0',
      'DA:21,0',
      'DA:25,1',
    ])
    expect(lines.filter((line) => line.startsWith('BRDA:'))).toEqual([
      'BRDA:7,0,0,1',
      'BRDA:8,0,1,0',
      'BRDA:10,0,2,0',
      'BRDA:23,1,0,1',
      'BRDA:21,1,1,0',
      'BRDA:18,1,2,0',
      'BRDA:18,1,3,0',
      'BRDA:16,1,4,0',
    ])
  })

  test('has no count for the branches of a state that was never entered', async () => {
    expect(await lcovOf(await covered())).toContain('BRDA:7,0,0,-')
  })

  test('leaves out what has no file', async () => {
    const found = new Coverage()
    found.of({ name: 'a', definition: DEFINITION })
    found.of({ name: 'b', definition: DEFINITION, file: join(folder, 'gone.json') })
    expect(await lcovOf(found)).toBe('')
  })

  test('finds a definition within a template, and one that a template names', async () => {
    const template = join(folder, 'template.yaml')
    await writeFile(
      template,
      `Resources:
  Queue:
    Type: AWS::SQS::Queue
  Inline:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A:
            Type: Succeed
  Named:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: ./order.asl.json
`,
    )
    const definition = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
    const found = new Coverage()
    found.of({ name: 'Inline', definition, file: template, resource: 'Inline' })
    found.of({ name: 'Named', definition: DEFINITION, file: template, resource: 'Named' })
    found.of({ name: 'either', definition, file: template })
    found.of({ name: 'neither', definition, file: template, resource: 'Queue' })
    const lines = (await lcovOf(found)).split('\n')
    expect(lines.filter((line) => line.startsWith('SF:'))).toEqual([`SF:${template}`, `SF:${file}`])
    expect(lines).toContain('DA:10,0')
    expect(lines).toContain('FN:12,Pay')
  })
})

describe('the pages', () => {
  test('lead to one for each workflow, whose names no two share', () => {
    const definition = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
    const found = new Coverage()
    for (const name of ['flows/order.json', '../flows/Order.json', '..']) found.of({ name, definition })
    const pages = pagesOf(found)
    expect(pages.map(({ name }) => name)).toEqual([
      'index.html',
      'flows-order.json.html',
      'flows-Order.json-2.html',
      'workflow.html',
    ])
    expect(pages[0]?.html).toContain('<a href="./flows-order.json.html">flows/order.json</a>')
  })

  test('have the graph painted: what was reached green, what was not red, what was in part amber', async () => {
    const [, page] = pagesOf(await covered({ n: 0 }))
    const box = (state: string) => new RegExp(`<rect [^>]*fill="(#\\w+)"[^>]*/><text [^>]*>${state}<`).exec(page?.html ?? '')?.[1]
    expect([box('Check'), box('Pay'), box('Done')]).toEqual(['#fff8c5', '#ffebe9', '#dafbe1'])
    expect(page?.html.match(/marker-end="url\(#tip-1a7f37\)"/g)).toHaveLength(3)
    expect(page?.html).toContain('Pay was never entered.')
  })

  test('obey no definition', async () => {
    for (const { html } of pagesOf(await covered({ n: 2 }))) {
      expect(html).not.toContain('<script')
      expect(html).toContain(`default-src 'none'`)
    }
  })

  test('are written with the rest', async () => {
    const written = await writeCoverage(await covered({ n: 2 }), join(folder, 'all'))
    expect(written.map((path) => path.slice(folder.length + 5))).toEqual([
      'coverage.json',
      'coverage.txt',
      'lcov.info',
      'index.html',
      expect.stringMatching(/order\.asl\.json\.html$/),
    ])
    expect(await readFile(written[4] ?? '', 'utf8')).toContain('<svg')
  })
})
