/**
 * Reads a timestamp by its picture. What the picture leaves out is taken from the present when it is more significant
 * than what it gives (the year of "12:30"), and is the least possible when it is less (the seconds of "12:30").
 */
import { RE2JS } from 're2js'

import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { componentOf, DAY_MS, DAY_NAMES, MONTH_NAMES } from './calendar.ts'
import { type Marker, type PicturePart, readDatePicture } from './date-picture.ts'
import { integerPattern } from './integer-picture.ts'

interface Reader {
  readonly component: string
  readonly pattern: string
  readonly parse: (text: string) => number | undefined
}

type Components = Map<string, number | undefined>

const known = new Map<string, { engine: RE2JS; readers: readonly (Reader | undefined)[] }>()
const KNOWN_MAX = 100

function compilePicture(picture: string): { engine: RE2JS; readers: readonly (Reader | undefined)[] } {
  const found = known.get(picture)
  if (found !== undefined) return found
  const parts = readDatePicture(picture)
  const readers = parts.map((part: PicturePart) => (typeof part === 'string' ? undefined : readerOf(part)))
  const patterns = parts.map((part, i) => `(${typeof part === 'string' ? RE2JS.quote(part) : readers[i]?.pattern})`)
  const compiled = { engine: RE2JS.compile(`^${patterns.join('')}$`, RE2JS.CASE_INSENSITIVE), readers }
  if (known.size < KNOWN_MAX) known.set(picture, compiled)
  return compiled
}

function readerOf(marker: Marker): Reader {
  const { component, integer } = marker
  if (component === 'Z' || component === 'z') return offsetReader(marker)
  if (integer !== undefined) return { component, ...integerPattern(integer, marker.digits) }
  const names = namesFor(marker)
  return { component, pattern: '[a-zA-Z]+', parse: (text) => names.get(text) }
}

function namesFor({ component, widthMax }: Marker): Map<string, number> {
  const cut = (name: string) => (widthMax ? name.slice(0, widthMax) : name)
  if (component === 'M' || component === 'x') return new Map(MONTH_NAMES.map((name, i) => [cut(name), i + 1]))
  if (component === 'F') return new Map(DAY_NAMES.slice(1).map((name, i) => [cut(name), i + 1]))
  if (component !== 'P') throw new JsonataError('D3133', { value: component })
  return new Map([
    ['am', 0],
    ['AM', 0],
    ['pm', 1],
    ['PM', 1],
  ])
}

/** Minutes east of Greenwich. */
function offsetReader({ component, integer }: Marker): Reader {
  const separator = integer?.regular?.character
  const prefix = component === 'z' ? 'GMT' : ''
  const pattern = `${prefix}[-+][0-9]+${separator === undefined ? '' : `${RE2JS.quote(separator)}[0-9]+`}`
  const parse = (text: string) => {
    const offset = text.slice(prefix.length)
    if (separator !== undefined) {
      const at = offset.indexOf(separator)
      return Number.parseInt(offset.slice(0, at), 10) * 60 + Number.parseInt(offset.slice(at + separator.length), 10)
    }
    if (offset.length <= 3) return Number.parseInt(offset, 10) * 60
    return Number.parseInt(offset.slice(0, 3), 10) * 60 + Number.parseInt(offset.slice(3), 10)
  }
  return { component, pattern, parse }
}

/** Undefined when the timestamp does not fit the picture. */
export function parseDate(timestamp: string, picture: string, run: Run): number | undefined {
  const { engine, readers } = compilePicture(picture)
  run.spend((timestamp.length * engine.programSize()) / 16)
  const matcher = engine.matcher(timestamp)
  if (!matcher.matches()) return undefined
  const components: Components = new Map()
  readers.forEach((reader, i) => {
    if (reader !== undefined) components.set(reader.component, reader.parse(matcher.group(i + 1) ?? ''))
  })
  if (components.size === 0) return undefined
  const given = (names: string) => [...names].filter((name) => components.get(name)).join('')
  const date = given('YXMxWwdD')
  // Dates by week are recognised, and not supported by this release of the language.
  if (isOf(date, 'Xxw') || isOf(date, 'XW')) throw new JsonataError('D3136')
  const isDayOfYear = !isOf(date, 'YMD') && isOf(date, 'Yd')
  const time = given('PHhmsf')
  const isTwelveHour = !isOf(time, 'Hmsf') && isOf(time, 'Phmsf')
  complete(components, (isDayOfYear ? 'YD' : 'YMD') + (isTwelveHour ? 'Phmsf' : 'Hmsf'), new Date(run.draws.now))
  return instantOf(components, isDayOfYear, isTwelveHour)
}

/** At least one component is given, and none but these. */
const isOf = (given: string, names: string): boolean => given !== '' && [...given].every((name) => names.includes(name))

function complete(components: Components, order: string, now: Date): void {
  let hasStarted = false
  let hasEnded = false
  for (const name of order) {
    if (components.get(name) !== undefined) {
      hasStarted = true
      if (hasEnded) throw new JsonataError('D3136')
    } else if (hasStarted) {
      components.set(name, 'MDd'.includes(name) ? 1 : 0)
      hasEnded = true
    } else {
      const present = componentOf(now, name)
      components.set(name, typeof present === 'number' ? present : Number.NaN)
    }
  }
}

function instantOf(components: Components, isDayOfYear: boolean, isTwelveHour: boolean): number {
  const get = (name: string): number => components.get(name) ?? 0
  let month = Math.max(get('M') - 1, 0)
  let day = get('D')
  if (isDayOfYear) {
    const date = new Date(Date.UTC(get('Y'), 0) + (get('d') - 1) * DAY_MS)
    month = date.getUTCMonth()
    day = date.getUTCDate()
  }
  const hour = isTwelveHour ? (get('h') % 12) + (get('P') === 1 ? 12 : 0) : get('H')
  const millis = Date.UTC(get('Y'), month, day, hour, get('m'), get('s'), get('f'))
  return millis - (get('Z') || get('z')) * 60_000
}
