/** What lies at a path in an item, and an item made of what lies at several. */
import { type AttributeValue, attributeOf, type Item } from './attribute-value.ts'
import { checkPaths, type FaultKind, type Path, readExpression, type Substitutes } from './expression-tokens.ts'

export function valueAt(item: Item, [name, ...rest]: Path): AttributeValue | undefined {
  let value = attributeOf(item, name)
  for (const piece of rest) {
    if (value === undefined) return undefined
    if (typeof piece === 'number') value = 'L' in value ? value.L[piece] : undefined
    else value = 'M' in value ? attributeOf(value.M, piece) : undefined
  }
  return value
}

const ORDER: readonly FaultKind[] = ['reserved', 'undefined', 'overlap', 'conflict']

/** Throws ValidationException. */
export const readProjection = (text: string, substitutes: Substitutes): readonly Path[] =>
  readExpression(
    'ProjectionExpression',
    text,
    substitutes,
    (reader) => {
      const paths = [reader.path()]
      while (reader.skip(',')) paths.push(reader.path())
      checkPaths(reader, paths)
      return paths
    },
    ORDER,
  )

/** A tree of what is wanted: a leaf is all that lies there. */
type Wanted = Map<string | number, Wanted | undefined>

/** What lies at the paths, in maps and lists as they are; lists hold only what is wanted of them. */
export function project(item: Item, paths: readonly Path[]): Item {
  const wanted: Wanted = new Map()
  for (const path of paths) {
    let level = wanted
    for (const [at, piece] of path.entries()) {
      const known = level.get(piece)
      if (known === undefined && level.has(piece)) break
      if (at === path.length - 1) level.set(piece, undefined)
      else {
        const next = known ?? new Map()
        level.set(piece, next)
        level = next
      }
    }
  }
  return projectItem(item, wanted)
}

function projectItem(item: Item, wanted: Wanted): Item {
  const found: [string, AttributeValue][] = []
  for (const [piece, inner] of wanted) {
    const value = typeof piece === 'string' ? attributeOf(item, piece) : undefined
    const shown = value && (inner === undefined ? value : projectValue(value, inner))
    if (shown !== undefined) found.push([String(piece), shown])
  }
  return Object.fromEntries(found)
}

function projectValue(value: AttributeValue, wanted: Wanted): AttributeValue | undefined {
  if ('M' in value) {
    const M = projectItem(value.M, wanted)
    return Object.keys(M).length === 0 ? undefined : { M }
  }
  if (!('L' in value)) return undefined
  const places = [...wanted].filter(([piece]) => typeof piece === 'number').toSorted(([a], [b]) => Number(a) - Number(b))
  const L = places.flatMap(([piece, inner]) => {
    const one = value.L[Number(piece)]
    const shown = one && (inner === undefined ? one : projectValue(one, inner))
    return shown === undefined ? [] : [shown]
  })
  return L.length === 0 ? undefined : { L }
}
