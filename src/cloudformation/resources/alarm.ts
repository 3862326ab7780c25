/**
 * CloudWatch's alarms, of a metric and of other alarms, and its dashboards.
 * Source: CloudFormation, AWS::CloudWatch::Alarm, AWS::CloudWatch::CompositeAlarm and AWS::CloudWatch::Dashboard; CloudWatch API
 * reference, PutMetricAlarm, PutCompositeAlarm, PutDashboard.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { isSameDocument } from './policy-document.ts'
import {
  arnOf,
  booleanAt,
  changeOf,
  claim,
  type Declared,
  listAt,
  numbersAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'
import { typed } from './typed.ts'

const CLOUDWATCH = SERVICES.cloudwatch

interface AlarmKind {
  readonly put: 'PutMetricAlarm' | 'PutCompositeAlarm'
  readonly type: 'MetricAlarm' | 'CompositeAlarm'
  readonly ignores?: readonly string[]
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
  readonly lists: readonly string[]
  /** What goes without saying, so that what a template no longer says is changed back. */
  readonly unset: JsonObject
}

const ACTIONS = ['AlarmActions', 'InsufficientDataActions', 'OKActions']

const alarmOf = (kind: AlarmKind): ResourceType => ({
  ...(kind.ignores && { ignores: kind.ignores }),
  replacedBy: ['AlarmName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const AlarmName = textAt(properties, 'AlarmName') ?? physicalName(context, id, 255)
    const settings = settingsOf(kind, properties)
    const found = claim(await describe(kind, AlarmName, aws), resource, AlarmName, context)
    const all = [...kind.texts, ...kind.numbers, ...kind.lists, 'ActionsEnabled']
    const isSame = found !== undefined && all.every((name) => comparable(found[name]) === comparable(settings[name]))
    const Tags = tagList(tagMapOf(properties))
    // Of an alarm that is there the call ignores tags.
    if (!isSame) await aws.json(CLOUDWATCH, kind.put, { AlarmName, ...settings, ...(Tags.length > 0 && { Tags }) })
    const arn = arnOf(context, 'cloudwatch', `alarm:${AlarmName}`)
    const hasOtherTags = found !== undefined && (await changeWatchTags(resource, arn, aws))
    return { ref: AlarmName, attributes: { Arn: arn }, change: changeOf(found, !isSame, hasOtherTags) }
  },
  async remove(ref, aws) {
    const deleted = aws.json(CLOUDWATCH, 'DeleteAlarms', { AlarmNames: [ref] })
    await orUndefined(deleted, 'ResourceNotFound', 'ResourceNotFoundException')
    return undefined
  },
})

export const alarm = alarmOf({
  put: 'PutMetricAlarm',
  type: 'MetricAlarm',
  ignores: ['EvaluationCriteria', 'EvaluationInterval', 'EvaluationWindow', 'WarmUpConfiguration'],
  texts: [
    ...['AlarmDescription', 'ComparisonOperator', 'EvaluateLowSampleCountPercentile', 'ExtendedStatistic', 'MetricName'],
    ...['Namespace', 'Statistic', 'ThresholdMetricId', 'TreatMissingData', 'Unit'],
  ],
  numbers: ['DatapointsToAlarm', 'EvaluationPeriods', 'Period', 'Threshold'],
  lists: [...ACTIONS, 'Dimensions', 'Metrics'],
  unset: { TreatMissingData: 'missing' },
})

export const compositeAlarm = alarmOf({
  put: 'PutCompositeAlarm',
  type: 'CompositeAlarm',
  texts: ['ActionsSuppressor', 'AlarmDescription', 'AlarmRule'],
  numbers: ['ActionsSuppressorExtensionPeriod', 'ActionsSuppressorWaitPeriod'],
  lists: ACTIONS,
  unset: {},
})

async function describe({ type }: AlarmKind, name: string, aws: Aws): Promise<JsonObject | undefined> {
  const answer = await aws.json(CLOUDWATCH, 'DescribeAlarms', { AlarmNames: [name], AlarmTypes: [type] })
  return listAt(answer, `${type}s`).find(isObject)
}

const KINDS = { numbers: ['Period'], flags: ['ReturnData'] }

function settingsOf({ texts, numbers, lists, unset }: AlarmKind, properties: JsonObject): JsonObject {
  const given = lists.map((name): [string, Json] => [name, typed(listAt(properties, name), KINDS)])
  return {
    ...unset,
    ActionsEnabled: booleanAt(properties, 'ActionsEnabled') ?? true,
    ...textsAt(properties, texts),
    ...numbersAt(properties, numbers),
    ...Object.fromEntries(given.filter(([, list]) => isArray(list) && list.length > 0)),
  }
}

/** Lists are shown in any order, and empty ones where none were given. */
function comparable(value: Json | undefined): string {
  if (!isArray(value)) return stableJson(value ?? null)
  return value.length === 0 ? stableJson(null) : stableJson(value.map((item) => stableJson(item)).sort())
}

const changeWatchTags = (resource: Declared, ResourceARN: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    list: async () => tagMapOf(await aws.json(CLOUDWATCH, 'ListTagsForResource', { ResourceARN })),
    put: (tags) => aws.json(CLOUDWATCH, 'TagResource', { ResourceARN, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.json(CLOUDWATCH, 'UntagResource', { ResourceARN, TagKeys }),
  })

export const dashboard: ResourceType = {
  ignores: ['Tags'],
  replacedBy: ['DashboardName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const DashboardName = textAt(properties, 'DashboardName') ?? physicalName(context, id, 255)
    const document = objectAt(properties, 'DashboardBody')
    const DashboardBody = document === undefined ? requiredText(properties, 'DashboardBody') : JSON.stringify(document)
    const asked = aws.json(CLOUDWATCH, 'GetDashboard', { DashboardName })
    const found = claim(await orUndefined(asked, ...MISSING), resource, DashboardName, context)
    const isSame = found !== undefined && isSameDocument(textAt(found, 'DashboardBody'), DashboardBody)
    if (!isSame) await aws.json(CLOUDWATCH, 'PutDashboard', { DashboardName, DashboardBody })
    return { ref: DashboardName, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(CLOUDWATCH, 'DeleteDashboards', { DashboardNames: [ref] }), ...MISSING)
    return undefined
  },
}

const MISSING = ['DashboardNotFoundError', 'ResourceNotFound', 'ResourceNotFoundException']
