/** Reads members of a request with AWS's constraints and texts, which begin with a small letter. */
import { memberShown } from '../kit/constraint.ts'
import { inputReaders } from '../kit/input.ts'
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
