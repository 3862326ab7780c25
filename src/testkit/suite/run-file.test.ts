import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { EndedRun, SuiteResult } from './result.ts'
import { runFile, type RunFileOptions } from './run-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-suite-'))
  put('pay.asl.json', JSON.stringify(PAY, null, 2))
})
afterEach(() => rmSync(folder, { recursive: true }))

const PAY = {
  StartAt: 'Check',
  States: {
    Check: {
      Type: 'Choice',
      Choices: [{ Variable: '$.total', NumericGreaterThan: 0, Next: 'Pay' }],
      Default: 'Nothing',
    },
    Pay: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'charge', 'Payload.$': '$' },
      OutputPath: '$.Payload',
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 1 }],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'Ship', States: { Ship: { Type: 'Pass', End: true } } },
      End: true,
    },
    Nothing: { Type: 'Succeed' },
  },
}
const APPROVAL = {
  StartAt: 'Approve',
  States: {
    Approve: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
      HeartbeatSeconds: 3600,
      Next: 'Wait',
    },
    Wait: { Type: 'Wait', Seconds: 86_400, End: true },
  },
}

function put(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const OPTIONS: RunFileOptions = { update: false, isCi: false, timeoutMs: 5_000, collectsRuns: false }
const ended: EndedRun[] = []

async function run(text: string, options: Partial<RunFileOptions> = {}, name = 'pay.workflow-test.yaml'): Promise<SuiteResult> {
  const results: SuiteResult[] = []
  ended.length = 0
  await runFile(put(name, text), { ...OPTIONS, ...options }, (event) => {
    if (event.type === 'SuiteEnds') results.push(event.result)
    if (event.type === 'RunEnds') ended.push(event.run)
  })
  const [result] = results
  if (!result) throw new Error('no suite has ended')
  return result
}

/** `LINE:COLUMN message`, of the suite and its cases. */
const told = ({ findings, cases }: SuiteResult): readonly string[] =>
  [...findings, ...cases.flatMap((one) => one.findings)].map(
    ({ position, message }) => `${position ? `${position.line}:${position.column} ` : ''}${message}`,
  )

describe('a suite that is wrong is not run', () => {
  test.each([
    ['', '1:1 The suite is empty. It needs a definition and cases.'],
    ['cases: [', '1:9 '],
    ['cases: [{ name: a }]', '1:1 The suite names no workflow. Add its definition: file: ./order.asl.json'],
    ['file: nowhere.json\ncases: [{ name: a }]', '1:1 '],
    ['file: pay.asl.json\ncase: []\ncases: [{ name: a }]', "2:1 The suite has no member 'case'. Did you mean 'cases'?"],
    [
      'file: pay.asl.json\ncases:\n  - name: a\n    mocks:\n      Pya: { return: 1 }',
      "5:7 The workflow has no state, and calls nothing, that is named 'Pya'. Did you mean 'Pay'?",
    ],
    [
      'file: pay.asl.json\ncases:\n  - name: a\n    expect:\n      path: [Check, Shipp]',
      "5:21 The workflow has no state 'Shipp'. Did you mean 'Ship'?",
    ],
    [
      'file: pay.asl.json\ncases:\n  - name: a\n    expect:\n      states: { "Each[0]/Shop": {} }',
      "5:17 The workflow has no state 'Each[0]/Shop'. Did you mean 'Each/Ship'?",
    ],
    [
      'file: pay.asl.json\ncases:\n  - name: a\n    steps: [{ reached: Elsewhere }]',
      "4:15 The workflow has no state 'Elsewhere'. It has Check, Pay, Each, Each/Ship, Nothing.",
    ],
    ['file: pay.asl.json\ncases:\n  - name: a\n    steps: [{ advance: soon }]', "4:15 'soon' is no duration."],
    ['file: pay.asl.json\nclock: yesterday\ncases: [{ name: a }]', "2:1 'yesterday' is no instant."],
    ['file: pay.asl.json\ncases: [{ name: a }, { name: a }]', "2:24 Another case is named 'a' too."],
    [
      'file: pay.asl.json\ncases: [{ name: a, expect: { status: SUCCEEDED, error: E } }]',
      '2:49 A run that is SUCCEEDED has no error.',
    ],
    [
      'file: pay.asl.json\nmocks: { Pay: { return: 1, throw: E } }\ncases: [{ name: a }]',
      '2:10 A mock has one of return, throw, delay and handler, not return and throw.',
    ],
    ['file: pay.asl.json\nmocks: { Pay: [[{ return: 1 }]] }\ncases: [{ name: a }]', '2:10 A list of answers stands outermost'],
  ])('%j', async (text, message) => {
    const result = await run(text)
    expect(told(result).join('\n')).toContain(message)
    expect(result.cases).toEqual([])
  })

  test('because of its definition, at the place in the definition', async () => {
    put('bad.asl.json', '{\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Next": "B" }\n  }\n}')
    const { findings } = await run('file: bad.asl.json\ncases: [{ name: a }]')
    expect(findings[0]).toMatchObject({
      position: { line: 4, column: 28 },
      message: expect.stringContaining('MISSING_TRANSITION_TARGET'),
    })
    expect(findings[0]?.file).toMatch(/bad\.asl\.json$/)
  })

  test('because of the definition that it has itself, at the place there', async () => {
    const text = 'definition:\n  StartAt: A\n  States:\n    A: { Type: Pass, Next: B }\ncases: [{ name: a }]'
    expect(told(await run(text))[0]).toMatch(/^4:22 The definition is not valid. MISSING_TRANSITION_TARGET/)
  })
})

const CHARGED = 'file: pay.asl.json\nmocks:\n  charge: { return: { Payload: { items: [1, 2] } } }\ncases:\n'

describe('a case', () => {
  test('fails for what it does not come to, each at its line', async () => {
    const result = await run(`${CHARGED}
  - name: all of it is wrong
    input: { total: 3 }
    expect:
      output: [1, 3]
      outputContains: [7]
      path: [Check, Nothing]
      pathExactly: [Check, Pay]
      states:
        Pay: { status: failed, retries: 1, input: {} }
        Nothing: {}
`)
    expect(told(result)).toEqual([
      '9:7 The output is not as expected.',
      '10:7 The output: it has 2 items; expected are 1.',
      '11:21 Nothing was not visited after Check.',
      '12:7 Other states were visited.',
      '14:16 The status of Pay: succeeded, not failed.',
      '14:44 The input of Pay is not as expected.',
      '14:32 The retries of Pay: 0, not 1.',
      '15:9 Nothing was not visited.',
    ])
    expect(result.cases[0]).toMatchObject({ status: 'failed', position: { line: 6 } })
    expect(result.cases[0]?.findings[0]?.diff).toContain('-   3')
    expect(result.cases[0]?.visited.map(({ path }) => path)).toEqual(['Check', 'Pay', 'Each', 'Each[0]/Ship', 'Each[1]/Ship'])
  })

  test('fails where the run does', async () => {
    const result = await run(`${CHARGED}
  - name: it throws
    input: { total: 3 }
    mocks: { Pay: { throw: Card.Declined, cause: no cover } }
  - name: it throws something else
    input: { total: 3 }
    mocks: { Pay: { throw: Card.Declined, cause: no cover } }
    expect: { error: Card.Lost, cause: stolen }
`)
    expect(told(result)).toEqual([
      '6:5 The run is FAILED, not SUCCEEDED: Card.Declined, no cover',
      '12:15 The error is Card.Declined, not Card.Lost.',
      "12:33 The cause 'no cover': it has no 'stolen' in it.",
    ])
  })

  test('without a mock is told how YAML has it', async () => {
    const { cases } = await run('file: pay.asl.json\ncases: [{ name: a, input: { total: 1 } }]')
    expect(cases[0]?.findings[0]).toMatchObject({
      message: expect.stringContaining('Pay calls arn:aws:states:::lambda:invoke, and no mock answers it'),
      hint: "In this file: mocks: { 'Pay': { return: { … } } }",
    })
  })

  test('passes by what it expects, exactly and in part', async () => {
    const result = await run(`${CHARGED}
  - name: paid, at the second attempt
    input: { total: 3 }
    mocks:
      Pay: [{ throw: Lambda.TooManyRequestsException }, { return: { Payload: { items: [a] } } }]
    expect:
      output: [a]
      pathExactly: [Check, Pay, Each, 'Each[0]/Ship']
      states: { Pay: { retries: 1, error: Lambda.TooManyRequestsException }, Each/Ship: { output: a } }
  - name: the suite's mock
    input: { total: 3 }
    expect: { outputContains: [1, 2], path: [Pay, Ship] }
  - name: nothing to pay
    input: { total: 0 }
    expect: { status: SUCCEEDED, output: { total: 0 } }
`)
    expect(told(result)).toEqual([])
    expect(result.cases.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed'])
  })

  test('takes its input from a file, and answers of handlers, both from its own folder', async () => {
    put('tests/input.yaml', 'total: 9')
    put('src/charge.mjs', 'export const main = async ({ total }) => ({ items: [total] })')
    const result = await run(
      'file: ../pay.asl.json\nmocks: { charge: { handler: ../src/charge.mjs, name: main } }\ncases: [{ name: a, inputFile: input.yaml, expect: { output: [9] } }]',
      {},
      'tests/a.workflow-test.yml',
    )
    expect(told(result)).toEqual([])
    expect(result.files).toEqual(['pay.asl.json', 'src/charge.mjs', 'tests/input.yaml'].map((name) => join(folder, name)))
  })

  test('has its definition filled in', async () => {
    put('sub.asl.json', '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${Fn}","End":true}}}')
    const unfilled = await run('file: sub.asl.json\ncases: [{ name: a }]')
    expect(unfilled.findings[0]?.message).toContain('Fn')
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:f'
    const filled = await run(
      `file: sub.asl.json\nsubstitutions: { Fn: '${arn}' }\nmocks: { '${arn}': { return: 5 } }\ncases: [{ name: a, expect: { output: 5 } }]`,
    )
    expect(told(filled)).toEqual([])
  })
})

test('a distributed Map reads the texts and files that the suite names', async () => {
  put('items.csv', 'id\n1\n2\n')
  const result = await run(`
definition:
  StartAt: All
  States:
    All:
      Type: Map
      ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: CSV, CSVHeaderLocation: FIRST_ROW }, Parameters: { Bucket: b, Key.$: $.key } }
      ItemProcessor: { ProcessorConfig: { Mode: DISTRIBUTED, ExecutionType: STANDARD }, StartAt: P, States: { P: { Type: Pass, End: true } } }
      End: true
objects: { b/a.csv: { file: items.csv }, b/c.csv: "id\\n9\\n" }
cases:
  - { name: a file, input: { key: a.csv }, expect: { output: [{ id: '1' }, { id: '2' }] } }
  - { name: a text, input: { key: c.csv }, expect: { output: [{ id: '9' }] } }
  - { name: none, input: { key: d.csv }, objects: { b/d.csv: { file: nowhere.csv } }, expect: { output: [] } }
`)
  expect(result.cases.map(({ status }) => status)).toEqual(['passed', 'passed', 'failed'])
  expect(told(result).join()).toContain('nowhere.csv cannot be read')
})

describe('mocks that no call was meant by', () => {
  test('fail the case that has them', async () => {
    expect(
      told(await run('file: pay.asl.json\ncases: [{ name: a, input: { total: 0 }, mocks: { Pay: { return: 1 } } }]')),
    ).toEqual(["2:50 No call was meant by the mock 'Pay'. Remove it, or say allowUnusedMocks: true."])
  })

  test('fail the suite where no case has used them', async () => {
    expect(told(await run(`${CHARGED}  - { name: a, input: { total: 0 } }`))).toEqual([
      "3:3 No call of any case was meant by the mock 'charge'. Remove it, or say allowUnusedMocks: true.",
    ])
  })

  test('are nobody’s business where the suite says so, or cases were left out', async () => {
    expect(told(await run(`allowUnusedMocks: true\n${CHARGED}  - { name: a, input: { total: 0 } }`))).toEqual([])
    expect(told(await run(`${CHARGED}  - { name: a, input: { total: 0 } }\n  - { name: b, skip: later }`))).toEqual([])
  })
})

describe('steps', () => {
  const suite = (steps: string, expectation = '{}') =>
    `file: approval.asl.json\nmocks: { Approve: callback }\ncases:\n  - name: a\n    steps: ${steps}\n    expect: ${expectation}`
  beforeEach(() => void put('approval.asl.json', JSON.stringify(APPROVAL)))

  test('answer, and move time', async () => {
    const steps =
      '[reached: Approve, advance: 50 min, heartbeat: Approve, advance: 50 min, succeed: { state: Approve, output: { by: me } }]'
    expect(told(await run(suite(steps, '{ output: { by: me } }')))).toEqual([])
  })

  test('stand still where the run is to be running', async () => {
    const steps = '[succeed: Approve, reached: Wait, advance: 23 hours]'
    expect(told(await run(suite(steps, '{ status: RUNNING, path: [Wait] }')))).toEqual([])
    expect(told(await run(suite(steps.replace('23', '25'), '{ status: RUNNING }')))).toEqual([
      '6:15 The run is SUCCEEDED, not RUNNING',
    ])
  })

  test('let a task fail, and stop the run', async () => {
    expect(
      told(await run(suite('[fail: { state: Approve, error: Rejected, cause: too dear }]', '{ error: Rejected, cause: dear }'))),
    ).toEqual([])
    expect(told(await run(suite('[stop: { error: Enough }]', '{ status: ABORTED, error: Enough }')))).toEqual([])
    expect(told(await run(suite('[stop]', '{ status: ABORTED }')))).toEqual([])
  })

  test('that never come are told at their line', async () => {
    const result = await run(suite('[stop, heartbeat: Approve]'))
    expect(told(result)[0]).toBe("5:19 Task Timed Out: 'Provided task does not exist anymore'")
  })
})

describe('snapshots', () => {
  const suite = (total: number) =>
    `file: pay.asl.json\ncases: [{ name: nothing, input: { total: ${total} }, expect: { snapshot: true } }]`
  const kept = () => JSON.parse(readFileSync(join(folder, '__snapshots__/pay.workflow-test.yaml.json'), 'utf8')) as unknown

  test('are missing in CI', async () => {
    expect(told(await run(suite(0), { isCi: true }))[0]).toContain('Nothing is kept of it')
  })

  test('are made, compared, and made anew', async () => {
    expect(told(await run(suite(0)))).toEqual([])
    expect(kept()).toEqual({ nothing: { status: 'SUCCEEDED', output: { total: 0 }, path: ['Check', 'Nothing'] } })
    const other = await run(suite(-1))
    expect(told(other)[0]).toMatch(/What comes of it is not what is kept/)
    expect(other.cases[0]?.findings[0]?.diff).toContain('-     "total": 0')
    expect(told(await run(suite(-1), { update: true }))).toEqual([])
    expect(kept()).toMatchObject({ nothing: { output: { total: -1 } } })
  })

  test('of cases that are there no more are removed by an update', async () => {
    await run(suite(0))
    await run(suite(0).replace('nothing', 'other'), { update: true })
    expect(Object.keys(kept() as object)).toEqual(['other'])
  })
})

describe('which cases are run', () => {
  const text = `file: pay.asl.json\nname: Paying\ncases:\n  - { name: one, input: { total: 0 } }\n  - { name: two, input: { total: 0 }, only: true }\n  - { name: three, skip: 'not yet' }`
  test('those that are marked, with a reason for the others', async () => {
    expect((await run(text)).cases.map(({ name, status, reason }) => [name, status, reason])).toEqual([
      ['one', 'skipped', 'another case is marked: only'],
      ['two', 'passed', undefined],
      ['three', 'skipped', 'not yet'],
    ])
  })

  test('none that the target cannot run', async () => {
    vi.stubEnv('REGENTE_TARGET', 'server')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { cases } = await run(
      'file: pay.asl.json\nmocks: { Pay: { return: 1 } }\ncases: [{ name: one, steps: [{ advance: 1 day }] }]',
    )
    expect(cases).toMatchObject([
      { status: 'skipped', reason: expect.stringContaining('On server this cannot be tested'), findings: [] },
    ])
  })

  test('those that are named so', async () => {
    expect((await run(text, { filter: '^paying › TWO$' })).cases.map(({ name }) => name)).toEqual(['two'])
  })
})

test('a case that does not end is told after its time', async () => {
  put('hang.mjs', 'export const handler = () => new Promise(() => {})')
  const result = await run(
    'file: pay.asl.json\ntimeout: 100 ms\nmocks: { Pay: { handler: hang.mjs } }\ncases: [{ name: a, input: { total: 1 } }, { name: b, input: { total: 0 } }]',
  )
  expect(told(result)).toEqual([expect.stringContaining('It has not ended within 100 ms')])
  expect(result.cases.map(({ status }) => status)).toEqual(['failed', 'passed'])
})

test('suites of code have functions for mocks, and their places where the names of their cases stand', async () => {
  const code = `
const suite: { file: string; cases: unknown[] } = {
  file: './pay.asl.json',
  cases: [
    { name: 'a function', input: { total: 2 }, mocks: { charge: ({ Payload }: { Payload: { total: number } }) => ({ Payload: { items: [Payload.total] } }) }, expect: { output: [2] } },
    { name: 'a wrong one', input: { total: 2 }, mocks: { charge: { return: { Payload: { items: [] } } } }, expect: { output: [2] } },
  ],
}
export default [suite, { name: 'Second', file: './pay.asl.json', cases: [{ name: 'c', expect: { path: ['Pey'] } }] }]
`
  const results: SuiteResult[] = []
  await runFile(put('pay.workflow-test.ts', code), OPTIONS, (event) => {
    if (event.type === 'SuiteEnds') results.push(event.result)
  })
  expect(results.flatMap(told)).toEqual([
    '6:13 The output is not as expected.',
    "9:82 The workflow has no state 'Pey'. Did you mean 'Pay'? (cases[0].expect.path[0])",
  ])
})

test('code that has no suite, or cannot be loaded, is told', async () => {
  expect(told(await run('export const a = 1', {}, 'a.workflow-test.mjs'))[0]).toContain('The file has no default export.')
  expect(told(await run('throw new Error("no!")', {}, 'b.workflow-test.mjs'))[0]).toBe('The file cannot be read: no!')
})

test('runs that have ended are told with their definition and history', async () => {
  await run('file: pay.asl.json\ncases: [{ name: a, input: { total: 0 } }]', { collectsRuns: true })
  expect(ended).toMatchObject([{ file: join(folder, 'pay.asl.json'), children: [] }])
  expect(JSON.parse(ended[0]?.definition ?? '')).toEqual(PAY)
  expect(ended[0]?.history.at(-1)?.type).toBe('ExecutionSucceeded')
})
