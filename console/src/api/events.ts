/** EventBridge (JSON 1.1) and EventBridge Scheduler (REST). */
import { SERVICES } from '../../../src/aws/services.ts'
import type { Page } from '../ui/use-pages.ts'
import { callJson, readJson } from './client.ts'

export interface Rule {
  readonly Name: string
  readonly Arn: string
  readonly EventBusName: string
  readonly State: string
  readonly Description?: string
  readonly EventPattern?: string
  readonly ScheduleExpression?: string
}

export interface Target {
  readonly Id: string
  readonly Arn: string
  readonly Input?: string
  readonly InputPath?: string
}

export const callEvents = (operation: string, input: object, signal?: AbortSignal): Promise<unknown> =>
  callJson(SERVICES.eventbridge, operation, input, signal)

export const listBuses = async (signal: AbortSignal): Promise<readonly string[]> =>
  ((await callEvents('ListEventBuses', {}, signal)) as { EventBuses: readonly { readonly Name: string }[] }).EventBuses.map(
    ({ Name }) => Name,
  )

export async function listRules(bus: string, token: string | undefined, signal: AbortSignal): Promise<Page<Rule>> {
  const input = { EventBusName: bus, Limit: 100, ...(token !== undefined && { NextToken: token }) }
  const { Rules, NextToken } = (await callEvents('ListRules', input, signal)) as {
    Rules: readonly Rule[]
    NextToken?: string
  }
  return { items: Rules, next: NextToken }
}

export const listTargets = async (bus: string, rule: string, signal?: AbortSignal): Promise<readonly Target[]> =>
  (
    (await callEvents('ListTargetsByRule', { EventBusName: bus, Rule: rule }, signal)) as {
      Targets: readonly Target[]
    }
  ).Targets

/** With its targets, which AWS wants gone first. */
export async function deleteRule(bus: string, rule: string): Promise<void> {
  const Ids = (await listTargets(bus, rule)).map(({ Id }) => Id)
  if (Ids.length > 0) await callEvents('RemoveTargets', { EventBusName: bus, Rule: rule, Ids })
  await callEvents('DeleteRule', { EventBusName: bus, Name: rule })
}

export interface Schedule {
  readonly Name: string
  readonly GroupName: string
  readonly State: string
  readonly Target: { readonly Arn: string; readonly Input?: string; readonly RoleArn?: string }
  readonly ScheduleExpression?: string
  readonly ScheduleExpressionTimezone?: string
  readonly Description?: string
  readonly FlexibleTimeWindow?: { readonly Mode: string; readonly MaximumWindowInMinutes?: number }
  /** Epoch seconds, as the next three. */
  readonly CreationDate?: number
  readonly LastModificationDate?: number
  readonly StartDate?: number
  readonly EndDate?: number
}

/** By its scope the server tells Scheduler's paths from buckets of the same names; the signature is not looked at. */
const SCOPE = 'AWS4-HMAC-SHA256 Credential=console/20260101/us-east-1/scheduler/aws4_request, SignedHeaders=host, Signature=0'

export async function callScheduler(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const headers = { authorization: SCOPE, 'x-amz-date': '20260101T000000Z', 'content-type': 'application/json' }
  const text = body === undefined ? null : JSON.stringify(body)
  return readJson(await fetch(path, { method, headers, body: text, signal: signal ?? null }))
}

export const pathOfSchedule = ({ Name, GroupName }: Pick<Schedule, 'Name' | 'GroupName'>): string =>
  `/schedules/${encodeURIComponent(Name)}?${new URLSearchParams({ groupName: GroupName })}`

export async function listSchedules(token: string | undefined, signal: AbortSignal): Promise<Page<Schedule>> {
  const query = new URLSearchParams({ MaxResults: '100', ...(token !== undefined && { NextToken: token }) })
  const { Schedules, NextToken } = (await callScheduler('GET', `/schedules?${query}`, undefined, signal)) as {
    Schedules: readonly Schedule[]
    NextToken?: string
  }
  return { items: Schedules, next: NextToken }
}

export const getSchedule = async (of: Pick<Schedule, 'Name' | 'GroupName'>, signal?: AbortSignal): Promise<Schedule> =>
  (await callScheduler('GET', pathOfSchedule(of), undefined, signal)) as Schedule

/** The role that AWS wants for a target; here nobody asks for its permissions. */
export const roleFor = (arn: string): string => `arn:aws:iam::${arn.split(':')[4] ?? ''}:role/regente-events`
