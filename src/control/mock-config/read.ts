/**
 * Reads a mock file, and says all that is wrong with it at once, each with its line and what would mend it. Strict: what Step
 * Functions Local passes over without a word (a member with a typing error, a response that nothing uses) is told here.
 */
import { failure } from '../../base/failure.ts'

import { type Position, positionsIn } from '../../source/position.ts'
import { readSource, withoutMark } from '../../source/source.ts'
import { duplicateMembers, jsonOf, type Member, type Range, type SourceNode } from '../../source/tree.ts'

import { among, type MockConfig, type MockedOutcome, type MockedResponse, type TestCase } from './mock-config.ts'

export interface MockConfigProblem extends Position {
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface ReadMockConfig {
  /** Undefined where there are errors. */
  readonly config: MockConfig | undefined
  /** In the order of the text. */
  readonly problems: readonly MockConfigProblem[]
}

/** `MockConfigFile.json:3:5: …` */
export const describeProblem = (file: string, { line, column, message }: MockConfigProblem): string =>
  `${file}:${line}:${column}: ${message}`

/** Never throws, whatever the text holds. */
export const readMockConfig = (text: string): ReadMockConfig => new Reader(withoutMark(text)).read()

class Reader {
  readonly #text: string
  readonly #problems: { readonly from: number; readonly severity: MockConfigProblem['severity']; readonly message: string }[] = []

  constructor(text: string) {
    this.#text = text
  }

  read(): ReadMockConfig {
    const config = this.#config()
    const positionOf = positionsIn(this.#text)
    const problems = this.#problems
      .toSorted((a, b) => a.from - b.from)
      .map(({ from, severity, message }) => ({ severity, message, ...positionOf(from) }))
    return { config: problems.some(({ severity }) => severity === 'error') ? undefined : config, problems }
  }

  #config(): MockConfig {
    if (this.#text.trim() === '') {
      this.#error({ from: 0 }, 'The file is empty. It holds {"StateMachines": {…}, "MockedResponses": {…}}.')
      return new Map()
    }
    const { root, problems } = readSource(this.#text, 'JSON')
    for (const { from, message } of problems) this.#error({ from }, `This is no JSON: ${message}.`)
    if (problems.length > 0 || !root) return new Map()
    for (const { member } of duplicateMembers(root))
      this.#error(member.nameRange, `'${member.name}' stands here a second time. Take one of the two away.`)
    const { StateMachines: machines, MockedResponses: answers } = this.#members(root, 'The file', [
      'StateMachines',
      'MockedResponses',
    ])
    const responses = this.#responses(answers)
    const used = new Set<string>()
    const config = this.#machines(machines, responses, used)
    for (const { name, nameRange } of membersOf(answers))
      if (!used.has(name)) this.#warn(nameRange, `No test case uses the response '${name}'. Take it away, or name it in one.`)
    return config
  }

  #machines(
    machines: SourceNode | undefined,
    responses: ReadonlyMap<string, MockedResponse | undefined>,
    used: Set<string>,
  ): MockConfig {
    const found = new Map<string, ReadonlyMap<string, TestCase>>()
    for (const { name: machine, value } of this.#entries(machines, 'StateMachines', 'state machines by name')) {
      const { TestCases: cases } = this.#members(value, `The state machine '${machine}'`, ['TestCases'])
      const ofMachine = new Map<string, TestCase>()
      for (const { name, value: states } of this.#entries(cases, 'TestCases', 'test cases by name')) {
        const ofCase = new Map<string, MockedResponse>()
        for (const state of this.#entries(states, `The test case '${name}'`, 'names of responses by state'))
          this.#useOf(state, responses, used, (response) => ofCase.set(state.name, response))
        ofMachine.set(name, ofCase)
      }
      found.set(machine, ofMachine)
    }
    return found
  }

  #useOf(
    { name: state, value }: Member,
    responses: ReadonlyMap<string, MockedResponse | undefined>,
    used: Set<string>,
    add: (response: MockedResponse) => void,
  ): void {
    if (value.kind !== 'scalar' || typeof value.value !== 'string')
      return this.#error(value, `The state '${state}' is given the name of a response: "${state}": "Name".`)
    const name = value.value
    used.add(name)
    if (!responses.has(name))
      return this.#error(
        value,
        `There is no response '${name}' in MockedResponses ${among(responses.keys())}. Add it there, or name one of those.`,
      )
    const response = responses.get(name)
    if (response) add(response)
  }

  /** Undefined: a response that is there, and wrong. */
  #responses(answers: SourceNode | undefined): ReadonlyMap<string, MockedResponse | undefined> {
    const found = new Map<string, MockedResponse | undefined>()
    for (const { name, value, nameRange } of this.#entries(answers, 'MockedResponses', 'responses by name')) {
      const steps = this.#entries(value, `The response '${name}'`, 'answers by call: "0", "1-2"').flatMap((step) =>
        this.#step(step),
      )
      if (value.kind === 'object' && value.members.length === 0)
        this.#error(nameRange, `The response '${name}' is empty. Say what call 0 gets: {"0": {"Return": {…}}}.`)
      const outcomes = steps.toSorted((a, b) => a.first - b.first)
      found.set(name, this.#isWhole(name, outcomes) ? { name, outcomes } : undefined)
    }
    return found
  }

  #step({ name, nameRange, value }: Member): readonly Step[] {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(name.trim()) ?? []
    if (from === undefined || to === undefined)
      this.#error(nameRange, `'${name}' is no call and no range of calls. Write "0" for the first, "1-2" for the next two.`)
    const [first, last] = [Number(from), Number(to)]
    if (first > last) this.#error(nameRange, `The range '${name}' ends before it begins. Write "${last}-${first}".`)
    const outcome = this.#outcome(name, value)
    return outcome === undefined || from === undefined || first > last ? [] : [{ first, last, outcome, nameRange, name }]
  }

  #outcome(call: string, node: SourceNode): MockedOutcome | undefined {
    const { Return: returned, Throw: thrown } = this.#members(node, `Call ${call}`, ['Return', 'Throw'], 'either')
    if (node.kind !== 'object') return undefined
    if ((returned === undefined) === (thrown === undefined)) {
      const which = returned === undefined ? 'neither Return nor Throw' : 'both Return and Throw'
      this.#error(node, `Call ${call} has ${which}. Write {"Return": {…}} or {"Throw": {"Error": "…", "Cause": "…"}}.`)
      return undefined
    }
    if (returned) return { kind: 'succeeded', output: jsonOf(returned) }
    if (!thrown) return undefined
    const { Error: error, Cause: cause } = this.#members(thrown, `Throw of call ${call}`, ['Error', 'Cause'], 'either')
    if (thrown.kind !== 'object') return undefined
    const name = this.#string(error, 'Error')
    if (name === undefined && error === undefined)
      this.#error(thrown, 'Throw has no Error. Add "Error": "States.TaskFailed", say.')
    const why = cause && this.#string(cause, 'Cause')
    return name === undefined || (cause && why === undefined) ? undefined : { kind: 'failed', failure: failure(name, why) }
  }

  #string(node: SourceNode | undefined, name: string): string | undefined {
    if (!node) return undefined
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value
    this.#error(node, `${name} is a text. Put it in quotes.`)
    return undefined
  }

  /** From call 0 on without a hole, and no call twice. */
  #isWhole(response: string, steps: readonly Step[]): boolean {
    let next = 0
    for (const { first, last, name, nameRange } of steps) {
      if (first < next)
        this.#error(
          nameRange,
          `'${name}' and an earlier range of the response '${response}' are both for call ${first}. Let it begin with ${next}.`,
        )
      if (first > next)
        this.#error(
          nameRange,
          `The response '${response}' has nothing for call ${next}, but for '${name}'. Add "${next === first - 1 ? next : `${next}-${first - 1}`}".`,
        )
      if (first !== next) return false
      next = last + 1
    }
    return true
  }

  /** Members of an object that may have those of `names` alone, and has all of them unless `which` is `either`. */
  #members<Name extends string>(
    node: SourceNode,
    what: string,
    names: readonly Name[],
    which: 'all' | 'either' = 'all',
  ): Partial<Record<Name, SourceNode>> {
    const found: Partial<Record<Name, SourceNode>> = {}
    if (node.kind !== 'object') {
      this.#error(node, `${what} is an object: {${names.map((name) => `"${name}": {…}`).join(', ')}}.`)
      return found
    }
    for (const { name, nameRange, value } of node.members) {
      const known = names.find((one) => one === name)
      if (known !== undefined) found[known] = value
      else this.#error(nameRange, `${what} has no member '${name}'. It may have ${names.join(' and ')}.`)
    }
    const missing = which === 'all' ? names.filter((name) => !found[name]) : []
    for (const name of missing) this.#error(node, `${what} has no ${name}. Add "${name}": {}.`)
    return found
  }

  #entries(node: SourceNode | undefined, what: string, holds: string): readonly Member[] {
    if (node && node.kind !== 'object') this.#error(node, `${what} is an object of ${holds}.`)
    return membersOf(node)
  }

  #error({ from }: Pick<Range, 'from'>, message: string): void {
    this.#problems.push({ from, severity: 'error', message })
  }

  #warn({ from }: Pick<Range, 'from'>, message: string): void {
    this.#problems.push({ from, severity: 'warning', message })
  }
}

interface Step {
  readonly first: number
  readonly last: number
  readonly outcome: MockedOutcome
  readonly name: string
  readonly nameRange: Range
}

const membersOf = (node: SourceNode | undefined): readonly Member[] => (node?.kind === 'object' ? node.members : [])
