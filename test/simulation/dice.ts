/** All chance of a simulation. A seed and a name give a stream of their own, so that one part's draws never shift another's. */
import { drawUuid, type RandomSource, seededRandom } from '../../src/base/random.ts'

export class Dice {
  readonly #seed: string
  readonly #random: RandomSource

  constructor(seed: number | string) {
    this.#seed = String(seed)
    this.#random = seededRandom(digest(this.#seed))
  }

  /** A stream of its own. */
  of(name: string): Dice {
    return new Dice(`${this.#seed}/${name}`)
  }

  /** Uniform among `count` numbers from 0. */
  below(count: number): number {
    return this.#random.bits32() % count
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.#random.next() < share
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0]
  }

  seed(): string {
    const word = () => this.#random.bits32().toString(16).padStart(8, '0')
    return word() + word() + word() + word()
  }

  uuid(): string {
    return drawUuid(this.#random)
  }
}

/** A number from 0 to 2^32 - 1 that follows from the text alone (FNV-1a, with a final mix). */
export function hash(text: string, basis = 0x811c9dc5): number {
  let h = basis
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}

const digest = (text: string): string =>
  [1, 2, 3, 4]
    .map((part) =>
      hash(text, part * 0x9e3779b1)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('')
