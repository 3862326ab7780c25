/**
 * What others are told of a change of an alarm's state: subscribers of a topic, a function, the event bus.
 * Source: CloudWatch user guide, "Alarm events and EventBridge", "Invoke a Lambda function from an alarm"; messages as AWS sends them.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import { formatIso, toInstant } from '../../base/time.ts'

import type { ServiceEvent } from '../../aws/service-events.ts'

import { objectList, picked } from '../kit/input.ts'

import type { AlarmRow } from './alarm-store.ts'

export interface Change {
  readonly before: AlarmRow
  readonly after: AlarmRow
  readonly arn: string
  readonly account: string
  readonly region: string
}

const REGIONS: ReadonlyMap<string, string> = new Map([
  ['us-east-1', 'US East (N. Virginia)'],
  ['us-east-2', 'US East (Ohio)'],
  ['us-west-1', 'US West (N. California)'],
  ['us-west-2', 'US West (Oregon)'],
  ['ca-central-1', 'Canada (Central)'],
  ['sa-east-1', 'South America (Sao Paulo)'],
  ['eu-central-1', 'EU (Frankfurt)'],
  ['eu-north-1', 'EU (Stockholm)'],
  ['eu-south-1', 'EU (Milan)'],
  ['eu-west-1', 'EU (Ireland)'],
  ['eu-west-2', 'EU (London)'],
  ['eu-west-3', 'EU (Paris)'],
  ['ap-northeast-1', 'Asia Pacific (Tokyo)'],
  ['ap-northeast-2', 'Asia Pacific (Seoul)'],
  ['ap-south-1', 'Asia Pacific (Mumbai)'],
  ['ap-southeast-1', 'Asia Pacific (Singapore)'],
  ['ap-southeast-2', 'Asia Pacific (Sydney)'],
])

const regionName = (region: string): string => REGIONS.get(region) ?? region

/** ISO 8601 with `+0000`, as Java writes it. */
export const javaTime = (ms: number): string => formatIso(toInstant(ms)).replace('Z', '+0000')

export const subjectOf = ({ after, region }: Change): string =>
  `${after.state}: "${after.name}" in ${regionName(region)}`.slice(0, 100)

/** The text of the message to a topic. */
export function topicMessage({ before, after, arn, account, region }: Change): string {
  const settings = objectOf(after.settings) ?? {}
  return JSON.stringify({
    AlarmName: after.name,
    AlarmDescription: getOwn(settings, 'AlarmDescription') ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: javaTime(after.updatedMs),
    NewStateValue: after.state,
    NewStateReason: after.reason,
    StateChangeTime: javaTime(after.stateMs),
    Region: regionName(region),
    AlarmArn: arn,
    OldStateValue: before.state,
    ...picked(settings, ['OKActions', 'AlarmActions', 'InsufficientDataActions']),
    ...(after.kind === 'CompositeAlarm' ? picked(settings, ['AlarmRule']) : { Trigger: triggerOf(settings) }),
  })
}

const SHORT_STATISTICS: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
}

function triggerOf(settings: JsonObject): JsonObject {
  const statistic = String(getOwn(settings, 'Statistic') ?? '')
  const extended = getOwn(settings, 'ExtendedStatistic')
  const dimensions = objectList(settings, 'Dimensions').map((one) => ({
    value: getOwn(one, 'Value') ?? '',
    name: getOwn(one, 'Name') ?? '',
  }))
  const ofMetric = {
    ...picked(settings, ['MetricName', 'Namespace']),
    ...(extended === undefined
      ? { StatisticType: 'Statistic', Statistic: SHORT_STATISTICS[statistic] ?? statistic }
      : { StatisticType: 'ExtendedStatistic', ExtendedStatistic: extended }),
    Unit: getOwn(settings, 'Unit') ?? null,
    Dimensions: dimensions,
    ...picked(settings, ['Period']),
  }
  return {
    ...(getOwn(settings, 'Metrics') === undefined ? ofMetric : picked(settings, ['Metrics'])),
    ...picked(settings, ['EvaluationPeriods', 'DatapointsToAlarm', 'ComparisonOperator', 'Threshold', 'TreatMissingData']),
    EvaluateLowSampleCountPercentile: getOwn(settings, 'EvaluateLowSampleCountPercentile') ?? '',
  }
}

const stateOf = ({ state, reason, reasonData, stateMs }: AlarmRow): JsonObject => ({
  value: state,
  reason,
  ...(reasonData !== null && { reasonData }),
  timestamp: javaTime(stateMs),
})

/** The event for a function. */
export function functionEvent({ before, after, arn, account, region }: Change): string {
  const alarmData = {
    alarmName: after.name,
    state: stateOf(after),
    previousState: stateOf(before),
    configuration: configurationOf(after),
  }
  return JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: arn,
    accountId: account,
    time: javaTime(after.stateMs),
    region,
    alarmData,
  })
}

export function busEvent({ before, after, arn }: Change): ServiceEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [arn],
    detail: {
      alarmName: after.name,
      state: stateOf(after),
      previousState: stateOf(before),
      configuration: configurationOf(after),
    },
  }
}

function configurationOf({ settings: text, kind }: AlarmRow): JsonObject {
  const settings = objectOf(text) ?? {}
  const description = getOwn(settings, 'AlarmDescription')
  const told = description === undefined ? {} : { description }
  if (kind === 'CompositeAlarm') return { ...told, alarmRule: getOwn(settings, 'AlarmRule') ?? '' }
  const queries = objectList(settings, 'Metrics')
  return { ...told, metrics: queries.length > 0 ? queries.map(queryOf) : [queryOf(onlyQuery(settings))] }
}

const onlyQuery = (settings: JsonObject): JsonObject => ({
  Id: 'm1',
  MetricStat: {
    Metric: picked(settings, ['Namespace', 'MetricName', 'Dimensions']),
    Period: getOwn(settings, 'Period') ?? 60,
    Stat: getOwn(settings, 'Statistic') ?? getOwn(settings, 'ExtendedStatistic') ?? '',
  },
  ReturnData: true,
})

function queryOf(query: JsonObject): JsonObject {
  const stat = getOwn(query, 'MetricStat')
  const metric = isObject(stat) ? getOwn(stat, 'Metric') : undefined
  const given = (member: string): Json | undefined => getOwn(query, member)
  return {
    id: given('Id') ?? '',
    ...(given('Expression') !== undefined && { expression: given('Expression') ?? '' }),
    ...(given('Label') !== undefined && { label: given('Label') ?? '' }),
    ...(isObject(stat) &&
      isObject(metric) && {
        metricStat: {
          metric: {
            namespace: getOwn(metric, 'Namespace') ?? '',
            name: getOwn(metric, 'MetricName') ?? '',
            dimensions: Object.fromEntries(
              objectList(metric, 'Dimensions').map((one) => [String(getOwn(one, 'Name')), getOwn(one, 'Value') ?? '']),
            ),
          },
          period: getOwn(stat, 'Period') ?? 60,
          stat: getOwn(stat, 'Stat') ?? '',
        },
      }),
    returnData: given('ReturnData') ?? true,
  }
}
