/**
 * Who lives, and who holds which shard: the tables say it, `Fence` is what this node believes. A life is renewed on a connection of
 * its own, so that nothing that takes long comes before it.
 * Whatever changes what is held is done one after the other. A shard that the tables give to this node and that it does not
 * believe to hold (the answer to a `take` was lost, or a `release` failed) is given up at the next renewal.
 */
import { assert } from '../../base/assert.ts'
import { ALL_SHARDS, type NodeId, type Shard, toNodeId } from '../../base/ids.ts'

import { row } from '../../sqlite/row.ts'

import type { Leases, LeaseTable } from '../contract.ts'
import { arrayOf } from './binary-array.ts'
import type { Channel } from './channel.ts'
import type { executionReads } from './executions.ts'
import type { Fence } from './fence.ts'
import { inboxOperations } from './inbox.ts'
import { flag, integer, key, text } from './shape.ts'
import { nothing, only, prepared } from './statement.ts'

const JOIN = prepared(
  `INSERT INTO nodes (url, alive_until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond') RETURNING number`,
  only(integer),
)
const RENEW = prepared('SELECT regente_renew_v1($1, $2, $3, $4)', only(flag))
/** Rows of all kinds, of one moment: nodes, shards, the version of the definitions. */
const TABLE = prepared(
  `SELECT 'node' AS kind, number, url AS text, is_draining::int4::int8 AS value FROM nodes WHERE alive_until > clock_timestamp()
   UNION ALL SELECT 'shard', holder, NULL, shard FROM shards
     WHERE holder IN (SELECT number FROM nodes WHERE alive_until > clock_timestamp())
   UNION ALL SELECT 'definitions', 0, NULL, value FROM counters WHERE name = 'definitions'`,
  (given) => {
    const read = row({ kind: text, number: integer, value: key<number>() })(given)
    const place = given.findIndex(({ name }) => name === 'text')
    return (values) => ({ ...read(values), text: String(values[place] ?? '') })
  },
)
const TAKE = prepared(
  'SELECT taken, epoch_now FROM regente_take_v1($1, $2, $3, $4)',
  row({ taken: integer, epoch_now: key<number>() }),
)
const RELEASE = prepared('SELECT regente_release_v1($1, $2)::text', only(text))
const DRAIN = prepared('UPDATE nodes SET is_draining = true WHERE number = $1', nothing)

export interface LeasePorts {
  readonly leaseMs: number
  readonly fence: Fence
  /** For renewals alone. */
  readonly renewals: Channel
  readonly claims: Channel
  readonly inbox: Channel
  readonly positions: ReturnType<typeof executionReads>['positions']
}

const idOf = (node: number): NodeId => toNodeId(`node-${node}`)

export function openLeases({ leaseMs, fence, renewals, claims, inbox, positions }: LeasePorts): Leases {
  let url = ''
  let last: Promise<unknown> = Promise.resolve()
  /** How many changes of what is held have begun, and how many are under way or wait. */
  let [begun, open] = [0, 0]
  /** One of them at a time. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    begun++
    open++
    const done = last.then(change).finally(() => open--)
    last = done.catch(() => {})
    return done
  }
  const shardOfNumber = (shard: number): Shard => {
    const found = ALL_SHARDS[shard]
    assert(found !== undefined, `${shard} is a shard`)
    return found
  }
  const release = (shards: readonly Shard[]) =>
    inTurn(async () => {
      for (const shard of shards) fence.lose(shard)
      await claims.query(RELEASE, fence.node, arrayOf('int4', shards))
    })

  return {
    leaseMs,
    async join(given) {
      url = given
      const [node] = await claims.query(JOIN, url, leaseMs)
      assert(node !== undefined, 'the node has a number')
      fence.join(node)
      return idOf(node)
    },
    async renew(): Promise<LeaseTable> {
      const [wasOpen, before] = [open, begun]
      const believed = new Map([...fence.held()].map((shard) => [shard, fence.epochOf(shard)]))
      // One behind the other on one connection: a round trip.
      const [[wasDead], rows] = await Promise.all([
        renewals.query(RENEW, fence.node, fence.session, url, leaseMs),
        renewals.query(TABLE),
      ])
      if (wasDead === true) for (const [shard, epoch] of believed) fence.lose(shard, epoch)
      const shards = rows.filter(({ kind }) => kind === 'shard')
      if (wasOpen === 0 && before === begun) {
        const lost = shards
          .filter(({ number, value }) => number === fence.node && fence.epochOf(shardOfNumber(value)) === undefined)
          .map(({ value }) => shardOfNumber(value))
        if (lost.length > 0) release(lost).catch(() => {})
      }
      return {
        nodes: rows
          .filter(({ kind }) => kind === 'node')
          .map((one) => ({ id: idOf(one.number), url: one.text, isDraining: one.value === 1 })),
        holders: new Map(shards.map(({ number, value }) => [shardOfNumber(value), idOf(number)])),
        definitionsVersion: rows.find(({ kind }) => kind === 'definitions')?.value ?? 0,
      }
    },
    take: (count, sparesDead = false) =>
      inTurn(async () => {
        const taken = await claims.query(TAKE, fence.node, arrayOf('int4', fence.held()), count, sparesDead)
        return taken.map(({ taken: number, epoch_now: epoch }) => {
          const shard = shardOfNumber(number)
          fence.take(shard, epoch)
          return shard
        })
      }),
    release,
    held: () => fence.held(),
    async drain() {
      await claims.query(DRAIN, fence.node)
    },
    leave: () =>
      inTurn(async () => {
        fence.loseAll()
        await claims.query(RELEASE, fence.node, null)
      }),
    ...inboxOperations(inbox.query),
    positions,
  }
}
