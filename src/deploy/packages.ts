/**
 * What `requirements.txt` or `package.json` of a function asks for: installed once for a list, in `.regente/build` beside the
 * template. The project's own folders are left as they are; what the function's folder brings itself is not installed.
 * Source: AWS SAM developer guide, "Building applications with dependencies".
 */
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { isObject } from '../base/json.ts'

import { exists, isRunning, runProgram } from './programs.ts'
import { objectAt } from '../cloudformation/resources/resource.ts'
import type { FolderContext } from './folder-context.ts'
import type { ZipEntry } from '../cloudformation/zip.ts'
import { readFolder } from './folder-files.ts'

const INSTALL_MS = 10 * 60_000
/** Without a network both would try for minutes, and one waits for the deployment. */
const NPM_PATIENCE = ['--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=1000']
const PIP = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check']
const PIP_PATIENCE = ['--retries', '1', '--timeout', '10']

/** For code that runs as it lies; a bundle finds what lies above its folder, too. */
export async function nodePackages(
  folder: string,
  entries: readonly ZipEntry[],
  isBundled: boolean,
  context: FolderContext,
): Promise<readonly ZipEntry[]> {
  const manifest = entries.find(({ name }) => name === 'package.json')
  if (manifest === undefined || entries.some(({ name }) => name.startsWith('node_modules/'))) return []
  const dependencies = dependenciesIn(manifest.data.toString('utf8'))
  if (dependencies.every((name) => name.startsWith('@aws-sdk/'))) return []
  if (isBundled && (await isAbove(folder, dependencies))) return []
  const home = await packagesHome(folder, 'package.json', 'npm', context)
  const install = async (place: string): Promise<string | undefined> => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      await copyFile(join(folder, name), join(place, name)).catch(() => undefined)
    return runProgram('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', ...NPM_PATIENCE], {
      cwd: place,
      timeoutMs: INSTALL_MS,
    })
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

/** A folder of functions may share the packages that lie above it. */
async function isAbove(folder: string, names: readonly string[]): Promise<boolean> {
  const require = createRequire(join(folder, 'package.json'))
  const paths = require.resolve.paths('x') ?? []
  const isThere = async (name: string) => {
    for (const path of paths) if (await exists(join(path, name))) return true
    return false
  }
  return (await Promise.all(names.map(isThere))).every(Boolean)
}

export async function pythonPackages(
  folder: string,
  entries: readonly ZipEntry[],
  runtime: string,
  context: FolderContext,
): Promise<readonly ZipEntry[]> {
  const requirements = entries.find(({ name }) => name === 'requirements.txt')?.data.toString('utf8') ?? ''
  const isEmpty = requirements.split('\n').every((line) => line.trim() === '' || line.trim().startsWith('#'))
  if (isEmpty || entries.some(({ name }) => /^[^/]+\.dist-info\//.test(name))) return []
  const python = (await isRunning(runtime, folder)) ? runtime : 'python3'
  const home = await packagesHome(folder, 'requirements.txt', runtime, context)
  const install = (place: string) =>
    runProgram(python, [...PIP, ...PIP_PATIENCE, '-r', join(folder, 'requirements.txt'), '-t', place], {
      cwd: folder,
      timeoutMs: INSTALL_MS,
    })
  return (await installOnce(home, `${folder}/requirements.txt`, install, context)) ? readFolder(home, []) : []
}

/** Where the packages of that very list lie, or will. */
export async function packagesHome(folder: string, list: string, kind: string, context: FolderContext): Promise<string> {
  const hash = createHash('sha256').update(`${kind}\n`)
  for (const name of [list, 'package-lock.json']) hash.update(await readFile(join(folder, name)).catch(() => ''))
  return join(await buildHome(context), `${kind}-${hash.digest('hex').slice(0, 16)}`)
}

export async function buildHome({ folder }: FolderContext): Promise<string> {
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
  context: FolderContext,
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
