/**
 * Archives: the events of a bus, or those that match a pattern, kept to be sent again; and replays, which do so. A replay sends in
 * slices, each in a commit with how far it has come, so that it goes on where it was over crashes: at least once.
 * Source: EventBridge API reference, CreateArchive, StartReplay and their like; user guide, "Archiving and replaying events".
 */
import { Alarm } from '../../base/alarm.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { picked } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { withoutDots } from './dotted-names.ts'
import { alreadyExists, constraintError, eventsError, invalidParameter } from './errors.ts'
import { pageOf, readName, readText } from './input.ts'
import { matcherOf, parsePattern } from './pattern.ts'

export type ArchivesDeps = Pick<ServiceDeps, 'database' | 'clock' | 'log' | 'region' | 'account'> & {
  /** Throws where there is no such bus. */
  readonly checkBus: (busArn: string) => void
  /** Sends an event to the rules of a bus: all, or those with these ARNs. Within the commit. */
  readonly replay: (bus: string, event: JsonObject, ruleArns: readonly string[] | undefined) => void
  /** Call when a commit is done. */
  readonly pump: () => void
}

interface Archive {
  readonly name: string
  readonly bus: string
  readonly pattern: JsonObject | undefined
  readonly data: JsonObject
}

const DAY_MS = 86_400_000
const SWEEP_MS = 3_600_000
const SLICE = 100
const RUNNING: ReadonlySet<Json> = new Set(['STARTING', 'RUNNING'])

export class Archives {
  readonly #deps: ArchivesDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #alarm: Alarm
  /** In memory, because each event is held against those of its bus. */
  readonly #archives = new Map<string, Archive>()
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(deps: ArchivesDeps) {
    const { clock, log } = deps
    this.#deps = deps
    this.#sql = prepare(deps.database)
    this.#alarm = new Alarm({ clock, log, complaint: 'a replay could not be carried on', work: () => this.#carryOn() })
    for (const { name, data } of this.#sql.archives.all()) this.#remember(name, parse(data))
  }

  // ---- archives

  create(input: JsonObject): JsonObject {
    const name = readName(input, 'ArchiveName', 48)
    if (this.#archives.has(name)) throw alreadyExists(`Archive ${name}`)
    const source = readText(input, 'EventSourceArn', 1600)
    if (source === undefined) throw constraintError(undefined, 'eventSourceArn', 'Member must not be null')
    this.#deps.checkBus(source)
    const CreationTime = this.#deps.clock.now() / 1000
    return this.#put(name, { EventSourceArn: source, CreationTime, RetentionDays: 0 }, input)
  }

  update(input: JsonObject): JsonObject {
    const { name, data } = this.#read(input)
    return this.#put(name, data, input)
  }

  describe(input: JsonObject): JsonObject {
    const archive = this.#read(input)
    return { ...this.#render(archive), ArchiveArn: this.#arn(`archive/${archive.name}`) }
  }

  list(input: JsonObject): JsonObject {
    const prefix = readText(input, 'NamePrefix') ?? ''
    const source = readText(input, 'EventSourceArn', 1600)
    const found = [...this.#archives.values()]
      .filter(({ name, data }) => name.startsWith(prefix) && (source === undefined || data['EventSourceArn'] === source))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const { items, ...next } = pageOf(input, found, ({ name }) => name)
    const members = ['ArchiveName', 'EventSourceArn', 'State', 'RetentionDays', 'SizeBytes', 'EventCount', 'CreationTime']
    return { Archives: items.map((archive) => picked(this.#render(archive), members)), ...next }
  }

  delete(input: JsonObject): JsonObject {
    const { name } = this.#read(input)
    this.#deps.database.transaction(() => {
      this.#sql.removeArchive.run(name)
      this.#sql.removeEvents.run(name)
    })
    this.#archives.delete(name)
    return {}
  }

  /** Keeps an event of a bus in the archives that want it. Within the commit that takes it in. */
  keep(bus: string, event: JsonObject): void {
    if (this.#archives.size === 0) return
    this.#sweep()
    let text: string | undefined
    for (const { name, bus: of, pattern } of this.#archives.values()) {
      if (of !== bus || (pattern && !matcherOf(event)(pattern))) continue
      text ??= JSON.stringify(event)
      this.#sql.keep.run(name, Date.parse(String(event['time'])), text)
    }
  }

  hasAny(bus: string): boolean {
    return [...this.#archives.values()].some((archive) => archive.bus === bus)
  }

  /** What is older than an archive keeps events goes, now and then. */
  #sweep(): void {
    const now = this.#deps.clock.now()
    if (now - this.#sweptAt < SWEEP_MS) return
    this.#sweptAt = now
    for (const { name, data } of this.#archives.values()) {
      const days = Number(data['RetentionDays'] ?? 0)
      if (days > 0) this.#sql.forgetBefore.run(name, now - days * DAY_MS)
    }
  }

  #put(name: string, before: JsonObject, input: JsonObject): JsonObject {
    const pattern = readText(input, 'EventPattern', 4096)
    if (pattern) parsePattern(pattern)
    const days = getOwn(input, 'RetentionDays')
    if (days !== undefined && days !== null && (typeof days !== 'number' || !Number.isInteger(days) || days < 0))
      throw constraintError(days, 'retentionDays', 'Member must have value greater than or equal to 0')
    const given = picked(input, ['Description', 'EventPattern', 'RetentionDays', 'KmsKeyIdentifier'])
    // An empty pattern takes all events, as none does.
    const { EventPattern, ...data } = { ...before, ...given }
    return this.#keepArchive(name, EventPattern === '' || EventPattern === undefined ? data : { ...data, EventPattern })
  }

  #keepArchive(name: string, data: JsonObject): JsonObject {
    this.#sql.putArchive.run(name, JSON.stringify(data))
    this.#remember(name, data)
    return { ArchiveArn: this.#arn(`archive/${name}`), State: 'ENABLED', CreationTime: data['CreationTime'] ?? null }
  }

  #remember(name: string, data: JsonObject): void {
    const pattern = getOwn(data, 'EventPattern')
    this.#archives.set(name, {
      name,
      data,
      bus: busIn(String(data['EventSourceArn'])),
      pattern: typeof pattern === 'string' && pattern !== '' ? withoutDots(parse(pattern)) : undefined,
    })
  }

  #render({ name, data }: Archive): JsonObject {
    const { count = 0, bytes = 0 } = this.#sql.size.get(name) ?? {}
    return { ArchiveName: name, ...data, State: 'ENABLED', EventCount: count, SizeBytes: bytes ?? 0 }
  }

  #read(input: JsonObject): Archive {
    const name = readName(input, 'ArchiveName', 48)
    const found = this.#archives.get(name)
    if (!found) throw eventsError('ResourceNotFoundException', `Archive ${name} does not exist.`)
    return found
  }

  #arn(resource: string): string {
    return `arn:aws:events:${this.#deps.region}:${this.#deps.account}:${resource}`
  }

  // ---- replays

  startReplay(input: JsonObject): JsonObject {
    const name = readName(input, 'ReplayName')
    if (this.#sql.replay.get(name) !== undefined) throw alreadyExists(`Replay ${name}`)
    const source = readText(input, 'EventSourceArn', 1600) ?? ''
    const archive = this.#archives.get(/:archive\/(.+)$/.exec(source)?.[1] ?? '')
    if (!archive)
      throw invalidParameter(`Parameter EventSourceArn is not valid. Reason: Archive ${source.split('/').at(-1)} does not exist.`)
    const destination = getOwn(input, 'Destination')
    const bus = isObject(destination) ? getOwn(destination, 'Arn') : undefined
    if (!isObject(destination) || bus !== archive.data['EventSourceArn'])
      throw invalidParameter('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.')
    const [from, to] = [getOwn(input, 'EventStartTime'), getOwn(input, 'EventEndTime')]
    if (typeof from !== 'number' || typeof to !== 'number' || from >= to)
      throw invalidParameter('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.')
    const now = this.#deps.clock.now() / 1000
    const data = {
      ...picked(input, ['Description', 'EventSourceArn', 'Destination', 'EventStartTime', 'EventEndTime']),
      State: 'STARTING',
      ReplayStartTime: now,
    }
    this.#putReplay(name, data)
    this.#alarm.ring()
    return { ReplayArn: this.#arn(`replay/${name}`), State: 'STARTING', ReplayStartTime: now }
  }

  describeReplay(input: JsonObject): JsonObject {
    const { name, data } = this.#readReplay(input)
    return { ReplayName: name, ReplayArn: this.#arn(`replay/${name}`), ...shownReplay(data) }
  }

  listReplays(input: JsonObject): JsonObject {
    const prefix = readText(input, 'NamePrefix') ?? ''
    const source = readText(input, 'EventSourceArn', 1600)
    const state = getOwn(input, 'State')
    const found = this.#sql.replays
      .all()
      .map(({ name, data }) => ({ name, data: parse(data) }))
      .filter(({ name, data }) => name.startsWith(prefix) && (source === undefined || data['EventSourceArn'] === source))
      .filter(({ data }) => state === undefined || data['State'] === state)
    const { items, ...next } = pageOf(input, found, ({ name }) => name)
    return { Replays: items.map(({ name, data }) => ({ ReplayName: name, ...shownReplay(data) })), ...next }
  }

  cancelReplay(input: JsonObject): JsonObject {
    const { name, data } = this.#readReplay(input)
    if (!RUNNING.has(data['State'] ?? null))
      throw eventsError('IllegalStatusException', `Replay ${name} is not in a valid state for this operation.`)
    this.#putReplay(name, { ...data, State: 'CANCELLED', ReplayEndTime: this.#deps.clock.now() / 1000 })
    return { ReplayArn: this.#arn(`replay/${name}`), State: 'CANCELLING' }
  }

  /** Carries on with replays that were under way. Call at the start. */
  resume(): void {
    this.#alarm.ring()
  }

  close(): void {
    this.#alarm.close()
  }

  /** One slice of each replay that runs; then again, until none does. */
  #carryOn(): void {
    const running = this.#sql.replays
      .all()
      .map(({ name, data }) => ({ name, data: parse(data) }))
      .filter(({ data }) => RUNNING.has(data['State'] ?? null))
    for (const { name, data } of running) this.#deps.database.transaction(() => this.#sendSlice(name, data))
    if (running.length === 0) return
    this.#deps.pump()
    setImmediate(() => this.#alarm.ring())
  }

  #sendSlice(name: string, data: JsonObject): void {
    const archive = /:archive\/(.+)$/.exec(String(data['EventSourceArn']))?.[1] ?? ''
    const destination = getOwn(data, 'Destination')
    const place = isObject(destination) ? destination : {}
    const filters = getOwn(place, 'FilterArns')
    const rules = isArray(filters) && filters.length > 0 ? filters.map(String) : undefined
    const [from, to] = [Number(data['EventStartTime']) * 1000, Number(data['EventEndTime']) * 1000]
    const [at, id] = [Number(data['PlaceAt'] ?? from), Number(data['PlaceId'] ?? -1)]
    const rows = this.#sql.slice.all(archive, at, id, to, SLICE)
    for (const row of rows) this.#deps.replay(busIn(String(place['Arn'])), { ...parse(row.event), 'replay-name': name }, rules)
    const last = rows.at(-1)
    const isOver = rows.length < SLICE
    this.#putReplay(name, {
      ...data,
      State: isOver ? 'COMPLETED' : 'RUNNING',
      ...(last && { PlaceAt: last.at, PlaceId: last.id, EventLastReplayedTime: last.at / 1000 }),
      ...(isOver && { ReplayEndTime: this.#deps.clock.now() / 1000 }),
    })
  }

  #putReplay(name: string, data: JsonObject): void {
    this.#sql.putReplay.run(name, JSON.stringify(data))
  }

  #readReplay(input: JsonObject): { readonly name: string; readonly data: JsonObject } {
    const name = readName(input, 'ReplayName')
    const data = this.#sql.replay.get(name)
    if (data === undefined) throw eventsError('ResourceNotFoundException', `Replay ${name} does not exist.`)
    return { name, data: parse(data) }
  }
}

const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject
const busIn = (arn: string): string => /:event-bus\/(.+)$/.exec(arn)?.[1] ?? ''

function shownReplay(data: JsonObject): JsonObject {
  const { PlaceAt, PlaceId, ...shown } = data
  return shown
}

const prepare = (database: ServicesDatabase) => ({
  archives: database.prepare<[], { name: string; data: string }>('SELECT name, data FROM events_archives'),
  putArchive: database.prepare<[string, string]>('INSERT OR REPLACE INTO events_archives (name, data) VALUES (?, ?)'),
  removeArchive: database.prepare<[string]>('DELETE FROM events_archives WHERE name = ?'),
  keep: database.prepare<[string, number, string]>('INSERT INTO events_archived (archive, at, event) VALUES (?, ?, ?)'),
  removeEvents: database.prepare<[string]>('DELETE FROM events_archived WHERE archive = ?'),
  forgetBefore: database.prepare<[string, number]>('DELETE FROM events_archived WHERE archive = ? AND at < ?'),
  size: database.prepare<[string], { count: number; bytes: number | null }>(
    'SELECT count(*) AS count, sum(length(CAST(event AS BLOB))) AS bytes FROM events_archived WHERE archive = ?',
  ),
  slice: database.prepare<[string, number, number, number, number], { id: number; at: number; event: string }>(
    'SELECT id, at, event FROM events_archived WHERE archive = ? AND (at, id) > (?, ?) AND at < ? ORDER BY at, id LIMIT ?',
  ),
  replays: database.prepare<[], { name: string; data: string }>('SELECT name, data FROM events_replays ORDER BY name'),
  replay: database.prepareValue<[string], string>('SELECT data FROM events_replays WHERE name = ?'),
  putReplay: database.prepare<[string, string]>('INSERT OR REPLACE INTO events_replays (name, data) VALUES (?, ?)'),
})
