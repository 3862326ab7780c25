/**
 * The operations on pipes. They are kept in the database; those that run go on after a restart.
 * Source: EventBridge Pipes API reference; texts of the service.
 */
import type { JsonObject } from '../../base/json.ts'
import { AWS_LIMITS } from '../../base/limits.ts'

import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { QueuePoller } from '../kit/queue-poller.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags, tagsObject, tagsOf } from '../kit/tags.ts'

import { conflict, constraintError, invalid, notFound, TAG_ERRORS } from './errors.ts'
import {
  type Pipe,
  readMembers,
  readPipeName,
  readSource,
  readState,
  readTarget,
  readTextMap,
  renderPipe,
  renderState,
} from './pipe.ts'
import { runPipe } from './pipe-run.ts'
import { PIPES_SCHEMA } from './schema.ts'

export type PipesDeps = Pick<
  ServiceDeps,
  'database' | 'clock' | 'log' | 'region' | 'account' | 'endpoint' | 'credentials' | 'limits'
>

const PAGE_MAX = 100
const TOKENS = pageTokens('pipes', () => invalid('NextToken is not valid.'))

export class PipesService {
  readonly #deps: PipesDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #endpoints: Endpoints
  readonly #senders: Senders
  readonly #runs = new Map<string, QueuePoller>()
  readonly #stopping = new Set<Promise<void>>()
  #isClosed = false

  constructor(deps: PipesDeps) {
    applySchema(deps.database, PIPES_SCHEMA)
    this.#deps = deps
    this.#sql = prepare(deps.database)
    const { endpoint, region, credentials } = deps
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
    this.#senders = new Senders({ endpoint, region, credentials })
  }

  create(text: string, input: JsonObject): JsonObject {
    const name = readPipeName(text)
    if (this.#sql.get.get(name) !== undefined) throw conflict(`Pipe ${name} already exists.`)
    const target = readTarget(input)
    if (target === undefined) throw constraintError(undefined, 'target', 'Member must not be null')
    const now = this.#deps.clock.now()
    const pipe: Pipe = {
      name,
      arn: `arn:aws:pipes:${this.#deps.region}:${this.#deps.account}:pipe/${name}`,
      source: readSource(input),
      target,
      isRunning: readState(input, true),
      members: readMembers(input, {}),
      tags: tagsObject(addTags(NO_TAGS, tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS)),
      createdMs: now,
      lastModifiedMs: now,
    }
    this.#put(pipe)
    return renderState(pipe, 'CREATING')
  }

  update(name: string, input: JsonObject): JsonObject {
    const before = this.#find(name)
    const pipe = {
      ...before,
      target: readTarget(input) ?? before.target,
      isRunning: readState(input, before.isRunning),
      members: readMembers(input, before.members),
      lastModifiedMs: this.#deps.clock.now(),
    }
    this.#put(pipe)
    return renderState(pipe, 'UPDATING')
  }

  describe(name: string): JsonObject {
    return renderPipe(this.#find(name))
  }

  list(query: URLSearchParams): JsonObject {
    const asked = (member: string) => query.get(member) ?? ''
    const found = this.#all().filter(
      (pipe) =>
        pipe.name.startsWith(asked('NamePrefix')) &&
        pipe.source.startsWith(asked('SourcePrefix')) &&
        pipe.target.startsWith(asked('TargetPrefix')) &&
        ['', pipe.isRunning ? 'RUNNING' : 'STOPPED'].includes(asked('DesiredState')) &&
        ['', pipe.isRunning ? 'RUNNING' : 'STOPPED'].includes(asked('CurrentState')),
    )
    const size = Math.min(Number(query.get('Limit') ?? PAGE_MAX) || PAGE_MAX, PAGE_MAX)
    const { items, next } = pageOf(found, { token: asked('NextToken'), tokens: TOKENS, size, nameOf: ({ name }) => name })
    const Pipes = items.map((pipe) => ({
      ...renderState(pipe),
      Source: pipe.source,
      Target: pipe.target,
      ...(pipe.members['Enrichment'] !== undefined && { Enrichment: pipe.members['Enrichment'] }),
    }))
    return { Pipes, ...(next !== undefined && { NextToken: next }) }
  }

  delete(name: string): JsonObject {
    const pipe = this.#find(name)
    this.#sql.remove.run(pipe.name)
    this.#stop(pipe.name)
    return renderState(pipe, 'DELETING')
  }

  start(name: string): JsonObject {
    return this.#switch(name, true)
  }

  stop(name: string): JsonObject {
    return this.#switch(name, false)
  }

  listTags(arn: string): JsonObject {
    return { tags: this.#find(nameIn(arn)).tags }
  }

  tag(arn: string, input: JsonObject): JsonObject {
    const pipe = this.#find(nameIn(arn))
    const tags = addTags(tagsOf(pipe.tags), tagsOf(readTextMap(input, 'tags') ?? {}), TAG_ERRORS)
    this.#sql.put.run(pipe.name, JSON.stringify({ ...pipe, tags: tagsObject(tags) }))
    return {}
  }

  untag(arn: string, keys: readonly string[]): JsonObject {
    const pipe = this.#find(nameIn(arn))
    this.#sql.put.run(pipe.name, JSON.stringify({ ...pipe, tags: tagsObject(removeTags(tagsOf(pipe.tags), keys)) }))
    return {}
  }

  /** Lets all pipes run that are to. When the endpoint answers; the second time changes nothing. */
  resume(): void {
    for (const pipe of this.#all()) this.#start(pipe)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const name of this.#runs.keys()) this.#stop(name)
    await Promise.all(this.#stopping)
  }

  #switch(name: string, isRunning: boolean): JsonObject {
    const pipe = this.#find(name)
    if (pipe.isRunning === isRunning)
      throw conflict(`Pipe ${name} is not in a valid state for this operation: it is ${isRunning ? 'RUNNING' : 'STOPPED'}.`)
    const changed = { ...pipe, isRunning, lastModifiedMs: this.#deps.clock.now() }
    this.#put(changed)
    return renderState(changed, isRunning ? 'STARTING' : 'STOPPING')
  }

  /** Batches that are under way go on by what was said before. */
  #put(pipe: Pipe): void {
    this.#sql.put.run(pipe.name, JSON.stringify(pipe))
    this.#stop(pipe.name)
    this.#start(pipe)
  }

  #start(pipe: Pipe): void {
    if (this.#isClosed || !pipe.isRunning || this.#runs.has(pipe.name)) return
    const payloadBytesMax = (this.#deps.limits ?? AWS_LIMITS.services).lambdaSyncBytesMax
    this.#runs.set(
      pipe.name,
      runPipe(pipe, { ...this.#deps, endpoints: this.#endpoints, senders: this.#senders, payloadBytesMax }),
    )
  }

  #stop(name: string): void {
    const run = this.#runs.get(name)
    this.#runs.delete(name)
    if (!run) return
    const stopped = run.close().then(() => void this.#stopping.delete(stopped))
    this.#stopping.add(stopped)
  }

  #find(name: string): Pipe {
    const record = this.#sql.get.get(name)
    if (record === undefined) throw notFound(name)
    return JSON.parse(record) as Pipe
  }

  #all(): readonly Pipe[] {
    return this.#sql.all.all().map((record) => JSON.parse(record) as Pipe)
  }
}

const nameIn = (arn: string): string => /^arn:[^:]+:pipes:[^:]*:[^:]*:pipe\/(.+)$/.exec(arn)?.[1] ?? arn

const prepare = (database: ServicesDatabase) => ({
  all: database.prepareValue<[], string>('SELECT record FROM pipes ORDER BY name'),
  get: database.prepareValue<[string], string>('SELECT record FROM pipes WHERE name = ?'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO pipes (name, record) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM pipes WHERE name = ?'),
})
