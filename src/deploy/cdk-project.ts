/**
 * A CDK app: `cdk.json` says which program makes its templates, and which files it is made of. The aws-cdk of the project runs it;
 * without one it is run as aws-cdk does.
 *
 * Assets are not copied into the assembly (`aws:cdk:disable-asset-staging`): a function's code is deployed from where it is
 * written, so that a change of it needs no synthesis.
 * Source: CDK developer guide, "cdk.json", "cdk watch"; CDK CLI, `cdk synth --no-staging`.
 */
import { readFile, stat } from 'node:fs/promises'
import { delimiter, join, matchesGlob, relative, resolve, sep } from 'node:path'

import { getOwn, isArray, isObject, type JsonObject } from '../base/json.ts'
import { objectOf } from '../base/json-text.ts'

import { templatesOfAssembly } from './app.ts'
import { findProgram } from './programs.ts'
import { isFile, type Project, type ProjectPlace, templatesAsTheyAre } from './project.ts'
import { runTool, ToolError } from './tool.ts'

const SYNTH_MS = 600_000
/** What `cdk watch` never looks at, whatever it is told. */
const NEVER = ['node_modules/**', '**/node_modules/**', '.*', '.*/**', '**/.*', '**/.*/**']
/** As aws-cdk tells its apps. */
const CONTEXT: JsonObject = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:bundling-stacks': ['**'],
}

/** Undefined where the folder has no cdk.json. Rejects with ToolError for one that cannot be read. */
export async function findCdkProject(given: string): Promise<Project | undefined> {
  const folder = resolve(given)
  if (!(await isFile(join(folder, 'cdk.json')))) return undefined
  const settings = await readSettings(folder)
  const { app } = settings
  const made = (await stat(join(folder, app)).catch(() => undefined))?.isDirectory() === true
  if (made) return templatesAsTheyAre((await templatesOfAssembly(join(folder, app))) ?? [])
  const output = resolve(folder, settings.output)
  return {
    kind: 'CDK app',
    folder,
    async make(place, signal) {
      await synthesize(folder, app, output, place, signal)
      const templates = await templatesOfAssembly(output)
      if (templates === undefined) throw new ToolError(`${app} in ${folder} made no stack: ${output} holds none.`)
      return templates
    },
    isSource: (path) => isWatched(relative(folder, path).replaceAll(sep, '/'), settings),
    isMade: (path) => path === output || path.startsWith(output + sep),
  }
}

interface CdkSettings {
  /** For a shell, or the folder of an assembly. */
  readonly app: string
  readonly output: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

async function readSettings(folder: string): Promise<CdkSettings> {
  const file = join(folder, 'cdk.json')
  const settings = objectOf(await readFile(file, 'utf8'))
  if (settings === undefined) throw new ToolError(`${file} is not a JSON object.`)
  const app = getOwn(settings, 'app')
  if (typeof app !== 'string' || app === '')
    throw new ToolError(`${file} does not say which program the app is: give it "app", such as "node bin/app.js".`)
  const output = getOwn(settings, 'output')
  const watch = getOwn(settings, 'watch')
  const globs = (name: string) => (isObject(watch) ? textsIn(getOwn(watch, name)) : [])
  return {
    app,
    output: typeof output === 'string' ? output : 'cdk.out',
    include: globs('include').length > 0 ? globs('include') : ['**'],
    exclude: [...globs('exclude'), ...NEVER],
  }
}

const textsIn = (value: unknown): readonly string[] => (isArray(value) ? value : [value]).filter((one) => typeof one === 'string')

/** As `cdk watch` reads them: a folder stands for all in it. */
function isWatched(path: string, { include, exclude }: CdkSettings): boolean {
  if (path === '' || path.startsWith('..')) return false
  const isAmong = (globs: readonly string[]) =>
    globs.some((glob) => matchesGlob(path, glob) || matchesGlob(path, `${glob.replace(/\/+$/, '')}/**`))
  return isAmong(include) && !isAmong(exclude)
}

async function synthesize(
  folder: string,
  app: string,
  output: string,
  { endpoint, region, account }: ProjectPlace,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cdk = join(folder, 'node_modules/aws-cdk/bin/cdk')
  const isOwn = await isFile(cdk)
  const variables = {
    PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    CDK_DEFAULT_REGION: region,
    CDK_DEFAULT_ACCOUNT: account,
    ...(!isOwn && { CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify(await readContext(folder)) }),
  }
  const run = { cwd: folder, timeoutMs: SYNTH_MS, signal, variables }
  if (isOwn)
    return runTool(`${quoted(process.execPath)} ${quoted(cdk)} synth --quiet --no-staging --output ${quoted(output)}`, run)
  await requirePrograms(app, folder)
  await runTool(app, run)
}

/** In a shell. */
const quoted = (text: string): string => (process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`)

/** What the app is run with is told when it is not there, with how to mend it. */
async function requirePrograms(app: string, folder: string): Promise<void> {
  const [program = ''] = /^[\w@./-]+/.exec(app) ?? []
  if (program === '' || program.includes('/') || (await findProgram(program, [folder])) !== undefined) return
  throw new ToolError(
    `The app of ${join(folder, 'cdk.json')} is run with ${program}, which is neither in ${join(folder, 'node_modules/.bin')} nor on the PATH. Install what the project needs there: npm install.`,
  )
}

/** What `cdk context` has kept, over what the project says. */
async function readContext(folder: string): Promise<JsonObject> {
  const read = async (name: string) => objectOf(await readFile(join(folder, name), 'utf8').catch(() => '')) ?? {}
  const own = getOwn(await read('cdk.json'), 'context')
  return { ...(isObject(own) ? own : {}), ...(await read('cdk.context.json')), ...CONTEXT }
}
