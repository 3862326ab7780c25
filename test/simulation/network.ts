/**
 * The wires between nodes: what one asks another arrives in a step of its own, and so does the answer. A call may not arrive,
 * come late or twice, or lose its answer; two nodes may not reach each other for a while. A node that is frozen hears what was
 * sent to it when it goes on.
 */
import type { NodeAnswers, NodeCalls, NodeVerbs, Verb } from '../../src/runtime/cluster/node-calls.ts'

import type { Dice } from './dice.ts'
import type { Life, Scheduler } from './scheduler.ts'
import type { Sky } from './weather.ts'

interface Listener {
  readonly life: Life
  readonly answers: NodeAnswers
  /** Calls that are open, each with what its caller hears when the node is gone. */
  readonly open: Set<() => void>
}

/** Who calls. */
export interface Caller {
  readonly url: string
  readonly life: Life
  /** What it has sent goes its way while it is frozen. */
  readonly wire: Life
}

const TIMEOUT_MS = 5_000
const DELAYS_MS = [20, 300, 4_000, 15_000] as const

export class Network {
  readonly #scheduler: Scheduler
  readonly #sky: Sky
  readonly #dice: Dice
  readonly #outside: Life
  readonly #listening = new Map<string, Listener>()
  /** Until when two nodes do not reach each other. */
  readonly #parted = new Map<string, number>()

  constructor(scheduler: Scheduler, sky: Sky, dice: Dice, outside: Life) {
    this.#scheduler = scheduler
    this.#sky = sky
    this.#dice = dice
    this.#outside = outside
  }

  listen(url: string, life: Life, answers: NodeAnswers): void {
    this.#listening.set(url, { life, answers, open: new Set() })
  }

  /** The node is gone: calls that it has not answered are reset. */
  hangUp(url: string, life: Life): void {
    const listener = this.#listening.get(url)
    if (listener?.life !== life) return
    this.#listening.delete(url)
    for (const reset of listener.open) reset()
  }

  part(one: string, other: string, ms: number): void {
    this.#parted.set(pairOf(one, other), this.#scheduler.elapsed + ms)
  }

  callsOf(from: Caller): NodeCalls {
    return { call: ({ url }, verb, ask) => this.#call(from, url, verb, ask) }
  }

  #arePartedNow(one: string, other: string): boolean {
    return (this.#parted.get(pairOf(one, other)) ?? 0) > this.#scheduler.elapsed
  }

  #call<V extends Verb>(from: Caller, to: string, verb: V, ask: NodeVerbs[V]['ask']): Promise<NodeVerbs[V]['answer']> {
    const scheduler = this.#scheduler
    const label = `${from.life.name} ${verb} at ${to}`
    const fate = this.#sky.callFate()
    const text = JSON.stringify(ask)
    return new Promise((resolve, reject) => {
      let isOver = false
      const settle = (how: string, tell: () => void) => {
        if (isOver) return
        isOver = true
        alarm.cancel()
        scheduler.post(from.life, `${label}: ${how}`, tell)
      }
      const fail = (how: string) => settle(how, () => reject(new Error(`${to}: ${how}`)))
      const alarm = scheduler.after(from.wire, `${label} is given up`, TIMEOUT_MS, () => fail('no answer in time'))
      const arrive = () => {
        if (this.#arePartedNow(from.url, to)) return
        const there = this.#listening.get(to)
        if (!there) return fail('connection refused')
        const reset = () => fail('connection reset')
        there.open.add(reset)
        scheduler.post(there.life, `${there.life.name} hears ${verb} of ${from.life.name}`, () => {
          const answered: Promise<NodeVerbs[V]['answer']> = there.answers[verb](JSON.parse(text) as NodeVerbs[V]['ask'])
          answered
            .finally(() => there.open.delete(reset))
            .then(
              (answer) => {
                if (fate === 'is lost') return fail('the answer is lost')
                if (this.#arePartedNow(from.url, to)) return
                const back = JSON.stringify(answer)
                settle('answered', () => resolve(JSON.parse(back) as NodeVerbs[V]['answer']))
              },
              (error: unknown) => fail(String(error)),
            )
        })
      }
      const arriveLater = () => scheduler.after(this.#outside, `${label} arrives late`, this.#dice.pick([...DELAYS_MS]), arrive)
      if (fate === 'fails') return this.#dice.chance(0.5) ? fail('cannot be reached') : undefined
      if (fate === 'is late') return void arriveLater()
      scheduler.post(from.wire, `${label} arrives`, arrive)
      if (fate === 'comes twice') arriveLater()
    })
  }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ')
