/** One of several nodes that share a store: what it says to the others, and what it answers them. */
import { assertNever } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { ExecutionKey } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Entropy } from '../../base/random.ts'

import type { Leases, NodeRecord } from '../../store/contract.ts'

import type { Activities } from '../activities.ts'
import type { EndedChild } from '../distributed-map/children.ts'
import { ChildCalls } from './child-calls.ts'
import { Mail } from './mail.ts'
import { Moves } from './moves.ts'
import type { AbortedChild, Answer, AskedChild, Message, NodeAnswers, NodeCalls, NodeVerbs, Note, Verb } from './node-calls.ts'
import { RemoteActivities } from './remote-activities.ts'
import type { Shards } from './shards.ts'

export interface ClusterPorts {
  readonly leases: Leases
  readonly clock: Clock
  readonly entropy: Pick<Entropy, 'uuid'>
  readonly log: Log
  readonly calls: NodeCalls
  readonly shards: Shards
  readonly activities: Activities
  carryOut(message: Message): Promise<Answer>
  runHere(child: AskedChild): Promise<EndedChild | 'moved' | undefined>
  /** What the row of a child says, once it has ended. Rejects when the store fails. */
  endOf(key: ExecutionKey): Promise<EndedChild | undefined>
  /** Stops a child of a Map Run that runs here. Never rejects. */
  abortHere(child: AbortedChild): Promise<void>
}

export class Cluster {
  readonly #ports: ClusterPorts
  readonly mail: Mail
  readonly children: ChildCalls
  readonly activities: RemoteActivities
  readonly moves: Moves

  constructor(ports: ClusterPorts) {
    this.#ports = ports
    const { shards, carryOut, runHere } = ports
    const { holds, holderOf, held, look, self, node, others } = {
      holds: shards.holds.bind(shards),
      holderOf: shards.holderOf.bind(shards),
      held: shards.held.bind(shards),
      look: shards.look.bind(shards),
      self: () => shards.self,
      node: shards.node.bind(shards),
      others: shards.others.bind(shards),
    }
    this.mail = new Mail({ ...ports, holds, holderOf, held, look, carryOut, hear: (note) => this.#hear(note) })
    const leaveNote = (note: Note) => void this.mail.leaveNote(note)
    this.children = new ChildCalls({ ...ports, self, holds, holderOf, node, look: () => void look(), runHere, leaveNote })
    this.activities = new RemoteActivities({ ...ports, self, node, others, look: () => void look() })
    this.moves = new Moves({ ...ports, others })
  }

  /** What is in memory for other nodes, or because of them. */
  get sizes() {
    return { ...this.children.sizes, wantedActivities: this.activities.size }
  }

  /** What other nodes may ask of what is here. */
  readonly answers: Pick<
    NodeAnswers,
    'deliver' | 'runChildren' | 'abortChildren' | 'childrenEnded' | 'wantActivity' | 'offerActivity'
  > = {
    deliver: async ({ id, message }) => ({ answer: await this.mail.deliver(id, message) }),
    runChildren: async ({ from, children }) => {
      this.children.ask(from, children)
      return {}
    },
    abortChildren: async ({ children }) => {
      for (const child of children) void this.#ports.abortHere(child)
      return {}
    },
    childrenEnded: async ({ children }) => {
      this.children.ended(children)
      return {}
    },
    wantActivity: async ({ from, activityArn }) => ({ isOffered: this.activities.wants(from, activityArn) }),
    offerActivity: async ({ from, activityArn }) => {
      this.activities.hint(from, activityArn)
      return {}
    },
  }

  /** What another node could not tell by a call. */
  #hear(note: Note): void {
    switch (note.verb) {
      case 'runChildren':
        return this.children.ask(note.ask.from, note.ask.children)
      case 'abortChildren':
        for (const child of note.ask.children) void this.#ports.abortHere(child)
        return
      case 'childrenEnded':
        return this.children.endedSome(note.ask.children)
      default:
        return assertNever(note, 'note')
    }
  }

  /** Have a look: nobody waits for an answer. */
  tell(nodes: readonly NodeRecord[], at: NodeVerbs['look']['ask']['at']): void {
    for (const node of nodes) this.#ports.calls.call(node, 'look', { at }).catch((error: unknown) => error)
  }

  /** The answers of the other nodes that answer. Never rejects. */
  async askAll<V extends Verb>(verb: V, ask: NodeVerbs[V]['ask']): Promise<readonly NodeVerbs[V]['answer'][]> {
    const { calls, shards } = this.#ports
    const answers = await Promise.allSettled(shards.others().map((node) => calls.call(node, verb, ask)))
    return answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  close(): void {
    this.mail.close()
    this.children.close()
    this.activities.close()
    this.moves.close()
  }
}
