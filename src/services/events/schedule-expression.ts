/**
 * `rate(5 minutes)`, `cron(0 12 * * ? *)` and `at(2026-01-01T00:00:00)`: when a schedule is due next.
 * A cron time that a zone skips (clocks go forward) does not come; one that comes twice is taken once.
 * Source: EventBridge user guide, "Cron and rate expressions"; EventBridge Scheduler user guide, "Schedule types", "Daylight
 * savings time".
 */
import { type Instant, toInstant } from '../../base/time.ts'

export type Schedule =
  | { readonly kind: 'rate'; readonly periodMs: number }
  | { readonly kind: 'at'; readonly at: Instant }
  | { readonly kind: 'cron'; readonly cron: Cron; readonly zone: string }

interface Cron {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly isDay: (year: number, month: number, day: number) => boolean
  readonly months: ReadonlySet<number>
  readonly years: ReadonlySet<number>
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const UTC = 'UTC'
const YEAR_MIN = 1970
const YEAR_MAX = 2199

/**
 * Undefined where the text is none. `zone` is an IANA name that exists (see isZone). Without one it is of a rule, where a rate's
 * unit must agree with its number; Scheduler takes `1 hours`.
 */
export function parseSchedule(text: string, zone?: string): Schedule | undefined {
  const rate = /^rate\((\d{1,9}) (minute|hour|day)(s?)\)$/.exec(text)
  if (rate) {
    const count = Number(rate[1])
    const isWellFormed = count >= 1 && (zone !== undefined || (count === 1) === (rate[3] === ''))
    return isWellFormed ? { kind: 'rate', periodMs: count * (UNIT_MS[rate[2] ?? ''] ?? 0) } : undefined
  }
  const at = /^at\((\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\)$/.exec(text)
  if (at) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = at.slice(1).map(Number)
    const instant = instantOf({ year, month, day, hour, minute, second }, zone ?? UTC)
    return instant === undefined ? undefined : { kind: 'at', at: instant }
  }
  const cron = /^cron\(([^()]{1,250})\)$/.exec(text)
  const parsed = cron && parseCron((cron[1] ?? '').trim())
  return parsed ? { kind: 'cron', cron: parsed, zone: zone ?? UTC } : undefined
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The first due time after `after`. A rate counts from `origin`. Undefined when there is none. */
export function nextDue(schedule: Schedule, after: Instant, origin: Instant): Instant | undefined {
  switch (schedule.kind) {
    case 'at':
      return schedule.at > after ? schedule.at : undefined
    case 'rate': {
      if (after < origin) return origin
      const periods = Math.floor((after - origin) / schedule.periodMs) + 1
      return toInstant(origin + periods * schedule.periodMs)
    }
    case 'cron':
      return nextCron(schedule.cron, schedule.zone, after)
  }
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

function parseCron(text: string): Cron | undefined {
  const fields = text.split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields
  if (fields.length !== 6 || (day === '?') === (weekday === '?')) return undefined
  const minutes = parseField(minute, 0, 59)
  const hours = parseField(hour, 0, 23)
  const months = parseField(month, 1, 12, MONTHS)
  const years = parseField(year, YEAR_MIN, YEAR_MAX)
  const isDay = weekday === '?' ? parseDays(day) : parseWeekdays(weekday)
  return minutes && hours && months && years && isDay ? { minutes, hours, months, years, isDay } : undefined
}

/** `*`, `5`, `1-5`, `0/15`, `*` with a step, and lists of these; `names` may stand for numbers from `min` on. */
function parseField(text: string, min: number, max: number, names: readonly string[] = []): ReadonlySet<number> | undefined {
  const numberOf = (word: string): number => {
    const index = names.indexOf(word.toUpperCase())
    return index >= 0 ? index + min : /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN
  }
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', step, ...rest] = part.split('/')
    const [from = '', to, ...more] = range.split('-')
    const stride = step === undefined ? 1 : numberOf(step)
    const first = range === '*' ? min : numberOf(from)
    const last = range === '*' ? max : to !== undefined ? numberOf(to) : step === undefined ? first : max
    if (rest.length > 0 || more.length > 0 || !(stride >= 1) || !(first >= min) || !(last <= max) || !(first <= last))
      return undefined
    for (let value = first; value <= last; value += stride) found.add(value)
  }
  return found
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()
/** 1 for Sunday to 7, as cron counts. */
const weekdayOf = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1

function parseDays(text: string): Cron['isDay'] | undefined {
  if (text === 'L') return (year, month, day) => day === daysIn(year, month)
  const nearest = /^(\d{1,2})W$/.exec(text)
  if (nearest || text === 'LW') {
    const wanted = nearest ? Number(nearest[1]) : 31
    return wanted < 1 || wanted > 31
      ? undefined
      : (year, month, day) => (nearest === null || wanted <= daysIn(year, month)) && day === workdayNear(year, month, wanted)
  }
  const days = parseField(text, 1, 31)
  return days && ((_year, _month, day) => days.has(day))
}

/** The workday nearest to a day, within its month. */
function workdayNear(year: number, month: number, wanted: number): number {
  const last = daysIn(year, month)
  const day = Math.min(wanted, last)
  const weekday = weekdayOf(year, month, day)
  if (weekday === 7) return day === 1 ? 3 : day - 1
  if (weekday === 1) return day === last ? day - 2 : day + 1
  return day
}

function parseWeekdays(text: string): Cron['isDay'] | undefined {
  const nth = /^(\w{1,3})#([1-5])$/.exec(text)
  const last = /^(\w{1,3})L$/.exec(text)
  if (text === 'L') return (year, month, day) => weekdayOf(year, month, day) === 7
  const weekdays = parseField(nth?.[1] ?? last?.[1] ?? text, 1, 7, WEEKDAYS)
  if (!weekdays) return undefined
  const isWeekday: Cron['isDay'] = (year, month, day) => weekdays.has(weekdayOf(year, month, day))
  if (nth) return (year, month, day) => isWeekday(year, month, day) && Math.ceil(day / 7) === Number(nth[2])
  if (last) return (year, month, day) => isWeekday(year, month, day) && day + 7 > daysIn(year, month)
  return isWeekday
}

interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Goes day by day through the months that are asked for; at most 230 years of them, a few milliseconds. */
function nextCron(cron: Cron, zone: string, after: Instant): Instant | undefined {
  const start = wallTimeOf(after, zone)
  const hours = [...cron.hours].sort((a, b) => a - b)
  const minutes = [...cron.minutes].sort((a, b) => a - b)
  for (let year = start.year; year <= YEAR_MAX; year++) {
    if (!cron.years.has(year)) continue
    for (let month = year === start.year ? start.month : 1; month <= 12; month++) {
      if (!cron.months.has(month)) continue
      const isFirst = year === start.year && month === start.month
      for (let day = isFirst ? start.day : 1; day <= daysIn(year, month); day++) {
        if (!cron.isDay(year, month, day)) continue
        const found = firstOfDay({ year, month, day }, hours, minutes, zone, after)
        if (found !== undefined) return found
      }
    }
  }
  return undefined
}

function firstOfDay(
  date: { readonly year: number; readonly month: number; readonly day: number },
  hours: readonly number[],
  minutes: readonly number[],
  zone: string,
  after: Instant,
): Instant | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const instant = instantOf({ ...date, hour, minute, second: 0 }, zone)
      if (instant !== undefined && instant > after) return instant
    }
  }
  return undefined
}

const utcOf = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second)

/** Undefined where the zone's clocks never show that time. The earlier of two. */
function instantOf(wall: WallTime, zone: string): Instant | undefined {
  const utc = utcOf(wall)
  if (new Date(utc).getUTCDate() !== wall.day || wall.month > 12 || wall.hour > 23 || wall.minute > 59 || wall.second > 59)
    return undefined
  if (zone === 'UTC') return toInstant(utc)
  const day = UNIT_MS['day'] ?? 0
  const offsets = [utc - day, utc + day].map((around) => utcOf(wallTimeOf(toInstant(around), zone)) - around)
  const candidates = offsets.map((offset) => utc - offset).sort((a, b) => a - b)
  const found = candidates.find((instant) => utcOf(wallTimeOf(toInstant(instant), zone)) === utc)
  return found === undefined ? undefined : toInstant(found)
}

const FORMATS_MAX = 500
const formats = new Map<string, Intl.DateTimeFormat>()

function wallTimeOf(instant: Instant, zone: string): WallTime {
  let format = formats.get(zone)
  if (!format) {
    const numeric = 'numeric'
    const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts })
    if (formats.size >= FORMATS_MAX) formats.clear()
    formats.set(zone, format)
  }
  const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => shown.get(name) ?? 0
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}
