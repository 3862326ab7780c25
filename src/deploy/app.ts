/**
 * The stacks of one app: each after those whose exports it imports, and without what its template had before and has no longer.
 *
 * 1. Nothing that is declared is taken away: only when all stacks are deployed is it known what no template has any more, and
 *    what another stack has stays. Until then a stack's record holds what it had and what it has.
 * 2. Data is not taken away: a bucket or a table that holds something stays, as does what is to be retained.
 *
 * Source: AWS CloudFormation user guide, "Fn::ImportValue", "DeletionPolicy"; CDK cloud assembly schema, "manifest.json".
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { getOwn, isObject, type Json } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

import { type Aws, openAws } from '../cloudformation/aws.ts'
import {
  type DeployedResource,
  type DeployedStack,
  type DeployOptions,
  deploy,
  MissingImportError,
  type Progress,
} from './deploy.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import { resourceTypeNamed } from '../cloudformation/resources/index.ts'
import type { ResourceType } from '../cloudformation/resources/resource.ts'
import type { RecordedResource, StackRecords } from './stack-record.ts'

export interface AppOptions extends DeployOptions {
  readonly records: StackRecords
}

export interface StackTemplate {
  readonly file: string
  /** Where the app names its stack. */
  readonly stackName?: string | undefined
}

/** Throws TemplateError, when all that can be deployed is. */
export async function deployApp(templates: readonly StackTemplate[], options: AppOptions): Promise<readonly DeployedStack[]> {
  const done = new Map<StackTemplate, DeployedStack>()
  const failures: TemplateError[] = []
  let waiting = templates
  for (let wants: DeployOptions['imports'] = {}, isStrict = true; waiting.length > 0; ) {
    const put: StackTemplate[] = []
    for (const template of waiting) {
      wants = { ...exportsOf(options.records), ...options.imports }
      const stack = await deployStack(template, { ...options, imports: wants, isStrict }).catch((error: unknown) => {
        if (error instanceof MissingImportError) return put.push(template)
        if (!(error instanceof TemplateError)) throw error
        return failures.push(error)
      })
      if (typeof stack === 'object') done.set(template, stack)
    }
    // Those that are left wait for each other, or for a stack that is not here.
    isStrict = put.length < waiting.length
    waiting = put
  }
  const stacks = templates.flatMap((template) => done.get(template) ?? [])
  if (failures.length > 0) {
    const sources = [...failures, ...stacks].flatMap((one) => one.sources)
    throw new TemplateError(
      failures.flatMap(({ problems }) => problems),
      { sources },
    )
  }
  await takeAway(done, options)
  return stacks
}

async function deployStack(template: StackTemplate, options: AppOptions): Promise<DeployedStack> {
  const { records } = options
  const key = keyOf(template, options)
  const before = records.of(key)
  const made: RecordedResource[] = []
  const onProgress = (step: Progress): void => {
    if (step.kind === 'deployed') made.push(step)
    options.onProgress?.(step)
  }
  const stackName = options.stackName ?? template.stackName
  const named = { ...options, onProgress, ...(stackName !== undefined && { stackName }) }
  const stack = await deploy(template.file, named).catch(async (error: unknown) => {
    if (made.length > 0) await records.keep(key, { ...before, resources: union(before.resources, made) })
    throw error
  })
  await records.keep(key, { resources: union(before.resources, stack.resources), exports: stack.exports })
  return stack
}

/** Templates of one folder have the same name unless one is told, and are stacks of their own all the same. */
const keyOf = ({ file }: StackTemplate, { stackName, records }: AppOptions): string => stackName ?? records.keyOf(file)

const exportsOf = (records: StackRecords): Readonly<Record<string, Json>> =>
  Object.assign({}, ...[...records.all().values()].map(({ exports }) => exports))

type Named = Pick<RecordedResource, 'type' | 'ref'>

/** Whether two are one thing, by whatever type the templates declare it: a table is one, global or not. */
const isSame = (a: Named, b: Named): boolean =>
  nameIn(a.ref) === nameIn(b.ref) && (a.type === b.type || isSameKind(resourceTypeNamed(a.type), resourceTypeNamed(b.type)))

const isSameKind = (a: ResourceType | undefined, b: ResourceType | undefined): boolean =>
  a !== undefined && a.deploy === b?.deploy

/** The address of a queue is another one at each port. */
const nameIn = (ref: string): string => (/^https?:/.test(ref) ? ref.slice(ref.lastIndexOf('/') + 1) : ref)

const union = (before: readonly RecordedResource[], made: readonly RecordedResource[]): readonly RecordedResource[] => [
  ...before.filter((old) => !made.some((one) => isSame(one, old))),
  ...made.map(({ id, type, ref, isRetained }) => ({ id, type, ref, isRetained })),
]

/** What no template has any more. Those that were made last go first. */
async function takeAway(done: ReadonlyMap<StackTemplate, DeployedStack>, options: AppOptions): Promise<void> {
  const { records } = options
  const stacks = [...done].map(([template, stack]) => ({ key: keyOf(template, options), resources: stack.resources }))
  const others = [...records.all()].filter(([key]) => !stacks.some((stack) => stack.key === key))
  const held = [...stacks, ...others.map(([, stack]) => stack)].flatMap(({ resources }): readonly Named[] => resources)
  const aws = openAws(options)
  for (const { key, resources } of stacks) {
    const { exports, resources: recorded } = records.of(key)
    const gone = recorded.filter((old) => !resources.some((one) => isSame(one, old)))
    const hidden = gone.filter((old) => resources.some((one) => standsFor(one, old)))
    for (const old of gone.toReversed()) {
      if (!hidden.includes(old)) await remove(old, held, aws, options.onProgress)
    }
    await records.keep(key, { exports, resources: union(hidden, resources) })
  }
}

/** A placeholder for what is still declared, or for the template that it is declared in, and could not be deployed this time. */
const standsFor = (one: DeployedResource, old: RecordedResource): boolean =>
  one.anyAttribute !== undefined && ((one.id === old.id && one.type === old.type) || old.id.startsWith(`${one.id}/`))

/** What cannot be removed is told, and stays. */
async function remove(
  { id, type, ref, isRetained }: RecordedResource,
  held: readonly Named[],
  aws: Aws,
  tell: DeployOptions['onProgress'],
): Promise<void> {
  const take = resourceTypeNamed(type)?.remove
  if (take === undefined) return
  const isHeld = held.some((one) => isSame(one, { type, ref }))
  const reason = isRetained ? 'it is to be retained' : isHeld ? 'another stack has it' : await take(ref, aws).catch(refusalOf)
  if (reason === undefined) tell?.({ kind: 'removed', id, type, ref })
  else tell?.({ kind: 'warning', message: `${id} (${type} ${ref}) is no longer in the template, and stays: ${reason}.` })
}

function refusalOf(error: unknown): string {
  if (error instanceof WireError) return error.message.replace(/\.$/, '')
  throw error
}

/** The templates of a cloud assembly, in its order; undefined where the folder is none. */
export async function templatesOfAssembly(folder: string): Promise<readonly StackTemplate[] | undefined> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const manifest: unknown = JSON.parse(text)
    const artifacts = isObject(manifest) ? getOwn(manifest, 'artifacts') : undefined
    const files = Object.values(isObject(artifacts) ? artifacts : {}).flatMap((artifact) => {
      const isStack = isObject(artifact) && getOwn(artifact, 'type') === 'aws:cloudformation:stack'
      const properties = isStack ? getOwn(artifact, 'properties') : undefined
      const [file, stackName] = isObject(properties) ? [getOwn(properties, 'templateFile'), getOwn(properties, 'stackName')] : []
      if (typeof file !== 'string') return []
      return [{ file: join(folder, file), ...(typeof stackName === 'string' && { stackName }) }]
    })
    return files.length > 0 ? files : undefined
  } catch {
    return undefined
  }
}
