/** The examples as a gallery: what each of them is, and bringing one up on our own endpoint. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { stateMachineArn } from '../base/arn.ts'
import { isObject, type Json } from '../base/json.ts'

import { readSource } from '../source/source.ts'
import { jsonOf, type Key, placeOf } from '../source/tree.ts'

import { type RestService, SERVICES } from '../aws/services.ts'

import { type Aws, openAws, orUndefined } from '../cloudformation/aws.ts'
import { type DeployOptions, deployTemplate } from './deploy.ts'
import { parseTemplate, type Template } from '../cloudformation/template/template.ts'

const FOLDER = join(import.meta.dirname, '../../examples')

/** In the order of `FIRST`, then by name. `stateMachineArn` is there where the example's machine is. */
export async function listGallery(options: DeployOptions) {
  const names = await namesOfExamples()
  const aws = openAws(options)
  return Promise.all(
    names.map(async (name) => {
      const example = await readExample(name)
      const words = (what: 'Title' | 'Description') => wordsOf(example.at('Metadata', 'Regente', what))
      const arn = example.machine && stateMachineArn(arnScopeOf(options), example.machine)
      return {
        name,
        title: { en: name, ...words('Title') },
        description: { en: String(example.at('Description') ?? ''), ...words('Description') },
        definition: await readFile(join(FOLDER, name, 'statemachine.asl.json'), 'utf8'),
        input: await readInput(name),
        ...(arn !== undefined && (await isThere(aws, arn)) && { stateMachineArn: arn }),
      }
    }),
  )
}

/**
 * What becomes of machines and functions that are there already, perhaps with a person's work in them: `create` and `copy` leave
 * them as they are, `restore` replaces them by the example's own and publishes a version of each before that.
 */
export type DeployMode = 'create' | 'copy' | 'restore'

/** `exists`: its machine is there, and was to be created. Undefined: there is no such example. Throws TemplateError. */
export async function deployFromGallery(name: string, mode: DeployMode, options: DeployOptions) {
  if (!(await namesOfExamples()).includes(name)) return undefined
  const input = await readInput(name)
  const aws = openAws(options)
  const { machine } = await readExample(name)
  const scope = arnScopeOf(options)
  const present = machine !== undefined && (await isThere(aws, stateMachineArn(scope, machine)))
  if (present && mode === 'create') return { status: 'exists' as const, stateMachineArn: stateMachineArn(scope, machine), input }
  const file = join(FOLDER, name, 'template.yaml')
  const template = parseTemplate(await readFile(file, 'utf8'), file)
  const named = present && mode === 'copy' ? renamed(template, machine, await freeName(aws, scope, machine)) : template
  const { outputs } = await deployTemplate(named, file, mode === 'restore' ? publishing(aws) : keeping(aws), {
    ...options,
    stackName: name,
  })
  // A copy works on the data that are there.
  if (named === template) await putData(name, aws)
  const arn = outputs['StateMachineArn']
  return { status: 'deployed' as const, stateMachineArn: typeof arn === 'string' ? arn : undefined, input }
}

const arnScopeOf = ({ region, account, partition = 'aws' }: DeployOptions) => ({ partition, region, account })

const isThere = async (aws: Aws, arn: string): Promise<boolean> =>
  (await orUndefined(aws.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: arn }), 'StateMachineDoesNotExist')) !==
  undefined

/** An endpoint on which machines and functions are created, and never changed. */
const keeping = (aws: Aws): Aws => ({
  ...aws,
  json: async (service, action, input) => (isMachineChange(action) ? {} : aws.json(service, action, input)),
  rest: async (service, method, path, ...rest) =>
    functionChanged(service, method, path) === undefined ? aws.rest(service, method, path, ...rest) : {},
})

/** An endpoint on which what is changed is published as a version first. */
function publishing(aws: Aws): Aws {
  const published = new Set<string>()
  const once = async (what: string, publish: () => Promise<unknown>) => {
    if (published.has(what)) return
    published.add(what)
    await publish()
  }
  return {
    ...aws,
    async json(service, action, input) {
      const { stateMachineArn = null } = input
      if (isMachineChange(action))
        await once(String(stateMachineArn), () => aws.json(service, 'PublishStateMachineVersion', { stateMachineArn }))
      return aws.json(service, action, input)
    },
    async rest(service, method, path, ...rest) {
      const changed = functionChanged(service, method, path)
      if (changed !== undefined) await once(changed, () => aws.rest(service, 'POST', `${changed}/versions`, {}))
      return aws.rest(service, method, path, ...rest)
    },
  }
}

const isMachineChange = (action: string): boolean => action === 'UpdateStateMachine'

/** The path of the function whose code or configuration the request changes. */
const functionChanged = (service: RestService, method: string, path: string): string | undefined =>
  service === SERVICES.lambda && method === 'PUT' ? /^(.*)\/(?:code|configuration)$/.exec(path)?.[1] : undefined

const COPIES_MAX = 100
const NAME_CHARS_MAX = 80

/** `Name-copy`, `Name-copy-2` …; throws where all of them are taken. */
async function freeName(aws: Aws, scope: ReturnType<typeof arnScopeOf>, name: string): Promise<string> {
  for (let n = 1; n <= COPIES_MAX; n++) {
    const ending = n === 1 ? '-copy' : `-copy-${n}`
    const copy = name.slice(0, NAME_CHARS_MAX - ending.length) + ending
    if (!(await isThere(aws, stateMachineArn(scope, copy)))) return copy
  }
  throw new Error(`There are ${COPIES_MAX} copies of ${name} already.`)
}

function renamed(template: Template, from: string, to: string): Template {
  const resources = new Map(
    [...template.resources].map(([id, resource]) =>
      resource.properties['Name'] === from
        ? [id, { ...resource, properties: { ...resource.properties, Name: to } }]
        : [id, resource],
    ),
  )
  return { ...template, resources }
}

interface Example {
  /** The name of the state machine that its output StateMachineArn refers to. */
  readonly machine: string | undefined
  at(...path: readonly Key[]): Json | undefined
}

async function readExample(name: string): Promise<Example> {
  const { root } = readSource(await readFile(join(FOLDER, name, 'template.yaml'), 'utf8'), 'YAML')
  const at = (...path: readonly Key[]) => {
    const place = placeOf(root, path)
    return place && jsonOf(place.node)
  }
  const machine = at('Resources', String(at('Outputs', 'StateMachineArn', 'Value')), 'Properties', 'Name')
  return { machine: typeof machine === 'string' ? machine : undefined, at }
}

/** Texts by language, `en` and `pt-BR`. */
export type Texts = Readonly<Record<string, string>>

const wordsOf = (value: Json | undefined): Texts =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([language, text]) => [language, String(text)])) : {}

interface DataObject {
  readonly key: string
  readonly body: string
}

const UPLOADS_AT_ONCE = 8

/** What an example reads, as its README has one put it there by hand; the buckets are the templates' defaults. */
async function putData(name: string, aws: Aws): Promise<void> {
  const waiting = (await dataOf(name))[Symbol.iterator]()
  const upload = async () => {
    for (const { key, body } of { [Symbol.iterator]: () => waiting })
      await aws.restXml(SERVICES.s3, 'PUT', `/${key}`, undefined, body, 'text/csv')
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, upload))
}

/** Keys begin with the bucket. */
async function dataOf(name: string): Promise<Iterable<DataObject>> {
  if (name === 'etl')
    return [{ key: 'sales-raw/2025/sales.csv', body: await readFile(join(FOLDER, 'etl/data/sales.csv'), 'utf8') }]
  return name === 'distributed-map-s3' ? stationData() : []
}

/** As many as the example's own generator makes: of fewer, the damaged one would be more than the Map tolerates. */
async function stationData(): Promise<Iterable<DataObject>> {
  const source = new URL('../../examples/distributed-map-s3/generate-data.mjs', import.meta.url).href
  const { stationFiles } = (await import(source)) as { stationFiles(size: object): Iterable<DataObject> }
  return prefixed('noaa-gsod-input', stationFiles({ year: 2025, stations: 240 }))
}

function* prefixed(bucket: string, objects: Iterable<DataObject>): Iterable<DataObject> {
  for (const { key, body } of objects) yield { key: `${bucket}/${key}`, body }
}

/** The two that everything began with. */
const FIRST = ['task-timer', 'distributed-map-s3']

async function namesOfExamples(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name)).sort()]
}

const readInput = (name: string) => readFile(join(FOLDER, name, 'input.json'), 'utf8').catch(() => '{}')
