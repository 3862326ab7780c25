/**
 * What state machines and activities say of themselves besides their definition, as the API of Step Functions takes it. What a
 * template says no more goes back to what goes without saying.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import type { Aws } from '../aws.ts'
import { booleanAt, type Declared, droppedFrom, numberAt, objectAt, requiredText, tagsOf, textAt } from './resource.ts'
import { changeTags } from './tags.ts'

/** SAM calls it Logging, CloudFormation LoggingConfiguration; both write its members in upper camel case. */
export function loggingOf(properties: JsonObject): JsonObject {
  const logging = objectAt(properties, 'Logging') ?? objectAt(properties, 'LoggingConfiguration')
  if (logging === undefined) return { level: 'OFF', includeExecutionData: false }
  const destinations = getOwn(logging, 'Destinations')
  const groups = (Array.isArray(destinations) ? destinations : []).flatMap((destination: Json) => {
    const group = isObject(destination) ? objectAt(destination, 'CloudWatchLogsLogGroup') : undefined
    const arn = group === undefined ? undefined : textAt(group, 'LogGroupArn')
    return arn === undefined ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: arn.endsWith(':*') ? arn : `${arn}:*` } }]
  })
  const level = textAt(logging, 'Level')
  return {
    // YAML 1.1 reads OFF as false.
    level: level === undefined || level === 'false' ? 'OFF' : level,
    includeExecutionData: booleanAt(logging, 'IncludeExecutionData') ?? false,
    ...(groups.length > 0 && { destinations: groups }),
  }
}

export function tracingOf(properties: JsonObject): JsonObject {
  const tracing = objectAt(properties, 'Tracing') ?? objectAt(properties, 'TracingConfiguration')
  return { enabled: tracing === undefined ? false : (booleanAt(tracing, 'Enabled') ?? false) }
}

export function encryptionOf(resource: Declared): { readonly encryptionConfiguration?: JsonObject } {
  const given = objectAt(resource.properties, 'EncryptionConfiguration')
  if (given === undefined) {
    const isDropped = droppedFrom(resource, ['EncryptionConfiguration']).length > 0
    return isDropped ? { encryptionConfiguration: { type: 'AWS_OWNED_KEY' } } : {}
  }
  const kmsKeyId = textAt(given, 'KmsKeyId')
  const seconds = numberAt(given, 'KmsDataKeyReusePeriodSeconds')
  return {
    encryptionConfiguration: {
      type: requiredText(given, 'Type'),
      ...(kmsKeyId !== undefined && { kmsKeyId }),
      ...(seconds !== undefined && { kmsDataKeyReusePeriodSeconds: seconds }),
    },
  }
}

/** As what is created takes them. */
export function statesTags(properties: JsonObject): JsonObject {
  const tags = tagsOf(properties)
  return tags.length === 0 ? {} : { tags }
}

export const changeStatesTags = (resource: Declared, resourceArn: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const { tags } = await aws.json(SERVICES.sfn, 'ListTagsForResource', { resourceArn })
      const listed = Array.isArray(tags) ? tags.filter(isObject) : []
      return Object.fromEntries(listed.map((tag) => [requiredText(tag, 'key'), textAt(tag, 'value') ?? '']))
    },
    put: (tags) => {
      const list = Object.entries(tags).map(([key, value]) => ({ key, value }))
      return aws.json(SERVICES.sfn, 'TagResource', { resourceArn, tags: list })
    },
    remove: (tagKeys) => aws.json(SERVICES.sfn, 'UntagResource', { resourceArn, tagKeys }),
  })
