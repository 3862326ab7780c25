/**
 * Messages to executions that other nodes hold. The holder is asked directly; where it does not answer, or nobody holds the
 * execution just now, the message is put into the inbox, where whoever holds it next finds it, and its answer is waited for.
 * A message has an id: who has carried it out already answers the same once more. A note has no answer: who has heard it removes it.
 */
import type { Clock } from '../../base/clock.ts'
import type { ExecutionKey, Shard } from '../../base/ids.ts'
import { shardOf } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { Entropy } from '../../base/random.ts'

import type { Leases, NodeRecord } from '../../store/contract.ts'

import { type Answer, ANSWERS, type Message, type NodeCalls, type Note } from './node-calls.ts'

export interface MailPorts {
  readonly leases: Leases
  readonly clock: Clock
  readonly entropy: Pick<Entropy, 'uuid'>
  readonly log: Log
  readonly calls: NodeCalls
  holds(key: ExecutionKey): boolean
  holderOf(key: ExecutionKey): NodeRecord | undefined
  held(): readonly Shard[]
  /** Looks at who holds what. */
  look(): Promise<void>
  carryOut(message: Message): Promise<Answer>
  /** Never throws. */
  hear(note: Note): void
}

/** The inbox is looked at so often, should a call that says that there is something have been lost. */
const LOOK_MS = 1_000
const PAGE = 200
/** Beyond the lease, after which the shards of a dead node are taken. */
const PATIENCE_MS = 10_000
const POLLS = { firstMs: 20, longestMs: 500 }
/** Messages whose answers are remembered, in case they come again. */
const REMEMBERED = 10_000
const SWEEP_MS = 60_000
const OLD_MS = 10 * 60_000

export class Mail {
  readonly #ports: MailPorts
  readonly #carriedOut = new Map<string, Promise<Answer>>()
  #alarm: { cancel(): void } | undefined
  #looking: Promise<void> | undefined
  #sweptAt = 0
  #isClosed = false

  constructor(ports: MailPorts) {
    this.#ports = ports
  }

  open(): void {
    this.#lookLater()
  }

  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
  }

  /** Resolves with what became of it; `unavailable` where that cannot be told in time. Never rejects. */
  async send(message: Message): Promise<Answer> {
    const { entropy, holds } = this.#ports
    const id = entropy.uuid()
    if (holds(message.key)) return this.#carryOut(id, message)
    const answer = await this.#call(id, message)
    return answer ?? this.#leave(id, message)
  }

  /** Leaves it for whoever holds the execution. Never rejects: whoever needs an answer asks again. */
  async leaveNote(note: Note): Promise<void> {
    const { leases, entropy, log } = this.#ports
    try {
      await leases.putMessage({ id: entropy.uuid(), key: note.key, body: JSON.stringify(note) })
    } catch (error) {
      log.debug('a note cannot be left for another node', { error: String(error) })
    }
  }

  /** Another node sends this; `elsewhere`: the execution is not held here. */
  async deliver(id: string, message: Message): Promise<Answer | 'elsewhere'> {
    return this.#ports.holds(message.key) ? this.#carryOut(id, message) : 'elsewhere'
  }

  /** Carries out what waits for the shards that are held here. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  #carryOut(id: string, message: Message): Promise<Answer> {
    const known = this.#carriedOut.get(id)
    if (known) return known
    const answer = this.#ports.carryOut(message)
    this.#carriedOut.set(id, answer)
    const oldest = this.#carriedOut.keys().next()
    if (this.#carriedOut.size > REMEMBERED && !oldest.done) this.#carriedOut.delete(oldest.value)
    // What could not be recorded may be tried again.
    void answer.then((given) => given === 'unavailable' && this.#carriedOut.delete(id))
    return answer
  }

  /** Undefined: the holder is not known, or has not answered. */
  async #call(id: string, message: Message): Promise<Answer | undefined> {
    const { calls, holderOf, look } = this.#ports
    const holder = holderOf(message.key)
    if (!holder) return undefined
    try {
      const { answer } = await calls.call(holder, 'deliver', { id, message })
      if (answer !== 'elsewhere' && answer !== 'unavailable') return answer
    } catch {
      // It may have been carried out or not: its id tells.
    }
    void look()
    return undefined
  }

  async #leave(id: string, message: Message): Promise<Answer> {
    const { leases, clock, holds } = this.#ports
    const until = clock.elapsed() + leases.leaseMs + PATIENCE_MS
    try {
      await leases.putMessage({ id, key: message.key, body: JSON.stringify(message) })
      for (
        let pauseMs = POLLS.firstMs;
        clock.elapsed() < until && !this.#isClosed;
        pauseMs = Math.min(pauseMs * 2, POLLS.longestMs)
      ) {
        this.#tell(message.key)
        if (holds(message.key)) await this.look()
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
        const answer = answerIn(await leases.messageAnswer(id))
        if (!answer) continue
        leases.removeMessage(id).catch((error: unknown) => error)
        return answer
      }
    } catch (error) {
      this.#ports.log.debug('a message cannot be left for another node', { error: String(error) })
    }
    return 'unavailable'
  }

  #tell(key: ExecutionKey): void {
    const { calls, holderOf } = this.#ports
    const holder = holderOf(key)
    if (holder) calls.call(holder, 'look', { at: 'inbox' }).catch((error: unknown) => error)
  }

  #lookLater(): void {
    if (this.#isClosed) return
    this.#alarm = this.#ports.clock.after(LOOK_MS, () => void this.look().finally(() => this.#lookLater()))
  }

  async #lookOnce(): Promise<void> {
    const { leases, log, held, clock } = this.#ports
    try {
      for (;;) {
        const shards = held()
        if (shards.length === 0 || this.#isClosed) return
        const messages = await leases.messages(shards, PAGE)
        const answers = await Promise.all(messages.map((one) => this.#answer(one.id, one.key, one.body)))
        if (messages.length < PAGE || !answers.includes(true)) break
      }
      if (clock.elapsed() - this.#sweptAt < SWEEP_MS || !held().includes(FIRST_SHARD)) return
      this.#sweptAt = clock.elapsed()
      await leases.removeOldMessages(OLD_MS)
    } catch (error) {
      if (!this.#isClosed) log.debug('the inbox cannot be read', { error: String(error) })
    }
  }

  /** False: it waits on. */
  async #answer(id: string, key: ExecutionKey, body: string): Promise<boolean> {
    if (!this.#ports.holds(key)) return false
    // Written by a node as this one is.
    const message = JSON.parse(body) as Message | Note
    if (message.type === 'Note') {
      await this.#ports.leases.removeMessage(id)
      this.#ports.hear(message)
      return true
    }
    const answer = await this.#carryOut(id, message)
    if (answer === 'unavailable') return false
    await this.#ports.leases.answerMessage(id, answer)
    return true
  }
}

/** Whoever holds it sees to what is everybody's. */
export const FIRST_SHARD: Shard = shardOf(0 as ExecutionKey)

const answerIn = (text: string | undefined): Answer | undefined => ANSWERS.find((answer) => answer === text)
