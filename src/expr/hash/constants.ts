/**
 * The SHA-2 family's constants, computed from their definition (FIPS 180-4, 4.2 and 5.3): the first 64 bits of the
 * fractional parts of square and cube roots of the first primes. SHA-256 takes the upper halves.
 */
const FRACTION_BITS = 64n

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n)
  return primes
}

/** The largest whole number whose `degree`th power is at most `value`. */
function wholeRoot(value: bigint, degree: bigint): bigint {
  let low = 0n
  let high = 1n << 80n
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** degree <= value) low = middle
    else high = middle
  }
  return low
}

const fractionOfRoot = (prime: bigint, degree: bigint): bigint =>
  BigInt.asUintN(64, wholeRoot(prime << (FRACTION_BITS * degree), degree))

const upper = (words: readonly bigint[]): Int32Array => Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word >> 32n)))
const lower = (words: readonly bigint[]): Int32Array => Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word)))

const primes = firstPrimes(80)
const cubeRoots = primes.map((prime) => fractionOfRoot(prime, 3n))
const squareRoots = primes.slice(0, 16).map((prime) => fractionOfRoot(prime, 2n))

/** Round constants, 80 of them; SHA-256 uses the upper halves of the first 64. */
export const ROUND_UPPER: Int32Array = upper(cubeRoots)
export const ROUND_LOWER: Int32Array = lower(cubeRoots)

/** Initial states: SHA-512's are the first eight, SHA-384's the next. */
export const START_512 = { upper: upper(squareRoots.slice(0, 8)), lower: lower(squareRoots.slice(0, 8)) }
export const START_384 = { upper: upper(squareRoots.slice(8)), lower: lower(squareRoots.slice(8)) }
