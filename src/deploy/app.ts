/**
 * The stacks of one app: each after those whose exports it imports, and without what its template had before and has no longer.
 * Data is not taken away: a bucket or a table that holds something stays, as does what is to be retained.
 * Source: AWS CloudFormation user guide, "Fn::ImportValue", "DeletionPolicy"; CDK cloud assembly schema, "manifest.json".
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { getOwn, isObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

import { type Aws, openAws } from './aws.ts'
import {
  type DeployedResource,
  type DeployedStack,
  type DeployOptions,
  defaultStackName,
  deploy,
  MissingImportError,
  type Progress,
} from './deploy.ts'
import { TemplateError } from './problem.ts'
import { resourceTypeNamed } from './resources/index.ts'
import type { RecordedResource, StackRecords } from './stack-record.ts'

export interface AppOptions extends DeployOptions {
  readonly records: StackRecords
}

/** Throws TemplateError, when all that can be deployed is. */
export async function deployApp(templates: readonly string[], options: AppOptions): Promise<readonly DeployedStack[]> {
  const done = new Map<string, DeployedStack>()
  const failures: TemplateError[] = []
  let waiting = templates
  for (let wants: DeployOptions['imports'] = {}, isStrict = true; waiting.length > 0; ) {
    const put: string[] = []
    for (const template of waiting) {
      wants = { ...options.records.exports(), ...options.imports }
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
  if (failures.length === 0) return stacks
  const sources = [...failures, ...stacks].flatMap((one) => one.sources)
  throw new TemplateError(
    failures.flatMap(({ problems }) => problems),
    { sources },
  )
}

async function deployStack(template: string, options: AppOptions): Promise<DeployedStack> {
  const name = options.stackName ?? defaultStackName(template)
  const { records } = options
  const before = records.of(name)
  const made: RecordedResource[] = []
  const onProgress = (step: Progress): void => {
    if (step.kind === 'deployed') made.push({ ...step, isRetained: false })
    options.onProgress?.(step)
  }
  const stack = await deploy(template, { ...options, onProgress }).catch(async (error: unknown) => {
    if (made.length > 0) await records.keep(name, { ...before, resources: union(before.resources, made) })
    throw error
  })
  await records.keep(name, { resources: stack.resources.map(recorded), exports: stack.exports })
  const gone = before.resources.filter((old) => !stack.resources.some((one) => isSame(one, old)))
  await remove(gone, openAws(options), options.onProgress)
  return stack
}

const recorded = ({ id, type, ref, isRetained }: DeployedResource): RecordedResource => ({ id, type, ref, isRetained })

const isSame = (a: Pick<RecordedResource, 'type' | 'ref'>, b: Pick<RecordedResource, 'type' | 'ref'>): boolean =>
  a.type === b.type && a.ref === b.ref

const union = (before: readonly RecordedResource[], made: readonly RecordedResource[]): readonly RecordedResource[] => [
  ...before.filter((old) => !made.some((one) => isSame(one, old))),
  ...made.map(({ id, type, ref, isRetained }) => ({ id, type, ref, isRetained })),
]

/** Those that were made last go first. What cannot be removed is told, and stays. */
async function remove(gone: readonly RecordedResource[], aws: Aws, tell: DeployOptions['onProgress']): Promise<void> {
  for (const { id, type, ref, isRetained } of gone.toReversed()) {
    const take = resourceTypeNamed(type)?.remove
    if (take === undefined) continue
    const reason = isRetained ? 'it is to be retained' : await take(ref, aws).catch(refusalOf)
    if (reason === undefined) tell?.({ kind: 'removed', id, type, ref })
    else tell?.({ kind: 'warning', message: `${id} (${type} ${ref}) is no longer in the template, and stays: ${reason}.` })
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof WireError) return error.message.replace(/\.$/, '')
  throw error
}

/** The templates of a cloud assembly, in its order; undefined where the folder is none. */
export async function templatesOfAssembly(folder: string): Promise<readonly string[] | undefined> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const manifest: unknown = JSON.parse(text)
    const artifacts = isObject(manifest) ? getOwn(manifest, 'artifacts') : undefined
    const files = Object.values(isObject(artifacts) ? artifacts : {}).flatMap((artifact) => {
      const isStack = isObject(artifact) && getOwn(artifact, 'type') === 'aws:cloudformation:stack'
      const properties = isStack ? getOwn(artifact, 'properties') : undefined
      const file = isObject(properties) ? getOwn(properties, 'templateFile') : undefined
      return typeof file === 'string' ? [join(folder, file)] : []
    })
    return files.length > 0 ? files : undefined
  } catch {
    return undefined
  }
}
