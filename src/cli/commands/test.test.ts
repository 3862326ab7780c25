import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { buildProgram } from '../program.ts'

const MAIN = join(import.meta.dirname, '../main.ts')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 3 }))

function put(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

function begin(...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1', CI: '', GITHUB_ACTIONS: '' }
  const child = spawn(process.execPath, [MAIN, 'test', ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (out.stdout += chunk))
  child.stderr.on('data', (chunk) => (out.stderr += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, out, ended }
}

async function regenteTest(...args: readonly string[]) {
  const { out, ended } = begin(...args)
  return { exit: await ended, ...out }
}

const PAY = `
definition:
  StartAt: Pay
  States:
    Pay: { Type: Task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: charge, 'Payload.$': $ }, OutputPath: $.Payload, Next: Wait }
    Wait: { Type: Wait, Seconds: 86400, End: true }
mocks: { charge: { return: { Payload: { total: 3 } } } }
cases:
`
const GOOD = `${PAY}  - { name: a day later it is done, expect: { output: { total: 3 } } }\n`
const BAD = `${PAY}  - name: it costs four\n    expect: { output: { total: 4 } }\n  - { name: later, skip: not ready }\n`
const handled = (name: string, code: string) => {
  put(`${name}.mjs`, code)
  return `${PAY}  - { name: it runs code, mocks: { Pay: { handler: ${name}.mjs } } }\n`
}

describe('what cannot be run exits with 2, and says why', () => {
  test.each([
    [['FOLDER'], 'FOLDER has no suite. A suite is a file named NAME.workflow-test.yaml'],
    [['FOLDER/nowhere'], 'FOLDER/nowhere does not exist.'],
    [['FOLDER/a.yaml'], 'FOLDER/a.yaml is not named as suites are'],
    [['--filter', '('], '--filter takes a regular expression'],
    [['--workers', 'all'], '--workers takes a number from 1 on, not all.'],
    [['--timeout', 'soon'], "--timeout: 'soon' is no duration."],
    [['--reporter', 'xml'], '--reporter must be terminal, junit, github, json, and =FILE after it, not xml.'],
    [
      ['--reporter', 'json', '--reporter', 'terminal'],
      'json needs standard output for itself. Send it to a file: --reporter json=FILE',
    ],
  ])('%j', async (args, message) => {
    put('a.yaml', GOOD)
    const program = buildProgram(() => {})
    const placed = (text: string) => text.replace('FOLDER', folder)
    await expect(program.parseAsync(['test', ...args.map(placed)], { from: 'user' })).rejects.toMatchObject({
      message: expect.stringContaining(placed(message)),
      exitCode: 2,
    })
  })

  test('a filter that means no case', async () => {
    put('a.workflow-test.yaml', GOOD)
    expect(await regenteTest('--filter', 'nothing')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('No case is named as --filter nothing says.'),
    })
  })

  test('a suite that is wrong; the others are run all the same', async () => {
    put('a.workflow-test.yaml', GOOD.replace('expect:', 'expects:'))
    put('b.workflow-test.yaml', GOOD)
    const { exit, stdout } = await regenteTest()
    expect(exit).toBe(2)
    expect(stdout).toContain("cases[0] has no member 'expects'. Did you mean 'expect'? a.workflow-test.yaml:9:37")
    expect(stdout).toContain('2 suites, 1 case: 1 wrong suite, 1 passed')
  })
})

test('suites below a folder are run, and told in a line each', async () => {
  put('a.workflow-test.yaml', GOOD)
  put(
    'deep/b.workflow-test.json',
    JSON.stringify({ name: 'In JSON', definition: { StartAt: 'A', States: { A: { Type: 'Succeed' } } }, cases: [{ name: 'n' }] }),
  )
  put('node_modules/c.workflow-test.yaml', 'none')
  const { exit, stdout, stderr } = await regenteTest()
  expect(stderr).toBe('')
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^✔ a\.workflow-test\.yaml \(1 passed, [\d.]+ m?s\)$/m)
  expect(stdout).toMatch(/^✔ In JSON {2}deep\/b\.workflow-test\.json \(1 passed/m)
  expect(stdout).toMatch(/^2 suites, 2 cases: 2 passed \([\d.]+ m?s\)$/m)
})

test('a case that fails is shown with its path and what differs, and exits with 1', async () => {
  put('a.workflow-test.yaml', BAD)
  const { exit, stdout } = await regenteTest('a.workflow-test.yaml')
  expect(exit).toBe(1)
  expect(stdout).toContain(`  ✘ it costs four  a.workflow-test.yaml:9:5
    visited Pay → Wait
    The output is not as expected. a.workflow-test.yaml:10:15
        {
      -   "total": 4
      +   "total": 3
        }
  - later (skipped: not ready)
`)
  expect(stdout).toContain('1 suite, 2 cases: 1 failed, 1 skipped')
})

test('reporters write files, and GitHub’s lines name file and line', async () => {
  put('a.workflow-test.yaml', BAD)
  const { exit, stdout } = await regenteTest(
    '--reporter',
    'github',
    '--reporter',
    'junit=out/junit.xml',
    '--reporter',
    'json=out/all.json',
  )
  expect(exit).toBe(1)
  expect(stdout).toMatch(
    /^::error file=a\.workflow-test\.yaml,line=10,col=15,title=it costs four::a\.workflow-test\.yaml:10:15: The output is not as expected\.%0A/,
  )
  const xml = readFileSync(join(folder, 'out/junit.xml'), 'utf8')
  expect(xml).toContain('tests="2" failures="1" errors="0" skipped="1"')
  expect(xml).toContain('<testcase name="it costs four" classname="a.workflow-test.yaml" file="a.workflow-test.yaml" line="9"')
  const all = JSON.parse(readFileSync(join(folder, 'out/all.json'), 'utf8')) as object
  expect(all).toMatchObject({ result: 'FAILED', passed: 0, failed: 1, skipped: 1, broken: 0 })
})

describe('code that a suite runs', () => {
  test('prints to standard error, and may be TypeScript', async () => {
    put('charge.ts', 'export const handler = async (event: object): Promise<object> => { console.log("charged"); return event }')
    put(
      'a.workflow-test.ts',
      `export default { definition: ${JSON.stringify({ StartAt: 'T', States: { T: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f', End: true } } })}, mocks: { T: { handler: './charge.ts' } }, cases: [{ name: 'n' as string, input: { a: 1 }, expect: { output: { a: 1 } } }] }`,
    )
    const { exit, stdout, stderr } = await regenteTest('--reporter', 'json')
    expect(stderr).toBe('charged\n')
    expect(JSON.parse(stdout)).toMatchObject({ result: 'PASSED' })
    expect(exit).toBe(0)
  })

  test('that exits is told as the failure of its case, and the other files go on', async () => {
    put('a.workflow-test.yaml', handled('exit', 'export const handler = () => process.exit(3)'))
    put('b.workflow-test.yaml', GOOD)
    const { exit, stdout } = await regenteTest('--workers', '1')
    expect(stdout).toContain(
      'The process that ran the case has ended by itself (code 3). Does a handler or a mock call process.exit? a.workflow-test.yaml:9:5',
    )
    expect(stdout).toContain('2 suites, 2 cases: 1 failed, 1 passed')
    expect(exit).toBe(1)
  })

  test('that never comes back is ended', async () => {
    put('a.workflow-test.yaml', handled('loop', 'export const handler = () => { for (;;) ; }'))
    const { exit, stdout } = await regenteTest('--timeout', '200 ms')
    expect(stdout).toContain(
      'The process that ran the case was ended: it lets nothing else happen: a loop in a handler or a mock?',
    )
    expect(exit).toBe(1)
  })
})

test('what changes is run again until it is told to end', async () => {
  put('a.workflow-test.yaml', BAD)
  const { child, out, ended } = begin('--watch')
  const until = async (isThere: () => boolean) => {
    for (let i = 0; i < 300 && !isThere(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isThere(), out.stdout + out.stderr).toBe(true)
  }
  try {
    await until(() => out.stderr.includes('Watching.'))
    expect(out.stdout).toContain('1 failed')
    put('a.workflow-test.yaml', GOOD)
    await until(() => out.stdout.includes('1 passed') && out.stderr.split('Watching.').length > 2)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})

describe('coverage', () => {
  test('is told, and written where it is to be', async () => {
    put('a.workflow-test.yaml', GOOD)
    const { exit, stdout, stderr } = await regenteTest('--coverage', 'reached', '--threshold', 'states=100')
    expect([exit, stderr]).toEqual([0, expect.stringContaining(join('reached', 'index.html'))])
    expect(stdout).toMatch(/states\s+100 %\s+2 of 2/)
    expect(JSON.parse(readFileSync(join(folder, 'reached/coverage.json'), 'utf8'))).toMatchObject({ workflows: [{}] })
  })

  test('fails below its threshold, and says what a threshold is', async () => {
    put('a.workflow-test.yaml', `${PAY}  - { name: it fails, mocks: { charge: { throw: E } }, expect: { error: E } }\n`)
    const low = await regenteTest('--threshold', 'states=100')
    expect([low.exit, low.stderr]).toEqual([
      1,
      expect.stringContaining('50 % of states are covered (1 of 2), and 100 % are wanted.'),
    ])
    expect((await regenteTest('--threshold', 'states')).stderr).toContain(
      '--threshold takes a kind and a percentage, as states=100',
    )
    expect((await regenteTest('--threshold', 'lines=1')).stderr).toContain("'lines' is no kind of coverage")
  })
})

test('the schema is printed for editors', async () => {
  const { exit, stdout } = await regenteTest('--schema')
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['cases'] })
})

test('the suites of docs/testing-suites.md pass', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/testing-suites.md'), 'utf8')
  const files = [...page.matchAll(/```\w+\n(?:#|\/\/) (\S+)\n([\s\S]*?)```/g)]
  expect(files).toHaveLength(3)
  for (const [, name = '', text = ''] of files) put(name, text)
  expect(await regenteTest()).toMatchObject({ exit: 0, stdout: expect.stringContaining('2 suites, 5 cases: 5 passed') })
})
