/** Components of an instant, in UTC. Weeks are ISO 8601's: they begin on Monday and belong where their Thursday is. */
export const DAY_NAMES = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
export const MONTH_NAMES = 'January February March April May June July August September October November December'.split(' ')

export const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** Monday of the week that holds the period's first Thursday; months past December run into the next year. */
function firstWeekStart(year: number, month: number): number {
  const first = Date.UTC(year, month)
  const weekday = new Date(first).getUTCDay() || 7
  return weekday > 4 ? first + (8 - weekday) * DAY_MS : first - (weekday - 1) * DAY_MS
}

/** Week of the year or month that holds `day`, counted from 1. `step` is a period's length in months. */
function weekOf(day: number, year: number, month: number, step: number, longest: number): number {
  const week = (day - firstWeekStart(year, month)) / WEEK_MS + 1
  if (week > longest) return day >= firstWeekStart(year, month + step) ? 1 : Math.floor(week)
  if (week < 1) return Math.floor((day - firstWeekStart(year, month - step)) / WEEK_MS + 1)
  return Math.floor(week)
}

export function componentOf(date: Date, component: string): number | string | undefined {
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const day = Date.UTC(year, month, date.getUTCDate())
  switch (component) {
    case 'Y':
      return year
    case 'M':
      return month + 1
    case 'D':
      return date.getUTCDate()
    case 'd':
      return (day - Date.UTC(year, 0)) / DAY_MS + 1
    case 'F':
      return date.getUTCDay() || 7
    case 'W':
      return weekOf(day, year, 0, 12, 52)
    case 'w':
      return weekOf(day, year, month, 1, 4)
    case 'X':
      if (date.getTime() < firstWeekStart(year, 0)) return year - 1
      return date.getTime() >= firstWeekStart(year + 1, 0) ? year + 1 : year
    case 'x':
      if (date.getTime() < firstWeekStart(year, month)) return ((month + 11) % 12) + 1
      return date.getTime() >= firstWeekStart(year, month + 1) ? ((month + 1) % 12) + 1 : month + 1
    case 'H':
      return date.getUTCHours()
    case 'h':
      return date.getUTCHours() % 12 || 12
    case 'P':
      return date.getUTCHours() >= 12 ? 'pm' : 'am'
    case 'm':
      return date.getUTCMinutes()
    case 's':
      return date.getUTCSeconds()
    case 'f':
      return date.getUTCMilliseconds()
    case 'C':
    case 'E':
      return 'ISO'
    default:
      return undefined
  }
}
