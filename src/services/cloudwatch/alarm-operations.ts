/** CloudWatch's actions on alarms. Source: CloudWatch API reference. */
import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { textList } from '../kit/input.ts'
import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagList, tagsObject } from '../kit/tags.ts'

import { alarmsIn, parseAlarmRule, STATES } from './alarm-rule.ts'
import { readCompositeAlarm, readMetricAlarm, readName } from './alarm-settings.ts'
import { type AlarmRow, type AlarmStore, HISTORY_TYPES, KINDS } from './alarm-store.ts'
import { type Alarms, bareName } from './alarms.ts'
import {
  alarmNotFound,
  constraintError,
  invalidFormat,
  invalidToken,
  missingParameter,
  resourceNotFound,
  TAG_ERRORS,
} from './errors.ts'
import {
  readDimensions,
  readNumber,
  readOneOf,
  readTags,
  readText,
  readTexts,
  readTime,
  readUnit,
  readWhole,
  renderDimensions,
  requireText,
  SECOND_MS,
} from './input.ts'

const NAMES_MAX = 100
const PAGE = 50
const TOKENS = pageTokens('cloudwatch-alarms', invalidToken)

export class AlarmOperations {
  readonly #alarms: Alarms
  readonly #store: AlarmStore

  constructor(alarms: Alarms, store: AlarmStore) {
    this.#alarms = alarms
    this.#store = store
  }

  putMetricAlarm(input: JsonObject): JsonObject {
    this.#alarms.put('MetricAlarm', readMetricAlarm(input), printTags(addTags(NO_TAGS, readTags(input), TAG_ERRORS)))
    return {}
  }

  putCompositeAlarm(input: JsonObject): JsonObject {
    this.#alarms.put('CompositeAlarm', readCompositeAlarm(input), printTags(addTags(NO_TAGS, readTags(input), TAG_ERRORS)))
    return {}
  }

  deleteAlarms(input: JsonObject): JsonObject {
    this.#alarms.remove(this.#named(input))
    return {}
  }

  enableAlarmActions(input: JsonObject): JsonObject {
    return this.#switchActions(input, true)
  }

  disableAlarmActions(input: JsonObject): JsonObject {
    return this.#switchActions(input, false)
  }

  #switchActions(input: JsonObject, ActionsEnabled: boolean): JsonObject {
    for (const alarm of this.#named(input)) {
      const settings = JSON.stringify({ ...objectOf(alarm.settings), ActionsEnabled })
      this.#alarms.change(alarm, { settings })
    }
    return {}
  }

  setAlarmState(input: JsonObject): JsonObject {
    const state = readOneOf(input, 'StateValue', STATES)
    if (state === undefined) throw missingParameter('StateValue')
    const reason = readText(input, 'StateReason', 1023)
    if (reason === undefined) throw missingParameter('StateReason')
    const reasonData = readText(input, 'StateReasonData', 4000) ?? null
    if (reasonData !== null && !objectOf(reasonData)) throw invalidFormat('StateReasonData is no JSON object.')
    const alarm = this.#store.find(readName(input))
    if (!alarm) throw alarmNotFound()
    this.#alarms.setState(alarm, { state, reason, reasonData })
    return {}
  }

  /** Of metrics alone, unless others are asked for. */
  describeAlarms(input: JsonObject): JsonObject {
    const names = readTexts(input, 'AlarmNames', NAMES_MAX)
    const prefix = readText(input, 'AlarmNamePrefix') ?? ''
    const kinds = readTexts(input, 'AlarmTypes') ?? ['MetricAlarm']
    const wrong = kinds.find((kind) => !KINDS.some((known) => known === kind))
    if (wrong !== undefined)
      throw constraintError(wrong, 'AlarmTypes', `Member must satisfy enum value set: [${KINDS.join(', ')}]`)
    const state = readOneOf(input, 'StateValue', STATES)
    const action = readText(input, 'ActionPrefix')
    const children = this.#childrenOf(readText(input, 'ChildrenOfAlarmName'))
    const parentsOf = readText(input, 'ParentsOfAlarmName')
    const size = readWhole(input, 'MaxRecords', 1, 100) ?? PAGE
    const after = TOKENS.placeOf(readText(input, 'NextToken'))
    const isWanted = (alarm: AlarmRow): boolean =>
      (children || parentsOf !== undefined || kinds.includes(alarm.kind)) &&
      (names === undefined || names.includes(alarm.name)) &&
      alarm.name.startsWith(prefix) &&
      (state === undefined || alarm.state === state) &&
      (action === undefined || actionsOf(alarm).some((target) => target.startsWith(action))) &&
      (!children || children.includes(alarm.name)) &&
      (parentsOf === undefined || childrenIn(alarm).includes(parentsOf))
    const { items, last } = cutPage(this.#store.list(after).filter(isWanted), size)
    const shown = (kind: AlarmRow['kind']) => items.filter((alarm) => alarm.kind === kind).map((alarm) => this.#render(alarm))
    return {
      MetricAlarms: shown('MetricAlarm'),
      CompositeAlarms: shown('CompositeAlarm'),
      ...(last && { NextToken: TOKENS.print([last.name]) }),
    }
  }

  #childrenOf(name: string | undefined): readonly string[] | undefined {
    if (name === undefined) return undefined
    const alarm = this.#store.find(name)
    return alarm ? childrenIn(alarm) : []
  }

  describeAlarmsForMetric(input: JsonObject): JsonObject {
    const [name, namespace] = [requireText(input, 'MetricName'), requireText(input, 'Namespace')]
    const dimensions = JSON.stringify(renderDimensions(readDimensions(input)))
    const wanted: readonly (readonly [string, string | number | undefined])[] = [
      ['MetricName', name],
      ['Namespace', namespace],
      ['Statistic', readText(input, 'Statistic')],
      ['ExtendedStatistic', readText(input, 'ExtendedStatistic')],
      ['Period', readNumber(input, 'Period')],
      ['Unit', readUnit(input)],
    ]
    const alarms = this.#store.list().filter((alarm) => {
      const settings = objectOf(alarm.settings) ?? {}
      return (
        wanted.every(([member, value]) => value === undefined || getOwn(settings, member) === value) &&
        JSON.stringify(getOwn(settings, 'Dimensions')) === dimensions
      )
    })
    return { MetricAlarms: alarms.map((alarm) => this.#render(alarm)) }
  }

  /** Newest first unless asked otherwise. */
  describeAlarmHistory(input: JsonObject): JsonObject {
    const kinds = readTexts(input, 'AlarmTypes') ?? ['MetricAlarm']
    const size = readWhole(input, 'MaxRecords', 1, 100) ?? NAMES_MAX
    const token = readText(input, 'NextToken')
    const rows = this.#store.history({
      alarm: readText(input, 'AlarmName') ?? null,
      type: readOneOf(input, 'HistoryItemType', HISTORY_TYPES) ?? null,
      fromMs: readTime(input, 'StartDate') ?? 0,
      toMs: readTime(input, 'EndDate') ?? Number.MAX_SAFE_INTEGER,
      isAscending: readText(input, 'ScanBy') === 'TimestampAscending',
      after: token === undefined ? undefined : Number(TOKENS.placeOf(token)),
      limit: size + 1,
    })
    const { items, last } = cutPage(rows, size)
    return {
      AlarmHistoryItems: items
        .filter(({ kind }) => kinds.includes(kind) || readText(input, 'AlarmName') !== undefined)
        .map(({ alarm, kind, type, atMs, summary, data }) => ({
          AlarmName: alarm,
          AlarmType: kind,
          Timestamp: atMs / SECOND_MS,
          HistoryItemType: type,
          HistorySummary: summary,
          HistoryData: data,
        })),
      ...(last && { NextToken: TOKENS.print([String(last.id)]) }),
    }
  }

  // ---- tags ----

  tagResource(input: JsonObject): JsonObject {
    const alarm = this.#resource(input)
    this.#alarms.change(alarm, { tags: printTags(addTags(tagsIn(alarm), readTags(input), TAG_ERRORS)) })
    return {}
  }

  untagResource(input: JsonObject): JsonObject {
    const alarm = this.#resource(input)
    this.#alarms.change(alarm, { tags: printTags(removeTags(tagsIn(alarm), readTexts(input, 'TagKeys') ?? [])) })
    return {}
  }

  listTagsForResource(input: JsonObject): JsonObject {
    return { Tags: tagList(tagsIn(this.#resource(input))) }
  }

  // ---- shared ----

  /** All that are named. Throws ResourceNotFound where one is not there: then nothing is done. */
  #named(input: JsonObject): readonly AlarmRow[] {
    const names = readTexts(input, 'AlarmNames', NAMES_MAX)
    if (names === undefined) throw missingParameter('AlarmNames')
    return [...new Set(names)].map((name) => {
      const alarm = this.#store.find(bareName(name))
      if (!alarm) throw alarmNotFound()
      return alarm
    })
  }

  #resource(input: JsonObject): AlarmRow {
    const arn = requireText(input, 'ResourceARN')
    const alarm = bareName(arn) === arn ? undefined : this.#store.find(bareName(arn))
    if (!alarm) throw resourceNotFound()
    return alarm
  }

  #render({ name, settings, updatedMs, state, reason, reasonData, stateMs, changedMs }: AlarmRow): JsonObject {
    return {
      ...objectOf(settings),
      AlarmArn: this.#alarms.arnOf(name),
      AlarmConfigurationUpdatedTimestamp: updatedMs / SECOND_MS,
      StateValue: state,
      StateReason: reason,
      ...(reasonData !== null && { StateReasonData: reasonData }),
      StateUpdatedTimestamp: stateMs / SECOND_MS,
      StateTransitionedTimestamp: changedMs / SECOND_MS,
    }
  }
}

const actionsOf = ({ settings }: AlarmRow): readonly string[] => {
  const all = objectOf(settings) ?? {}
  return ['OKActions', 'AlarmActions', 'InsufficientDataActions'].flatMap((member) => textList(all, member))
}

const childrenIn = ({ settings }: AlarmRow): readonly string[] => {
  const rule = getOwn(objectOf(settings) ?? {}, 'AlarmRule')
  return typeof rule === 'string' ? alarmsIn(parseAlarmRule(rule)).map(bareName) : []
}

const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
const tagsIn = ({ tags }: AlarmRow): Tags =>
  new Map(Object.entries(objectOf(tags) ?? {}).map(([key, value]) => [key, String(value)]))
