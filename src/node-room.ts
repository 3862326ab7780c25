/**
 * One of several nodes that share a store, as the server sees it: where the others reach it, its secret, how it asks them and
 * answers them, what it hands on when it holds nothing, and what it tells those who watch executions that other nodes hold.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { systemClock } from './base/clock.ts'
import type { Json } from './base/json.ts'
import type { Log } from './base/log.ts'
import { StartError } from './base/start-error.ts'

import type { Handler } from './wire/http.ts'
import { contextOf } from './wire/request-context.ts'
import type { ExecutionArn } from './base/arn.ts'
import type { Leases } from './store/contract.ts'
import { type CalledNode, type NodeCalls, VERBS } from './runtime/cluster/node-calls.ts'
import type { Runtime } from './runtime/runtime.ts'
import { askNode, createNodeDoor } from './server/node-door.ts'
import { createReadyCheck } from './server/ready-check.ts'
import { createSpread } from './server/spread.ts'

const SECRET_BYTES = 32
/** Executions that somebody watches and another node holds are looked at so often. */
const WATCH_MS = 500

export interface NodeRoomOptions {
  readonly leases: Leases
  /** Where the others reach this node. */
  readonly url: () => string
  /** Of the ARNs that are made here: the same on all nodes. */
  readonly region: string
  readonly account: string
  readonly log: Log
}

/** Rejects with StartError where other nodes are of another region or account. */
export async function openNodeRoom({ leases, url, region, account, log }: NodeRoomOptions) {
  const scope = `${region} ${account}`
  const kept = (await leases.secret('region and account', () => Buffer.from(scope))).toString()
  if (kept !== scope) {
    const [theirs, owner] = kept.split(' ')
    throw new StartError(
      `The store is of the region ${theirs} and the account ${owner}; this node of ${region} and ${account}. Start it with --region ${theirs} --account ${owner}.`,
    )
  }
  const newSecret = () => randomBytes(SECRET_BYTES)
  const secret = await leases.secret('node', newSecret)
  const silent = new Set<string>()
  const call = async (node: CalledNode, verb: string, ask: unknown) => {
    const { id, url: at } = node
    try {
      const answer = await askNode(node, secret, verb, ask)
      if (silent.delete(id)) log.warn('another node answers again', { node: at })
      return answer
    } catch (error) {
      if (!silent.has(id))
        log.warn('another node does not answer; what is for it waits in the store', { node: at, error: String(error) })
      silent.add(id)
      throw error
    }
  }
  const calls = { call } as NodeCalls // each answers by its own table of verbs

  return {
    cluster: { url, calls },
    pageTokenKey: await leases.secret('page-token', newSecret),

    /** Answers the other nodes. */
    door(runtime: Runtime): (req: IncomingMessage) => Handler | undefined {
      const answerOf = (text: string) => {
        const verb = VERBS.find((one) => one === text)
        const answer = verb && runtime.nodeAnswers?.[verb]
        // Another node has asked it, which has written it by the same table.
        return answer && ((ask: Json) => answer(ask as never))
      }
      return createNodeDoor({ secret, self: () => runtime.self, answerOf })
    },

    /** What a node that holds nothing, because it begins or stops, hands on to one that does. */
    handOn(runtime: Runtime, handler: Handler): Handler {
      const spread = createSpread({
        urls: () => runtime.otherNodes.filter(({ isDraining }) => !isDraining).map((node) => node.url),
        isReady: createReadyCheck(log, 'another node does not answer'),
        own: () => (leases.held().size > 0 ? handler : undefined),
        clock: systemClock,
        nobody: 'No node is ready just now. Try again.',
      })
      return (req, res) => (leases.held().size > 0 || isPoll(req) ? handler(req, res) : spread(req, res))
    },

    /** Tells `moved` of executions that are watched here when they have moved, whoever holds them; the answer ends it. */
    watch(watched: () => readonly string[], moved: (executionArn: string) => void): () => void {
      let last: ReadonlyMap<ExecutionArn, number> = new Map()
      let isLooking = false
      const look = async () => {
        const arns = watched() as readonly ExecutionArn[]
        if (isLooking || arns.length === 0) return
        isLooking = true
        try {
          const now = await leases.positions(arns)
          for (const [arn, position] of now) if (last.has(arn) && last.get(arn) !== position) moved(arn)
          last = now
        } catch {
          // They are looked at again.
        } finally {
          isLooking = false
        }
      }
      const timer = setInterval(() => void look(), WATCH_MS).unref()
      return () => clearInterval(timer)
    },
  }
}

/** Needs no shard, and waits for a minute: a stop ends it here with an empty answer, and could not where it was handed on. */
function isPoll(req: IncomingMessage): boolean {
  const action = contextOf(req)?.call?.action
  return action?.kind === 'named' && action.name === 'GetActivityTask'
}

export type NodeRoom = Awaited<ReturnType<typeof openNodeRoom>>
