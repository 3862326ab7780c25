/**
 * The code of a function or a layer as an archive: from the template, from beside it, or from a bucket. Where an object is not
 * there, the stack fails as on AWS; in a folder, whose assets nobody may have uploaded, a stub takes its place, and that is told.
 * Source: CloudFormation template reference, AWS::Lambda::Function Code, AWS::Lambda::LayerVersion Content.
 */
import { getOwn, type JsonObject } from '../base/json.ts'

import { type Code, type Declared, type DeployContext, objectAt, textAt } from './resources/resource.ts'
import { locationIn, readObject, readStoredCode, type S3Location } from './s3-location.ts'
import { stubZip } from './stub.ts'
import { zipEntries } from './zip.ts'

export async function readCode(resource: Declared, context: DeployContext): Promise<Code> {
  const { properties } = resource
  const inline = inlineOf(properties)
  if (inline !== undefined) return plain(await zipEntries([{ name: inlineName(properties, inline), data: Buffer.from(inline) }]))
  const local = await context.local?.readCode(resource, context)
  if (local !== undefined) return local
  const location = locationIn(getOwn(properties, 'Code'))
  const zip = location && (await stored(location, context))
  if (zip !== undefined) return plain(zip)
  const reason = 'its code is neither beside the template nor in a bucket that is there'
  context.warn(`${resource.id}: ${reason}: calls of this function fail until it is.`)
  return plain(await stubFor(resource, reason))
}

/** Of a layer: undefined where it is not there. */
export async function readContent(resource: Declared, context: DeployContext): Promise<Buffer | undefined> {
  const { properties } = resource
  const local = await context.local?.readContent(resource, context)
  const location = locationIn(getOwn(properties, 'Content'))
  return local ?? (location && (await stored(location, context)))
}

const stored = (location: S3Location, { local, aws }: DeployContext): Promise<Buffer | undefined> =>
  local === undefined ? readStoredCode(location, aws) : readObject(location, aws)

/** What says, when it is called, why it cannot run. */
export function stubFor({ id, properties }: Declared, reason: string): Promise<Buffer> {
  const handler = textAt(properties, 'Handler') ?? 'index.handler'
  return stubZip(textAt(properties, 'Runtime') ?? '', handler, `The function ${id} cannot run here: ${reason}.`)
}

const plain = (zip: Buffer): Code => ({ zip, variables: {} })

const inlineOf = (properties: JsonObject): string | undefined => textAt(objectAt(properties, 'Code') ?? {}, 'ZipFile')

/** Lambda puts code from a template into `index`, with the ending of the runtime. */
function inlineName(properties: JsonObject, source: string): string {
  const module = (textAt(properties, 'Handler') ?? 'index.handler').replace(/\.[^.]*$/, '')
  const runtime = textAt(properties, 'Runtime') ?? ''
  if (runtime.startsWith('python')) return `${module}.py`
  return /^\s*(import|export)\s/m.test(source) ? `${module}.mjs` : `${module}.js`
}
