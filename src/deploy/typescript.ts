/** TypeScript as Node runs it: its types are taken away, file by file; nothing is checked, and nothing bundled. */
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

import { PropertyError } from '../cloudformation/resources/resource.ts'
import type { ZipEntry } from '../cloudformation/zip.ts'

/** Every TypeScript file as JavaScript under the same name, its imports with the ending that Node wants. */
export function withoutTypes(folder: string, entries: readonly ZipEntry[]): readonly ZipEntry[] {
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
    return stripTypeScriptTypes(data.toString('utf8'), options)
  } catch (error) {
    throw new PropertyError(`${join(folder, name)}: ${error instanceof Error ? error.message : String(error)}`, 'Code')
  } finally {
    process.emitWarning = emitWarning
  }
}

const ENDINGS = ['', '.ts', '.mts', '.cts', '.js', '/index.ts', '/index.js']
const RELATIVE = /((?:from|import|require)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)(['"])/g
