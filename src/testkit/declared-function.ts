/**
 * The source of a function that a template declares: where its CodeUri and Handler say, before anything is built. Of TypeScript it is
 * the source itself, which Node runs without its types.
 * Source: AWS SAM developer guide, CodeUri, Handler, "Building Node.js Lambda functions with esbuild" (EntryPoints).
 */
import { existsSync, statSync } from 'node:fs'
import { basename, isAbsolute, join, resolve } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { TestKitError } from './kit-error.ts'

export interface DeclaredFunction {
  readonly id: string
  /** Absolute. */
  readonly file: string
  /** Of its export. */
  readonly name: string
  /** Its environment. */
  readonly variables: Readonly<Record<string, string>>
}

interface Declaration {
  readonly id: string
  readonly properties: JsonObject
  readonly metadata: JsonObject
}

const ENDINGS = ['.ts', '.mts', '.cts', '.mjs', '.js', '.cjs']

/** `properties`: resolved. Throws TestKitError for what is not there, or runs in no Node. */
export function functionIn({ id, properties, metadata }: Declaration, folder: string): DeclaredFunction {
  const handler = textOf(getOwn(properties, 'Handler')) ?? 'index.handler'
  const runtime = textOf(getOwn(properties, 'Runtime')) ?? 'nodejs'
  const given = textOf(getOwn(metadata, 'aws:asset:path')) ?? textOf(getOwn(properties, 'Code'))
  if (!runtime.startsWith('nodejs'))
    throw new TestKitError(`${id} runs in ${runtime}, and mock.code() in Node: answer its calls with another mock.`)
  if (given === undefined)
    throw new TestKitError(`The code of ${id} lies in no folder beside the template: answer its calls with another mock.`)
  const code = isAbsolute(given) ? given : resolve(folder, given)
  const [, module = handler, name = 'handler'] = /^(.*)\.([^./]+)$/.exec(handler) ?? []
  const file = [...entryPoints(metadata, code, module), ...ENDINGS.map((ending) => join(code, module + ending))].find(isFile)
  if (file === undefined)
    throw new TestKitError(`The code of ${id} is not there: ${join(code, module)} with ${ENDINGS.join(', ')}.`)
  return { id, file, name, variables: variablesOf(properties) }
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

/** The handler is in the bundle of the entry point that is named as its file is. */
function entryPoints(metadata: JsonObject, code: string, module: string): readonly string[] {
  const wishes = getOwn(metadata, 'BuildProperties')
  const given = isObject(wishes) ? (getOwn(wishes, 'EntryPoints') ?? []) : []
  return (isArray(given) ? given : [given])
    .filter((one) => typeof one === 'string')
    .filter((one) => basename(one).replace(/\.[mc]?[jt]sx?$/, '') === basename(module))
    .map((one) => join(code, one))
}

function variablesOf(properties: JsonObject): Readonly<Record<string, string>> {
  const environment = getOwn(properties, 'Environment')
  const variables = isObject(environment) ? getOwn(environment, 'Variables') : undefined
  return Object.fromEntries(
    Object.entries(isObject(variables) ? variables : {}).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  )
}

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
