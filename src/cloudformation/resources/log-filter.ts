/**
 * What is made of the events of a log group: subscriptions, which hand them on, and metrics; and who may write to Logs.
 * Source: CloudFormation, AWS::Logs::SubscriptionFilter, AWS::Logs::MetricFilter and AWS::Logs::ResourcePolicy.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import { changeOf, claim, listAt, numberAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'
import { saysAll } from './typed.ts'

const LOGS = SERVICES.cloudwatchlogs

interface FilterKind {
  /** In the names of the operations: `PutNameFilter`. */
  readonly noun: 'SubscriptionFilter' | 'MetricFilter'
  readonly list: string
  readonly settings: (properties: JsonObject) => JsonObject
  /** `Ref`: the two identifiers of the type, in its order. */
  readonly ref: (filter: string, group: string) => string
  readonly parse: (ref: string) => { readonly filterName: string; readonly logGroupName: string }
}

const filterOf = ({ noun, list, settings, ref: refOf, parse }: FilterKind): ResourceType => ({
  ignores: ['ApplyOnTransformedLogs', 'EmitSystemFieldDimensions', 'EmitSystemFields', 'FieldSelectionCriteria'],
  replacedBy: ['FilterName', 'LogGroupName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const logGroupName = requiredText(properties, 'LogGroupName')
    const filterName = textAt(properties, 'FilterName') ?? physicalName(context, id, 512)
    const wanted = { filterPattern: textAt(properties, 'FilterPattern') ?? '', ...settings(properties) }
    const told = await aws.json(LOGS, `Describe${noun}s`, { logGroupName, filterNamePrefix: filterName })
    const known = listAt(told, list).filter(isObject)
    const ref = refOf(filterName, logGroupName)
    const found = claim(
      known.find((one) => textAt(one, 'filterName') === filterName),
      resource,
      ref,
      context,
    )
    const isSame = found !== undefined && saysAll(found, wanted)
    if (!isSame) await aws.json(LOGS, `Put${noun}`, { logGroupName, filterName, ...wanted })
    return { ref, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(LOGS, `Delete${noun}`, { ...parse(ref) }), 'ResourceNotFoundException')
    return undefined
  },
})

export const subscriptionFilter = filterOf({
  noun: 'SubscriptionFilter',
  list: 'subscriptionFilters',
  settings(properties) {
    const roleArn = textAt(properties, 'RoleArn')
    return {
      destinationArn: requiredText(properties, 'DestinationArn'),
      distribution: textAt(properties, 'Distribution') ?? 'ByLogStream',
      ...(roleArn !== undefined && { roleArn }),
    }
  },
  ref: (filter, group) => `${filter}|${group}`,
  parse(ref) {
    const bar = ref.indexOf('|')
    return { filterName: ref.slice(0, bar), logGroupName: ref.slice(bar + 1) }
  },
})

export const metricFilter = filterOf({
  noun: 'MetricFilter',
  list: 'metricFilters',
  settings: (properties) => ({
    metricTransformations: listAt(properties, 'MetricTransformations').filter(isObject).map(transformation),
  }),
  ref: (filter, group) => `${group}|${filter}`,
  parse(ref) {
    const bar = ref.indexOf('|')
    return { filterName: ref.slice(bar + 1), logGroupName: ref.slice(0, bar) }
  },
})

/** A list of dimensions in a template, a map in the API. */
function transformation(given: JsonObject): JsonObject {
  const defaultValue = numberAt(given, 'DefaultValue')
  const unit = textAt(given, 'Unit')
  const dimensions = listAt(given, 'Dimensions')
    .filter(isObject)
    .map((one): [string, Json] => [requiredText(one, 'Key'), requiredText(one, 'Value')])
  return {
    metricName: requiredText(given, 'MetricName'),
    metricNamespace: requiredText(given, 'MetricNamespace'),
    metricValue: requiredText(given, 'MetricValue'),
    ...(defaultValue !== undefined && { defaultValue }),
    ...(dimensions.length > 0 && { dimensions: Object.fromEntries(dimensions) }),
    ...(unit !== undefined && { unit }),
  }
}

export const logResourcePolicy: ResourceType = {
  replacedBy: ['PolicyName'],
  async deploy(resource, context) {
    const policyName = requiredText(resource.properties, 'PolicyName')
    const policyDocument = documentIn(resource.properties, 'PolicyDocument')
    const found = claim(await findPolicy(policyName, context.aws), resource, policyName, context)
    const isSame = found !== undefined && isSameDocument(textAt(found, 'policyDocument'), policyDocument)
    if (!isSame) await context.aws.json(LOGS, 'PutResourcePolicy', { policyName, policyDocument })
    return { ref: policyName, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(LOGS, 'DeleteResourcePolicy', { policyName: ref }), 'ResourceNotFoundException')
    return undefined
  },
}

async function findPolicy(name: string, aws: Aws): Promise<JsonObject | undefined> {
  const told = await aws.json(LOGS, 'DescribeResourcePolicies', {})
  return listAt(told, 'resourcePolicies')
    .filter(isObject)
    .find((one) => textAt(one, 'policyName') === name)
}
