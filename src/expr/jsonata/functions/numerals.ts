/** Numbers as English words, Roman numerals and letters, both ways. */
const UNITS = (
  'Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen ' +
  'Eighteen Nineteen'
).split(' ')
const ORDINAL_UNITS = (
  'Zeroth First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth ' +
  'Fifteenth Sixteenth Seventeenth Eighteenth Nineteenth'
).split(' ')
const TENS = 'Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety'.split(' ')
const MAGNITUDES = 'Thousand Million Billion Trillion'.split(' ')

/** `isOrdinal` makes the last word an ordinal: "Twenty-First". */
export function toWords(value: number, isOrdinal: boolean): string {
  return words(value, false, isOrdinal)
}

function words(value: number, isContinued: boolean, isOrdinal: boolean): string {
  if (value <= 19) return (isContinued ? ' and ' : '') + ((isOrdinal ? ORDINAL_UNITS : UNITS)[value] ?? '')
  if (value < 100) {
    const tens = (isContinued ? ' and ' : '') + TENS[Math.floor(value / 10) - 2]
    if (value % 10 > 0) return `${tens}-${words(value % 10, false, isOrdinal)}`
    return isOrdinal ? `${tens.slice(0, -1)}ieth` : tens
  }
  const magnitude = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), MAGNITUDES.length)
  const factor = value < 1000 ? 100 : 10 ** (magnitude * 3)
  const count = Math.floor(value / factor)
  const rest = value - count * factor
  const name = value < 1000 ? 'Hundred' : MAGNITUDES[magnitude - 1]
  const head = `${isContinued ? ', ' : ''}${words(count, false, false)} ${name}`
  if (rest > 0) return head + words(rest, true, isOrdinal)
  return isOrdinal ? `${head}th` : head
}

const VALUES = new Map<string, number>()
for (const list of [UNITS, ORDINAL_UNITS]) for (const [i, word] of list.entries()) VALUES.set(word.toLowerCase(), i)
for (const [i, word] of [...TENS, 'Hundred'].entries()) {
  VALUES.set(word.toLowerCase(), (i + 2) * 10)
  VALUES.set(`${word.toLowerCase().slice(0, -1)}ieth`, (i + 2) * 10)
}
VALUES.set('hundredth', 100)
MAGNITUDES.forEach((word, i) => {
  VALUES.set(word.toLowerCase(), 1000 ** (i + 1))
  VALUES.set(`${word.toLowerCase()}th`, 1000 ** (i + 1))
})

/** Longest first, so that an alternation prefers "sixteen" to "six". */
export const NUMBER_WORDS: readonly string[] = [...VALUES.keys()].sort((a, b) => b.length - a.length)

/** Lower-case words back to the number; NaN when a word is unknown. */
export function fromWords(text: string): number {
  const segments = [0]
  for (const word of text.split(/,\s|\sand\s|[\s\\-]/)) {
    const value = VALUES.get(word) ?? Number.NaN
    let top = segments.pop() ?? 0
    if (value < 100) {
      if (top >= 1000) {
        segments.push(top)
        top = 0
      }
      segments.push(top + value)
    } else segments.push(top * value)
  }
  return segments.reduce((sum, segment) => sum + segment, 0)
}

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
]
const ROMAN_DIGITS: Readonly<Record<string, number>> = { M: 1000, D: 500, C: 100, L: 50, X: 10, V: 5, I: 1 }

export function toRoman(value: number): string {
  let rest = value
  let text = ''
  for (const [amount, numeral] of ROMAN) {
    const times = Math.floor(rest / amount)
    text += numeral.repeat(times)
    rest -= times * amount
  }
  return text
}

/** A smaller digit before a larger one is taken away. */
export function fromRoman(text: string): number {
  let total = 0
  let largest = 1
  for (const digit of [...text].reverse()) {
    const value = ROMAN_DIGITS[digit] ?? Number.NaN
    if (value < largest) total -= value
    else {
      largest = value
      total += value
    }
  }
  return total
}

/** 1 is a, 26 z, 27 aa. */
export function toLetters(value: number, first: string): string {
  const base = first.charCodeAt(0)
  let text = ''
  for (let rest = value; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(((rest - 1) % 26) + base) + text
  }
  return text
}

export function fromLetters(text: string, first: string): number {
  const base = first.charCodeAt(0)
  let value = 0
  for (let i = 0; i < text.length; i++) value = value * 26 + (text.charCodeAt(i) - base + 1)
  return value
}
