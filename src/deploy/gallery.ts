/** The examples as a gallery: what each of them is, and bringing one up on our own endpoint. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isObject, type Json } from '../base/json.ts'

import { readSource } from '../source/source.ts'
import { jsonOf, type Key, placeOf } from '../source/tree.ts'

import { SERVICES } from '../aws/services.ts'

import { openAws } from './aws.ts'
import { type DeployOptions, deploy } from './deploy.ts'

const FOLDER = join(import.meta.dirname, '../../examples')

/** In the order of `FIRST`, then by name. */
export async function listGallery() {
  const names = await namesOfExamples()
  return Promise.all(
    names.map(async (name) => {
      const { root } = readSource(await readFile(join(FOLDER, name, 'template.yaml'), 'utf8'), 'YAML')
      const at = (...path: Key[]) => {
        const place = placeOf(root, path)
        return place && jsonOf(place.node)
      }
      const words = (what: 'Title' | 'Description') => wordsOf(at('Metadata', 'Regente', what))
      return {
        name,
        title: { en: name, ...words('Title') },
        description: { en: String(at('Description') ?? ''), ...words('Description') },
        definition: await readFile(join(FOLDER, name, 'statemachine.asl.json'), 'utf8'),
        input: await readInput(name),
      }
    }),
  )
}

/** Undefined: there is no such example. Throws TemplateError. */
export async function deployFromGallery(name: string, options: DeployOptions) {
  if (!(await namesOfExamples()).includes(name)) return undefined
  const { outputs } = await deploy(join(FOLDER, name, 'template.yaml'), { ...options, stackName: name })
  await putData(name, options)
  const arn = outputs['StateMachineArn']
  return { stateMachineArn: typeof arn === 'string' ? arn : undefined, input: await readInput(name) }
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
async function putData(name: string, options: DeployOptions): Promise<void> {
  const aws = openAws(options)
  const waiting = (await dataOf(name))[Symbol.iterator]()
  const upload = async () => {
    for (const { key, body } of { [Symbol.iterator]: () => waiting })
      await aws.restXml(SERVICES.s3, 'PUT', `/${key}`, undefined, body)
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
