/**
 * What was deployed of each stack, so that what a template no longer has can be taken away, and what a stack exports is there
 * for others. In a file beside the data, for the next start; in memory where there is none.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

export interface RecordedResource {
  readonly id: string
  readonly type: string
  readonly ref: string
  /** Stays when the template no longer has it (`DeletionPolicy: Retain`). */
  readonly isRetained: boolean
}

export interface RecordedStack {
  readonly resources: readonly RecordedResource[]
  readonly exports: Readonly<Record<string, Json>>
}

/** A stack is recorded by its name where one was told, else by its template (`keyOf`). */
export interface StackRecords {
  of(key: string): RecordedStack
  all(): ReadonlyMap<string, RecordedStack>
  keep(key: string, stack: RecordedStack): Promise<void>
  /** As the template lies from the records: a project may be moved with its data. */
  keyOf(template: string): string
}

const NOTHING: RecordedStack = { resources: [], exports: {} }

export async function openStackRecords(file: string | undefined): Promise<StackRecords> {
  const stacks = new Map<string, RecordedStack>(file === undefined ? [] : await read(file))
  return {
    of: (key) => stacks.get(key) ?? NOTHING,
    all: () => stacks,
    keyOf: (template) => relative(file === undefined ? '/' : dirname(resolve(file)), resolve(template)),
    async keep(key, stack) {
      stacks.set(key, stack)
      if (file === undefined) return
      await writeFile(`${file}.new`, `${JSON.stringify(Object.fromEntries(stacks), null, 2)}\n`)
      await rename(`${file}.new`, file)
    },
  }
}

/** A file that is not there, or not ours, is none. */
async function read(file: string): Promise<[string, RecordedStack][]> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isObject(value) ? Object.entries(value).map(([name, stack]) => [name, stackOf(stack)]) : []
  } catch {
    return []
  }
}

function stackOf(value: Json): RecordedStack {
  if (!isObject(value)) return NOTHING
  const [resources, exports] = [getOwn(value, 'resources'), getOwn(value, 'exports')]
  return {
    resources: (isArray(resources) ? resources : []).filter(isObject).map(resourceOf),
    exports: isObject(exports) ? exports : {},
  }
}

const resourceOf = (resource: JsonObject): RecordedResource => ({
  id: String(getOwn(resource, 'id')),
  type: String(getOwn(resource, 'type')),
  ref: String(getOwn(resource, 'ref')),
  isRetained: getOwn(resource, 'isRetained') === true,
})
