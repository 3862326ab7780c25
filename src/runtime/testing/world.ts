/**
 * What the rooms above the store stand on, for their tests: a disk in memory behind a store that fails when it is told to, a
 * virtual clock, a log that is kept. Nothing happens by itself: `settled` lets everything follow that needs no time.
 */
import { toExecutionKey, toFrameId } from '../../base/ids.ts'
import { asId } from '../../base/id-in-test.ts'
import { VirtualClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { Payload } from '../../base/payload.ts'
import { drawUuid, seededRandom } from '../../base/random.ts'
import type { Instant } from '../../base/time.ts'

import { MemorySource } from '../../items/in-memory.ts'
import { memorySpool } from '../../items/spool.ts'
import type { Command } from '../../engine/command.ts'
import { AWS_LIMITS } from '../../base/limits.ts'
import { newExecutionState } from '../../engine/state.ts'
import type { ExecutionRecord, StateMachineRecord } from '../../store/contract.ts'
import { MemoryDisk } from '../../store/memory/disk.ts'
import { openMemoryStore } from '../../store/memory/store.ts'
import { createControl } from '../../control/control.ts'

import { type Activation, newActivation } from '../activation.ts'
import { Driver } from '../driver.ts'
import { identityOf } from '../identity.ts'
import { KeepTrying } from '../keep-trying.ts'
import { Programs } from '../programs.ts'
import { Runtime } from '../runtime.ts'
import { ScriptedService } from './service.ts'
import { UnrulyStore } from './unruly-store.ts'

export const ARN_SCOPE = { partition: 'aws', region: 'us-east-1', account: '000000000000' }
export const ARN = `arn:aws:states:${ARN_SCOPE.region}:${ARN_SCOPE.account}`

/** All that follows from what was done and waits for nothing but promises has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

export class World {
  readonly disk = new MemoryDisk()
  readonly clock = new VirtualClock()
  readonly lines: LogLine[] = []
  readonly unruly: UnrulyStore
  /** Asked when a turn draws its seed: what it answers the turn throws. */
  turnError: () => Error | undefined = () => undefined
  readonly log: Log = {
    debug: (message) => void this.lines.push({ level: 'debug', message }),
    info: (message) => void this.lines.push({ level: 'info', message }),
    warn: (message) => void this.lines.push({ level: 'warn', message }),
    error: (message) => void this.lines.push({ level: 'error', message }),
  }
  /** The same in every run of a test. */
  readonly #random = seededRandom('5eed'.repeat(8))
  readonly entropy = {
    uuid: () => drawUuid(this.#random),
    seed: () => {
      const error = this.turnError()
      if (error) throw error
      return drawUuid(this.#random).replaceAll('-', '')
    },
  }
  /** ARNs of log groups that are not there; all others are. */
  readonly missingLogGroups = new Set<string>()
  /** Objects that a Map Run's readers find and its writers leave, by bucket and key. */
  readonly source = new MemorySource()

  constructor() {
    this.unruly = new UnrulyStore(openMemoryStore(this.disk))
  }

  get store() {
    return this.unruly.store
  }

  /** The next turn throws; those after it do not. */
  throwOnce(error: Error): void {
    this.turnError = () => {
      this.turnError = () => undefined
      return error
    }
  }

  async machine(definition: object, type: 'STANDARD' | 'EXPRESS' = 'STANDARD', name = 'm'): Promise<StateMachineRecord> {
    const made = await openMemoryStore(this.disk).createStateMachine(
      { arn: asId(`${ARN}:stateMachine:${name}`), name, type, status: 'ACTIVE', createdAt: this.clock.now() },
      { definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r', createdAt: this.clock.now() },
    )
    if (made === 'name-taken') throw new Error(`there is a machine ${name}`)
    return made
  }

  /** The row of an execution as the disk has it. */
  row(arn: string): ExecutionRecord | undefined {
    const key = this.disk.keysByArn.get(asId(arn))
    return key === undefined ? undefined : this.disk.executions.get(key)
  }

  /** The types of the events that are in the log of an execution. */
  logOf(arn: string): readonly string[] {
    const turns = this.disk.logs.get(this.disk.keysByArn.get(asId(arn)) ?? asId(0)) ?? []
    return turns.flatMap(({ events }) => events.map(({ type }) => type))
  }

  /** The log of an execution becomes one that does not fold; the answer mends it. */
  damage(arn: string): () => void {
    const key = this.disk.keysByArn.get(asId(arn)) ?? toExecutionKey(0)
    const turns = this.disk.logs.get(key) ?? []
    this.disk.logs.set(
      key,
      turns.map((turn) => ({ ...turn, events: turn.events.map((event) => ({ ...event, frame: toFrameId(99) })) })),
    )
    return () => this.disk.logs.set(key, turns)
  }
}

/** A driver on a world, and what it hands on. */
export function openDriver(world: World) {
  const { store, clock, entropy, log } = world
  const dispatched: Command[] = []
  const told: string[] = []
  const dueAt: Instant[] = []
  const keepTrying = new KeepTrying(clock, log)
  const programs = new Programs(store, async () => {})
  const driver = new Driver({
    store,
    clock,
    entropy,
    log,
    programs,
    keepTrying,
    arnScope: ARN_SCOPE,
    limits: AWS_LIMITS,
    observer: { committed: (_, events) => void told.push(...events.map(({ type }) => type)) },
    breathe: async () => {},
    dispatch: (_, command) => void dispatched.push(command),
    isDeleting: () => false,
    ended() {},
    holds: () => true,
    isTakenUp: () => true,
    fenced() {},
    isLeaving: () => false,
    dueAt: (at) => void dueAt.push(at),
  })
  return {
    driver,
    dispatched,
    /** Types of the events that the observer heard of. */
    told,
    dueAt,
    /** An execution that has not begun. */
    async prepare(machine: StateMachineRecord, name = 'e'): Promise<Activation> {
      const startAt = clock.now()
      const record: ExecutionRecord = {
        key: store.newExecutionKey(),
        arn: asId(`${ARN}:execution:${machine.name}:${name}`),
        name,
        input: '{}',
        startAt,
        stateMachineArn: machine.arn,
        stateMachineKey: machine.key,
        revisionKey: machine.revision.key,
        type: machine.type,
        status: 'RUNNING',
        isBusy: true,
        redriveCount: 0,
        lastEventId: 0,
      }
      const identity = identityOf(record, machine.revision.roleArn, ARN_SCOPE)
      const state = newExecutionState(await programs.of(machine.revision), identity, Payload.ofText(record.input), startAt)
      return newActivation(record, state, {})
    },
  }
}

/** Runtime and control on a world; tasks call `service`. Another one on the same world is the next process. */
export function openRuntime(world: World, service = new ScriptedService()) {
  const { store, clock, entropy, log } = world
  const runtime = new Runtime({
    store,
    clock,
    entropy,
    log,
    arnScope: ARN_SCOPE,
    limits: AWS_LIMITS,
    connectors: service,
    source: world.source,
    spool: memorySpool,
    breathe: async () => {},
    observer: { committed() {} },
  })
  const control = createControl({
    store,
    clock,
    entropy,
    arnScope: ARN_SCOPE,
    executionPort: runtime,
    logGroups: { exists: async (arn) => !world.missingLogGroups.has(arn) },
    limits: AWS_LIMITS,
    breathe: async () => {},
    pageTokenKey: Buffer.alloc(32),
  })
  return { runtime, control, service }
}

/** The same, opened; a world of its own unless told. */
export async function openService(world = new World()) {
  const process = openRuntime(world)
  await process.runtime.open()
  return { world, ...process }
}

/** `seconds` pass in steps of a tenth, each with all that follows from it. */
export async function pass({ clock }: World, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    clock.advance(100)
    await settled()
  }
}
