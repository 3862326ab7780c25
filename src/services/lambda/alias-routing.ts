/**
 * Reads an alias's RoutingConfig: a second version that gets a share of the calls.
 * Source: AWS Lambda API reference, "AliasRoutingConfiguration".
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { constraintError, lambdaError } from './errors.ts'
import { type AliasRecord, LATEST } from './records.ts'

/** Undefined where the configuration names no second version, which ends the sharing. Throws AWS's refusals. */
export function readCanary(routing: JsonObject, functionVersion: string): AliasRecord['canary'] {
  const weights = getOwn(routing, 'AdditionalVersionWeights')
  const entries = isObject(weights) ? Object.entries(weights) : []
  const [first] = entries
  if (!first) return undefined
  const [version, weight] = first
  if (entries.length > 1) throw refusal('Number of items in AdditionalVersionWeights cannot be greater than 1')
  const shown = `{${version}=${String(weight)}}`
  if (typeof weight !== 'number' || weight < 0 || weight > 1) throw constraintError(shown, MEMBER, VALUES)
  if (functionVersion === LATEST) throw refusal('$LATEST is not supported for an alias pointing to more than 1 version')
  if (!/^[0-9]+$/.test(version)) throw constraintError(shown, MEMBER, KEYS)
  if (version === functionVersion) {
    throw refusal(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    )
  }
  return { version, weight }
}

const MEMBER = 'routingConfig.additionalVersionWeights'
const VALUES =
  'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]'
const KEYS =
  'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]'

const refusal = (message: string) => lambdaError('InvalidParameterValueException', message)
