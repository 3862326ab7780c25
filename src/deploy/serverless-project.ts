/**
 * A project of the Serverless Framework: its own `serverless package` makes the template, with the code beside it.
 * Source: Serverless Framework documentation, "serverless package"; what version 3 writes into `.serverless`.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'

import { getOwn, isObject, type JsonObject } from '../base/json.ts'
import { objectOf } from '../base/json-text.ts'

import { isIgnoredName } from './ignored-paths.ts'
import { findProgram } from './programs.ts'
import { isFile, type Project, type ProjectPlace } from './project.ts'
import { runTool, ToolError } from './tool.ts'

const PACKAGE_MS = 600_000
const NAMES = ['yml', 'yaml', 'json', 'js', 'cjs', 'mjs', 'ts'].map((ending) => `serverless.${ending}`)
const TEMPLATE = 'cloudformation-template-update-stack.json'

/** Undefined where the folder has none. */
export async function findServerlessProject(given: string): Promise<Project | undefined> {
  const folder = resolve(given)
  const found = await Promise.all(NAMES.map((name) => isFile(join(folder, name))))
  if (!found.includes(true)) return undefined
  const output = join(folder, '.serverless')
  return {
    kind: 'Serverless project',
    folder,
    async make(place, signal) {
      await pack(folder, place, signal)
      const file = join(output, TEMPLATE)
      if (!(await isFile(file))) throw new ToolError(`serverless package in ${folder} made no template: ${file} is not there.`)
      return [{ file, stackName: await stackNameIn(output) }]
    },
    isSource: (path) =>
      isBelow(path, folder) &&
      !path
        .slice(folder.length + 1)
        .split(sep)
        .some(isOfNoSource),
    isMade: (path) => path === output || isBelow(path, output),
  }
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(folder + sep)

/** Plugins build in folders that begin with a dot; variables may lie in a file that does. */
const isOfNoSource = (name: string): boolean =>
  name === 'node_modules' || (name.startsWith('.') && !name.startsWith('.env')) || isIgnoredName(name, '')

async function pack(folder: string, { endpoint, region }: ProjectPlace, signal: AbortSignal | undefined): Promise<void> {
  const serverless = (await findProgram('serverless', [folder])) ?? (await findProgram('sls', [folder]))
  if (serverless === undefined)
    throw new ToolError(
      `serverless is neither in ${join(folder, 'node_modules/.bin')} nor on the PATH: npm install --save-dev serverless@3.`,
    )
  await runTool(`"${serverless}" package`, {
    cwd: folder,
    timeoutMs: PACKAGE_MS,
    signal,
    variables: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_INTERACTIVE_SETUP_ENABLE: '0',
    },
  })
}

/** `SERVICE-STAGE`, or what the provider says. */
async function stackNameIn(output: string): Promise<string | undefined> {
  const state = objectOf(await readFile(join(output, 'serverless-state.json'), 'utf8').catch(() => '')) ?? {}
  const service = objectIn(state, 'service')
  const provider = objectIn(service, 'provider')
  const [given, name, stage] = [getOwn(provider, 'stackName'), getOwn(service, 'service'), getOwn(provider, 'stage')]
  if (typeof given === 'string') return given
  return typeof name === 'string' && typeof stage === 'string' ? `${name}-${stage}` : undefined
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = getOwn(object, name)
  return isObject(value) ? value : {}
}
