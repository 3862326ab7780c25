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
export function seededRandom(seed: string): RandomSource {
  let a = Number.parseInt(seed.slice(0, 8), 16) | 0
  let b = Number.parseInt(seed.slice(8, 16), 16) | 0
  let c = Number.parseInt(seed.slice(16, 24), 16) | 0
  let d = Number.parseInt(seed.slice(24, 32), 16) | 0
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

const hex8 = (bits: number) => bits.toString(16).padStart(8, '0')

/** A version 4 UUID drawn from `random`. */
export function drawUuid(random: RandomSource): string {
  const h = hex8(random.bits32()) + hex8(random.bits32()) + hex8(random.bits32()) + hex8(random.bits32())
  const variant = ((Number.parseInt(h[16] ?? '0', 16) & 3) | 8).toString(16)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`
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
  const seed = Array.from(words, hex8).join('')
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
