/** The examples as a gallery: what each of them is, and bringing one up on our own endpoint. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { openAws } from './aws.ts'
import { type DeployOptions, deploy } from './deploy.ts'

const FOLDER = join(import.meta.dirname, '../../examples')

/** In the order of `FIRST`, then by name. */
export async function listGallery() {
  const names = await namesOfExamples()
  return Promise.all(
    names.map(async (name) => {
      const template = await readFile(join(FOLDER, name, 'template.yaml'), 'utf8')
      return {
        name,
        description: /^Description: *(.+)$/m.exec(template)?.[1] ?? '',
        definition: await readFile(join(FOLDER, name, 'statemachine.asl.json'), 'utf8'),
        input: await readInput(name),
      }
    }),
  )
}

/** Undefined: there is no such example. Throws TemplateError. */
export async function deployFromGallery(name: string, options: DeployOptions) {
  if (!(await namesOfExamples()).includes(name)) return undefined
  const { resources } = await deploy(join(FOLDER, name, 'template.yaml'), { ...options, stackName: name })
  if (name === 'distributed-map-s3') await putStationFiles(options)
  const machine = resources.find(({ type }) => /::(?:Serverless|StepFunctions)::StateMachine$/.test(type))
  return { stateMachineArn: machine?.ref, input: await readInput(name) }
}

/** Enough files to see batches, few enough to be there at once. The bucket is the template's default. */
async function putStationFiles(options: DeployOptions): Promise<void> {
  const source = new URL('../../examples/distributed-map-s3/generate-data.mjs', import.meta.url).href
  const { stationFiles } = (await import(source)) as { stationFiles(size: object): Iterable<{ key: string; body: string }> }
  const aws = openAws(options)
  for (const { key, body } of stationFiles({ year: 2025, stations: 40 }))
    await aws.restXml('s3', 'PUT', `/noaa-gsod-input/${key}`, undefined, body)
}

/** The two that everything began with. */
const FIRST = ['task-timer', 'distributed-map-s3']

async function namesOfExamples(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name)).sort()]
}

const readInput = (name: string) => readFile(join(FOLDER, name, 'input.json'), 'utf8').catch(() => '{}')
