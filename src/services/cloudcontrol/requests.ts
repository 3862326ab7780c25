/**
 * Requests while they are worked on.
 * 1. A request is kept before it is begun; one that a stop or a kill cut off is begun again, which a resource type allows.
 * 2. Of one resource one request is worked on at a time.
 * 3. What was made before its making failed is taken away again.
 */
import { randomUUID } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import { describeBug, type Log } from '../../base/log.ts'

import { WireError } from '../../wire/errors.ts'

import { type Aws, type AwsOptions, openAws } from '../../cloudformation/aws.ts'
import { handlerCodeOf, handlerMessage } from '../../cloudformation/handler-error.ts'
import { type Naming, suffixOf } from '../../cloudformation/name-suffix.ts'
import { resourceTypeNamed } from '../../cloudformation/resources/index.ts'
import { type Declared, type DeployContext, PropertyError, type ResourceType } from '../../cloudformation/resources/resource.ts'
import { TemplateError } from '../../cloudformation/problem.ts'
import { withStored } from '../../cloudformation/template/dynamic-references.ts'
import { isObject } from '../../base/json.ts'

import { atWork, isOver, noSuchRequest } from './errors.ts'
import { type CloudControlStore, isRequestOver, type RequestStatus, type ResourceRequest } from './store.ts'

export interface RequestsDeps {
  readonly store: CloudControlStore
  readonly place: () => AwsOptions
  readonly account: string
  readonly clock: Clock
  readonly log: Log
}

export type NewRequest = Pick<
  ResourceRequest,
  'clientToken' | 'asked' | 'operation' | 'type' | 'identifier' | 'properties' | 'before'
>

/** Clients look first at once: what is over by then costs them nothing, and is done before they go on. */
const HOLD_MS = 3_000
const PARTITION = 'aws'
const NAME_START = 'cloudcontrol'

export class Requests {
  readonly #deps: RequestsDeps
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>()
  #isClosing = false

  constructor(deps: RequestsDeps) {
    this.#deps = deps
  }

  /** Answers how far it is after a while. Throws ConcurrentOperationException. */
  async begin(asked: NewRequest): Promise<ResourceRequest> {
    const { store, clock } = this.#deps
    const { type, identifier } = asked
    const isSame = (other: ResourceRequest) => other.type === type && other.identifier === identifier
    if (identifier !== undefined && store.openRequests().some(isSame)) throw atWork(type, identifier)
    const now = clock.now()
    const request = store.putRequest({
      ...asked,
      token: randomUUID(),
      status: 'IN_PROGRESS',
      createdMs: now,
      updatedMs: now,
    })
    this.#start(request, false)
    return this.#held(request.token)
  }

  /** What an earlier process left open. */
  resume(): void {
    for (const request of this.#deps.store.openRequests())
      if (request.status === 'CANCEL_IN_PROGRESS') this.#told(request, { status: 'CANCEL_COMPLETE' })
      else if (!this.#running.has(request.token)) this.#start(request, true)
  }

  /** What was done by then stays. Throws RequestTokenNotFoundException, ConcurrentModificationException. */
  async cancel(token: string): Promise<ResourceRequest> {
    const { store } = this.#deps
    const request = store.request(token)
    if (request === undefined) throw noSuchRequest(token)
    if (isRequestOver(request)) throw isOver(token)
    this.#told(request, { status: 'CANCEL_IN_PROGRESS' })
    this.#running.get(token)?.abort.abort(new Error('cancelled'))
    return this.#held(token)
  }

  /** What is under way is cut off: the next process begins it again. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const { abort } of this.#running.values()) abort.abort(new Error('the server stops'))
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  async #held(token: string): Promise<ResourceRequest> {
    const { store, clock } = this.#deps
    let stopWaiting = (): void => {}
    const waited = new Promise<void>((resolve) => {
      const alarm = clock.after(HOLD_MS, resolve)
      stopWaiting = () => alarm.cancel()
    })
    await Promise.race([this.#running.get(token)?.done, waited])
    stopWaiting()
    const request = store.request(token)
    if (request === undefined) throw noSuchRequest(token)
    return request
  }

  #start(request: ResourceRequest, isAgain: boolean): void {
    if (this.#isClosing) return
    const abort = new AbortController()
    const done = this.#run(request, isAgain, abort.signal)
      .catch((error: unknown) => this.#deps.log.error('a request for a resource could not be ended', describeBug(error)))
      .finally(() => this.#running.delete(request.token))
    this.#running.set(request.token, { abort, done })
  }

  async #run(request: ResourceRequest, isAgain: boolean, signal: AbortSignal): Promise<void> {
    const { place } = this.#deps
    const aws = openAws({ ...place(), signal })
    try {
      if (request.operation === 'DELETE') await this.#remove(request, aws)
      else await this.#deploy(request, aws, isAgain)
    } catch (error) {
      if (this.#isClosing) return
      this.#fail(request, error)
    }
  }

  async #deploy(request: ResourceRequest, aws: Aws, isAgain: boolean): Promise<void> {
    const { store } = this.#deps
    const { token, type, before } = request
    const naming = before?.naming ?? newNaming(request)
    let made: string | undefined
    try {
      const properties = await withStored(request.properties, aws, () => {})
      const declared: Declared = {
        id: naming.id,
        type,
        properties: isObject(properties) ? properties : {},
        metadata: {},
        path: ['Properties'],
        ...(before && { before: { ref: before.identifier, type, properties: before.properties } }),
      }
      const context = this.#contextOf(request, naming, aws, isAgain, (ref) => (made = ref))
      const { ref, attributes } = await typeOf(type).deploy(declared, context)
      store.putResource(type, { identifier: ref, properties: request.properties, attributes, naming })
      this.#told(request, { status: 'SUCCESS', identifier: ref })
    } catch (error) {
      if (made !== undefined && before === undefined && !this.#isClosing)
        await this.#takeBack({ ...request, identifier: made }).catch((reason: unknown) =>
          this.#deps.log.warn('a resource that was half made stays', { token, ...describeBug(reason) }),
        )
      throw error
    }
  }

  #contextOf({ type }: ResourceRequest, naming: Naming, aws: Aws, isAgain: boolean, made: (ref: string) => void): DeployContext {
    const { place, account } = this.#deps
    return {
      aws,
      region: place().region,
      account,
      partition: PARTITION,
      stackName: naming.stackName,
      suffixOf: (part) => suffixOf(naming, part),
      adopt(_, name) {
        if (isAgain) return
        throw new WireError(400, 'AlreadyExistsException', `Resource of type '${type}' with identifier '${name}' already exists.`)
      },
      made: (_, ref) => made(ref),
      placeOf: () => ({ file: type }),
      warn: () => {},
      note: () => {},
    }
  }

  #takeBack({ type, identifier = '', properties }: ResourceRequest): Promise<unknown> {
    const aws = openAws(this.#deps.place())
    return Promise.resolve(typeOf(type).remove?.(identifier, aws, { withData: true, properties }))
  }

  async #remove(request: ResourceRequest, aws: Aws): Promise<void> {
    const { store } = this.#deps
    const { type, identifier = '', before } = request
    const stays = await typeOf(type).remove?.(identifier, aws, {
      withData: true,
      ...(before && { properties: before.properties }),
    })
    if (stays !== undefined) throw new WireError(400, 'GeneralServiceException', stays)
    store.removeResource(type, identifier)
    this.#told(request, { status: 'SUCCESS' })
  }

  #fail(request: ResourceRequest, error: unknown): void {
    const { store, log } = this.#deps
    if (store.request(request.token)?.status === 'CANCEL_IN_PROGRESS') return this.#told(request, { status: 'CANCEL_COMPLETE' })
    const failure = failureOf(error, request.token)
    if (failure === undefined) log.error('a resource could not be worked on', describeBug(error))
    const { errorCode, message } = failure ?? { errorCode: 'InternalFailure', message: String(error) }
    this.#told(request, { status: 'FAILED', errorCode, message })
  }

  #told(request: ResourceRequest, change: Partial<ResourceRequest> & { readonly status: RequestStatus }): void {
    const { store, clock } = this.#deps
    const changed = { ...request, ...change, updatedMs: clock.now() }
    const { before: _, ...rest } = changed
    store.putRequest(isRequestOver(changed) ? { ...rest, properties: {} } : changed)
  }
}

const newNaming = ({ token: scope, type }: ResourceRequest): Naming => ({
  stackName: NAME_START,
  id: type.split('::').at(-1) ?? type,
  scope,
  generation: 0,
})

/** Types that are asked for are known. */
function typeOf(name: string): ResourceType {
  const type = resourceTypeNamed(name)
  if (type === undefined) throw new WireError(400, 'TypeNotFoundException', `The type '${name}' cannot be found.`)
  return type
}

/** Undefined for a bug. */
function failureOf(error: unknown, token: string): { readonly errorCode: string; readonly message: string } | undefined {
  if (error instanceof WireError) return { errorCode: handlerCodeOf(error), message: handlerMessage(error, token) }
  if (error instanceof PropertyError) return { errorCode: 'InvalidRequest', message: error.message }
  if (error instanceof TemplateError)
    return { errorCode: 'InvalidRequest', message: error.problems.map(({ message }) => message).join('\n') }
  return undefined
}
