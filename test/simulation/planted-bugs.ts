/**
 * Bugs on purpose, in the simulator's own doubles: what the process would do if it had them. Each must be found, or the
 * simulator proves nothing. They are rare on purpose too: what happens every time is found by any test.
 */
import { asId } from '../../src/base/id-in-test.ts'
import type { Store } from '../../src/store/contract.ts'
import type { ExecutionPort } from '../../src/control/execution-port.ts'

import { type Doubles, HONEST } from './doubles.ts'
import { withOwn } from './with-own.ts'

type Commit = Store['commit']

const committing = (store: Store, commit: Commit): Store => withOwn(store, { commit })

const SOON_MS = 1_000

export const PLANTED: Readonly<Record<string, Doubles>> = {
  /** A turn is told to be durable while it is still on its way to the disk. */
  'acknowledge before commit': {
    ...HONEST,
    store: (store, { dice }) =>
      committing(store, (turns) => {
        const done = store.commit(turns)
        if (!dice.chance(0.1)) return done
        done.catch(() => {})
        return Promise.resolve(turns.map(() => 'committed'))
      }),
  },

  /** A turn's row forgets when the execution is due next. */
  'lost timer': {
    ...HONEST,
    store: (store, { dice }) =>
      committing(store, (turns) =>
        store.commit(
          turns.map((turn) =>
            turn.patch?.wakeAt != null && dice.chance(0.1) ? { ...turn, patch: { ...turn.patch, wakeAt: null } } : turn,
          ),
        ),
      ),
  },

  /** A call is made twice in one life of the server. */
  'double dispatch': {
    ...HONEST,
    connectors: (registry, { dice }) => ({
      connectorFor(resource) {
        const connector = registry.connectorFor(resource)
        if (!connector) return undefined
        return withOwn(connector, {
          async start(request) {
            if (dice.chance(0.03)) await connector.start(request)
            return connector.start(request)
          },
        })
      },
    }),
  },

  /** What was in the mailbox when a commit failed is acknowledged and dropped, instead of being posted again. */
  'mailbox dropped on reload': {
    ...HONEST,
    room: (room) =>
      withOwn(room, {
        taskSucceeded: (token, output) => acceptWhatIsLost(room.taskSucceeded(token, output)),
        taskFailed: (token, failure) => acceptWhatIsLost(room.taskFailed(token, failure)),
      }),
  },

  /** A child that is aborted soon after it began is not: the Map Run is over and the child runs on. */
  'Map Run abort race': {
    ...HONEST,
    store: (store, { scheduler }) => {
      const begun = new Map<number, number>()
      return committing(store, async (turns) => {
        for (const { key, sequence } of turns) if (sequence === 0) begun.set(key, scheduler.elapsed)
        const isTooSoon = turns.some(
          ({ key, events }) =>
            scheduler.elapsed - (begun.get(key) ?? 0) < SOON_MS && events.some(({ type }) => type === 'ExecutionAborted'),
        )
        return isTooSoon && (await isChild(store, turns[0]?.key)) ? turns.map(() => 'committed') : store.commit(turns)
      })
    },
  },

  /** What comes back while the server stops is told to be durable, and nobody writes it down. */
  'result lost at stop': {
    ...HONEST,
    store: (store, { isStopping }) =>
      committing(store, (turns) => (isStopping() ? Promise.resolve(turns.map(() => 'committed')) : store.commit(turns))),
  },

  /** The port closes before the runtime does: calls that it cuts off are taken for results. */
  'calls cut at stop are results': { ...HONEST, stopping: (stage) => stage.cutCalls() },
}

async function acceptWhatIsLost(outcome: ReturnType<ExecutionPort['taskSucceeded']>): ReturnType<ExecutionPort['taskSucceeded']> {
  const told = await outcome
  return told === 'unavailable' ? 'accepted' : told
}

async function isChild(store: Store, key: number | undefined): Promise<boolean> {
  return key !== undefined && (await store.executionByKey(asId(key)))?.mapRunKey !== undefined
}
