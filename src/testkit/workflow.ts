/**
 * A workflow to be tested: `workflow({ definition: './order.asl.json', mocks: { Pay: mock.return({ … }) } })`. One engine for all of its runs.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import type { FieldValidationMode } from '../tasks/api-models/check-result.ts'

import { Answers } from './answers.ts'
import type { Chaos } from './chaos.ts'
import { clock as clocks, type ClockSetting } from './clock.ts'
import type { Coverage } from './coverage/coverage.ts'
import { type DefinitionSource, noMachine, type ReadDefinition, readDefinition } from './definition.ts'
import type { Duration } from './duration.ts'
import { Engine } from './engine.ts'
import { jsonOf } from './mock.ts'
import { type Mocks, MockTable } from './mock-table.ts'
import type { MockFileCase, MockFileOptions } from './mock-file-case.ts'
import { messageOf, TestKitError } from './kit-error.ts'
import { ProcessTarget } from './process-target.ts'
import { Reached } from './reached.ts'
import { Run } from './run.ts'
import type { StateTestOptions } from './state-test.ts'
import type { TestedState } from './tested-state.ts'
import { SkippedOnTarget, type StartOptions, type Target, type TargetName, targetNamed } from './target.ts'

export interface WorkflowOptions extends DefinitionSource, MockFileOptions {
  /** Unless told, as the template has it, else STANDARD. */
  readonly type?: 'STANDARD' | 'EXPRESS' | undefined
  /** By a state's path or name, by what is called, or by a pattern over these. */
  readonly mocks?: Mocks
  /** Whether mocks must be what the service's API could answer, as TestState has it. STRICT unless told. */
  readonly validateMocks?: FieldValidationMode
  /** `clock.virtual()` unless told: it skips whatever is waited for. */
  readonly clock?: ClockSetting
  /** Whence ids, uuids, tokens and chance come: another number gives others, the same the same. */
  readonly seed?: number
  /** Where it runs: as REGENTE_TARGET has it, in this process unless told. target.ts tells what is possible where. */
  readonly target?: TargetName
  /** For a server, or AWS: REGENTE_ENDPOINT unless told; a local server's usual address, or AWS's own. */
  readonly endpoint?: string
  /** The role of a state machine at AWS: REGENTE_ROLE_ARN unless told. */
  readonly roleArn?: string
  /** How long a run at a server, or at AWS, may take in real time: a minute unless told. */
  readonly patience?: Duration
  /** Faults that strike every run. In process alone. */
  readonly chaos?: readonly Chaos[]
  /** A run in process that enters more states is told to have no end: 50,000 unless told. (A Standard one fails at 25,000 events.) */
  readonly transitions?: number
  /** Hears of each run that has ended. */
  readonly onRun?: (run: Run, workflow: Workflow) => void
}

/** Rejects with TestKitError where the definition cannot be read, or is none; with SkippedOnTarget where its target cannot run it. */
export async function workflow(options: WorkflowOptions): Promise<Workflow> {
  const read = await readDefinition(options)
  const { definition } = read
  const file = await readMockFile(options)
  const mocks = new MockTable(options.mocks ?? {}, file)
  const name = targetNamed(options.target)
  const target =
    name === 'process'
      ? await openProcess(read, mocks, file?.testCase, options)
      : await (await import('./remote/remote-target.ts')).openRemote({
          target: name,
          read,
          mocks,
          options,
        })
  file?.check(definition)
  return new Workflow(target, mocks, read, options)
}

/** Its reader is loaded when there is one. */
async function readMockFile(options: MockFileOptions): Promise<MockFileCase | undefined> {
  const { mockConfig, machine, testCase } = options
  if (mockConfig === undefined && machine === undefined && testCase === undefined) return undefined
  const { readMockFileCase } = await import('./mock-file-case.ts')
  return await readMockFileCase(options)
}

async function openProcess(
  read: ReadDefinition,
  mocks: MockTable,
  testCase: string | undefined,
  options: WorkflowOptions,
): Promise<ProcessTarget> {
  let answers: Answers | undefined
  const engine = new Engine({
    definition: read.definition,
    type: options.type ?? read.type ?? 'STANDARD',
    clock: options.clock ?? clocks.virtual(),
    seed: options.seed ?? 1,
    transitionsMax: options.transitions,
    testCase,
    connectorOf: (engine) => (answers = new Answers(engine, mocks, options.validateMocks ?? 'STRICT', read)),
    scheduled: (task) => void answers?.work(task),
  })
  if (!answers) throw new Error('the engine asks for its connector')
  try {
    await engine.open()
  } catch (error) {
    throw noMachine(options, error)
  }
  return new ProcessTarget(engine, answers, options.chaos ?? [])
}

export class Workflow {
  /** As JSON text, with its substitutions made. */
  readonly definition: string
  readonly #target: Target
  readonly #mocks: MockTable
  readonly #options: WorkflowOptions
  /** What files named in a test are looked for from. */
  readonly #folder: string
  readonly #reached: Reached

  constructor(
    target: Target,
    mocks: MockTable,
    { definition, folder }: Pick<ReadDefinition, 'definition' | 'folder'>,
    options: WorkflowOptions,
  ) {
    this.#target = target
    this.#mocks = mocks
    this.#options = options
    this.definition = definition
    this.#folder = folder
    this.#reached = new Reached(definition, options)
  }

  /** What its runs run on. */
  get target(): TargetName {
    return this.#target.name
  }

  /** Begins a run; nothing waits for its end. */
  async start(input: unknown = {}, options: StartOptions = {}): Promise<Run> {
    const run = await this.#target.start(JSON.stringify(jsonOf(input, 'the input')), options)
    return new Run(run, (run) => {
      this.#reached.add(run)
      this.#options.onRun?.(run, this)
    })
  }

  /** Begins a run and goes on to its end. */
  async run(input: unknown = {}, options: StartOptions = {}): Promise<Run> {
    return await (await this.start(input, options)).done()
  }

  /**
   * Tries one state alone, as TestState does: `(await wf.testState('Pay', { input, mock: mock.throw('E') })).assertRetried(0)`. In process
   * alone: rejects with SkippedOnTarget elsewhere.
   */
  async testState(state: string, options: StateTestOptions = {}): Promise<TestedState> {
    if (!(this.#target instanceof ProcessTarget))
      throw new SkippedOnTarget(this.#target.name, 'single states are tried in process.')
    return await this.#target.testState(this.definition, this.#options.validateMocks ?? 'STRICT', state, options)
  }

  /** Names of mocks that no call was meant by so far. */
  get unusedMocks(): readonly string[] {
    return this.#mocks.unused
  }

  /** What the runs that have ended so far have reached of the definition. Rejects with TestKitError. */
  coverage(): Promise<Coverage> {
    return this.#reached.coverage()
  }

  /** Objects that a distributed Map reads, by bucket and key. In process alone: throws SkippedOnTarget elsewhere. */
  putObject(name: `${string}/${string}`, body: ObjectBody): void {
    this.#target.putObject(name, isFile(body) ? readObject(resolve(this.#folder, body.file)) : body)
  }

  /** What a distributed Map has written, or was put; undefined where there is nothing. */
  object(name: string): string | undefined {
    return this.#target.object(name)
  }

  /** Names of all objects. */
  objects(): readonly string[] {
    return this.#target.objects()
  }

  /** On a server, and on AWS, deletes what it has made there. */
  async close(): Promise<void> {
    await this.#target.close()
  }
}

/** An object's text or bytes, or the file that has them, from the definition's own folder. */
export type ObjectBody = string | Uint8Array | { readonly file: string }

const isFile = (body: ObjectBody): body is { readonly file: string } => typeof body === 'object' && 'file' in body

function readObject(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new TestKitError(`The object ${path} cannot be read: ${messageOf(error)}`)
  }
}
