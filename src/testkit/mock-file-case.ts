/** A test case of a mock file as Step Functions Local has it: `workflow({ file, mockConfig: './MockConfigFile.json', testCase: 'HappyPath' })`. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { compileDefinition } from '../asl/compile.ts'
import {
  among,
  findTestCase,
  missingOutcome,
  type MockConfig,
  outcomeOf,
  type TestCase,
} from '../control/mock-config/mock-config.ts'
import { describeProblem, readMockConfig } from '../control/mock-config/read.ts'
import { testCaseProblem } from '../control/mock-config/task-mocks.ts'

import type { Mock, MockedCall } from './mock.ts'
import { messageOf, TestKitError } from './kit-error.ts'

export interface MockFileOptions {
  /** A mock file, whose responses answer what `mocks` say nothing of. */
  readonly mockConfig?: string
  /** Its state machine; may be left out where the file has but one. */
  readonly machine?: string
  readonly testCase?: string
}

/** Undefined where no file is named. Rejects with TestKitError. */
export async function readMockFileCase({ mockConfig, machine, testCase }: MockFileOptions): Promise<MockFileCase | undefined> {
  if (mockConfig === undefined) {
    if (machine === undefined && testCase === undefined) return undefined
    throw new TestKitError("A test case is one of a mock file: workflow({ …, mockConfig: './MockConfigFile.json' }).")
  }
  const path = resolve(mockConfig)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new TestKitError(`${path} cannot be read: ${messageOf(error)}`)
  })
  const { config, problems } = readMockConfig(text)
  if (!config) {
    const wrong = problems.filter(({ severity }) => severity === 'error')
    throw new TestKitError(wrong.map((problem) => describeProblem(path, problem)).join('\n'))
  }
  return new MockFileCase(path, config, machine ?? onlyMachine(path, config), testCase)
}

function onlyMachine(path: string, config: MockConfig): string {
  const [first, ...others] = config.keys()
  if (first !== undefined && others.length === 0) return first
  throw new TestKitError(`Say which state machine of ${path} is meant ${among(config.keys())}: workflow({ …, machine: '…' }).`)
}

export class MockFileCase {
  readonly testCase: string
  readonly #path: string
  readonly #config: MockConfig
  readonly #machine: string
  readonly #responses: TestCase

  /** Throws TestKitError. */
  constructor(path: string, config: MockConfig, machine: string, testCase: string | undefined) {
    if (testCase === undefined) {
      const cases = among(config.get(machine)?.keys() ?? [])
      throw new TestKitError(`Say which test case of '${machine}' in ${path} is meant ${cases}: workflow({ …, testCase: '…' }).`)
    }
    const found = findTestCase(config, machine, testCase)
    if (typeof found === 'string') throw new TestKitError(`${path}: ${found}`)
    this.#path = path
    this.#config = config
    this.#machine = machine
    this.#responses = found
    this.testCase = testCase
  }

  /** Whether the definition, which is one, has the states that the test case names. Throws TestKitError. */
  check(definition: string): void {
    const compiled = compileDefinition(definition)
    const problem = compiled.ok && testCaseProblem(this.#config, { name: this.#machine, program: compiled.value }, this.testCase)
    if (problem) throw new TestKitError(`${this.#path}: ${problem}`)
  }

  /** Undefined: the state is not mocked. Throws TestKitError where the response has nothing for so late a call. */
  find({ state, callIndex = 0 }: MockedCall): Mock | undefined {
    const response = this.#responses.get(state)
    if (!response) return undefined
    const outcome = outcomeOf(response, callIndex)
    if (!outcome) throw new TestKitError(`${this.#path}: ${missingOutcome(response, state, callIndex)}`)
    if (outcome.kind === 'succeeded') return { kind: 'return', result: outcome.output }
    const { error = '', cause = '' } = outcome.failure
    return { kind: 'throw', error, cause }
  }
}
