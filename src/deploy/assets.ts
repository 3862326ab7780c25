/**
 * What a template takes from a bucket: a file that `cdk synth` put beside it and would upload under that key, else the object
 * itself, where the endpoint has it.
 * Source: CDK cloud assembly schema, "asset manifest".
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import { objectPath } from '../aws/paths.ts'
import { SERVICES } from '../aws/services.ts'

import { orUndefined } from './aws.ts'
import type { DeployContext } from './resources/resource.ts'

export interface S3Location {
  readonly bucket: string
  readonly key: string
}

/** `s3://bucket/key`, or the members that the properties of CloudFormation and SAM have for it. */
export function locationIn(value: Json | undefined): S3Location | undefined {
  if (typeof value === 'string') {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(value) ?? []
    return bucket !== undefined && key !== undefined ? { bucket, key } : undefined
  }
  if (!isObject(value)) return undefined
  const bucket = getOwn(value, 'Bucket') ?? getOwn(value, 'S3Bucket')
  const key = getOwn(value, 'Key') ?? getOwn(value, 'S3Key')
  return typeof bucket === 'string' && typeof key === 'string' ? { bucket, key } : undefined
}

/** The path of the file or folder; undefined where no manifest beside the template has the key. */
export async function assetNamed(key: string, { folder }: Pick<DeployContext, 'folder'>): Promise<string | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.assets.json'))
  for (const name of names) {
    const files = getOwn(await readJsonObject(join(folder, name)), 'files')
    for (const file of isObject(files) ? Object.values(files) : []) {
      const path = isObject(file) && hasKey(file, key) ? pathOf(file) : undefined
      if (path !== undefined) return join(folder, path)
    }
  }
  return undefined
}

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

/** Undefined where the endpoint has no such bucket or object. */
export async function readObject({ bucket, key }: S3Location, { aws }: DeployContext): Promise<Buffer | undefined> {
  const answer = aws.restXml(SERVICES.s3, 'GET', objectPath(bucket, key))
  const found = await orUndefined(answer, 'NoSuchKey', 'NoSuchBucket', 'NotFound', 'AccessDenied').catch((error: unknown) => {
    if (error instanceof WireError && error.status === 404) return undefined
    throw error
  })
  return found?.body
}
