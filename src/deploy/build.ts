/**
 * What the code of a function becomes before it is packed, as `sam build` does it: TypeScript is bundled by the esbuild that the
 * project has (else Node takes its types away), and what `requirements.txt` or `package.json` asks for is installed, once.
 * All of that lies in `.regente/build` beside the template; the project's own folders are left as they are.
 * Source: AWS SAM developer guide, "Building Node.js Lambda functions with esbuild", "Building applications with dependencies".
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import * as module from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { type Declared, type DeployContext, objectAt, textAt } from './resources/resource.ts'
import { readFolder, type ZipEntry } from './zip.ts'

export interface Built {
  readonly entries: readonly ZipEntry[]
  /** Environment variables that it wants, where the template does not set them. */
  readonly variables: Readonly<Record<string, string>>
}

const INSTALL_MS = 10 * 60_000
const BUNDLE_MS = 60_000

export async function buildFolder(folder: string, resource: Declared, context: DeployContext): Promise<Built> {
  const runtime = textAt(resource.properties, 'Runtime') ?? ''
  if (runtime.startsWith('nodejs')) return buildNode(folder, resource, context)
  const entries = await readFolder(folder, context.excluded)
  if (!runtime.startsWith('python')) return { entries, variables: {} }
  return { entries: [...(await pythonPackages(folder, entries, runtime, context)), ...entries], variables: {} }
}

async function buildNode(folder: string, resource: Declared, context: DeployContext): Promise<Built> {
  const entries = await readFolder(folder, context.excluded)
  const packages = await nodePackages(folder, entries, context)
  const source = sourceOf(resource, entries)
  const wantsBundle = textAt(resource.metadata, 'BuildMethod') === 'esbuild'
  if (source === undefined && !wantsBundle) return { entries: [...packages, ...entries], variables: {} }
  const esbuild = await findProgram('esbuild', [folder, context.folder, process.cwd()])
  if (esbuild !== undefined) return bundle(esbuild, folder, source, resource, packages, context)
  if (wantsBundle) context.warn(`${resource.id}: esbuild is not installed here: npm install --save-dev esbuild. ${UNBUNDLED}`)
  return { entries: [...packages, ...withoutTypes(folder, entries)], variables: { NODE_OPTIONS: '--enable-source-maps' } }
}

const UNBUNDLED = 'The code runs as it lies, without types and without a bundle.'

const stemOf = (properties: JsonObject): string => (textAt(properties, 'Handler') ?? 'index.handler').replace(/\.[^./]*$/, '')

/** The TypeScript file of the handler, where it has no JavaScript. */
function sourceOf({ properties }: Declared, entries: readonly ZipEntry[]): string | undefined {
  const stem = stemOf(properties)
  const has = (name: string) => entries.some((entry) => entry.name === name)
  if (['.js', '.mjs', '.cjs'].some((ending) => has(stem + ending))) return undefined
  return ['.ts', '.mts', '.cts', '.tsx'].map((ending) => stem + ending).find(has)
}

// ---- bundles

async function bundle(
  esbuild: string,
  folder: string,
  source: string | undefined,
  { id, properties, metadata }: Declared,
  packages: readonly ZipEntry[],
  context: DeployContext,
): Promise<Built> {
  const wishes = objectAt(metadata, 'BuildProperties') ?? {}
  const given = textsAt(wishes, 'EntryPoints')
  const entryPoints = given.length > 0 ? given : source === undefined ? [] : [source]
  const home = await buildHome(context)
  const output = await mkdtemp(join(home, 'bundle-'))
  const bundled = { entries: [] as readonly ZipEntry[], variables: { NODE_OPTIONS: '--enable-source-maps' } }
  try {
    const flags = flagsOf(wishes, textAt(properties, 'Runtime') ?? '')
    const packed =
      packages.length > 0 ? { NODE_PATH: join(await packagesHome(folder, 'package.json', 'npm', context), 'node_modules') } : {}
    const failure = await run(esbuild, [...entryPoints, ...flags, `--outdir=${output}`, '--outbase=.'], folder, BUNDLE_MS, packed)
    if (failure === undefined)
      return {
        ...bundled,
        entries: underHandler(
          (await readFolder(output, [])).map((entry) => atSource(entry, output)),
          stemOf(properties),
        ),
      }
    context.warn(`${id}: esbuild failed: ${failure}`)
    return bundled
  } finally {
    await rm(output, { recursive: true, force: true })
  }
}

/** A source map names files as they lie here: that is where one goes from a stack trace. */
function atSource(entry: ZipEntry, output: string): ZipEntry {
  if (!entry.name.endsWith('.map')) return entry
  const map: unknown = JSON.parse(entry.data.toString('utf8'))
  const sources = isObject(map) ? getOwn(map, 'sources') : undefined
  if (!isObject(map) || !isArray(sources)) return entry
  const absolute = sources.map((source) => resolve(output, dirname(entry.name), String(source)))
  return { ...entry, data: Buffer.from(JSON.stringify({ ...map, sources: absolute })) }
}

/** esbuild leaves out folders that all entry points share; the handler may be named with them. */
function underHandler(entries: readonly ZipEntry[], stem: string): readonly ZipEntry[] {
  const scripts = entries.filter(({ name }) => /\.[mc]?js$/.test(name))
  if (scripts.some(({ name }) => name.replace(/\.[mc]?js$/, '') === stem)) return entries
  const same = scripts.find(({ name }) => basename(name).replace(/\.[mc]?js$/, '') === basename(stem))
  return same === undefined ? entries : [...entries, { ...same, name: `${stem}${extname(same.name)}` }]
}

/** Source maps besides what is asked for; `@aws-sdk` is there at run time, as on AWS. */
function flagsOf(wishes: JsonObject, runtime: string): readonly string[] {
  const major = /^nodejs(\d+)/.exec(runtime)?.[1] ?? '20'
  const valued = [
    ['target', textAt(wishes, 'Target') ?? `node${major}`],
    ['format', textAt(wishes, 'Format') ?? 'cjs'],
    ['out-extension:.js', (textsAt(wishes, 'OutExtension')[0] ?? '').replace(/^\.js=/, '') || undefined],
    ['main-fields', textsAt(wishes, 'MainFields').join(',') || textAt(wishes, 'MainFields')],
    ...textsAt(wishes, 'External').map((name) => ['external', name] as const),
    ...textsAt(wishes, 'Loader').map((line) => [`loader:${line.split('=')[0]}`, line.split('=')[1]] as const),
    ...Object.entries(objectAt(wishes, 'Banner') ?? {}).map(([kind, text]) => [`banner:${kind}`, String(text)] as const),
  ] as const
  const switches = [textAt(wishes, 'Minify') === 'true' && '--minify', textAt(wishes, 'KeepNames') === 'true' && '--keep-names']
  return [
    ...['--bundle', '--platform=node', '--sourcemap=linked', '--sources-content=false', '--log-level=error'],
    ...['--external:@aws-sdk/*', '--external:@smithy/*'],
    ...valued.flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value)])),
    ...switches.filter((one) => one !== false),
  ]
}

const flag = (name: string, value: string): string => (name === 'external' ? `--external:${value}` : `--${name}=${value}`)

function textsAt(object: JsonObject, name: string): readonly string[] {
  const value: Json = getOwn(object, name) ?? []
  return (isArray(value) ? value : [value]).map(String)
}

/** Every TypeScript file as JavaScript under the same name, its imports with the ending that Node wants. */
function withoutTypes(folder: string, entries: readonly ZipEntry[]): readonly ZipEntry[] {
  const names = new Set(entries.map(({ name }) => name))
  return entries.flatMap((entry) => {
    const [, stem, ending = ''] = /^(.+)\.([mc]?)ts$/.exec(entry.name) ?? []
    if (stem === undefined || entry.name.endsWith('.d.ts') || entry.name.includes('node_modules/')) return [entry]
    const script = stripTypes(entry, folder)
    const data = script.replaceAll(RELATIVE, (whole, head: string, path: string, tail: string) => {
      const end = ENDINGS.find((one) => names.has(join(dirname(entry.name), path + one)))
      return end === undefined ? whole : `${head}${(path + end).replace(/\.([mc]?)ts$/, '.$1js')}${tail}`
    })
    return [{ name: `${stem}.${ending}js`, data: Buffer.from(data) }]
  })
}

/** Node says on standard error, once, that this may change: nothing that a reader of ours could act on. */
function stripTypes({ name, data }: ZipEntry, folder: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    const options = { mode: 'transform', sourceMap: true, sourceUrl: join(folder, name) } as const
    return module.stripTypeScriptTypes(data.toString('utf8'), options)
  } finally {
    process.emitWarning = emitWarning
  }
}

const ENDINGS = ['', '.ts', '.mts', '.cts', '.js', '/index.ts', '/index.js']
const RELATIVE = /((?:from|import|require)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)(['"])/g

// ---- packages

async function nodePackages(folder: string, entries: readonly ZipEntry[], context: DeployContext): Promise<readonly ZipEntry[]> {
  const manifest = entries.find(({ name }) => name === 'package.json')
  if (manifest === undefined || entries.some(({ name }) => name.startsWith('node_modules/'))) return []
  const dependencies = dependenciesIn(manifest.data.toString('utf8'))
  if (dependencies.every((name) => name.startsWith('@aws-sdk/')) || (await isAbove(folder, dependencies))) return []
  const home = await packagesHome(folder, 'package.json', 'npm', context)
  const install = async (place: string): Promise<string | undefined> => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      await copyFile(join(folder, name), join(place, name)).catch(() => undefined)
    return run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'], place, INSTALL_MS)
  }
  return (await installOnce(home, `${folder}/package.json`, install, context))
    ? (await readFolder(home, [])).filter(({ name }) => name.startsWith('node_modules/'))
    : []
}

function dependenciesIn(text: string): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(text)
    return isObject(manifest) ? Object.keys(objectAt(manifest, 'dependencies') ?? {}) : []
  } catch {
    return []
  }
}

/** A folder of functions may share the packages that lie above it; a bundle finds them there. */
async function isAbove(folder: string, names: readonly string[]): Promise<boolean> {
  const require = module.createRequire(join(folder, 'package.json'))
  const paths = require.resolve.paths('x') ?? []
  const isThere = async (name: string) => {
    for (const path of paths) if (await exists(join(path, name))) return true
    return false
  }
  return (await Promise.all(names.map(isThere))).every(Boolean)
}

async function pythonPackages(
  folder: string,
  entries: readonly ZipEntry[],
  runtime: string,
  context: DeployContext,
): Promise<readonly ZipEntry[]> {
  const requirements = entries.find(({ name }) => name === 'requirements.txt')?.data.toString('utf8') ?? ''
  const isEmpty = requirements.split('\n').every((line) => line.trim() === '' || line.trim().startsWith('#'))
  if (isEmpty || entries.some(({ name }) => /^[^/]+\.dist-info\//.test(name))) return []
  const python = (await isRunning(runtime, folder)) ? runtime : 'python3'
  const home = await packagesHome(folder, 'requirements.txt', runtime, context)
  const install = (place: string) =>
    run(
      python,
      ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', join(folder, 'requirements.txt'), '-t', place],
      folder,
      INSTALL_MS,
    )
  return (await installOnce(home, `${folder}/requirements.txt`, install, context)) ? readFolder(home, []) : []
}

/** Where the packages of that very list lie, or will. */
async function packagesHome(folder: string, list: string, kind: string, context: DeployContext): Promise<string> {
  const hash = createHash('sha256').update(`${kind}\n`)
  for (const name of [list, 'package-lock.json']) hash.update(await readFile(join(folder, name)).catch(() => ''))
  return join(await buildHome(context), `${kind}-${hash.digest('hex').slice(0, 16)}`)
}

async function buildHome({ folder }: DeployContext): Promise<string> {
  const home = join(folder, '.regente/build')
  await mkdir(home, { recursive: true })
  return home
}

/** Lists that could not be installed: without a network each attempt takes long, and the next one would fail alike. */
const failed = new Set<string>()

/** Half an installation is never seen under its name. Tells what failed; false then, until the list changes or the next start. */
async function installOnce(
  home: string,
  list: string,
  install: (place: string) => Promise<string | undefined>,
  context: DeployContext,
): Promise<boolean> {
  if (await exists(home)) return true
  if (failed.has(home)) return false
  context.note(`installing what ${list} asks for, once`)
  const place = await mkdtemp(`${home}.`)
  const failure = await install(place)
  if (failure === undefined) await rename(place, home)
  else {
    context.warn(`${list}: ${failure}`)
    failed.add(home)
    await rm(place, { recursive: true, force: true })
  }
  return failure === undefined
}

// ---- programs

/** In the `node_modules/.bin` of the folders and of those above them, then on the PATH. */
async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  const places = folders.flatMap((folder) => above(resolve(folder)).map((one) => join(one, 'node_modules/.bin')))
  for (const place of [...places, ...(process.env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':')]) {
    if (place !== '' && (await exists(join(place, name)))) return join(place, name)
  }
  return undefined
}

/** A version manager leaves programs on the PATH that lead nowhere. */
const isRunning = async (command: string, cwd: string): Promise<boolean> =>
  (await run(command, ['--version'], cwd, BUNDLE_MS)) === undefined

const above = (folder: string): readonly string[] => (dirname(folder) === folder ? [folder] : [folder, ...above(dirname(folder))])

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** What it says when it fails; undefined where it succeeds. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeout: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  return new Promise((done) => {
    const env = { ...process.env, ...variables }
    execFile(command, args, { cwd, timeout, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) done(undefined)
      else done((stderr.trim() || stdout.trim() || error.message).split('\n').slice(-12).join('\n'))
    })
  })
}
