/**
 * A store as a process sees it when the disk is having a bad day. Every method takes two steps: it is carried out, and its
 * answer arrives; between them anything else may happen. Writes are carried out in the order in which they were given.
 *
 * What may go wrong, and why a process must live with it:
 * - `fail`: refused, nothing is stored (disk full, I/O error). Of a batch of turns some may be stored: all or nothing holds
 *   for a turn, not for a batch.
 * - `lost`: stored, but the answer is an error (connection reset, writer died after its commit).
 * - `stale`: a turn is refused because somebody else wrote (a lease was lost).
 * - `slow`: the answer takes its time: of what is asked about leases, longer than a lease lasts.
 * Leases and the inbox have a connection of their own: what is asked there overtakes writes. What was sent goes its way while
 * the process is frozen, unless the `wire` is frozen too.
 * A crash keeps a beginning of what was asked for: what was carried out, and some of what was not yet.
 */
import type { Leases, Store, TurnRecord } from '../../src/store/contract.ts'

import type { Life, Scheduler } from './scheduler.ts'

export type Fault = 'fail' | 'lost' | 'stale' | 'slow'

export interface StoreCall {
  readonly life: Life
  readonly method: string
  readonly isWrite: boolean
  /** A turn of an execution that is there already. */
  readonly isLaterTurn: boolean
}

/** What goes wrong with a call, if anything. Asked once a call, when it is carried out. */
export type FaultOf = (call: StoreCall) => Fault | undefined

const READS: ReadonlySet<string> = new Set<keyof Store>([
  ...(['execution', 'executionByKey', 'executions', 'history', 'due', 'nextDue', 'busy', 'countsByStatus'] as const),
  ...(['mapRun', 'mapRunByKey', 'mapRuns', 'runningMapRuns', 'children', 'childCounts', 'childRows'] as const),
  ...([
    'mapRunLog',
    'stateMachine',
    'stateMachines',
    'revision',
    'version',
    'versionOfRevision',
    'versions',
    'alias',
    'aliases',
  ] as const),
  ...(['activity', 'activities', 'tags'] as const),
])

const LEASE_READS: ReadonlySet<string> = new Set<keyof Leases>(['messages', 'messageAnswer', 'positions'])

const SLOW_MS = 3_000
const SLOW_LEASE_MS = 12_000

export interface FaultyStore {
  readonly store: Store
  /** Calls that have not been answered. */
  pending(): number
  /** The process is gone: the first `share` of the writes that were under way reach the disk all the same. */
  crash(share: number): void
}

/** Of `leases`, and of the rest. */
interface Kind {
  readonly reads: ReadonlySet<string>
  readonly slowMs: number
  readonly areWritesInOrder: boolean
}

const OF_STORE: Kind = { reads: READS, slowMs: SLOW_MS, areWritesInOrder: true }
const OF_LEASES: Kind = { reads: LEASE_READS, slowMs: SLOW_LEASE_MS, areWritesInOrder: false }

export function faultyStore(inner: Store, life: Life, scheduler: Scheduler, faultOf: FaultOf, wire = life): FaultyStore {
  const writes: (() => void)[] = []
  let pending = 0

  function call(kind: Kind, method: string, args: readonly unknown[], carryOut: () => Promise<unknown>): Promise<unknown> {
    pending++
    const isWrite = !kind.reads.has(method)
    const name = `${life.name} ${method} ${shown(method, args)}`
    return new Promise((resolve, reject) => {
      const run = () => {
        const fault = faultOf({ life, method, isWrite, isLaterTurn: isLaterTurn(method, args) })
        const answer = (outcome: string, tell: () => void) => {
          const settle = () => {
            pending--
            tell()
          }
          if (fault === 'slow') scheduler.after(life, `${name}: ${outcome} (slow)`, kind.slowMs, settle)
          else scheduler.post(life, `${name}: ${outcome}`, settle)
        }
        if (fault === 'stale') return answer('stale', () => resolve(turnsOf(method, args).map(() => 'stale')))
        if (fault === 'fail') {
          const half = turnsOf(method, args).slice(0, turnsOf(method, args).length >> 1)
          if (half.length > 0) void inner.commit(half)
          return answer('fails', () => reject(new Error('the disk failed')))
        }
        carryOut().then(
          (value) => {
            if (fault === 'lost') answer('done, but the answer is lost', () => reject(new Error('the connection was reset')))
            else answer('done', () => resolve(value))
          },
          (error: unknown) => answer('refused', () => reject(error)),
        )
      }
      if (!isWrite || !kind.areWritesInOrder) return scheduler.post(wire, `${name}: read`, run)
      writes.push(run)
      // Whichever write's step comes first carries out the oldest one.
      scheduler.post(wire, `${life.name} write`, () => writes.shift()?.())
    })
  }

  const stepwise = <T extends object>(whole: T, kind: Kind, atOnce: ReadonlySet<string>): T =>
    new Proxy(whole, {
      get(target, property) {
        const method: unknown = Reflect.get(target, property)
        if (property === 'leases') return leases
        if (typeof method !== 'function') return method
        if (atOnce.has(String(property))) return method.bind(target)
        return (...args: unknown[]) =>
          call(kind, String(property), args, () => Promise.resolve(Reflect.apply(method, target, args)))
      },
    })
  const leases = inner.leases && stepwise(inner.leases, OF_LEASES, new Set(['held']))
  return {
    store: stepwise(inner, OF_STORE, new Set(['newExecutionKey', 'health', 'close'])),
    pending: () => pending,
    crash(share) {
      for (let kept = Math.floor(writes.length * share); kept > 0; kept--) writes.shift()?.()
      writes.length = 0
    },
  }
}

const turnsOf = (method: string, args: readonly unknown[]): readonly TurnRecord[] =>
  method === 'commit' ? (args[0] as readonly TurnRecord[]) : []

const isLaterTurn = (method: string, args: readonly unknown[]): boolean =>
  turnsOf(method, args).some((turn) => turn.create === undefined && turn.sequence > 0)

/** Enough of a call's arguments to know it again. */
function shown(method: string, args: readonly unknown[]): string {
  const [first] = args
  if (method === 'commit')
    return turnsOf(method, args)
      .map(({ key, sequence }) => `${key}@${sequence}`)
      .join(' ')
  if (typeof first === 'object' && first !== null && 'arn' in first) return String(first.arn)
  return typeof first === 'string' || typeof first === 'number' ? String(first) : ''
}
