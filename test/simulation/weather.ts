/**
 * What goes wrong, how often, and for how long. Each seed has weather of its own: some faults and not others, so that each
 * is also seen alone. After the storm nothing goes wrong any more, so that everything can end.
 */
import type { Dice } from './dice.ts'
import type { Fault, FaultOf } from './faulty-store.ts'
import type { Order } from './scheduler.ts'

export interface Weather {
  readonly order: Order
  /** Steps from the first to the last fault. */
  readonly stormSteps: number
  /** Shares of all writes, turns or reads that go wrong. */
  readonly fail: number
  readonly lost: number
  readonly stale: number
  readonly slow: number
  readonly readFail: number
  /** How often in a step, and at most how often at all. */
  readonly crash: number
  readonly stop: number
  readonly clockJump: number
  readonly outage: number
  readonly endsMax: number
  /** Bound of a turn's work, so that one ends wherever it can; undefined: as on a real day. */
  readonly turnWorkMax: number | undefined
  /** Share of the turns that an observer (the execution log, the console's change stream) throws at. */
  readonly observerFails: number
  /** Share of the calls of patchy services that are answered late or never. */
  readonly patchiness: number
  /** Callers start, answer, stop and redrive at once and more than once. */
  readonly callersRace: boolean
  /** Several nodes share the disk. */
  readonly nodes?: NodesWeather
}

/** What goes wrong between nodes. */
export interface NodesWeather {
  readonly count: number
  readonly leaseMs: number
  /** How far the wall clock of a machine is off the disk's, at most. */
  readonly skewMs: number
  /** How often in a step a node is frozen, two nodes cannot reach each other, or a node cannot reach the disk. */
  readonly freeze: number
  readonly part: number
  readonly cutOff: number
  /** Shares of the calls between nodes that do not arrive, are not answered, come late, or come twice. */
  readonly callFail: number
  readonly callLost: number
  readonly callLate: number
  readonly callTwice: number
}

export const QUIET: Weather = {
  order: 'any',
  stormSteps: 0,
  fail: 0,
  lost: 0,
  stale: 0,
  slow: 0,
  readFail: 0,
  crash: 0,
  stop: 0,
  clockJump: 0,
  outage: 0,
  endsMax: 0,
  turnWorkMax: undefined,
  observerFails: 0,
  patchiness: 0,
  callersRace: false,
}

export function weatherOf(dice: Dice): Weather {
  const maybe = (share: number, most: number) => (dice.chance(share) ? (most * dice.between(1, 10)) / 10 : 0)
  return {
    order: dice.pick(['any', 'any', 'as they came', 'newest first', 'one kind waits', 'one kind waits']),
    stormSteps: dice.between(100, 1_200),
    fail: maybe(0.4, 0.15),
    lost: maybe(0.4, 0.15),
    stale: maybe(0.3, 0.1),
    slow: maybe(0.3, 0.1),
    readFail: maybe(0.3, 0.08),
    crash: maybe(0.5, 0.02),
    stop: maybe(0.5, 0.015),
    clockJump: maybe(0.25, 0.01),
    outage: maybe(0.25, 0.01),
    endsMax: dice.between(1, 5),
    turnWorkMax: dice.pick([undefined, undefined, 1, 200]),
    observerFails: maybe(0.15, 0.2),
    patchiness: maybe(0.5, 0.8),
    callersRace: dice.chance(0.6),
  }
}

/** Several nodes take more steps for the same. */
const STEPS_OF_NODES = 3

/** The same hour for several nodes; in one of five nothing goes wrong at all. */
export function weatherAmongNodes(weather: Weather, dice: Dice): Weather {
  const maybe = (share: number, most: number) => (dice.chance(share) ? (most * dice.between(1, 10)) / 10 : 0)
  const count = dice.pick([2, 2, 3, 3, 4])
  const leaseMs = dice.pick([4_000, 10_000])
  const calm = { count, leaseMs, skewMs: 0, freeze: 0, part: 0, cutOff: 0, callFail: 0, callLost: 0, callLate: 0, callTwice: 0 }
  if (dice.chance(0.2)) return { ...QUIET, order: weather.order, callersRace: weather.callersRace, nodes: calm }
  const nodes = {
    ...calm,
    skewMs: maybe(0.5, 5_000),
    freeze: maybe(0.4, 0.008),
    part: maybe(0.3, 0.01),
    cutOff: maybe(0.3, 0.005),
    callFail: maybe(0.4, 0.2),
    callLost: maybe(0.4, 0.2),
    callLate: maybe(0.4, 0.2),
    callTwice: maybe(0.4, 0.2),
  }
  return { ...weather, stormSteps: weather.stormSteps * STEPS_OF_NODES, endsMax: weather.endsMax + count, nodes }
}

const OUTAGE_STEPS = 150
const JUMPS_MAX = 4

/** The sky over one run: asked for each call and after each step. */
export class Sky {
  readonly weather: Weather
  readonly #dice: Dice
  #steps = 0
  #outageUntil = 0
  #ends = 0
  #jumps = 0

  constructor(weather: Weather, dice: Dice) {
    this.weather = weather
    this.#dice = dice
  }

  get isStormy(): boolean {
    return this.#steps < this.weather.stormSteps
  }

  /** Nothing goes wrong from here on. */
  calm(): void {
    this.#steps = this.weather.stormSteps
  }

  /** After each step: what happens to a process, if anything. */
  step(): 'crash' | 'stop' | 'clock' | 'freeze' | 'part' | 'cut off' | undefined {
    this.#steps++
    if (!this.isStormy) return undefined
    const { crash, stop, clockJump, outage, endsMax } = this.weather
    if (this.#dice.chance(outage)) this.#outageUntil = this.#steps + this.#dice.below(OUTAGE_STEPS)
    if (this.#dice.chance(clockJump) && this.#jumps++ < JUMPS_MAX) return 'clock'
    const end = this.#dice.chance(crash) ? 'crash' : this.#dice.chance(stop) ? 'stop' : undefined
    if (end) return this.#ends++ < endsMax ? end : undefined
    return this.weather.nodes && this.#betweenNodes(this.weather.nodes)
  }

  #betweenNodes({ freeze, part, cutOff }: NodesWeather): 'freeze' | 'part' | 'cut off' | undefined {
    if (this.#dice.chance(freeze)) return 'freeze'
    if (this.#dice.chance(part)) return 'part'
    return this.#dice.chance(cutOff) ? 'cut off' : undefined
  }

  /** What becomes of a call from one node to another. */
  callFate(): 'fails' | 'is lost' | 'is late' | 'comes twice' | undefined {
    const { nodes } = this.weather
    if (!this.isStormy || !nodes) return undefined
    if (this.#dice.chance(nodes.callFail)) return 'fails'
    if (this.#dice.chance(nodes.callLost)) return 'is lost'
    if (this.#dice.chance(nodes.callLate)) return 'is late'
    return this.#dice.chance(nodes.callTwice) ? 'comes twice' : undefined
  }

  get observerFails(): boolean {
    return this.isStormy && this.#dice.chance(this.weather.observerFails)
  }

  readonly faultOf: FaultOf = ({ isWrite, isLaterTurn }): Fault | undefined => {
    if (!this.isStormy) return undefined
    const { fail, lost, stale, slow, readFail } = this.weather
    if (isWrite && this.#steps < this.#outageUntil) return 'fail'
    if (this.#dice.chance(isWrite ? fail : readFail)) return 'fail'
    if (isWrite && this.#dice.chance(lost)) return 'lost'
    if (isLaterTurn && this.#dice.chance(stale)) return 'stale'
    return this.#dice.chance(slow) ? 'slow' : undefined
  }
}
