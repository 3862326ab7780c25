/**
 * EventBridge's operations for rules, targets and events; for buses see `buses.ts`. A rule's due time moves on in the commit that stores what is to
 * be sent, so one due time is sent once over crashes; due times missed while the server was down are made up for by one.
 * Source: EventBridge API reference; texts as recorded (conformance family services, events-task-service-put-events*).
 */
import { Alarm } from '../../base/alarm.ts'
import { AWS_LIMITS } from '../../base/limits.ts'
import { getOwn, isArray, type Json, type JsonObject, utf8Length } from '../../base/json.ts'
import { exactObjectOf, objectOf } from '../../base/json-text.ts'
import { type Instant, toInstant } from '../../base/time.ts'

import { newRequestId } from '../../wire/request-context.ts'
import type { ServiceEvent } from '../../aws/service-events.ts'

import { picked } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, tagList } from '../kit/tags.ts'

import { busNotFound, constraintError, eventsError, invalidParameter, ruleNotFound, TAG_ERRORS } from './errors.ts'
import { busNameOf, DEFAULT_BUS, EventBuses } from './buses.ts'
import type { EventStore, Rule } from './event-store.ts'
import { pageOf, readName, readObjects, readTags, readText, readTexts } from './input.ts'
import type { EventsOutbox } from './outbox.ts'
import { matcherOf, parsePattern } from './pattern.ts'
import { nextDue, parseSchedule } from './schedule-expression.ts'
import { isTargetArn } from './targets.ts'
import { checkTargetInput, targetInput } from './target-input.ts'

export type EventsServiceDeps = Pick<ServiceDeps, 'region' | 'account' | 'clock' | 'log' | 'limits'> & {
  readonly store: EventStore
  readonly outbox: EventsOutbox
  readonly archives: {
    /** Hears of each event that a bus takes in, within the commit. */
    keep(bus: string, event: JsonObject): void
    hasAny(bus: string): boolean
  }
}

/** An event before it has an id. */
interface NewEvent extends ServiceEvent {
  readonly time?: Instant
}

const ENTRIES_MAX = 10
const TARGETS_MAX = 100
const TARGETS_OF_RULE_MAX = 5
const RULE_MEMBERS = ['EventPattern', 'ScheduleExpression', 'State', 'Description', 'RoleArn']
const STATES: readonly Json[] = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']

export class EventsService {
  readonly buses: EventBuses
  readonly #deps: EventsServiceDeps
  readonly #alarm: Alarm

  constructor(deps: EventsServiceDeps) {
    this.#deps = deps
    this.buses = new EventBuses(deps)
    const { clock, log } = deps
    this.#alarm = new Alarm({ clock, log, complaint: 'rules could not be fired', work: () => this.#fireDue() })
  }

  /** Throws where an ARN is of no bus that is there. */
  checkBus(arn: string): void {
    const name = busNameOf(arn)
    if (name === arn || !this.buses.has(name)) throw busNotFound(name)
  }

  #arn(resource: string): string {
    return `arn:aws:events:${this.#deps.region}:${this.#deps.account}:${resource}`
  }

  #ruleArn(bus: string, name: string): string {
    return this.#arn(`rule/${bus === DEFAULT_BUS ? '' : `${bus}/`}${name}`)
  }

  // ---- rules

  putRule(input: JsonObject): JsonObject {
    const name = readName(input)
    const bus = this.buses.read(input)
    const pattern = readText(input, 'EventPattern', 4096)
    const expression = readText(input, 'ScheduleExpression', 256)
    const state = getOwn(input, 'State') ?? 'ENABLED'
    if (!STATES.includes(state))
      throw constraintError(state, 'state', `Member must satisfy enum value set: [${STATES.join(', ')}]`)
    if (!pattern && !expression) throw invalidParameter('Parameter(s) EventPattern or ScheduleExpression must be specified.')
    if (pattern) parsePattern(pattern)
    if (expression && bus !== DEFAULT_BUS)
      throw invalidParameter('ScheduleExpression is supported only on the default event bus.')
    const schedule = expression ? parseSchedule(expression) : undefined
    if (expression && (!schedule || schedule.kind === 'at')) throw invalidParameter('Parameter ScheduleExpression is not valid.')
    const { store, clock } = this.#deps
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    const known = store.rule(bus, name)
    const isSame = known !== undefined && getOwn(known.data, 'ScheduleExpression') === expression
    const origin = isSame ? (getOwn(known.data, 'Origin') ?? clock.now()) : clock.now()
    const data = { ...picked({ ...input, State: state }, RULE_MEMBERS), Origin: origin }
    store.putRule(bus, name, data, this.#nextOf(data), () => known ?? store.putTags(this.#ruleArn(bus, name), tags))
    this.#setAlarm()
    return { RuleArn: this.#ruleArn(bus, name) }
  }

  /** The due time that follows now; null where the rule has no schedule or is disabled. */
  #nextOf(data: JsonObject): number | null {
    const expression = getOwn(data, 'ScheduleExpression')
    const schedule = typeof expression === 'string' ? parseSchedule(expression) : undefined
    if (!schedule || getOwn(data, 'State') === 'DISABLED') return null
    return nextDue(schedule, this.#deps.clock.now(), toInstant(Number(getOwn(data, 'Origin')))) ?? null
  }

  describeRule(input: JsonObject): JsonObject {
    const rule = this.#readRule(input)
    return { ...this.#renderRule(rule), CreatedBy: this.#deps.account }
  }

  listRules(input: JsonObject): JsonObject {
    const bus = this.buses.read(input)
    const prefix = readText(input, 'NamePrefix') ?? ''
    const rules = this.#deps.store.rulesOf(bus).filter(({ name }) => name.startsWith(prefix))
    const { items, ...next } = pageOf(input, rules, ({ name }) => name)
    return { Rules: items.map((rule) => this.#renderRule(rule)), ...next }
  }

  #renderRule(rule: Rule): JsonObject {
    const shown = picked(rule.data, RULE_MEMBERS)
    return { Name: rule.name, Arn: this.#ruleArn(rule.bus, rule.name), EventBusName: rule.bus, ...shown }
  }

  deleteRule(input: JsonObject): JsonObject {
    const name = readName(input)
    const bus = this.buses.read(input)
    const { store } = this.#deps
    if (store.targetsOf(bus, name).length > 0) throw invalidParameter("Rule can't be deleted since it has targets.")
    store.deleteRule(bus, name)
    const arn = this.#ruleArn(bus, name)
    store.deleteTags(arn, store.tags(arn).keys())
    return {}
  }

  enableRule(input: JsonObject): JsonObject {
    return this.#setState(input, 'ENABLED')
  }

  disableRule(input: JsonObject): JsonObject {
    return this.#setState(input, 'DISABLED')
  }

  #setState(input: JsonObject, State: string): JsonObject {
    const rule = this.#readRule(input)
    const data = { ...rule.data, State }
    this.#deps.store.putRule(rule.bus, rule.name, data, this.#nextOf(data))
    this.#setAlarm()
    return {}
  }

  #readRule(input: JsonObject, member = 'Name'): Rule {
    const name = readName(input, member)
    const bus = this.buses.read(input)
    const rule = this.#deps.store.rule(bus, name)
    if (!rule) throw ruleNotFound(name, bus)
    return rule
  }

  // ---- targets

  putTargets(input: JsonObject): JsonObject {
    const { bus, name } = this.#readRule(input, 'Rule')
    const targets = readObjects(input, 'Targets', TARGETS_MAX)
    const { store } = this.#deps
    for (const target of targets) {
      readName(target, 'Id')
      const arn = readText(target, 'Arn', 1600)
      if (arn === undefined) throw constraintError(undefined, 'targets.1.member.arn', 'Member must not be null')
      if (!arn.startsWith('arn:'))
        throw invalidParameter(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
      if (!isTargetArn(arn)) throw invalidParameter(`Targets of this kind are not called here: ${arn}`)
      checkTargetInput(target)
    }
    const ids = new Set([...store.targetsOf(bus, name), ...targets].map((target) => getOwn(target, 'Id')))
    if (ids.size > TARGETS_OF_RULE_MAX)
      throw eventsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')
    store.transaction(() => {
      for (const target of targets) store.putTarget(bus, name, String(target['Id']), target)
    })
    return { FailedEntryCount: 0, FailedEntries: [] }
  }

  removeTargets(input: JsonObject): JsonObject {
    const { bus, name } = this.#readRule(input, 'Rule')
    const missing = (readTexts(input, 'Ids') ?? []).filter((id) => !this.#deps.store.deleteTarget(bus, name, id))
    const FailedEntries = missing.map((TargetId) => ({
      TargetId,
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Rule ${name} does not have a target with the Id ${TargetId}.`,
    }))
    return { FailedEntryCount: missing.length, FailedEntries }
  }

  listTargetsByRule(input: JsonObject): JsonObject {
    const { bus, name } = this.#readRule(input, 'Rule')
    const targets = this.#deps.store.targetsOf(bus, name)
    const { items, ...next } = pageOf(input, targets, (target) => String(target['Id']))
    return { Targets: items, ...next }
  }

  listRuleNamesByTarget(input: JsonObject): JsonObject {
    const names = this.#deps.store.rulesByTarget(this.buses.read(input), readText(input, 'TargetArn', 1600) ?? '')
    const { items, ...next } = pageOf(input, names, (name) => name)
    return { RuleNames: items, ...next }
  }

  // ---- events

  testEventPattern(input: JsonObject): JsonObject {
    const pattern = parsePattern(readText(input, 'EventPattern', 4096) ?? '')
    const event = objectOf(readText(input, 'Event', 1_048_576) ?? '')
    if (!event) throw eventsError('ValidationException', 'Parameter Event is not valid. Reason: Event is not valid JSON.')
    for (const member of ['id', 'account', 'source', 'time', 'region', 'detail-type'])
      if (getOwn(event, member) === undefined)
        throw invalidParameter(`Parameter Event is not valid. Reason: ${member} is missing.`)
    return { Result: matcherOf(event)(pattern) }
  }

  async putEvents(input: JsonObject): Promise<JsonObject> {
    const entries = readObjects(input, 'Entries', ENTRIES_MAX)
    if (entries.length === 0) throw constraintError('[]', 'entries', 'Member must have length greater than or equal to 1')
    if (utf8Length(JSON.stringify(entries)) >= (this.#deps.limits ?? AWS_LIMITS.services).eventEntriesBytesMax)
      throw invalidParameter('Total size of the entries in the request is over the limit.')
    const answers = await this.#deps.store.inGroup(() => entries.map((entry) => this.#putEvent(entry)))
    this.#deps.outbox.pump()
    return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers }
  }

  #putEvent(entry: JsonObject): JsonObject {
    for (const member of ['Source', 'DetailType', 'Detail']) {
      if (typeof getOwn(entry, member) === 'string' && getOwn(entry, member) !== '') continue
      const reason = `Parameter ${member} is not valid. Reason: ${member} is a required argument.`
      return { ErrorCode: 'InvalidArgument', ErrorMessage: reason }
    }
    const detail = exactObjectOf(String(entry['Detail']))
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    const resources = getOwn(entry, 'Resources')
    const time = getOwn(entry, 'Time')
    const EventId = this.#publish(busNameOf(readText(entry, 'EventBusName', 1600) ?? DEFAULT_BUS), {
      source: String(entry['Source']),
      detailType: String(entry['DetailType']),
      detail,
      resources: isArray(resources) ? resources.map(String) : [],
      ...(typeof time === 'number' && { time: toInstant(time * 1000) }),
    })
    return { EventId }
  }

  hasListeners(): boolean {
    return this.#isHeard(DEFAULT_BUS)
  }

  #isHeard(bus: string): boolean {
    return this.#deps.store.hasRules(bus) || this.#deps.archives.hasAny(bus)
  }

  publish(events: readonly ServiceEvent[]): void {
    this.#deps.store.transaction(() => {
      for (const event of events) this.#publish(DEFAULT_BUS, event)
    })
    this.#deps.outbox.pump()
  }

  #publish(bus: string, { source, detailType, detail, resources, time }: NewEvent): string {
    const { region, account, clock } = this.#deps
    const id = newRequestId()
    if (!this.#isHeard(bus)) return id
    const event: JsonObject = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account,
      time: awsTime(time ?? clock.now()),
      region,
      resources,
      detail,
    }
    this.#deps.archives.keep(bus, event)
    this.replay(bus, event)
    return id
  }

  /** To the rules of a bus that want it: of all, or of those with these ARNs. Within the commit. */
  replay(bus: string, event: JsonObject, ruleArns?: readonly string[]): void {
    const isMatch = matcherOf(event)
    for (const rule of this.#deps.store.rulesOf(bus)) {
      if (ruleArns && !ruleArns.includes(this.#ruleArn(bus, rule.name))) continue
      if (rule.isEnabled && rule.pattern && isMatch(rule.pattern)) this.#send(rule, event)
    }
  }

  #send(rule: Rule, event: JsonObject): void {
    const { store, outbox } = this.#deps
    const arn = this.#ruleArn(rule.bus, rule.name)
    for (const target of store.targetsOf(rule.bus, rule.name))
      outbox.add({ uuid: newRequestId(), target, source: arn, input: targetInput(target, event, { arn, name: rule.name }) })
  }

  // ---- schedules of rules

  /** Carries on with due times, also with those that were missed. Call at the start. */
  resume(): void {
    this.#alarm.ring()
  }

  /** Sends what is due, and waits for what is due next. */
  #fireDue(): void {
    const { store, outbox, clock, region, account } = this.#deps
    const now = clock.now()
    for (const rule of store.allRules().filter(({ nextAt }) => nextAt !== null && nextAt <= now)) {
      const event = {
        version: '0',
        id: newRequestId(),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account,
        time: awsTime(toInstant(rule.nextAt ?? now)),
        region,
        resources: [this.#ruleArn(rule.bus, rule.name)],
        detail: {},
      }
      store.putRule(rule.bus, rule.name, rule.data, this.#nextOf(rule.data), () => this.#send(rule, event))
    }
    outbox.pump()
    this.#setAlarm()
  }

  #setAlarm(): void {
    const times = this.#deps.store.allRules().flatMap(({ nextAt }) => nextAt ?? [])
    this.#alarm.setFor(times.length === 0 ? undefined : times.reduce((least, time) => Math.min(least, time)))
  }

  // ---- tags

  tagResource(input: JsonObject): JsonObject {
    const { store } = this.#deps
    const arn = this.#readResource(input)
    store.putTags(arn, addTags(store.tags(arn), readTags(input), TAG_ERRORS))
    return {}
  }

  untagResource(input: JsonObject): JsonObject {
    this.#deps.store.deleteTags(this.#readResource(input), readTexts(input, 'TagKeys') ?? [])
    return {}
  }

  listTagsForResource(input: JsonObject): JsonObject {
    return { Tags: tagList(this.#deps.store.tags(this.#readResource(input))) }
  }

  /** The ARN of a bus or a rule that is there. */
  #readResource(input: JsonObject): string {
    const arn = readText(input, 'ResourceARN', 1600) ?? ''
    const [, kind, path = ''] = /^arn:[^:]+:events:[^:]*:[^:]*:(rule|event-bus)\/(.+)$/.exec(arn) ?? []
    if (kind === undefined)
      throw invalidParameter(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
    if (kind === 'event-bus') {
      if (!this.buses.has(path)) throw busNotFound(path)
      return arn
    }
    const [name = '', bus = DEFAULT_BUS] = path.split('/').reverse()
    if (!this.#deps.store.rule(bus, name)) throw ruleNotFound(name, bus)
    return arn
  }

  close(): void {
    this.#alarm.close()
  }
}

/** Whole seconds, as events show them. */
const awsTime = (at: Instant): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
