/** `$contains`, `$match`, `$replace` and `$split`: by text, or by a matcher (a regular expression or a function). */
import { JsonataError } from '../error.ts'
import { type Found, findAll, findFirst } from '../regex.ts'
import type { Run } from '../run.ts'
import { asSequence, type Callable, isFunction, type MutableArray, type Value } from '../value.ts'
import { builtIn } from './builtin.ts'

function checkLimit(code: string, limit: Value, index: number): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY
  if ((limit as number) < 0) throw new JsonataError(code, { value: limit, index })
  return limit as number
}

/** At most so many matches: counts up to, not past, a limit that is no whole number. */
function* limited(matches: Iterable<Found>, limit: number): Generator<Found> {
  if (!(limit > 0)) return
  let count = 0
  for (const match of matches) {
    yield match
    if (++count >= limit) return
  }
}

function match(text: string, matcher: Callable, limit: number, run: Run): Value {
  const results: MutableArray = []
  for (const found of limited(findAll(matcher, text, run), limit)) {
    run.allocateItems(4)
    results.push({ match: found.match, index: found.start, groups: found.groups as readonly Value[] })
  }
  return asSequence(results)
}

function split(text: string, separator: Value, limit: number, run: Run): Value {
  if (!isFunction(separator)) {
    run.search(text.length)
    const parts = text.split(separator as string, Number.isFinite(limit) ? limit : undefined)
    run.allocateItems(parts.length)
    run.spend(parts.length / 2)
    return parts
  }
  const parts: string[] = []
  if (!(limit > 0)) return parts
  let from = 0
  for (const found of limited(findAll(separator, text, run), limit)) {
    run.allocateItems(1)
    parts.push(text.slice(from, found.start))
    from = found.end
  }
  if (parts.length < limit) parts.push(text.slice(from))
  return parts
}

function replace(text: string, pattern: Value, replacement: Value, limit: number, run: Run): Value {
  if (!(limit > 0)) return text
  if (!isFunction(pattern)) return replaceText(text, pattern as string, replacement, limit, run)
  let result = ''
  let from = 0
  for (const found of limited(findAll(pattern, text, run), limit)) {
    const substitute = isFunction(replacement) ? replacement([found.value()], null, run) : expand(replacement as string, found)
    if (typeof substitute !== 'string') throw new JsonataError('D3012', { value: substitute })
    result += text.slice(from, found.start) + substitute
    run.joinedText(result.length)
    from = found.start + found.match.length
  }
  run.allocateText(result.length + text.length - from)
  return result + text.slice(from)
}

function replaceText(text: string, pattern: string, replacement: Value, limit: number, run: Run): string {
  run.search(text.length)
  let result = ''
  let from = 0
  let count = 0
  for (let at = text.indexOf(pattern); at !== -1 && count < limit; at = text.indexOf(pattern, from)) {
    result += text.slice(from, at) + (isFunction(replacement) ? '' : (replacement as string))
    run.joinedText(result.length)
    from = at + pattern.length
    count++
  }
  run.allocateText(result.length + text.length - from)
  return result + text.slice(from)
}

/** `$$` is a dollar, `$0` the match, `$n` a group: of as many digits as there can be groups. */
function expand(replacement: string, found: Found): string {
  if (!replacement.includes('$')) return replacement
  const { groups } = found
  const digitsMax = groups.length === 0 ? 1 : Math.floor(Math.log10(groups.length)) + 1
  let result = ''
  let from = 0
  for (let at = replacement.indexOf('$'); at !== -1; at = replacement.indexOf('$', from)) {
    result += replacement.slice(from, at)
    from = at + 1
    const next = replacement[from]
    if (next === '$') {
      result += '$'
      from++
    } else if (next === '0') {
      result += found.match
      from++
    } else {
      const group = groupNumber(replacement, from, digitsMax, groups.length)
      if (group === undefined) result += '$'
      else {
        result += groups[group - 1] ?? ''
        from += String(group).length
      }
    }
  }
  return result + replacement.slice(from)
}

function groupNumber(text: string, at: number, digitsMax: number, groups: number): number | undefined {
  let number = Number.parseInt(text.slice(at, at + digitsMax), 10)
  if (digitsMax > 1 && number > groups) number = Number.parseInt(text.slice(at, at + digitsMax - 1), 10)
  return Number.isNaN(number) ? undefined : number
}

export const matchingFunctions: Readonly<Record<string, Callable>> = {
  contains: builtIn('<s-(sf):b>', 2, ([text, token], run) => {
    if (text === undefined) return undefined
    if (isFunction(token)) return findFirst(token, text as string, run)
    run.search((text as string).length)
    return (text as string).includes(token as string)
  }),
  match: builtIn('<s-f<s:o>n?:a<o>>', 3, ([text, matcher, limit], run) =>
    text === undefined ? undefined : match(text as string, matcher as Callable, checkLimit('D3040', limit, 3), run),
  ),
  replace: builtIn('<s-(sf)(sf)n?:s>', 4, ([text, pattern, replacement, limit], run) => {
    if (text === undefined) return undefined
    if (pattern === '') throw new JsonataError('D3010', { value: pattern, index: 2 })
    return replace(text as string, pattern, replacement, checkLimit('D3011', limit, 4), run)
  }),
  split: builtIn('<s-(sf)n?:a<s>>', 3, ([text, separator, limit], run) =>
    text === undefined ? undefined : split(text as string, separator, checkLimit('D3020', limit, 3), run),
  ),
}
