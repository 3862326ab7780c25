/**
 * The code of a function or a layer as an archive: from the template, a folder, a file, an asset of CDK or a bucket. Where it is
 * not to be had, a stub takes its place, and that is told.
 * Source: AWS SAM, CodeUri and ContentUri; CloudFormation, AWS::Lambda::Function Code; CDK, "asset metadata".
 */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'

import { getOwn, type Json, type JsonObject } from '../base/json.ts'

import { assetNamed, locationIn, readObject } from './assets.ts'
import { type Built, buildFolder } from './build.ts'
import { localPath } from './paths.ts'
import { type Declared, type DeployContext, objectAt, textAt } from './resources/resource.ts'
import { stubZip } from './stub.ts'
import { type ZipEntry, zipEntries, zipFolder } from './zip.ts'

export interface Code {
  readonly zip: Buffer
  /** What it wants in its environment, where the template says nothing else. */
  readonly variables: Readonly<Record<string, string>>
}

export async function readCode(resource: Declared, context: DeployContext): Promise<Code> {
  const { properties } = resource
  const inline = inlineOf(properties)
  if (inline !== undefined) return plain(await zipEntries([{ name: inlineName(properties, inline), data: Buffer.from(inline) }]))
  const source = await findSource(resource, getOwn(properties, 'CodeUri') ?? getOwn(properties, 'Code'), context)
  if (source !== undefined && typeof source !== 'string') return plain(source)
  if (source === undefined)
    return missing(resource, 'its code is neither beside the template nor in a bucket that is there', context)
  const status = await stat(source).catch(() => undefined)
  if (status === undefined) return missing(resource, `${source} does not exist`, context)
  if (status.isDirectory()) return packed(await buildFolder(source, resource, context))
  if (/\.(zip|jar)$/i.test(source)) return plain(await readFile(source))
  return plain(await zipEntries([{ name: basename(source), data: await readFile(source) }]))
}

/** Of a layer: undefined where it is not there. */
export async function readContent(resource: Declared, context: DeployContext): Promise<Buffer | undefined> {
  const { properties } = resource
  const source = await findSource(resource, getOwn(properties, 'ContentUri') ?? getOwn(properties, 'Content'), context)
  if (typeof source !== 'string') return source
  const status = await stat(source).catch(() => undefined)
  if (status === undefined) return undefined
  if (!status.isDirectory()) return readFile(source)
  const runtime = textAt(resource.metadata, 'BuildMethod') ?? ''
  const folder = /^(nodejs|python)/.exec(runtime)?.[1]
  if (folder === undefined) return zipFolder(source, context.excluded)
  // What `sam build` makes of it: packages, in the folder in which the runtime looks for them.
  const { entries } = await buildFolder(source, { ...resource, properties: { Runtime: runtime }, metadata: {} }, context)
  return zipLast(entries.map((entry) => ({ ...entry, name: `${folder}/${entry.name}` })))
}

/** A path, or what a bucket holds. */
async function findSource(
  { metadata }: Declared,
  given: Json | undefined,
  context: DeployContext,
): Promise<string | Buffer | undefined> {
  const location = locationIn(given)
  const asset = textAt(metadata, 'aws:asset:path') ?? (location && (await assetNamed(location.key, context)))
  const local = asset ?? (location === undefined && typeof given === 'string' ? given : undefined)
  if (local === undefined) return location && (await readObject(location, context))
  const path = localPath(context.folder, local, 'CodeUri')
  context.watch(path)
  return path
}

const plain = (zip: Buffer): Code => ({ zip, variables: {} })

const packed = async ({ entries, variables }: Built): Promise<Code> => ({ zip: await zipLast(entries), variables })

/** Of entries of the same name the last one. */
const zipLast = (entries: readonly ZipEntry[]): Promise<Buffer> =>
  zipEntries([...new Map(entries.map((entry) => [entry.name, entry])).values()])

async function missing({ id, properties }: Declared, reason: string, context: DeployContext): Promise<Code> {
  context.warn(`${id}: ${reason}: calls of this function fail until it is.`)
  const handler = textAt(properties, 'Handler') ?? 'index.handler'
  return plain(await stubZip(textAt(properties, 'Runtime') ?? '', handler, `The function ${id} cannot run here: ${reason}.`))
}

const inlineOf = (properties: JsonObject): string | undefined =>
  textAt(properties, 'InlineCode') ?? textAt(objectAt(properties, 'Code') ?? {}, 'ZipFile')

/** Lambda puts code from a template into `index`, with the ending of the runtime. */
function inlineName(properties: JsonObject, source: string): string {
  const module = (textAt(properties, 'Handler') ?? 'index.handler').replace(/\.[^.]*$/, '')
  const runtime = textAt(properties, 'Runtime') ?? ''
  if (runtime.startsWith('python')) return `${module}.py`
  return /^\s*(import|export)\s/m.test(source) ? `${module}.mjs` : `${module}.js`
}
