/** A template within a template, where it lies beside it. Its outputs are its attributes. */
import { stat } from 'node:fs/promises'

import { isObject, type Json, type JsonObject } from '../base/json.ts'

import {
  arnOf,
  type Change,
  type Deployed,
  objectAt,
  type ResourceType,
  textAt,
  uuidOf,
} from '../cloudformation/resources/resource.ts'
import { locationIn } from '../cloudformation/s3-location.ts'

import { assetNamed } from './assets.ts'
import type { TemplateFolder } from './folder-context.ts'
import { localPath } from './paths.ts'

export interface NestedDeployment {
  readonly outputs: Readonly<Record<string, Json>>
  readonly resources: readonly Pick<Deployed, 'change'>[]
}

/** Deploys another template as a stack of its own. Throws TemplateError. */
type DeployNested = (file: string, parameters: Readonly<Record<string, string>>, id: string) => Promise<NestedDeployment>

export const nestedStackIn = (place: TemplateFolder, deployNested: DeployNested): ResourceType => ({
  ignores: ['NotificationARNs', 'TimeoutInMinutes'],
  async deploy({ id, properties, metadata }, context) {
    const file = await templateOf(properties, metadata, place)
    const name = `${context.stackName}-${id}`
    const arn = arnOf(context, 'cloudformation', `stack/${name}/${uuidOf(name)}`)
    if (file === undefined) {
      context.warn(`${id}: its template is not beside this one; a placeholder stands for it.`)
      return { ref: arn, attributes: {}, anyAttribute: (attribute) => `${id}-${attribute}`, change: 'recorded' }
    }
    place.watch(file)
    const { outputs, resources } = await deployNested(file, parametersOf(properties), id)
    const attributes = Object.fromEntries(Object.entries(outputs).map(([key, value]) => [`Outputs.${key}`, value]))
    return { ref: arn, attributes, change: changeOf(resources) }
  },
})

/** Made where all that could be made was. */
function changeOf(resources: readonly Pick<Deployed, 'change'>[]): Change {
  const changes = resources.map(({ change }) => change).filter((change) => change !== 'recorded')
  if (changes.length > 0 && changes.every((change) => change === 'created')) return 'created'
  return changes.every((change) => change === 'unchanged') ? 'unchanged' : 'updated'
}

async function templateOf(properties: JsonObject, metadata: JsonObject, { folder }: TemplateFolder): Promise<string | undefined> {
  const given = properties['TemplateURL'] ?? properties['Location']
  const url = typeof given === 'string' ? given : undefined
  const location = url !== undefined && /^https?:/.test(url) ? keyIn(url) : locationIn(given)?.key
  const named = textAt(metadata, 'aws:asset:path') ?? (location === undefined ? url : await assetNamed(location, folder))
  if (named === undefined) return undefined
  const path = localPath(folder, named, 'TemplateURL')
  return (await stat(path).catch(() => undefined))?.isFile() === true ? path : undefined
}

const keyIn = (url: string): string => url.split('/').at(-1) ?? url

/** As CloudFormation hands them over: as texts. */
const parametersOf = (properties: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(objectAt(properties, 'Parameters') ?? {}).map(([name, value]) => [name, printed(value)]))

const printed = (value: Json): string =>
  Array.isArray(value) ? value.join(',') : isObject(value) ? JSON.stringify(value) : String(value)
