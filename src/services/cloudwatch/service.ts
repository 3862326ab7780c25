/** CloudWatch's operations by their names, in JSON. */
import type { JsonObject } from '../../base/json.ts'

import type { ServiceEvent } from '../../aws/service-events.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { AlarmActions } from './alarm-actions.ts'
import { AlarmOperations } from './alarm-operations.ts'
import { AlarmStore } from './alarm-store.ts'
import { Alarms } from './alarms.ts'
import { Dashboards } from './dashboards.ts'
import { MetricStore } from './metric-store.ts'
import { Metrics } from './metrics.ts'

export type CloudWatchDeps = Pick<
  ServiceDeps,
  'database' | 'clock' | 'log' | 'region' | 'account' | 'endpoint' | 'credentials'
> & {
  /** For the default event bus, in the commit of what they tell of. */
  readonly publishEvents: (events: readonly ServiceEvent[]) => void
}

export type MetricsOperation = (input: JsonObject) => JsonObject

export class CloudWatchService {
  readonly operations: ReadonlyMap<string, MetricsOperation>
  readonly #alarms: Alarms

  constructor(deps: CloudWatchDeps) {
    const { database, clock } = deps
    // First: it makes the tables of all.
    const metricStore = new MetricStore(database, clock)
    const store = new AlarmStore(database, clock)
    const actions = new AlarmActions({ ...deps, store })
    this.#alarms = new Alarms({ ...deps, store, metrics: metricStore, actions })
    const metrics = new Metrics(metricStore, clock)
    const dashboards = new Dashboards(database, deps)
    this.operations = operationsOf(metrics, new AlarmOperations(this.#alarms, store), dashboards)
  }

  resume(): void {
    this.#alarms.resume()
  }

  close(): void {
    this.#alarms.close()
  }
}

const operationsOf = (metrics: Metrics, alarms: AlarmOperations, dashboards: Dashboards) =>
  new Map<string, MetricsOperation>([
    ['PutMetricData', (input) => metrics.putMetricData(input)],
    ['GetMetricData', (input) => metrics.getMetricData(input)],
    ['GetMetricStatistics', (input) => metrics.getMetricStatistics(input)],
    ['ListMetrics', (input) => metrics.listMetrics(input)],
    ['PutMetricAlarm', (input) => alarms.putMetricAlarm(input)],
    ['PutCompositeAlarm', (input) => alarms.putCompositeAlarm(input)],
    ['DescribeAlarms', (input) => alarms.describeAlarms(input)],
    ['DescribeAlarmsForMetric', (input) => alarms.describeAlarmsForMetric(input)],
    ['DescribeAlarmHistory', (input) => alarms.describeAlarmHistory(input)],
    ['DeleteAlarms', (input) => alarms.deleteAlarms(input)],
    ['SetAlarmState', (input) => alarms.setAlarmState(input)],
    ['EnableAlarmActions', (input) => alarms.enableAlarmActions(input)],
    ['DisableAlarmActions', (input) => alarms.disableAlarmActions(input)],
    ['TagResource', (input) => alarms.tagResource(input)],
    ['UntagResource', (input) => alarms.untagResource(input)],
    ['ListTagsForResource', (input) => alarms.listTagsForResource(input)],
    ['PutDashboard', (input) => dashboards.putDashboard(input)],
    ['GetDashboard', (input) => dashboards.getDashboard(input)],
    ['ListDashboards', (input) => dashboards.listDashboards(input)],
    ['DeleteDashboards', (input) => dashboards.deleteDashboards(input)],
  ])
