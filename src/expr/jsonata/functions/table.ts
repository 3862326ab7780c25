/** Every function of the language, by name. `$eval` is left out, as on AWS: calling it is calling nothing (T1006). */
import type { Callable } from '../value.ts'
import { arrayFunctions } from './array.ts'
import { awsFunctions } from './aws.ts'
import { dateTimeFunctions } from './date-time.ts'
import { formatNumberFunctions } from './format-number.ts'
import { higherOrderFunctions } from './higher-order.ts'
import { matchingFunctions } from './matching.ts'
import { numberFunctions } from './number.ts'
import { objectFunctions } from './object.ts'
import { stringFunctions } from './string.ts'

export const BUILT_IN: ReadonlyMap<string, Callable> = new Map(
  [
    numberFunctions,
    stringFunctions,
    matchingFunctions,
    arrayFunctions,
    objectFunctions,
    higherOrderFunctions,
    dateTimeFunctions,
    formatNumberFunctions,
    awsFunctions,
  ].flatMap((group) => Object.entries(group)),
)
