/**
 * Where two ways through a workflow part. Compared is within each iteration of a Map by itself, in which states follow one another;
 * of the branches of a Parallel, which interleave as time has it, which states were entered and how often.
 */

export interface Parting {
  /** The iteration (`Each[2]`) or the Parallel in which they part; undefined at the top. */
  readonly within: string | undefined
  /** The last state that both have entered there; undefined where they part at once. */
  readonly after: string | undefined
  /** The state that came then; undefined where none did. */
  readonly before: string | undefined
  /** The state that comes now; undefined where none does. */
  readonly now: string | undefined
}

/** A state that was entered, and as which of all. */
interface Step {
  readonly path: string
  readonly at: number
}

/** The first in time. `isCut`: the second way is known up to a point alone, and what it does not tell is no difference. */
export function partingOf(before: readonly string[], now: readonly string[], isCut: boolean): Parting | undefined {
  const [then, later] = [framesOf(before), framesOf(now)]
  let first: { readonly at: number; readonly parting: Parting } | undefined
  for (const frame of new Set([...then.keys(), ...later.keys()])) {
    const container = frame.replace(/\[\d+\]$/, '')
    // Of what is in a state that one way alone has entered, the frame around it tells.
    if (frame !== '' && !(before.includes(container) && now.includes(container))) continue
    const compare = frame === '' || container !== frame ? partingInLine : partingInBranches
    const found = compare(then.get(frame) ?? [], later.get(frame) ?? [], isCut)
    if (found === undefined) continue
    const at = (found.before ?? found.after)?.at ?? before.indexOf(container)
    const within = frame === '' ? undefined : frame
    if (first === undefined || at < first.at)
      first = { at, parting: { within, after: found.after?.path, before: found.before?.path, now: found.now?.path } }
  }
  return first?.parting
}

/** Steps by what they are in: an execution (''), an iteration, a Parallel. */
function framesOf(paths: readonly string[]): ReadonlyMap<string, readonly Step[]> {
  const frames = new Map<string, Step[]>()
  for (const [at, path] of paths.entries()) {
    const frame = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const those = frames.get(frame)
    if (those) those.push({ path, at })
    else frames.set(frame, [{ path, at }])
  }
  return frames
}

interface Found {
  readonly after?: Step | undefined
  readonly before: Step | undefined
  readonly now: Step | undefined
}

type Compare = (a: readonly Step[], b: readonly Step[], isCut: boolean) => Found | undefined

const partingInLine: Compare = (a, b, isCut) => {
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => a[index]?.path !== b[index]?.path)
  if (at === -1 || (b[at] === undefined && isCut)) return undefined
  return { after: a[at - 1], before: a[at], now: b[at] }
}

const partingInBranches: Compare = (a, b, isCut) => {
  const before = isCut ? undefined : missing(a, b)
  const now = missing(b, a)
  return before === undefined && now === undefined ? undefined : { before, now }
}

/** The first of `a` that `b` has less often. */
function missing(a: readonly Step[], b: readonly Step[]): Step | undefined {
  const left = new Map<string, number>()
  for (const { path } of b) left.set(path, (left.get(path) ?? 0) + 1)
  return a.find(({ path }) => {
    const count = left.get(path) ?? 0
    left.set(path, count - 1)
    return count <= 0
  })
}
