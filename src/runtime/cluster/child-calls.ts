/**
 * Children of Map Runs that other nodes run for this one, and those that this one runs for others. Asked for in batches, and
 * again where the holder has changed or nothing was heard for a while: whoever is asked twice runs a child once, and what it has
 * come to, its row says. Where a node does not answer, a note is left for it in the store.
 */
import type { Clock } from '../../base/clock.ts'
import { type ExecutionKey, type NodeId, type Shard, shardOf } from '../../base/ids.ts'

import type { ExecutionRecord, NodeRecord } from '../../store/contract.ts'

import type { EndedChild } from '../distributed-map/children.ts'
import type { MapRunOf } from '../distributed-map/ports.ts'
import type { AbortedChild, AskedChild, ChildEnded, NodeCalls, Note } from './node-calls.ts'

export interface ChildCallPorts {
  readonly clock: Clock
  readonly calls: NodeCalls
  self(): NodeId | undefined
  holds(key: ExecutionKey): boolean
  holderOf(key: ExecutionKey): NodeRecord | undefined
  node(id: NodeId): NodeRecord | undefined
  /** Have a look at who holds what. */
  look(): void
  /** Runs a child here; `moved` where that cannot be. */
  runHere(child: AskedChild): Promise<EndedChild | 'moved' | undefined>
  /** For whoever holds its execution. */
  leaveNote(note: Note): void
  /** What the row of a child says, once it has ended. Rejects when the store fails. */
  endOf(key: ExecutionKey): Promise<EndedChild | undefined>
}

const AT_ONCE = 500
const LOOK_MS = 1_000
/** Something may have been lost: the same is asked again. */
const SILENCE_MS = 5_000

interface Asked {
  readonly child: ExecutionRecord
  readonly run: MapRunOf
  isNew: boolean
  askedOf: NodeId | undefined
  askedAt: number
  readonly end: (ended: EndedChild | 'moved' | undefined) => void
}

/** An end, with the execution whose run waits for it. */
interface ToldEnd extends ChildEnded {
  readonly executionKey: ExecutionKey
}

export class ChildCalls {
  readonly #ports: ChildCallPorts
  readonly #asked = new Map<ExecutionKey, Asked>()
  /** Who waits for a child that runs here. */
  readonly #askers = new Map<ExecutionKey, Set<NodeId>>()
  readonly #told = new Map<NodeId, ToldEnd[]>()
  readonly #aborted: AbortedChild[] = []
  #isFlushing = false
  #alarm: { cancel(): void } | undefined
  #isClosed = false

  constructor(ports: ChildCallPorts) {
    this.#ports = ports
  }

  /** Children that other nodes run for this one, those that run here for others, and those whose ends are to be told. */
  get sizes() {
    return { asked: this.#asked.size, askedHere: this.#askers.size, endsToTell: this.#told.size }
  }

  /** By the node that holds it; `moved` when that is this one now. Undefined: the run is not driven here any more. Never rejects. */
  run(child: ExecutionRecord, isNew: boolean, run: MapRunOf): Promise<EndedChild | 'moved' | undefined> {
    const { promise, resolve } = Promise.withResolvers<EndedChild | 'moved' | undefined>()
    if (this.#isClosed) return Promise.resolve(undefined)
    // A run that is taken up anew asks in place of its earlier self.
    this.#asked.get(child.key)?.end(undefined)
    this.#asked.set(child.key, { child, run, isNew, askedOf: undefined, askedAt: 0, end: resolve })
    this.#flushSoon()
    this.#lookLater()
    return promise
  }

  /** Has a child stopped, as far as that can be said now. */
  abort(child: AbortedChild): void {
    this.#aborted.push(child)
    this.#flushSoon()
  }

  /** Another node wants these run here, and to be told of their ends. */
  ask(from: NodeId, children: readonly AskedChild[]): void {
    // Whoever is to be told of the ends is to be known by then.
    if (!this.#ports.node(from)) this.#ports.look()
    for (const child of children) {
      const askers = this.#askers.get(child.key)
      if (askers) askers.add(from)
      else {
        this.#askers.set(child.key, new Set([from]))
        void this.#runFor(child)
      }
    }
  }

  ended(children: readonly ChildEnded[]): void {
    for (const { key, status } of children) {
      const asked = this.#asked.get(key)
      if (!asked) continue
      if (status === 'moved') {
        asked.askedOf = undefined
        asked.isNew = false
        this.#ports.look()
      } else this.#end(key, { status })
    }
  }

  /** Of a note that may be old: a child may have been redriven since, which its row knows. */
  endedSome(children: readonly ChildEnded[]): void {
    this.ended(children.filter(({ status }) => status === 'moved'))
    for (const { key, status } of children)
      if (status !== 'moved' && this.#asked.has(key))
        this.#ports.endOf(key).then(
          (ended) => ended && this.#end(key, ended),
          // It is asked for again.
          (error: unknown) => error,
        )
  }

  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
    for (const key of [...this.#asked.keys()]) this.#end(key, undefined)
  }

  #end(key: ExecutionKey, ended: EndedChild | 'moved' | undefined): void {
    const asked = this.#asked.get(key)
    this.#asked.delete(key)
    asked?.end(ended)
  }

  async #runFor(child: AskedChild): Promise<void> {
    const ended = await this.#ports.runHere(child)
    const askers = this.#askers.get(child.key) ?? []
    this.#askers.delete(child.key)
    if (!ended) return
    const status = ended === 'moved' ? ended : ended.status
    const told: ToldEnd = { key: child.key, status, executionKey: child.executionKey }
    for (const id of askers) {
      const others = this.#told.get(id)
      if (others) others.push(told)
      else this.#told.set(id, [told])
    }
    this.#flushSoon()
  }

  /** What comes together goes together. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#isClosed) return
    this.#isFlushing = true
    this.#ports.clock.after(0, () => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const { calls, node, leaveNote } = this.#ports
    for (const [id, told] of [...this.#told]) {
      this.#told.delete(id)
      const asker = node(id)
      // Whoever is not told asks again.
      if (!asker) continue
      const children = told.map(({ key, status }) => ({ key, status }))
      calls.call(asker, 'childrenEnded', { children }).catch(() => {
        for (const [key, some] of byShard(told, ({ executionKey }) => executionKey))
          leaveNote({ key, type: 'Note', verb: 'childrenEnded', ask: { children: some } })
      })
    }
    const open = [...this.#asked.values()].filter(({ askedOf }) => askedOf === undefined)
    for (const [holder, asked] of this.#byHolder(open, ({ child }) => child.key))
      for (const some of inParts(asked)) void this.#askOf(holder, some)
    for (const [holder, children] of this.#byHolder(this.#aborted.splice(0), ({ key }) => key))
      for (const some of inParts(children))
        calls.call(holder, 'abortChildren', { children: some }).catch(() => {
          for (const [key, those] of byShard(some, (child) => child.key))
            leaveNote({ key, type: 'Note', verb: 'abortChildren', ask: { children: those } })
        })
  }

  #byHolder<T>(things: readonly T[], keyOf: (thing: T) => ExecutionKey): ReadonlyMap<NodeRecord, readonly T[]> {
    const byHolder = new Map<NodeRecord, T[]>()
    for (const thing of things) {
      const holder = this.#ports.holderOf(keyOf(thing))
      if (!holder) continue
      const those = byHolder.get(holder)
      if (those) those.push(thing)
      else byHolder.set(holder, [thing])
    }
    return byHolder
  }

  async #askOf(holder: NodeRecord, asked: readonly Asked[]): Promise<void> {
    const { calls, clock, self, look, leaveNote } = this.#ports
    const from = self()
    if (from === undefined) return
    const children = asked.map(({ child, isNew, run: { mapRunArn, executionKey, testCase } }) => ({
      key: child.key,
      mapRunArn,
      executionKey,
      ...(testCase !== undefined && { testCase }),
      // Of an Express child there is no log that would tell a second start from the first, should this be heard late.
      ...(isNew && child.type === 'STANDARD' && { record: child }),
    }))
    for (const one of asked) Object.assign(one, { askedOf: holder.id, askedAt: clock.elapsed(), isNew: false })
    try {
      await calls.call(holder, 'runChildren', { from, children })
    } catch {
      look()
      // Without their rows: whoever hears it late reads them.
      const noted = children.map(({ record: _, ...child }) => child)
      for (const [key, some] of byShard(noted, (child) => child.key))
        leaveNote({ key, type: 'Note', verb: 'runChildren', ask: { from, children: some } })
    }
  }

  #lookLater(): void {
    if (this.#isClosed) return
    this.#alarm ??= this.#ports.clock.after(LOOK_MS, () => {
      this.#alarm = undefined
      this.#look()
      if (this.#asked.size > 0) this.#lookLater()
    })
  }

  #look(): void {
    const { clock, holds, holderOf } = this.#ports
    for (const [key, asked] of [...this.#asked]) {
      if (!holds(asked.run.executionKey)) this.#end(key, undefined)
      else if (holds(key)) this.#end(key, 'moved')
      else if (asked.askedOf !== holderOf(key)?.id || clock.elapsed() - asked.askedAt > SILENCE_MS) asked.askedOf = undefined
    }
    this.#flushSoon()
  }
}

/** Those of each shard, with the key of one of them. */
function byShard<T>(things: readonly T[], keyOf: (thing: T) => ExecutionKey): Iterable<readonly [ExecutionKey, readonly T[]]> {
  const shards = new Map<Shard, [ExecutionKey, T[]]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const those = shards.get(shardOf(key))
    if (those) those[1].push(thing)
    else shards.set(shardOf(key), [key, [thing]])
  }
  return shards.values()
}

function* inParts<T>(things: readonly T[]): Iterable<readonly T[]> {
  for (let i = 0; i < things.length; i += AT_ONCE) yield things.slice(i, i + AT_ONCE)
}
