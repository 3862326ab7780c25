/** Texts. Positions and lengths count code points. */
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { toText } from '../text.ts'
import { isTruthy } from '../truth.ts'
import type { Callable, Value } from '../value.ts'
import { builtIn } from './builtin.ts'

/** A function of one text that may be left out for the context. */
function ofText(signature: string, work: (text: string, run: Run) => Value): Callable {
  return builtIn(signature, 1, ([text], run) => {
    if (text === undefined) return undefined
    run.scan((text as string).length)
    return work(text as string, run)
  })
}

const SURROGATE = /[\ud800-\udfff]/

function codePoints(text: string): number {
  if (!SURROGATE.test(text)) return text.length
  let count = 0
  for (const _point of text) count++
  return count
}

/** `slice` by code points: negative places count from the end. */
function slicePoints(text: string, from: number, to?: number): string {
  if (!SURROGATE.test(text)) return text.slice(from, to)
  const size = from < 0 || (to ?? 0) < 0 ? codePoints(text) : text.length
  const place = (at: number): number => Math.max(0, at < 0 ? size + at : at)
  const start = unitsOf(text, Math.trunc(place(from)), 0)
  return text.slice(start, to === undefined ? undefined : unitsOf(text, Math.trunc(place(to)) - Math.trunc(place(from)), start))
}

/** Where the text stands `points` code points after `at`, in UTF-16 units. */
function unitsOf(text: string, points: number, at: number): number {
  let unit = at
  for (let i = 0; i < points && unit < text.length; i++) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1
  return unit
}

function substring(text: string, start: number, length: number | undefined): string {
  const size = codePoints(text)
  const from = size + start < 0 ? 0 : start
  if (length === undefined) return slicePoints(text, from)
  if (length <= 0) return ''
  return slicePoints(text, from, from >= 0 ? from + length : size + from + length)
}

function trim(text: string): string {
  const normal = text.replace(/[ \t\n\r]+/g, ' ')
  const from = normal.startsWith(' ') ? 1 : 0
  const to = normal.length > from && normal.endsWith(' ') ? normal.length - 1 : normal.length
  return normal.slice(from, to)
}

function pad(text: string, width: number, filler: string, run: Run): string {
  // Widths are whole: the padding's length is cut as an array's would be.
  const missing = Math.trunc(Math.abs(width) - codePoints(text))
  if (!(missing > 0)) return text
  run.allocateText(text.length + missing * (filler.length > 1 ? 2 : 1))
  const padding =
    filler.length > 1 ? slicePoints(filler.repeat(Math.ceil(missing / codePoints(filler))), 0, missing) : filler.repeat(missing)
  return width > 0 ? text + padding : padding + text
}

const uri = (name: string, work: (text: string) => string): Callable =>
  ofText('<s-:s>', (text, run) => {
    run.allocateText(text.length * 3)
    try {
      return work(text)
    } catch {
      throw new JsonataError('D3140', { value: text, functionName: name })
    }
  })

/** Characters stand for bytes, as in the language's own implementation: those past 255 lose their upper bits. */
function base64encode(text: string): string {
  let bytes = ''
  for (let i = 0; i < text.length; i++) bytes += String.fromCharCode(text.charCodeAt(i) & 0xff)
  return btoa(bytes)
}

/** Forgiving: stops at padding, skips what is not base64, takes the URL alphabet too. */
function base64decode(text: string): string {
  const end = text.indexOf('=')
  const digits = (end === -1 ? text : text.slice(0, end))
    .replace(/-/g, '+')
    .replace(/_/g, '/')
    .replace(/[^A-Za-z0-9+/]/g, '')
  return atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits)
}

/** Its second parameter has a default: a higher-order function hands it the value alone. */
const string: Callable = Object.assign(
  builtIn('<x-b?:s>', 2, ([value, isPretty], run) => (value === undefined ? undefined : toText(value, run, isTruthy(isPretty)))),
  { arity: 1 },
)

export const stringFunctions: Readonly<Record<string, Callable>> = {
  string,
  substring: builtIn('<s-nn?:s>', 3, ([text, start, length], run) => {
    if (text === undefined) return undefined
    run.scan((text as string).length)
    return substring(text as string, start as number, length as number | undefined)
  }),
  substringBefore: builtIn('<s-s:s>', 2, ([text, mark], run) => {
    if (text === undefined) return undefined
    run.search((text as string).length)
    const at = (text as string).indexOf(mark as string)
    return at === -1 ? text : (text as string).slice(0, at)
  }),
  substringAfter: builtIn('<s-s:s>', 2, ([text, mark], run) => {
    if (text === undefined) return undefined
    run.search((text as string).length)
    const at = (text as string).indexOf(mark as string)
    return at === -1 ? text : (text as string).slice(at + (mark as string).length)
  }),
  lowercase: ofText('<s-:s>', (text) => text.toLowerCase()),
  uppercase: ofText('<s-:s>', (text) => text.toUpperCase()),
  length: ofText('<s-:n>', codePoints),
  trim: ofText('<s-:s>', trim),
  pad: builtIn('<s-ns?:s>', 3, ([text, width, filler], run) => {
    if (text === undefined) return undefined
    run.scan((text as string).length)
    return pad(text as string, width as number, (filler as string | undefined) || ' ', run)
  }),
  join: builtIn('<a<s>s?:s>', 2, ([texts, separator], run) => {
    if (texts === undefined) return undefined
    const parts = texts as unknown as readonly string[]
    const between = (separator as string | undefined) ?? ''
    let length = between.length * Math.max(0, parts.length - 1)
    for (const part of parts) length += part.length
    run.allocateText(length)
    run.spend(1 + parts.length)
    return parts.join(between)
  }),
  base64encode: ofText('<s-:s>', (text, run) => {
    run.allocateText(text.length * 2)
    return base64encode(text)
  }),
  base64decode: ofText('<s-:s>', (text) => base64decode(text)),
  encodeUrlComponent: uri('encodeUrlComponent', encodeURIComponent),
  encodeUrl: uri('encodeUrl', encodeURI),
  decodeUrlComponent: uri('decodeUrlComponent', decodeURIComponent),
  decodeUrl: uri('decodeUrl', decodeURI),
}
