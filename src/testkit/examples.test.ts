/** The suites of the examples hold, and enter every state, and fire and exhaust every retrier. */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import type { JsonObject } from '../base/json.ts'

import { mock, type Mock, type Run, workflow } from './index.ts'

type Answer = { readonly return?: unknown; readonly throw?: string; readonly cause?: string }
type Answers = Readonly<Record<string, Answer | readonly Answer[]>>
interface Suite {
  readonly file: string
  readonly resource?: string
  readonly objects?: Readonly<Record<string, string>>
  readonly mocks?: Answers
  readonly cases: readonly {
    readonly name: string
    readonly input: unknown
    readonly mocks?: Answers
    readonly expect: {
      readonly status: string
      readonly output?: unknown
      readonly error?: string
      readonly cause?: string
      readonly path?: readonly string[]
    }
  }[]
}

const EXAMPLES = join(import.meta.dirname, '../../examples')
const suites = globSync('*/*.workflow-test.yaml', { cwd: EXAMPLES }).map((file) => join(EXAMPLES, file))

const mockOf = (answer: Answer | readonly Answer[]): Mock => {
  if (Array.isArray(answer)) return mock.sequence(...answer.map(mockOf))
  const { throw: error, cause, return: result } = answer as Answer
  return error === undefined ? mock.return(result) : mock.throw(error, cause)
}
const mocksOf = (answers: Answers) => Object.fromEntries(Object.entries(answers).map(([name, one]) => [name, mockOf(one)]))

test('every example has one', () => {
  const folders = globSync('*/template.yaml', { cwd: EXAMPLES }).map(dirname)
  expect(folders.filter((name) => !suites.some((file) => basename(dirname(file)) === name))).toEqual([])
})

describe.each(suites.map((file) => [basename(file), file]))('%s', (_, file) => {
  const suite = parse(readFileSync(file, 'utf8')) as Suite
  const runs: Run[] = []
  let definition = ''
  afterAll(() => {
    const states = statesIn(JSON.parse(definition) as JsonObject)
    const visited = runs.flatMap((run) => run.states())
    expect(states.filter(({ name }) => !visited.some((visit) => visit.name === name)).map(({ name }) => name)).toEqual([])
    const missing = states.flatMap(({ name, retriers, catchers }) => {
      const visits = visited.filter((visit) => visit.name === name)
      const fired = visits.some(({ retries, status }) => retries > 0 && status === 'succeeded')
      const exhausted = visits.some(({ retries, thrown }) => retries > 0 && thrown.length === retries + 1)
      const caught = visits.some(({ error, status }) => error !== undefined && status === 'caught')
      return [
        ...(retriers > 0 && !fired ? [`${name} is not retried`] : []),
        ...(retriers > 0 && !exhausted ? [`${name} does not exhaust its retries`] : []),
        ...(catchers > 0 && !caught ? [`${name} is not caught`] : []),
      ]
    })
    expect(missing).toEqual([])
  })

  test.each(suite.cases.map((one) => [one.name, one] as const))('%s', async (_, { input, mocks, expect: expected }) => {
    const wf = await workflow({
      file: join(dirname(file), suite.file),
      ...(suite.resource !== undefined && { resource: suite.resource }),
      mocks: { ...mocksOf(suite.mocks ?? {}), ...mocksOf(mocks ?? {}) },
    })
    for (const [name, body] of Object.entries(suite.objects ?? {})) wf.putObject(name as `${string}/${string}`, body)
    const run = await wf.run(input)
    definition = wf.definition
    runs.push(run)
    const { path, ...result } = expected
    expect({ status: run.status, output: run.output, error: run.error, cause: run.cause }).toMatchObject(result)
    if (path !== undefined) expect(run.states().map((state) => state.path)).toEqual(path)
  })
})

interface Declared {
  readonly name: string
  readonly retriers: number
  readonly catchers: number
}

function statesIn(machine: JsonObject): readonly Declared[] {
  const states = Object.entries((machine['States'] ?? {}) as Record<string, JsonObject>)
  return states.flatMap(([name, state]) => {
    const inner = [state['ItemProcessor'], ...((state['Branches'] as readonly JsonObject[] | undefined) ?? [])]
    const count = (member: string) => ((state[member] as readonly unknown[] | undefined) ?? []).length
    const own = { name, retriers: count('Retry'), catchers: count('Catch') }
    return [own, ...inner.filter((one) => one !== undefined).flatMap((one) => statesIn(one as JsonObject))]
  })
}
