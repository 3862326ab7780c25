/**
 * The mock file of a server, read anew when it changes. A broken edit is logged, and the last good reading stays: executions that
 * run go on with what is known.
 */
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'

import type { Log } from '../../base/log.ts'
import { StartError } from '../../base/start-error.ts'

import type { MockConfig, MockedOutcome } from './mock-config.ts'
import { describeProblem, readMockConfig } from './read.ts'
import { answerOf, type MockedCall, type TaskMocks, testCaseProblem } from './task-mocks.ts'

/** Files that are mounted into a container tell of no change: they are looked at. */
const LOOK_MS = 1_000

export class MockFile implements TaskMocks {
  readonly #path: string
  readonly #log: Log
  #config: MockConfig
  #text: string
  readonly #changed = () => void this.#reload()

  /** Rejects with StartError, which says all that is wrong with the file. */
  static async open(path: string, log: Log): Promise<MockFile> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new StartError(`The mock file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    })
    const { config, problems } = readMockConfig(text)
    if (!config) throw new StartError(problems.map((problem) => describeProblem(path, problem)).join('\n'))
    const file = new MockFile(path, log, config, text)
    file.#tell(text)
    return file
  }

  private constructor(path: string, log: Log, config: MockConfig, text: string) {
    this.#path = path
    this.#log = log
    this.#config = config
    this.#text = text
    watchFile(path, { interval: LOOK_MS, persistent: false }, this.#changed)
  }

  async problemOf(...[machine, testCase]: Parameters<TaskMocks['problemOf']>): Promise<string | undefined> {
    // Who has just written the file means what it says now.
    await this.#reload()
    const problem = testCaseProblem(this.#config, machine, testCase)
    return problem && `The mock file ${this.#path} cannot be used so. ${problem}`
  }

  answerOf(call: MockedCall): MockedOutcome | undefined {
    return answerOf(this.#config, call)
  }

  close(): void {
    unwatchFile(this.#path, this.#changed)
  }

  /** Never rejects. */
  async #reload(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => error)
    if (text === this.#text) return
    if (typeof text !== 'string') {
      this.#log.warn(`the mock file ${this.#path} cannot be read, and stays as it was`, { error: String(text) })
      return
    }
    this.#text = text
    this.#config = this.#tell(text) ?? this.#config
  }

  #tell(text: string): MockConfig | undefined {
    const { config, problems } = readMockConfig(text)
    for (const problem of problems) {
      const told = describeProblem(this.#path, problem)
      if (problem.severity === 'warning') this.#log.warn(told)
      else this.#log.error(`${told} The file stays as it was read before.`)
    }
    return config
  }
}
