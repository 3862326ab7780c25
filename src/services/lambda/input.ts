/** Reads members of a request with AWS's constraints and texts, which begin with a small letter. */
import { memberShown } from '../kit/constraint.ts'
import { inputReaders } from '../kit/input.ts'
import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'

import { constraintError, lambdaError } from './errors.ts'

const SHOWN_CHARS_MAX = 300

export const { readText, readWhole, readTexts, readTextMap } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => lambdaError('InvalidParameterValueException', `${member} must be ${wanted}`),
  constraint: (value, member, constraint) =>
    constraintError(typeof value === 'string' ? value.slice(0, SHOWN_CHARS_MAX) : value, memberShown(member), constraint),
})

export const MARKERS = pageTokens('lambda', () => lambdaError('InvalidParameterValueException', 'Invalid Marker.'))

export interface PageAsked {
  readonly marker?: string | undefined
  readonly maxItems?: number | undefined
}

const PAGE_MAX = 50

/** A page of a list that is in some order of its own; its marker names the last item of the page before. */
export function cutList<T>(
  items: readonly T[],
  { marker, maxItems = PAGE_MAX }: PageAsked,
  nameOf: (item: T) => string,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const after = MARKERS.placeOf(marker)
  const start = after === '' ? 0 : items.findIndex((item) => nameOf(item) === after) + 1
  const { items: shown, last } = cutPage(items.slice(start), Math.min(maxItems, PAGE_MAX))
  return { items: shown, next: last === undefined ? undefined : MARKERS.print([nameOf(last)]) }
}
