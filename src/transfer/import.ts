/**
 * Makes on a Regente what was found elsewhere, by the names that it has there. ARNs and URLs of there become those of here. Done
 * again it changes what differs, and nothing else; what fails is told, and the rest goes on.
 */
import { createHash } from 'node:crypto'

import { getOwn, isObject, type Json } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'
import { endpointsAt } from '../aws/endpoints.ts'
import { openAws } from '../cloudformation/aws.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import { resourceTypeNamed } from '../cloudformation/resources/index.ts'
import {
  type Change,
  type Declared,
  type DeployContext,
  type Deployed,
  PropertyError,
  textAt,
} from '../cloudformation/resources/resource.ts'

import { type Found, Inventory, type Kind, type Left } from './inventory.ts'
import { readAll } from './kinds/index.ts'
import { mapTexts, piecesOf } from './mentions.ts'
import { inOrder } from './order.ts'
import { type Place, Source } from './source.ts'

export interface Target {
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
}

export interface Taken {
  readonly found: readonly Found[]
  readonly left: readonly Left[]
}

/** What of an endpoint can be taken elsewhere, each after what it needs. */
export async function survey(source: Source, wanted: ReadonlySet<Kind>): Promise<Taken> {
  const inventory = new Inventory()
  await readAll(source, inventory, wanted)
  for (const one of inventory.found) {
    const reason = reasonToLeave(one)
    if (reason !== undefined) inventory.leave(one.kind, one.name, reason)
  }
  return { found: inOrder(inventory.found.filter((one) => reasonToLeave(one) === undefined)), left: inventory.left }
}

/** A copy must write to nobody, and call nobody, whom the original does. */
function reasonToLeave({ type, properties }: Found): string | undefined {
  if (type !== 'AWS::SNS::Subscription') return undefined
  const protocol = textAt(properties, 'Protocol') ?? ''
  return ['lambda', 'sqs'].includes(protocol) ? undefined : `a copy would reach its subscriber (${protocol}) from here`
}

export interface ImportOptions {
  readonly from: Place
  readonly target: Target
  readonly onDone: (one: Found, change: Change) => void
  readonly onFailed: (one: Found, reason: string) => void
  /** What has no effect here. */
  readonly onWarning: (message: string) => void
}

/** In the order of `found`. */
export async function importAll(found: readonly Found[], options: ImportOptions): Promise<void> {
  const { from, target, onDone, onFailed } = options
  const to = await new Source(endpointsAt(() => target)).place()
  const context = contextAt(to, options)
  const known = new Map<string, string>()
  for (const one of found) {
    try {
      const { change, ref, attributes } = await make(one, (text) => relocated(text, known, from, to, target.endpoint), context)
      for (const [text, attribute] of Object.entries(one.known ?? {})) {
        const value = attribute === 'Ref' ? ref : getOwn(attributes, attribute)
        if (typeof value === 'string') known.set(text, value)
      }
      onDone(one, change)
    } catch (error) {
      onFailed(one, reasonOf(error))
    }
  }
}

/** Rethrows what is no fault of the thing's. */
function reasonOf(error: unknown): string {
  if (error instanceof WireError) return `${error.code}: ${error.message}`
  if (error instanceof PropertyError) return error.message
  if (error instanceof TemplateError) return error.problems.map(({ message }) => message).join(' ')
  throw error
}

async function make(one: Found, relocate: (text: string) => Json, context: DeployContext): Promise<Deployed> {
  const id = `${one.type.split('::').at(-1)}${createHash('sha256').update(`${one.type} ${one.name}`).digest('hex').slice(0, 12)}`
  const properties = mapTexts(one.properties, relocate)
  const declared: Declared = {
    id,
    type: one.type,
    properties: isObject(properties) ? properties : {},
    metadata: {},
    path: ['Resources', id],
  }
  const type = resourceTypeNamed(one.type)
  if (type === undefined) throw new PropertyError(`${one.type} is not here.`)
  const zip = await one.readCode?.()
  const readCode = async () => (zip === undefined ? undefined : { zip, variables: {} })
  const local = { readCode, readContent: async () => undefined, readDefinition: async () => undefined }
  return type.deploy(declared, { ...context, local, placeOf: () => ({ file: one.name }) })
}

function contextAt(to: Place, { target, onWarning }: ImportOptions): DeployContext {
  const stackName = 'import'
  return {
    aws: openAws(target),
    ...to,
    stackName,
    suffixOf: (id) => createHash('sha256').update(`${stackName}\n${id}`).digest('hex').slice(0, 10),
    // What is there of that name is what an earlier import has made, or what is to become as it is there.
    adopt: () => {},
    made: () => {},
    placeOf: () => ({ file: stackName }),
    warn: onWarning,
    note: () => {},
  }
}

/** What is known here by what it has become; what else is of that account, as if it were here. */
function relocated(text: string, known: ReadonlyMap<string, string>, from: Place, to: Place, endpoint: string): string {
  const arn = new RegExp(`arn:[\\w-]+:([\\w-]+):(${from.region})?:${from.account}:`, 'g')
  const queue = new RegExp(`https?://(?:sqs\\.[\\w.-]+|[\\w-]+\\.queue\\.amazonaws\\.com)/${from.account}/`, 'g')
  return piecesOf(text, (token) => known.get(token))
    .map((piece) =>
      typeof piece === 'object'
        ? piece.mention
        : piece
            .replaceAll(
              arn,
              (_, service: string, region?: string) =>
                `arn:${to.partition}:${service}:${region === undefined ? '' : to.region}:${to.account}:`,
            )
            .replaceAll(queue, `${endpoint.replace(/\/+$/, '')}/${to.account}/`),
    )
    .join('')
}
