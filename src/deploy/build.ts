/**
 * What the code of a function becomes before it is packed, as `sam build` does it: packages are installed (`packages.ts`),
 * TypeScript is bundled (`bundle.ts`) or, without an esbuild in the project, loses its types (`typescript.ts`).
 */
import { bundle, moduleOf } from './bundle.ts'
import { nodePackages, pythonPackages } from './packages.ts'
import { findProgram } from './programs.ts'
import { type Declared, textAt } from '../cloudformation/resources/resource.ts'
import type { FolderContext } from './folder-context.ts'
import { withoutTypes } from './typescript.ts'
import type { ZipEntry } from '../cloudformation/zip.ts'
import { readFolder } from './folder-files.ts'

export interface Built {
  /** Of entries of the same name the last one counts: what the project has itself. */
  readonly entries: readonly ZipEntry[]
  /** Environment variables that it wants, where the template does not set them. */
  readonly variables: Readonly<Record<string, string>>
}

/** Throws PropertyError for code that cannot be built. */
export async function buildFolder(folder: string, resource: Declared, context: FolderContext): Promise<Built> {
  const runtime = textAt(resource.properties, 'Runtime') ?? ''
  const entries = await readFolder(folder, context.excluded)
  if (runtime.startsWith('nodejs')) return buildNode(folder, entries, resource, context)
  if (!runtime.startsWith('python')) return { entries, variables: {} }
  return { entries: [...(await pythonPackages(folder, entries, runtime, context)), ...entries], variables: {} }
}

async function buildNode(
  folder: string,
  entries: readonly ZipEntry[],
  resource: Declared,
  context: FolderContext,
): Promise<Built> {
  const source = sourceOf(resource, entries)
  const wantsBundle = textAt(resource.metadata, 'BuildMethod') === 'esbuild'
  const isPlain = source === undefined && !wantsBundle
  const esbuild = isPlain ? undefined : await findProgram('esbuild', [folder, context.folder, process.cwd()])
  const packages = await nodePackages(folder, entries, esbuild !== undefined, context)
  if (isPlain) return { entries: [...packages, ...entries], variables: {} }
  const variables = { NODE_OPTIONS: '--enable-source-maps' }
  if (esbuild !== undefined) return { entries: await bundle(esbuild, folder, source, resource, context), variables }
  if (wantsBundle) context.warn(`${resource.id}: esbuild is not installed here: npm install --save-dev esbuild. ${UNBUNDLED}`)
  return { entries: [...packages, ...withoutTypes(folder, entries)], variables }
}

const UNBUNDLED = 'The code runs as it lies, without types and without a bundle.'

/** The TypeScript file of the handler, where it has no JavaScript. */
function sourceOf({ properties }: Declared, entries: readonly ZipEntry[]): string | undefined {
  const module = moduleOf(properties)
  const has = (name: string) => entries.some((entry) => entry.name === name)
  if (['.js', '.mjs', '.cjs'].some((ending) => has(module + ending))) return undefined
  return ['.ts', '.mts', '.cts', '.tsx'].map((ending) => module + ending).find(has)
}
