/**
 * How often and for how long Lambda tries an asynchronous call again, and who is told what came of it.
 * Source: CloudFormation, AWS::Lambda::EventInvokeConfig.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeOf, claim, numbersAt, objectAt, requiredText, type ResourceType, textAt } from './resource.ts'

const LATEST = '$LATEST'
const NUMBERS = ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']
const DESTINATIONS = ['OnSuccess', 'OnFailure']

export const eventInvokeConfig: ResourceType = {
  replacedBy: ['FunctionName', 'Qualifier'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const given = requiredText(properties, 'FunctionName')
    const name = given.startsWith('arn:') ? (given.split(':')[6] ?? given) : given
    const qualifier = textAt(properties, 'Qualifier') ?? LATEST
    const ref = `${name}|${qualifier}`
    const settings = settingsOf(properties)
    const found = claim(await ask(aws, 'GET', ref), resource, ref, context)
    const isSame = found !== undefined && stableJson(settingsOf(found)) === stableJson(settings)
    // What this does not name is as if it had never been told.
    if (!isSame && Object.keys(settings).length > 0) await ask(aws, 'PUT', ref, settings)
    else if (!isSame && found !== undefined) await ask(aws, 'DELETE', ref)
    return { ref, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await ask(aws, 'DELETE', ref)
    return undefined
  },
}

/** Undefined where there is none. */
function ask(aws: Aws, method: string, ref: string, input?: JsonObject): Promise<JsonObject | undefined> {
  const [name = '', qualifier = LATEST] = ref.split('|')
  const path = `${functionPath(name, '2019-09-25')}/event-invoke-config`
  const query = qualifier === LATEST ? undefined : new URLSearchParams({ Qualifier: qualifier })
  return orUndefined(aws.rest(SERVICES.lambda, method, path, input, query), 'ResourceNotFoundException')
}

/** Of a template or of an answer; what says nothing is left out. */
function settingsOf(properties: JsonObject): JsonObject {
  const config = objectAt(properties, 'DestinationConfig') ?? {}
  const told = DESTINATIONS.flatMap((name): [string, Json][] => {
    const one = config[name]
    const Destination = isObject(one) ? textAt(one, 'Destination') : undefined
    return Destination?.startsWith('arn:') === true ? [[name, { Destination }]] : []
  })
  return { ...numbersAt(properties, NUMBERS), ...(told.length > 0 && { DestinationConfig: Object.fromEntries(told) }) }
}
