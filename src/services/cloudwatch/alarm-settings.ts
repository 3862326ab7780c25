/**
 * What alarms are set to: read from a request, kept under the API's names, and understood again where they are evaluated.
 * Source: CloudWatch API reference, PutMetricAlarm and PutCompositeAlarm.
 */
import { getOwn, isArray, type Json, type JsonObject } from '../../base/json.ts'

import { objectList, picked } from '../kit/input.ts'

import { COMPARISONS, type Comparison, type Condition, MISSING_DATA } from './alarm-evaluation.ts'
import { parseAlarmRule } from './alarm-rule.ts'
import { invalidCombination, missingParameter, validation } from './errors.ts'
import {
  readDimensions,
  readFlag,
  readNumber,
  readOneOf,
  readPeriod,
  readText,
  readTexts,
  readUnit,
  readWhole,
  renderDimensions,
  requireText,
} from './input.ts'
import { type MetricQuery, readQueries } from './metric-queries.ts'
import { STATISTICS, statisticNamed } from './statistics.ts'

const ACTIONS_MAX = 5
const PERIODS_SECONDS_MAX = 7 * 86_400
/** These compare with a band that anomaly detection would have made. */
const BANDS = ['LessThanLowerOrGreaterThanUpperThreshold', 'LessThanLowerThreshold', 'GreaterThanUpperThreshold'] as const
const ORDERED = Object.keys(COMPARISONS).filter(isComparison)

function isComparison(name: string): name is Comparison {
  return Object.hasOwn(COMPARISONS, name)
}

export function readName(input: JsonObject): string {
  return requireText(input, 'AlarmName', 255)
}

/** Members that all alarms have. */
function readCommon(input: JsonObject): JsonObject {
  const description = readText(input, 'AlarmDescription', 1024)
  const actions = (member: string): readonly string[] => readTexts(input, member, ACTIONS_MAX) ?? []
  return {
    AlarmName: readName(input),
    ...(description !== undefined && { AlarmDescription: description }),
    ActionsEnabled: readFlag(input, 'ActionsEnabled', true),
    OKActions: actions('OKActions'),
    AlarmActions: actions('AlarmActions'),
    InsufficientDataActions: actions('InsufficientDataActions'),
  }
}

export function readCompositeAlarm(input: JsonObject): JsonObject {
  const rule = requireText(input, 'AlarmRule', 10_240)
  parseAlarmRule(rule)
  const suppression = picked(input, ['ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'])
  return { ...readCommon(input), AlarmRule: rule, ...suppression }
}

export function readMetricAlarm(input: JsonObject): JsonObject {
  if (getOwn(input, 'EvaluationCriteria') !== undefined)
    throw validation('The local CloudWatch has no alarms over PromQL queries.')
  const common = readCommon(input)
  const comparison = readOneOf(input, 'ComparisonOperator', [...ORDERED, ...BANDS])
  if (comparison === undefined) throw missingParameter('ComparisonOperator')
  const evaluationPeriods = readWhole(input, 'EvaluationPeriods', 1, PERIODS_SECONDS_MAX)
  if (evaluationPeriods === undefined) throw missingParameter('EvaluationPeriods')
  const datapoints = readWhole(input, 'DatapointsToAlarm', 1, PERIODS_SECONDS_MAX)
  if (datapoints !== undefined && datapoints > evaluationPeriods)
    throw validation('DatapointsToAlarm must be less than or equal to EvaluationPeriods.')
  const threshold = readNumber(input, 'Threshold')
  const band = readText(input, 'ThresholdMetricId')
  if (isComparison(comparison) ? threshold === undefined : band === undefined)
    throw missingParameter(isComparison(comparison) ? 'Threshold' : 'ThresholdMetricId')
  const low = readText(input, 'EvaluateLowSampleCountPercentile')
  if (low !== undefined && low !== 'evaluate' && low !== 'ignore')
    throw validation(
      `Option ${low} is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.`,
    )
  return {
    ...common,
    ...(objectList(input, 'Metrics').length > 0 ? readMath(input, comparison) : readStatistic(input, evaluationPeriods)),
    EvaluationPeriods: evaluationPeriods,
    ...(datapoints !== undefined && { DatapointsToAlarm: datapoints }),
    ...(threshold !== undefined && { Threshold: threshold }),
    ...(band !== undefined && { ThresholdMetricId: band }),
    ComparisonOperator: comparison,
    TreatMissingData: readOneOf(input, 'TreatMissingData', MISSING_DATA) ?? 'missing',
    ...(low !== undefined && { EvaluateLowSampleCountPercentile: low }),
  }
}

function readStatistic(input: JsonObject, evaluationPeriods: number): JsonObject {
  const statistic = readOneOf(input, 'Statistic', STATISTICS)
  const extended = readText(input, 'ExtendedStatistic')
  if ((statistic === undefined) === (extended === undefined))
    throw invalidCombination('Exactly one of the parameters Statistic and ExtendedStatistic must be given.')
  if (extended !== undefined && !statisticNamed(extended))
    throw validation(`The value ${extended} for parameter ExtendedStatistic is not supported.`)
  const period = readPeriod(input)
  if (period === undefined) throw missingParameter('Period')
  if (period * evaluationPeriods > PERIODS_SECONDS_MAX)
    throw validation('Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).')
  const unit = readUnit(input)
  return {
    MetricName: requireText(input, 'MetricName', 255),
    Namespace: requireText(input, 'Namespace', 255),
    ...(statistic === undefined ? { ExtendedStatistic: extended ?? '' } : { Statistic: statistic }),
    Dimensions: renderDimensions(readDimensions(input)),
    Period: period,
    ...(unit !== undefined && { Unit: unit }),
  }
}

/** One query alone is looked at; with a band there is nothing to check, because its function is not here. */
function readMath(input: JsonObject, comparison: string): JsonObject {
  const Metrics: Json = getOwn(input, 'Metrics') ?? []
  if (isComparison(comparison) && readQueries(input, 'Metrics').filter(({ isReturned }) => isReturned).length !== 1)
    throw validation('Exactly one element of the metrics list should return data.')
  return { Metrics }
}

/** What a metric alarm evaluates; undefined where that needs anomaly detection. */
export interface Watched {
  readonly condition: Condition
  readonly queries: readonly MetricQuery[]
  readonly periodSeconds: number
}

export function watchedBy(settings: JsonObject): Watched | undefined {
  const comparison = readText(settings, 'ComparisonOperator') ?? ''
  if (!isComparison(comparison)) return undefined
  const queries = isArray(getOwn(settings, 'Metrics')) ? readQueries(settings, 'Metrics') : [onlyQuery(settings)]
  const evaluationPeriods = readNumber(settings, 'EvaluationPeriods') ?? 1
  return {
    condition: {
      comparison,
      threshold: readNumber(settings, 'Threshold') ?? 0,
      evaluationPeriods,
      datapointsToAlarm: readNumber(settings, 'DatapointsToAlarm') ?? evaluationPeriods,
      missingData: readOneOf(settings, 'TreatMissingData', MISSING_DATA) ?? 'missing',
    },
    queries,
    periodSeconds: Math.max(...queries.map(({ periodSeconds }) => periodSeconds ?? 0)) || 60,
  }
}

const onlyQuery = (settings: JsonObject): MetricQuery => ({
  id: 'm1',
  label: undefined,
  isReturned: true,
  kind: 'metric',
  metric: {
    namespace: readText(settings, 'Namespace') ?? '',
    name: readText(settings, 'MetricName') ?? '',
    dimensions: readDimensions(settings),
  },
  stat: readText(settings, 'Statistic') ?? readText(settings, 'ExtendedStatistic') ?? '',
  periodSeconds: readNumber(settings, 'Period') ?? 60,
  unit: readText(settings, 'Unit'),
})
