/**
 * EventBridge Scheduler's operations: schedules of their own, in groups, each with one target.
 * A due time is taken by the commit that stores the delivery and moves the schedule on, so no due time starts anything twice;
 * due times missed while the server was down are made up for by one.
 * Source: EventBridge Scheduler API reference; user guide, "Schedule types", "Flexible time windows", "Context attributes".
 */
import { Alarm } from '../../base/alarm.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { newSeed, seededRandom } from '../../base/random.ts'
import { type Instant, toInstant } from '../../base/time.ts'

import { WireError } from '../../wire/errors.ts'
import { newRequestId } from '../../wire/request-context.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { picked } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, tagList } from '../kit/tags.ts'

import { constraintError, invalidParameter, TAG_ERRORS } from './errors.ts'
import { pageOf, readName, readTags, readText } from './input.ts'
import type { EventStore } from './event-store.ts'
import type { EventsOutbox } from './outbox.ts'
import { isZone, nextDue, parseSchedule, type Schedule } from './schedule-expression.ts'
import { isTargetArn } from './targets.ts'
import { isParameters, universalTargetOf } from './universal-target.ts'

export type SchedulerDeps = Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock' | 'log'> & {
  readonly outbox: EventsOutbox
  readonly store: Pick<EventStore, 'tags' | 'putTags' | 'deleteTags'>
}

interface Row {
  readonly grp: string
  readonly name: string
  readonly data: string
  readonly next_at: number | null
}

const MEMBERS = [
  ...['ActionAfterCompletion', 'Description', 'EndDate', 'FlexibleTimeWindow', 'KmsKeyArn', 'ScheduleExpression'],
  ...['ScheduleExpressionTimezone', 'StartDate', 'State', 'Target'],
]
const DEFAULT = 'default'

const missing = (what: string): WireError => new WireError(404, 'ResourceNotFoundException', `${what} does not exist.`)
const conflict = (what: string): WireError => new WireError(409, 'ConflictException', `${what} already exists.`)

export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #alarm: Alarm

  constructor(deps: SchedulerDeps) {
    this.#deps = deps
    const { clock, log } = deps
    this.#alarm = new Alarm({ clock, log, complaint: 'schedules could not be fired', work: () => this.#fireDue() })
    this.#sql = prepare(deps.database)
  }

  createSchedule(name: string, input: JsonObject): JsonObject {
    const group = readText(input, 'GroupName', 64) ?? DEFAULT
    if (!this.#hasGroup(group)) throw missing(`Schedule group ${group}`)
    if (this.#find(group, name)) throw conflict(`Schedule ${name}`)
    return this.#put(group, name, input, this.#deps.clock.now() / 1000)
  }

  updateSchedule(name: string, input: JsonObject): JsonObject {
    const group = readText(input, 'GroupName', 64) ?? DEFAULT
    const known = this.#find(group, name)
    if (!known) throw missing(`Schedule ${name}`)
    return this.#put(group, name, input, Number(getOwn(known, 'CreationDate')))
  }

  #put(group: string, name: string, input: JsonObject, CreationDate: number): JsonObject {
    readName({ Name: name })
    checkSchedule(input)
    const now = this.#deps.clock.now()
    const data = {
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      ...picked(input, MEMBERS),
      CreationDate,
      LastModificationDate: now / 1000,
    }
    // A rate begins with its start date, or at once.
    const start = getOwn(input, 'StartDate')
    const Origin = typeof start === 'number' ? start * 1000 : now
    this.#store(group, name, { ...data, Origin }, this.#nextOf({ ...data, Origin }, toInstant(now - 1)))
    this.#setAlarm()
    return { ScheduleArn: this.#arn(group, name) }
  }

  getSchedule(group: string, name: string): JsonObject {
    const data = this.#find(group, name)
    if (!data) throw missing(`Schedule ${name}`)
    const shown = picked(data, [...MEMBERS, 'CreationDate', 'LastModificationDate'])
    return { Arn: this.#arn(group, name), GroupName: group, Name: name, ...shown }
  }

  deleteSchedule(group: string, name: string): JsonObject {
    if (!this.#find(group, name)) throw missing(`Schedule ${name}`)
    this.#remove(group, name)
    return {}
  }

  listSchedules(filter: JsonObject): JsonObject {
    const [group, prefix = '', state] = ['GroupName', 'NamePrefix', 'State'].map((member) => readText(filter, member))
    const found = this.#sql.schedules
      .all()
      .filter((row) => (group === undefined || row.grp === group) && row.name.startsWith(prefix))
      .map((row) => ({ row, data: JSON.parse(row.data) as JsonObject }))
      .filter(({ data }) => state === undefined || getOwn(data, 'State') === state)
    const { items, ...next } = pageOf(filter, found, ({ row }) => `${row.grp}/${row.name}`, 'MaxResults')
    const Schedules = items.map(({ row, data }) => ({
      Arn: this.#arn(row.grp, row.name),
      GroupName: row.grp,
      Name: row.name,
      ...picked(data, ['State', 'CreationDate', 'LastModificationDate']),
      Target: { Arn: targetArn(data) },
    }))
    return { Schedules, ...next }
  }

  createGroup(name: string, input: JsonObject): JsonObject {
    readName({ Name: name })
    if (this.#hasGroup(name)) throw conflict(`Schedule group ${name}`)
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    const { database, clock, store } = this.#deps
    database.transaction(() => {
      this.#sql.putGroup.run(name, clock.now())
      store.putTags(this.#groupArn(name), tags)
    })
    return { ScheduleGroupArn: this.#groupArn(name) }
  }

  getGroup(name: string): JsonObject {
    if (!this.#hasGroup(name)) throw missing(`Schedule group ${name}`)
    const madeAt = this.#sql.groupMadeAt.get(name)
    const dates = madeAt === undefined ? {} : { CreationDate: madeAt / 1000, LastModificationDate: madeAt / 1000 }
    return { Arn: this.#groupArn(name), Name: name, State: 'ACTIVE', ...dates }
  }

  listTags(arn: string): JsonObject {
    return { Tags: tagList(this.#deps.store.tags(this.#taggable(arn))) }
  }

  tag(arn: string, input: JsonObject): JsonObject {
    const { store } = this.#deps
    store.putTags(arn, addTags(store.tags(this.#taggable(arn)), readTags(input), TAG_ERRORS))
    return {}
  }

  untag(arn: string, keys: readonly string[]): JsonObject {
    this.#deps.store.deleteTags(this.#taggable(arn), keys)
    return {}
  }

  /** Groups alone have tags. Throws where there is no such group. */
  #taggable(arn: string): string {
    const name = arn.startsWith(this.#groupArn('')) ? arn.slice(this.#groupArn('').length) : undefined
    if (name === undefined) throw invalidParameter(`Tags are of schedule groups: ${arn} is none.`)
    if (!this.#hasGroup(name)) throw missing(`Schedule group ${name}`)
    return arn
  }

  listGroups(filter: JsonObject): JsonObject {
    const names = [DEFAULT, ...this.#sql.groups.all()].sort()
    const { items, ...next } = pageOf(filter, names, (name) => name, 'MaxResults')
    return { ScheduleGroups: items.map((name) => this.getGroup(name)), ...next }
  }

  /** With all its schedules. */
  deleteGroup(name: string): JsonObject {
    if (name === DEFAULT) throw invalidParameter('The default schedule group cannot be deleted.')
    if (!this.#hasGroup(name)) throw missing(`Schedule group ${name}`)
    this.#sql.deleteSchedules.run(name)
    this.#sql.deleteGroup.run(name)
    this.#deps.store.deleteTags(this.#groupArn(name), this.#deps.store.tags(this.#groupArn(name)).keys())
    return {}
  }

  /** Carries on with due times, also with those that were missed. Call at the start. */
  resume(): void {
    this.#alarm.ring()
  }

  /** Sends what is due, and waits for what is due next. */
  #fireDue(): void {
    const { database, outbox, clock } = this.#deps
    for (const row of this.#sql.due.all(clock.now())) database.transaction(() => this.#fire(row))
    outbox.pump()
    this.#setAlarm()
  }

  #fire({ grp, name, data: text, next_at }: Row): void {
    const data = JSON.parse(text) as JsonObject
    const target = getOwn(data, 'Target')
    const uuid = newRequestId()
    const arn = this.#arn(grp, name)
    const at = toInstant(next_at ?? 0)
    if (isObject(target)) {
      const input = withContext(getOwn(target, 'Input') ?? this.#notice(arn, uuid, at), { arn, uuid, at })
      this.#deps.outbox.add({ uuid, target, input, source: arn }, windowMs(data) * seededRandom(newSeed()).next())
    }
    const next = this.#nextOf(data, this.#deps.clock.now())
    const isOver = next === null && getOwn(data, 'ActionAfterCompletion') === 'DELETE'
    if (isOver) this.#remove(grp, name)
    else this.#store(grp, name, data, next)
  }

  /** What a target without an input of its own is given. */
  #notice(arn: string, id: string, at: Instant): string {
    const { region, account } = this.#deps
    return JSON.stringify({
      version: '0',
      id,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: seconds(at),
      region,
      resources: [arn],
      detail: '{}',
    })
  }

  #nextOf(data: JsonObject, after: Instant): number | null {
    const schedule = scheduleOf(data)
    if (!schedule || getOwn(data, 'State') === 'DISABLED') return null
    const origin = toInstant(Number(getOwn(data, 'Origin')))
    const next = nextDue(schedule, toInstant(Math.max(after, origin - 1)), origin)
    const end = getOwn(data, 'EndDate')
    return next === undefined || (typeof end === 'number' && next > end * 1000) ? null : next
  }

  #hasGroup(name: string): boolean {
    return name === DEFAULT || this.#sql.group.get(name) !== undefined
  }

  #find(group: string, name: string): JsonObject | undefined {
    const data = this.#sql.schedule.get(group, name)
    return data === undefined ? undefined : (JSON.parse(data) as JsonObject)
  }

  #store(group: string, name: string, data: JsonObject, nextAt: number | null): void {
    this.#sql.putSchedule.run(group, name, JSON.stringify(data), nextAt)
  }

  #remove(group: string, name: string): void {
    this.#sql.deleteSchedule.run(group, name)
  }

  #setAlarm(): void {
    this.#alarm.setFor(this.#sql.next.get() ?? undefined)
  }

  #arn(group: string, name: string): string {
    return `arn:aws:scheduler:${this.#deps.region}:${this.#deps.account}:schedule/${group}/${name}`
  }

  #groupArn(name: string): string {
    return `arn:aws:scheduler:${this.#deps.region}:${this.#deps.account}:schedule-group/${name}`
  }

  close(): void {
    this.#alarm.close()
  }
}

const prepare = (database: ServicesDatabase) => ({
  groups: database.prepareValue<[], string>('SELECT name FROM scheduler_groups'),
  group: database.prepareValue<[string], string>('SELECT name FROM scheduler_groups WHERE name = ?'),
  groupMadeAt: database.prepareValue<[string], number>('SELECT made_at FROM scheduler_groups WHERE name = ?'),
  putGroup: database.prepare<[string, number]>('INSERT INTO scheduler_groups VALUES (?, ?)'),
  deleteGroup: database.prepare<[string]>('DELETE FROM scheduler_groups WHERE name = ?'),
  schedules: database.prepare<[], Row>('SELECT * FROM scheduler_schedules ORDER BY grp, name'),
  schedule: database.prepareValue<[string, string], string>('SELECT data FROM scheduler_schedules WHERE grp = ? AND name = ?'),
  putSchedule: database.prepare<[string, string, string, number | null]>(
    'INSERT OR REPLACE INTO scheduler_schedules VALUES (?, ?, ?, ?)',
  ),
  deleteSchedule: database.prepare<[string, string]>('DELETE FROM scheduler_schedules WHERE grp = ? AND name = ?'),
  deleteSchedules: database.prepare<[string]>('DELETE FROM scheduler_schedules WHERE grp = ?'),
  due: database.prepare<[number], Row>('SELECT * FROM scheduler_schedules WHERE next_at <= ?'),
  next: database.prepareValue<[], number | null>('SELECT min(next_at) FROM scheduler_schedules'),
})

function scheduleOf(data: JsonObject): Schedule | undefined {
  return parseSchedule(String(getOwn(data, 'ScheduleExpression')), String(getOwn(data, 'ScheduleExpressionTimezone') ?? 'UTC'))
}

function checkSchedule(input: JsonObject): void {
  const zone = readText(input, 'ScheduleExpressionTimezone', 50) ?? 'UTC'
  if (!isZone(zone)) throw invalidParameter(`Provided ScheduleExpressionTimezone is not valid: ${zone}`)
  const expression = readText(input, 'ScheduleExpression', 256)
  if (expression === undefined) throw constraintError(undefined, 'scheduleExpression', 'Member must not be null')
  if (!parseSchedule(expression, zone)) throw invalidParameter(`Invalid Schedule Expression ${expression}.`)
  const window = getOwn(input, 'FlexibleTimeWindow')
  const mode = isObject(window) ? getOwn(window, 'Mode') : undefined
  const minutes = isObject(window) ? getOwn(window, 'MaximumWindowInMinutes') : undefined
  if (mode !== 'OFF' && mode !== 'FLEXIBLE')
    throw constraintError(mode, 'flexibleTimeWindow.mode', 'Member must satisfy enum value set: [OFF, FLEXIBLE]')
  if (mode === 'FLEXIBLE' && !(typeof minutes === 'number' && minutes >= 1 && minutes <= 1440))
    throw invalidParameter('A flexible time window needs MaximumWindowInMinutes from 1 to 1440.')
  const arn = targetArn(input)
  const isUniversal = universalTargetOf(arn) !== undefined
  if (!isUniversal && !isTargetArn(arn)) throw invalidParameter(`Provided Arn is not a target that can be called here: ${arn}`)
  if (isUniversal && !isParameters(String(targetMember(input, 'Input') ?? '')))
    throw invalidParameter('Input of a universal target must be the parameters of its action, as a JSON object.')
  const state = getOwn(input, 'State') ?? 'ENABLED'
  if (state !== 'ENABLED' && state !== 'DISABLED')
    throw constraintError(state, 'state', 'Member must satisfy enum value set: [ENABLED, DISABLED]')
}

const targetArn = (data: JsonObject): string => String(targetMember(data, 'Arn') ?? '')

function targetMember(data: JsonObject, name: string): Json | undefined {
  const target = getOwn(data, 'Target')
  return isObject(target) ? getOwn(target, name) : undefined
}

function windowMs(data: JsonObject): number {
  const window = getOwn(data, 'FlexibleTimeWindow')
  const minutes = isObject(window) && getOwn(window, 'Mode') === 'FLEXIBLE' ? getOwn(window, 'MaximumWindowInMinutes') : 0
  return Number(minutes ?? 0) * 60_000
}

const seconds = (at: Instant): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')

/** `<aws.scheduler.schedule-arn>` and its like in an input. */
function withContext(input: Json, { arn, uuid, at }: { arn: string; uuid: string; at: Instant }): string {
  return String(input)
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', seconds(at))
    .replaceAll('<aws.scheduler.execution-id>', uuid)
    .replaceAll('<aws.scheduler.attempt-number>', '1')
}
