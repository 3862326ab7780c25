/**
 * TypeScript and modern JavaScript as one file for each handler, with source maps.
 * Source: AWS SAM developer guide, "Building Node.js Lambda functions with esbuild".
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { buildHome, packagesHome } from './packages.ts'
import { runProgram } from './programs.ts'
import { type Declared, objectAt, PropertyError, textAt } from '../cloudformation/resources/resource.ts'
import type { FolderContext } from './folder-context.ts'
import type { ZipEntry } from '../cloudformation/zip.ts'
import { readFolder } from './folder-files.ts'

const BUNDLE_MS = 60_000

/** Bundles the code of a function with the esbuild of the project, by the `BuildProperties` that SAM has for it. */
export async function bundle(
  esbuild: string,
  folder: string,
  source: string | undefined,
  { properties, metadata }: Declared,
  context: FolderContext,
): Promise<readonly ZipEntry[]> {
  const wishes = objectAt(metadata, 'BuildProperties') ?? {}
  const given = textsAt(wishes, 'EntryPoints')
  const entryPoints = given.length > 0 ? given : source === undefined ? [] : [source]
  const output = await mkdtemp(join(await buildHome(context), 'bundle-'))
  try {
    const flags = [...flagsOf(wishes, textAt(properties, 'Runtime') ?? ''), `--outdir=${output}`, '--outbase=.']
    const variables = { NODE_PATH: join(await packagesHome(folder, 'package.json', 'npm', context), 'node_modules') }
    const failure = await runProgram(esbuild, [...entryPoints, ...flags], { cwd: folder, timeoutMs: BUNDLE_MS, variables })
    if (failure !== undefined) throw new PropertyError(`esbuild failed: ${failure}`, 'Code')
    const entries = (await readFolder(output, [])).map((entry) => atSource(entry, output))
    for (const source of entries.flatMap(sourcesOf)) if (isElsewhere(source, folder)) context.watch(source)
    return underHandler(entries, moduleOf(properties))
  } finally {
    await rm(output, { recursive: true, force: true })
  }
}

/** The handler's file without its ending. */
export const moduleOf = (properties: JsonObject): string =>
  (textAt(properties, 'Handler') ?? 'index.handler').replace(/\.[^./]*$/, '')

/** A source map names files as they lie here: that is where one goes from a stack trace. */
function atSource(entry: ZipEntry, output: string): ZipEntry {
  if (!entry.name.endsWith('.map')) return entry
  const sources = sourcesOf(entry).map((source) => resolve(output, dirname(entry.name), source))
  return { ...entry, data: Buffer.from(JSON.stringify({ ...mapIn(entry), sources })) }
}

function mapIn({ data }: ZipEntry): JsonObject {
  const map: unknown = JSON.parse(data.toString('utf8'))
  return isObject(map) ? map : {}
}

const sourcesOf = (entry: ZipEntry): readonly string[] => (entry.name.endsWith('.map') ? textsAt(mapIn(entry), 'sources') : [])

/** Of the project, but not in the function's folder, which is watched anyway. */
const isElsewhere = (source: string, folder: string): boolean =>
  !source.startsWith(`${folder}${sep}`) && !source.includes(`${sep}node_modules${sep}`)

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
