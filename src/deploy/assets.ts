/**
 * What a tool put beside a template and would upload to a bucket under a key.
 * Source: CDK cloud assembly schema, "asset manifest"; what Serverless writes into `.serverless`, whose keys end with a file's name.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

import { getOwn, isObject, type JsonObject } from '../base/json.ts'

import { exists } from './programs.ts'

/** The path of the file or folder; undefined where nothing beside the template has the key. */
export async function assetNamed(key: string, folder: string): Promise<string | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.assets.json'))
  for (const name of names) {
    const files = getOwn(await readJsonObject(join(folder, name)), 'files')
    for (const file of isObject(files) ? Object.values(files) : []) {
      const path = isObject(file) && hasKey(file, key) ? pathOf(file) : undefined
      if (path !== undefined) return resolve(folder, path)
    }
  }
  const packaged = join(folder, basename(key))
  return (await isServerless(folder)) && (await exists(packaged)) ? packaged : undefined
}

const isServerless = (folder: string): Promise<boolean> => exists(join(folder, 'serverless-state.json'))

async function readJsonObject(path: string): Promise<JsonObject> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function hasKey(file: JsonObject, key: string): boolean {
  const destinations = getOwn(file, 'destinations')
  return isObject(destinations) && Object.values(destinations).some((one) => isObject(one) && getOwn(one, 'objectKey') === key)
}

function pathOf(file: JsonObject): string | undefined {
  const source = getOwn(file, 'source')
  const path = isObject(source) ? getOwn(source, 'path') : undefined
  return typeof path === 'string' ? path : undefined
}
