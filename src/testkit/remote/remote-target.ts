/**
 * A running Regente, or AWS, as what a test runs on. Without mocks the workflow is made a state machine there, and its runs are executions;
 * with mocks its states are tried one after the other by TestState (`walk.ts`).
 */
import { systemEntropy } from '../../base/random.ts'

import { WireError } from '../../wire/errors.ts'

import { noMachine } from '../definition.ts'
import { millisecondsOf } from '../duration.ts'
import { SkippedOnTarget, type StartOptions, type Target, type TargetName, type TargetRun } from '../target.ts'
import { TestKitError } from '../kit-error.ts'
import { RealExecution } from './execution.ts'
import { ExpressExecution } from './express-execution.ts'
import { StatesClient, textAt } from './states-client.ts'
import { type RemoteOptions, type RemoteSettings, roleOf } from './remote-options.ts'
import { WalkedRun } from './walked-run.ts'

/** Rejects with TestKitError where the definition is none, or nobody is there. */
export async function openRemote(remote: RemoteOptions): Promise<Target> {
  const { target, options } = remote
  const states = new StatesClient(target, options.endpoint)
  const reason = whyNot(options)
  if (reason !== undefined) return new SkippedTarget(target, reason)
  if (remote.mocks.areAny) return new WalkedTarget(remote, states)
  return await MachineTarget.open(remote, states)
}

/** What no other place can do than this process, as far as the options tell. */
function whyNot({ clock, chaos = [] }: RemoteSettings): string | undefined {
  if (clock && clock.kind !== 'skip') return `clock.${clock.kind} moves time, and time is real there.`
  return chaos.length > 0 ? 'chaos strikes in process alone.' : undefined
}

/** What these targets have none of. */
abstract class RemoteTarget implements Target {
  readonly name: TargetName

  constructor(name: TargetName) {
    this.name = name
  }

  abstract start(input: string, options: StartOptions): Promise<TargetRun>

  async close(): Promise<void> {}

  putObject(): void {
    throw this.#noObjects()
  }

  object(): string | undefined {
    throw this.#noObjects()
  }

  objects(): readonly string[] {
    throw this.#noObjects()
  }

  protected refuseChaos({ chaos = [] }: StartOptions): void {
    if (chaos.length > 0) throw new SkippedOnTarget(this.name, 'chaos strikes in process alone.')
  }

  #noObjects(): SkippedOnTarget {
    return new SkippedOnTarget(this.name, 'objects of the test are there in process alone; elsewhere they are in buckets.')
  }
}

class SkippedTarget extends RemoteTarget {
  readonly #reason: string

  constructor(name: TargetName, reason: string) {
    super(name)
    this.#reason = reason
  }

  async start(): Promise<TargetRun> {
    throw new SkippedOnTarget(this.name, this.#reason)
  }
}

class WalkedTarget extends RemoteTarget {
  readonly #remote: RemoteOptions
  readonly #states: StatesClient
  #starts = 0

  constructor(remote: RemoteOptions, states: StatesClient) {
    super(remote.target)
    this.#remote = remote
    this.#states = states
  }

  async start(input: string, options: StartOptions): Promise<TargetRun> {
    this.refuseChaos(options)
    return new WalkedRun(this.#remote, this.#states, input, options.name ?? `run-${++this.#starts}`)
  }
}

const typeOf = ({ read, options }: RemoteOptions): 'STANDARD' | 'EXPRESS' => options.type ?? read.type ?? 'STANDARD'

/** A state machine of the test's own, with the activities that it names where they are missing. */
class MachineTarget extends RemoteTarget {
  readonly #remote: RemoteOptions
  readonly #states: StatesClient
  #machineArn = ''
  readonly #activities: string[] = []
  #starts = 0

  static async open(remote: RemoteOptions, states: StatesClient): Promise<MachineTarget> {
    const made = new MachineTarget(remote, states)
    try {
      await made.#make()
    } catch (error) {
      await made.close()
      throw error instanceof WireError ? noMachine(remote.options, error) : error
    }
    return made
  }

  private constructor(remote: RemoteOptions, states: StatesClient) {
    super(remote.target)
    this.#remote = remote
    this.#states = states
  }

  async start(input: string, options: StartOptions): Promise<TargetRun> {
    this.refuseChaos(options)
    const { name = `run-${++this.#starts}` } = options
    const { patience = '1 minute' } = this.#remote.options
    const asked = { stateMachineArn: this.#machineArn, name, input }
    if (typeOf(this.#remote) === 'EXPRESS') return new ExpressExecution(this.name, this.#states, asked)
    const arn = textAt(await this.#states.call('StartExecution', asked), 'executionArn') ?? ''
    return new RealExecution({
      target: this.name,
      states: this.#states,
      definition: this.#remote.read.definition,
      arn,
      patienceMs: millisecondsOf(patience),
    })
  }

  override async close(): Promise<void> {
    for (const activityArn of this.#activities.splice(0)) await this.#states.call('DeleteActivity', { activityArn })
    const stateMachineArn = this.#machineArn
    this.#machineArn = ''
    if (stateMachineArn !== '') await this.#states.call('DeleteStateMachine', { stateMachineArn })
  }

  async #make(): Promise<void> {
    const { definition } = this.#remote.read
    for (const [, arn = ''] of definition.matchAll(/"(arn:[\w-]+:states:[^":]*:[^":]*:activity:[^"]+)"/g))
      await this.#makeActivity(arn)
    const made = await this.#states.call('CreateStateMachine', {
      name: `regente-test-${systemEntropy.uuid()}`,
      type: typeOf(this.#remote),
      definition,
      roleArn: roleOf(this.#remote),
    })
    this.#machineArn = textAt(made, 'stateMachineArn') ?? ''
  }

  async #makeActivity(activityArn: string): Promise<void> {
    try {
      await this.#states.call('DescribeActivity', { activityArn })
      return
    } catch (error) {
      if (!(error instanceof WireError) || error.code !== 'ActivityDoesNotExist') throw error
    }
    const name = activityArn.slice(activityArn.lastIndexOf(':') + 1)
    const made = textAt(await this.#states.call('CreateActivity', { name }), 'activityArn') ?? ''
    this.#activities.push(made)
    if (made !== activityArn)
      throw new TestKitError(`The definition names the activity ${activityArn}; here it would be ${made}. Use substitutions.`)
  }
}
