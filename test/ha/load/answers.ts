/** What tasks answer follows from who asks and for what, so that outputs are known before anything runs. */
import { hash } from '../../simulation/dice.ts'

/** What a task is sent, by whatever service. */
export interface Job {
  /** The execution, and the item of a Map behind a slash. */
  readonly id: string
  readonly state: string
  readonly v: number
  readonly attempt: number
  readonly redrive: number
  /** The first so many attempts fail. */
  readonly fails?: number
  /** It fails until it has been redriven so often. */
  readonly heals?: number
  readonly token?: string
  readonly answer?: TokenAnswerKind
}

export const TOKEN_ANSWERS = ['success', 'success-after-heartbeats', 'failure'] as const
export type TokenAnswerKind = (typeof TOKEN_ANSWERS)[number]

export const answerOf = (v: number, state: string): number => (v * 31 + (hash(state) % 97)) % 10_007

/** The error that a task fails with, if it does. */
export function failureOf({ attempt, redrive, fails = 0, heals = 0 }: Job): string | undefined {
  if (redrive < heals) return 'NotYet'
  return attempt < fails ? 'Flaky' : undefined
}

/** Most answer at once; some take seconds, so that what goes wrong finds them at work. In milliseconds. */
export function latencyOf({ id, state, attempt }: Job): number {
  const chance = hash(`${id}/${state}/${attempt}`) % 1_000
  if (chance < 800) return chance % 60
  return chance < 970 ? 200 + (chance % 10) * 130 : 3_000 + (chance % 10) * 300
}

/** One effect in the world. */
export const effectOf = ({ id, state, attempt, redrive }: Pick<Job, 'id' | 'state' | 'attempt' | 'redrive'>): string =>
  `${id} ${state} attempt ${attempt} redrive ${redrive}`

export function parseJob(value: unknown): Job {
  if (typeof value === 'object' && value !== null && 'id' in value && 'state' in value && 'v' in value) {
    const { id, state, v } = value
    const number = (name: string) => {
      const found: unknown = Reflect.get(value, name)
      return typeof found === 'number' ? found : 0
    }
    const token: unknown = Reflect.get(value, 'token')
    const answer = TOKEN_ANSWERS.find((kind) => kind === Reflect.get(value, 'answer'))
    if (typeof id === 'string' && typeof state === 'string' && typeof v === 'number') {
      const [attempt, redrive, fails, heals] = [number('attempt'), number('redrive'), number('fails'), number('heals')]
      return {
        id,
        state,
        v,
        attempt,
        redrive,
        fails,
        heals,
        ...(typeof token === 'string' && { token }),
        ...(answer && { answer }),
      }
    }
  }
  throw new Error(`A task was sent what no workflow sends: ${JSON.stringify(value)}`)
}
