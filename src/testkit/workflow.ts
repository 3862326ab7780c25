/**
 * A workflow to be tested: `workflow({ definition: './order.asl.json', mocks: { Pay: mock.return({ … }) } })`. One engine for all of its runs.
 */
import type { FieldValidationMode } from '../tasks/api-models/check-result.ts'

import { Answers } from './answers.ts'
import { clock as clocks, type ClockSetting } from './clock.ts'
import type { Coverage } from './coverage/coverage.ts'
import { type DefinitionSource, readDefinition } from './definition.ts'
import { Engine } from './engine.ts'
import { jsonOf } from './mock.ts'
import { type Mocks, MockTable } from './mock-table.ts'
import { Reached } from './reached.ts'
import { Run } from './run.ts'
import { TestKitError } from './test-kit-error.ts'

export interface WorkflowOptions extends DefinitionSource {
  readonly type?: 'STANDARD' | 'EXPRESS'
  /** By a state's path or name, by what is called, or by a pattern over these. */
  readonly mocks?: Mocks
  /** Whether mocks must be what the service's API could answer, as TestState has it. STRICT unless told. */
  readonly validateMocks?: FieldValidationMode
  /** `clock.virtual()` unless told: it skips whatever is waited for. */
  readonly clock?: ClockSetting
  /** Whence ids, uuids, tokens and chance come: another number gives others, the same the same. */
  readonly seed?: number
  /** Hears of each run that has ended. */
  readonly onRun?: (run: Run, workflow: Workflow) => void
}

/** Rejects with TestKitError where the definition cannot be read, or is none. */
export async function workflow(options: WorkflowOptions): Promise<Workflow> {
  const { definition, folder } = await readDefinition(options)
  const mocks = new MockTable(options.mocks ?? {})
  let answers: Answers | undefined
  const engine = new Engine({
    definition,
    type: options.type ?? 'STANDARD',
    clock: options.clock ?? clocks.virtual(),
    seed: options.seed ?? 1,
    connectorOf: (engine) => (answers = new Answers(engine, mocks, options.validateMocks ?? 'STRICT', folder)),
    scheduled: (task) => void answers?.work(task),
  })
  if (!answers) throw new Error('the engine asks for its connector')
  try {
    await engine.open()
  } catch (error) {
    throw new TestKitError(
      `${options.file ?? 'The definition'} is no state machine: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return new Workflow(engine, answers, mocks, definition, options)
}

export class Workflow {
  /** As JSON text, with its substitutions made. */
  readonly definition: string
  readonly #engine: Engine
  readonly #answers: Answers
  readonly #mocks: MockTable
  readonly #options: WorkflowOptions
  readonly #reached: Reached

  constructor(engine: Engine, answers: Answers, mocks: MockTable, definition: string, options: WorkflowOptions) {
    this.#engine = engine
    this.#answers = answers
    this.#mocks = mocks
    this.#options = options
    this.definition = definition
    this.#reached = new Reached(definition, options)
  }

  /** Begins a run; nothing waits for its end. */
  async start(input: unknown = {}, { name }: { readonly name?: string } = {}): Promise<Run> {
    const execution = await this.#engine.start(JSON.stringify(jsonOf(input, 'the input')), name)
    return new Run({
      engine: this.#engine,
      execution,
      takeActivity: (...task) => this.#answers.takeActivity(...task),
      onOver: (run) => {
        this.#engine.forget(execution)
        this.#reached.add(run)
        this.#options.onRun?.(run, this)
      },
    })
  }

  /** Begins a run and goes on to its end. */
  async run(input: unknown = {}, options: { readonly name?: string } = {}): Promise<Run> {
    return await (await this.start(input, options)).done()
  }

  /** Names of mocks that no call was meant by so far. */
  get unusedMocks(): readonly string[] {
    return this.#mocks.unused
  }

  /** What the runs that have ended so far have reached of the definition. Rejects with TestKitError. */
  coverage(): Promise<Coverage> {
    return this.#reached.coverage()
  }

  /** Objects that a distributed Map reads, by bucket and key. */
  putObject(name: `${string}/${string}`, body: string | Uint8Array): void {
    this.#engine.source.objects.set(name, Buffer.from(body as Uint8Array))
  }

  /** What a distributed Map has written, or was put; undefined where there is nothing. */
  object(name: string): string | undefined {
    return this.#engine.source.textOf(name)
  }

  /** Names of all objects. */
  objects(): readonly string[] {
    return [...this.#engine.source.objects.keys()]
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }
}
