/**
 * Which of an API's paths a request is for: `/pets`, `/pets/{id}`, `/pets/{proxy+}`. What is spelled out goes before what is variable,
 * and that before what takes all the rest, from left to right.
 * Source: API Gateway developer guide, "Set up a proxy resource"; "Routes for HTTP APIs", "Routing API requests".
 */
export interface PathPattern {
  readonly segments: readonly Segment[]
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string }

const RANKS = { literal: 0, variable: 1, rest: 2 } as const

export function readPattern(path: string): PathPattern {
  return {
    segments: path
      .split('/')
      .slice(1)
      .filter((part, at) => part !== '' || at > 0)
      .map(readSegment),
  }
}

function readSegment(part: string): Segment {
  const [, name, plus] = /^\{([^}+]+)(\+)?\}$/.exec(part) ?? []
  if (name === undefined) return { kind: 'literal', text: part }
  return { kind: plus === undefined ? 'variable' : 'rest', name }
}

/** For sorting: what is to be tried first stands first. */
export function comparePatterns(a: PathPattern, b: PathPattern): number {
  for (const [at, one] of a.segments.entries()) {
    const other = b.segments[at]
    if (other === undefined) return 1
    const difference = RANKS[one.kind] - RANKS[other.kind]
    if (difference !== 0) return difference
  }
  return a.segments.length - b.segments.length
}

/** The path's segments, decoded; what is wrongly encoded stays as it is. */
export function segmentsOf(path: string, dropsLastSlash: boolean): readonly string[] {
  const parts = path.split('/').slice(1).map(decoded)
  if (parts.length === 1 && parts[0] === '') return []
  return dropsLastSlash && parts.at(-1) === '' ? parts.slice(0, -1) : parts
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The values of its variables; undefined where the path is another. */
export function matchPattern({ segments }: PathPattern, path: readonly string[]): Readonly<Record<string, string>> | undefined {
  const found: [string, string][] = []
  for (const [at, segment] of segments.entries()) {
    const part = path[at]
    if (part === undefined) return undefined
    if (segment.kind === 'rest') return Object.fromEntries([...found, [segment.name, path.slice(at).join('/')]])
    if (segment.kind === 'variable') {
      if (part === '') return undefined
      found.push([segment.name, part])
    } else if (segment.text !== part) return undefined
  }
  return path.length === segments.length ? Object.fromEntries(found) : undefined
}

/** A URL's `{name}` and `{name+}`, where a value is known. */
export const fillVariables = (url: string, values: Readonly<Record<string, string>>): string =>
  url.replace(/\{([\w.-]+)\+?\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : value.split('/').map(encodeURIComponent).join('/')
  })
