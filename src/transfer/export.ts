/** Writes what an endpoint has as a SAM template: a folder with definitions and code, or a text alone. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { LAMBDA_ZIP_BOUNDS, readZipEntries, ZipError } from '../services/lambda/zip.ts'

import { type Found, Inventory, type Kind, type Left } from './inventory.ts'
import { readAll } from './kinds/index.ts'
import { inOrder } from './order.ts'
import type { Source } from './source.ts'
import { writeTemplate } from './template.ts'

export interface Exported {
  readonly template: string
  readonly found: readonly Found[]
  readonly left: readonly Left[]
}

/** Without a folder functions are left: their code has no place. */
export async function exportAll(source: Source, wanted: ReadonlySet<Kind>, folder: string | undefined): Promise<Exported> {
  const from = await source.place()
  const inventory = new Inventory()
  await readAll(source, inventory, wanted)
  const isKept = (one: Found): boolean => folder !== undefined || one.kind !== 'functions'
  for (const one of inventory.found.filter((each) => !isKept(each) && each.readCode !== undefined))
    inventory.leave(one.kind, one.name, 'its code needs a folder: --out FOLDER')
  const found = inOrder(inventory.found.filter(isKept))
  const { text, definitions, code } = writeTemplate(found, from, folder !== undefined)
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true })
    for (const [path, definition] of definitions) await write(join(folder, path), definition)
    for (const [path, one] of code)
      await inventory.attempt('functions', `${one.name}: its code`, () => unpack(one, join(folder, path), inventory))
    await write(join(folder, 'template.yaml'), text)
  }
  return { template: text, found, left: inventory.left }
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

async function unpack(one: Found, folder: string, inventory: Inventory): Promise<void> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0)
    inventory.leave(one.kind, `${one.name}: what was in ${folder}`, 'it was there before; files of the same names are new')
  const archive = await one.readCode?.()
  if (archive === undefined) return
  try {
    for (const entry of await readZipEntries(archive, LAMBDA_ZIP_BOUNDS)) {
      const path = join(folder, entry.path)
      await mkdir(entry.isDirectory ? path : dirname(path), { recursive: true })
      if (!entry.isDirectory) await writeFile(path, await entry.read(), { mode: entry.isExecutable ? 0o755 : 0o644 })
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    inventory.leave(one.kind, `${one.name}: its code`, error.message)
  }
}
