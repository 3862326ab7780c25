/**
 * How many processes of a function are to be started while invocations of it wait in line. Functions that wait (for the network, for
 * one another) get as many as are asked for; those that compute, or answer at once, get few: more would only be slower, and fill
 * the memory. A start takes time itself, so it pays only where the line would be served later than the start is done.
 * Pure but for `isComputing`, which is asked last.
 */
export interface Line {
  readonly waiting: number
  /** Of the first in line. */
  readonly waitedMs: number
  /** Starts that have no process yet. */
  readonly launching: number
  readonly members: readonly LineMember[]
  /** What an invocation takes; undefined before the first has ended. */
  readonly tookMs: number | undefined
  /** Since an invocation of the function has ended, or a process of it was started. */
  readonly stillMs: number
  /** What a start takes. */
  readonly startMs: number
  readonly cores: number
}

export interface LineMember {
  readonly isStarting: boolean
  /** How long it has been starting, or serving the invocation at hand. */
  readonly forMs: number
  /** Whether it was at the same when it was looked at before. */
  readonly wasSeen: boolean
  readonly isComputing: () => boolean
}

/** Whoever computes may wait for others all the same: where nothing has moved for so long, one more is started. */
const PATIENCE_MS = 250
/** Before that a start that seems to wait mostly waits for the disk, or for what shuts it in. */
const SLOW_START_MS = 1_000
/** Who has waited less is left to those who serve. */
const BRIEF_MS = 10

export function moreProcesses(line: Line): number {
  const busy = line.members.filter(({ isStarting }) => !isStarting)
  const starting = line.launching + line.members.length - busy.length
  if (starting + busy.length === 0) return 1
  if (line.waitedMs < BRIEF_MS) return 0
  const wanted = busy.length === 0 ? besideStarting(line, starting) : besideBusy(line, busy)
  // Those that start already will take from the line.
  return Math.max(0, Math.min(wanted, line.waiting) - starting)
}

/** How many starts there should be while `busy` serve the line. */
function besideBusy(line: Line, busy: readonly LineMember[]): number {
  const few = fewMore(line, busy.length)
  const needed = neededBeside(line, busy)
  return needed > few && areWaiting(busy) ? needed : few
}

/** So many that nobody in line waits for longer than a start takes. */
function neededBeside({ waiting, waitedMs, tookMs, startMs }: Line, busy: readonly LineMember[]): number {
  const took = busy.map(({ forMs }) => forMs)
  // Where all have begun at once, none of them ends before a start has.
  if (tookMs !== undefined && tookMs - Math.max(...took) > startMs) return waiting
  const eachMs = Math.max(tookMs ?? 0, median(took))
  const enough = Math.ceil((waiting * eachMs) / startMs) - busy.length
  // Who has waited for so long was promised too much.
  return waitedMs < startMs ? enough : Math.max(enough, Math.ceil(waiting / 4))
}

/** Nobody serves yet: those that start wait for something, or take the processor for long. */
function besideStarting(line: Line, starting: number): number {
  if (line.waitedMs < line.startMs * 2) return starting
  const isSlow = line.waitedMs >= SLOW_START_MS && areWaiting(line.members)
  return isSlow ? line.waiting : Math.max(starting, fewMore(line, 0))
}

/** One for each core, and one more whenever nothing moves. */
function fewMore({ cores, stillMs }: Line, busy: number): number {
  const isStill = stillMs > PATIENCE_MS * Math.max(1, busy / cores)
  return Math.max(cores - busy, isStill ? 1 : 0)
}

/**
 * Most of them, for long enough to be seen twice: what answers at once may have answered already. How long they take says nothing of that: where many compute each takes the longer for it,
 * and more of them would make it worse.
 */
function areWaiting(members: readonly LineMember[]): boolean {
  const asked = sampleOf(members)
  return asked.filter(({ wasSeen, isComputing }) => wasSeen && !isComputing()).length * 2 > asked.length
}

/** To ask one takes some 10 µs; a few stand for very many. */
const SAMPLE_MAX = 16

function sampleOf(members: readonly LineMember[]): readonly LineMember[] {
  const step = Math.ceil(members.length / SAMPLE_MAX)
  return step <= 1 ? members : members.filter((_, at) => at % step === 0)
}

/** The lower one of two. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0
