/**
 * Chance comes in here and nowhere else. A turn is given a seed, which its events record; everything that the turn draws
 * (uuids, task tokens, jitter, `States.MathRandom`) follows from the seed, so a replay draws the same.
 */
export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number
  /** 32 random bits, unsigned. */
  bits32(): number
}

/** sfc32, seeded from four 32-bit words given as 32 hexadecimal digits. Statistically sound; not a secret by itself. */
export const seededRandom = (seed: string): RandomSource =>
  randomOfWords(wordOf(seed, 0), wordOf(seed, 1), wordOf(seed, 2), wordOf(seed, 3))

/** The 32 bits at that place of a seed. */
export const wordOf = (seed: string, place: number): number => Number.parseInt(seed.slice(place * 8, place * 8 + 8), 16)

/** `seededRandom` of a seed's four words. */
export function randomOfWords(...words: readonly [number, number, number, number]): RandomSource {
  let [a, b, c, d] = words
  a |= 0
  b |= 0
  c |= 0
  d |= 0
  const bits32 = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) bits32()
  return { bits32, next: () => (bits32() * 2 ** 21 + (bits32() >>> 11)) / 2 ** 53 }
}

const HEX2 = Array.from({ length: 0x100 }, (_, bits) => bits.toString(16).padStart(2, '0'))
const hex4 = (bits: number): string => `${HEX2[(bits >>> 8) & 0xff] ?? ''}${HEX2[bits & 0xff] ?? ''}`
/** 32 bits as eight hexadecimal digits. */
export const hex8 = (bits: number): string => hex4(bits >>> 16) + hex4(bits)

/** A version 4 UUID drawn from `random`. */
export function drawUuid(random: RandomSource): string {
  const a = random.bits32()
  const b = random.bits32()
  const c = random.bits32()
  const d = random.bits32()
  const version = 0x4000 | (b & 0x0fff)
  const variant = 0x8000 | ((c >>> 16) & 0x3fff)
  return `${hex8(a)}-${hex4(b >>> 16)}-${hex4(version)}-${hex4(variant)}-${hex4(c)}${hex8(d)}`
}

/** Where seeds and ids come from. Tests and simulations hand in one that repeats itself. */
export interface Entropy {
  /** 128 bits as 32 hexadecimal digits. */
  seed(): string
  uuid(): string
}

export const systemEntropy: Entropy = { seed: newSeed, uuid: () => globalThis.crypto.randomUUID() }

/** Bits of the platform's generator that nobody has had yet: asking it costs as much for 16 bytes as for these. */
const fresh = { words: new Uint32Array(1_024), next: 1_024 }

/** A new 128-bit seed from the platform's own generator (Web Crypto: Node and browsers alike). */
export function newSeed(): string {
  if (fresh.next >= fresh.words.length) {
    globalThis.crypto.getRandomValues(fresh.words)
    fresh.next = 0
  }
  const words = fresh.words.subarray(fresh.next, (fresh.next += 4))
  const [a = 0, b = 0, c = 0, d = 0] = words
  const seed = hex8(a) + hex8(b) + hex8(c) + hex8(d)
  // Nobody finds what others were given.
  words.fill(0)
  return seed
}

/**
 * java.util.Random: AWS draws seeded numbers with it (`$random(42)` is 0.7275636800328681).
 * Source: the class's documented 48-bit linear congruential generator.
 */
export function javaRandom(seed: bigint): { nextInt32(): number; nextDouble(): number; nextInt(bound: number): number } {
  const mask = (1n << 48n) - 1n
  let state = (seed ^ 0x5deece66dn) & mask
  const next = (bits: bigint): number => {
    state = (state * 0x5deece66dn + 0xbn) & mask
    return Number(BigInt.asIntN(32, state >> (48n - bits)))
  }
  return {
    nextInt32: () => next(32n),
    nextDouble: () => (next(26n) * 2 ** 27 + next(27n)) / 2 ** 53,
    nextInt(bound) {
      if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(next(31n))) >> 31n)
      for (;;) {
        const bits = next(31n)
        const value = bits % bound
        if (bits - value + (bound - 1) <= 0x7fffffff) return value
      }
    },
  }
}
