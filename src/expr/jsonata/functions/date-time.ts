/** `$now`, `$millis`, `$fromMillis`, `$toMillis` and the integer pictures that they share. The instant is the run's. */
import { JsonataError } from '../error.ts'
import type { Callable, Value } from '../value.ts'
import { builtIn } from './builtin.ts'
import { componentOf, DAY_NAMES, MONTH_NAMES } from './calendar.ts'
import { type Marker, type PicturePart, readDatePicture } from './date-picture.ts'
import { parseDate } from './date-parse.ts'
import { formatInteger, integerPattern, readIntegerPicture } from './integer-picture.ts'

const ISO_8601 = '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]'

interface Offset {
  readonly hours: number
  readonly minutes: number
}

/** `+hhmm`, `-hhmm`. */
function readOffset(timezone: string | undefined): Offset {
  if (timezone === undefined) return { hours: 0, minutes: 0 }
  const offset = Number.parseInt(timezone, 10)
  return { hours: Math.floor(offset / 100), minutes: offset % 100 }
}

/** From here to the year 10000 the default picture is what the platform prints. */
const YEAR_1000_MS = Date.UTC(1000, 0)
const YEAR_10000_MS = Date.UTC(10_000, 0)

function formatDate(millis: number, picture: string | undefined, timezone: string | undefined): string {
  const isIso = picture === undefined && timezone === undefined
  if (isIso && millis >= YEAR_1000_MS && millis < YEAR_10000_MS) return new Date(millis).toISOString()
  const parts = readDatePicture(picture ?? ISO_8601)
  const offset = readOffset(timezone)
  const date = new Date(millis + (offset.hours * 60 + offset.minutes) * 60_000)
  return parts.map((part: PicturePart) => (typeof part === 'string' ? part : formatMarker(date, part, offset))).join('')
}

function formatMarker(date: Date, marker: Marker, offset: Offset): string {
  const { component } = marker
  if (component === 'Z' || component === 'z') return formatOffset(offset, marker)
  const value = componentOf(date, component)
  if (typeof value === 'string') return marker.names === 'upper' ? value.toUpperCase() : value
  if (value === undefined) return ''
  if (marker.names !== undefined && component !== 'f') return formatName(value, marker)
  const counted = component === 'Y' && marker.digits > 0 ? value % 10 ** marker.digits : value
  return marker.integer === undefined ? String(counted) : formatInteger(counted, marker.integer)
}

function formatName(value: number, { component, names, widthMax }: Marker): string {
  const isMonth = component === 'M' || component === 'x'
  if (!isMonth && component !== 'F') throw new JsonataError('D3133', { value: component })
  let name = (isMonth ? MONTH_NAMES[value - 1] : DAY_NAMES[value]) ?? ''
  if (names === 'upper') name = name.toUpperCase()
  else if (names === 'lower') name = name.toLowerCase()
  return widthMax !== undefined && name.length > widthMax ? name.slice(0, widthMax) : name
}

function formatOffset({ hours, minutes }: Offset, { component, integer, isTraditional }: Marker): string {
  const offset = hours * 100 + minutes
  if (offset === 0 && isTraditional) return 'Z'
  if (integer === undefined) return ''
  let text: string
  const digits = integer.mandatoryDigits
  if (integer.regular !== undefined || digits === 3 || digits === 4) text = formatInteger(offset, integer)
  else if (digits === 1 || digits === 2) {
    text = formatInteger(hours, integer)
    if (minutes !== 0) text += `:${formatInteger(minutes, readIntegerPicture('00'))}`
  } else throw new JsonataError('D3134', { value: digits })
  if (offset >= 0) text = `+${text}`
  return component === 'z' ? `GMT${text}` : text
}

const ISO_PATTERN = /^\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?$/
/** No timestamp is longer; the pattern above could be made to work hard on one that is. */
const TIMESTAMP_CHARS_MAX = 200

function parseIso(timestamp: string): number {
  if (timestamp.length > TIMESTAMP_CHARS_MAX || !ISO_PATTERN.test(timestamp))
    throw new JsonataError('D3110', { value: timestamp })
  // Without a zone the language means the machine's; a state machine has none but UTC.
  return Date.parse(/T/.test(timestamp) && !/(Z|[+-]\d{2}:?\d{2})$/.test(timestamp) ? `${timestamp}Z` : timestamp)
}

const text = (value: Value): string | undefined => value as string | undefined

/** Taking an instant apart, or putting it together. */
const DATE_STEPS = 20

export const dateTimeFunctions: Readonly<Record<string, Callable>> = {
  now: builtIn('<s?s?:s>', 2, ([picture, timezone], run) => {
    run.spend(DATE_STEPS)
    return formatDate(run.draws.now, text(picture), text(timezone))
  }),
  millis: builtIn('<:n>', 0, (_args, run) => run.draws.now),
  fromMillis: builtIn('<n-s?s?:s>', 3, ([millis, picture, timezone], run) => {
    if (millis === undefined) return undefined
    run.spend(DATE_STEPS)
    run.scan((text(picture) ?? '').length * 16)
    return formatDate(millis as number, text(picture), text(timezone))
  }),
  toMillis: builtIn('<s-s?:n>', 2, ([timestamp, picture], run) => {
    if (timestamp === undefined) return undefined
    run.spend(DATE_STEPS)
    if (picture === undefined) return parseIso(timestamp as string)
    run.spend(200)
    return parseDate(timestamp as string, picture as string, run)
  }),
  formatInteger: builtIn('<n-s:s>', 2, ([value, picture], run) => {
    if (value === undefined) return undefined
    run.scan((picture as string).length)
    return formatInteger(Math.floor(value as number), readIntegerPicture(picture as string))
  }),
  parseInteger: builtIn('<s-s:n>', 2, ([value, picture], run) => {
    if (value === undefined) return undefined
    run.scan((picture as string).length + (value as string).length)
    return integerPattern(readIntegerPicture(picture as string)).parse(value as string)
  }),
}
