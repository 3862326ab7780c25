/** What is wrong with a suite beyond its shape: durations that are none, states that its workflow does not have, names that stand twice. */
import { dirname } from 'node:path'

import type { Key } from '../../source/tree.ts'

import { clock } from '../clock.ts'
import { millisecondsOf } from '../duration.ts'

import type { Finding } from './result.ts'
import { nameOf } from './shape.ts'
import { stateNamesOf, type StateNames } from './state-names.ts'
import type { Expectation, SuiteCase, SuiteMocks, SuiteStep } from './suite.ts'
import { at, type LocatedSuite } from './suite-file.ts'
import { mockOf } from './suite-mocks.ts'
import { messageOf } from '../kit-error.ts'

/** In the order of the suite. `definition`: its workflow's, as JSON text. */
export function checkSuite({ suite, file, isCode, placeOf }: LocatedSuite, definition: string): readonly Finding[] {
  const found: Finding[] = []
  const tell: Tell = (path, message) => {
    if (message === undefined) return
    const where = isCode && path.length > 0 ? ` (${nameOf(path)})` : ''
    found.push(at(file, placeOf(path), `${message}${where}`))
  }
  const check = new Check(tell, stateNamesOf(definition), dirname(file))
  check.times(suite, [])
  check.mocks(suite.mocks, ['mocks'])
  const seen = new Set<string>()
  for (const [index, one] of suite.cases.entries()) {
    const path = ['cases', index]
    if (seen.has(one.name)) tell([...path, 'name'], `Another case is named '${one.name}' too. Give each its own name.`)
    seen.add(one.name)
    check.case(one, path)
  }
  return found
}

type Tell = (path: readonly Key[], message: string | undefined) => void

class Check {
  readonly #tell: Tell
  readonly #names: StateNames
  readonly #folder: string

  constructor(tell: Tell, names: StateNames, folder: string) {
    this.#tell = tell
    this.#names = names
    this.#folder = folder
  }

  case(one: SuiteCase, path: readonly Key[]): void {
    if (one.input !== undefined && one.inputFile !== undefined)
      this.#tell([...path, 'inputFile'], 'A case has either an input or an inputFile.')
    this.times(one, path)
    this.mocks(one.mocks, [...path, 'mocks'])
    for (const [index, step] of (one.steps ?? []).entries()) this.#step(step, [...path, 'steps', index])
    this.#expectation(one.expect ?? {}, [...path, 'expect'])
  }

  times({ clock: start, timeout }: Pick<SuiteCase, 'clock' | 'timeout'>, path: readonly Key[]): void {
    if (start !== undefined) this.#try([...path, 'clock'], () => clock.virtual(start))
    if (timeout !== undefined) this.#try([...path, 'timeout'], () => millisecondsOf(timeout))
  }

  mocks(mocks: SuiteMocks | undefined, path: readonly Key[]): void {
    for (const [name, mock] of Object.entries(mocks ?? {})) {
      this.#tell([...path, name], this.#names.unknownMock(name))
      this.#try([...path, name], () => mockOf(mock, this.#folder))
    }
  }

  #step(step: SuiteStep, path: readonly Key[]): void {
    if (typeof step === 'string' || 'stop' in step) return
    if ('advance' in step) this.#try([...path, 'advance'], () => millisecondsOf(step.advance))
    else if ('reached' in step) this.#state(step.reached, [...path, 'reached'])
    else if ('heartbeat' in step) this.#state(step.heartbeat, [...path, 'heartbeat'])
    else if ('fail' in step) this.#state(step.fail.state, [...path, 'fail', 'state'])
    else if (typeof step.succeed === 'string') this.#state(step.succeed, [...path, 'succeed'])
    else this.#state(step.succeed.state, [...path, 'succeed', 'state'])
  }

  #expectation({ path: visited = [], pathExactly = [], states = {}, status, error }: Expectation, path: readonly Key[]): void {
    for (const [index, name] of visited.entries()) this.#state(name, [...path, 'path', index])
    for (const [index, name] of pathExactly.entries()) this.#state(name, [...path, 'pathExactly', index])
    for (const name of Object.keys(states)) this.#state(name, [...path, 'states', name])
    if (error !== undefined && (status === 'SUCCEEDED' || status === 'RUNNING'))
      this.#tell([...path, 'error'], `A run that is ${status} has no error.`)
  }

  #state(name: string, path: readonly Key[]): void {
    this.#tell(path, this.#names.unknown(name))
  }

  #try(path: readonly Key[], make: () => unknown): void {
    try {
      make()
    } catch (error) {
      this.#tell(path, messageOf(error))
    }
  }
}
