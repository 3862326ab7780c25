/**
 * Date and time pictures: `[Y0001]-[M01]-[D01]`. A picture is literals and markers; a marker is a component, how it is
 * presented, and its width. Source: XPath and XQuery Functions 3.1, 9.8, as far as JSONata 2.0.6 follows it.
 */
import { JsonataError } from '../error.ts'
import { type IntegerPicture, readIntegerPicture } from './integer-picture.ts'

export interface Marker {
  readonly component: string
  readonly names: 'upper' | 'lower' | 'title' | undefined
  readonly integer: IntegerPicture | undefined
  readonly widthMax: number | undefined
  /** `t`: UTC prints as Z. */
  readonly isTraditional: boolean
  /** Digits of a year, month or day that count; 0 for all. */
  readonly digits: number
}

export type PicturePart = string | Marker

const DEFAULTS: Readonly<Record<string, string>> = {
  Y: '1',
  M: '1',
  D: '1',
  d: '1',
  F: 'n',
  W: '1',
  w: '1',
  X: '1',
  x: '1',
  H: '1',
  h: '1',
  P: 'n',
  m: '01',
  s: '01',
  f: '1',
  Z: '01:01',
  z: '01:01',
  C: 'n',
  E: 'n',
}

const known = new Map<string, readonly PicturePart[]>()
const KNOWN_MAX = 200

export function readDatePicture(picture: string): readonly PicturePart[] {
  const found = known.get(picture)
  if (found !== undefined) return found
  const parts = readParts(picture)
  if (known.size < KNOWN_MAX && picture.length < 200) known.set(picture, parts)
  return parts
}

function readParts(picture: string): PicturePart[] {
  const parts: PicturePart[] = []
  const addLiteral = (from: number, to: number) => {
    if (to > from) parts.push(picture.slice(from, to).split(']]').join(']'))
  }
  let from = 0
  let at = 0
  while (at < picture.length) {
    if (picture[at] !== '[') {
      at++
      continue
    }
    addLiteral(from, at)
    if (picture[at + 1] === '[') {
      parts.push('[')
      at += 2
    } else {
      const end = picture.indexOf(']', at)
      if (end === -1) throw new JsonataError('D3135')
      parts.push(readMarker(picture.slice(at + 1, end).replace(/\s+/g, '')))
      at = end + 1
    }
    from = at
  }
  addLiteral(from, at)
  return parts
}

function readMarker(text: string): Marker {
  const component = text.charAt(0)
  const comma = text.lastIndexOf(',')
  const width = comma === -1 ? {} : readWidth(text.slice(comma + 1))
  let presentation = comma === -1 ? text.slice(1) : text.slice(1, comma)
  let modifier = ''
  if (presentation.length > 1 && 'atco'.includes(presentation.slice(-1))) {
    modifier = presentation.slice(-1)
    presentation = presentation.slice(0, -1)
  }
  if (presentation === '') {
    if (!Object.hasOwn(DEFAULTS, component)) throw new JsonataError('D3132', { value: component })
    presentation = DEFAULTS[component] as string
  }
  const names = namesOf(presentation)
  const isInteger = names === undefined && 'YMDdFWwXxHhmsf'.includes(component)
  const integer = isInteger
    ? readIntegerPicture(modifier === '' ? presentation : `${presentation};${modifier}`)
    : 'Zz'.includes(component)
      ? readIntegerPicture(presentation)
      : undefined
  const digits = isInteger && integer ? applyWidth(component, integer, width) : 0
  return { component, names, integer, widthMax: width.max, isTraditional: modifier === 't', digits }
}

function namesOf(presentation: string): Marker['names'] {
  if (presentation.startsWith('n')) return 'lower'
  if (!presentation.startsWith('N')) return undefined
  return presentation[1] === 'n' ? 'title' : 'upper'
}

interface Width {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** More digits than this no component has. */
const WIDTH_MAX = 100

function readWidth(text: string): Width {
  const [min, max] = text.split('-', 2)
  const read = (part: string | undefined): number | undefined => {
    const width = part === undefined || part === '*' ? Number.NaN : Number.parseInt(part, 10)
    return Number.isNaN(width) ? undefined : Math.min(width, WIDTH_MAX)
  }
  return { min: read(min), max: read(max) }
}

/** Widths are minimum digits; a year's, month's or day's also say how many of its last digits are meant. */
function applyWidth(component: string, integer: IntegerPicture, { min, max }: Width): number {
  if (min !== undefined && integer.mandatoryDigits < min) integer.mandatoryDigits = min
  if (!'YMD'.includes(component)) return 0
  if (max !== undefined) {
    integer.mandatoryDigits = max
    return max
  }
  const digits = integer.mandatoryDigits + integer.optionalDigits
  return digits >= 2 ? digits : 0
}
