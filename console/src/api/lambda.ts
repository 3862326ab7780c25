/** Lambda's REST protocol, and our own door to look at a function's code. */
import { FUNCTIONS_PATH, functionPath } from '../../../src/aws/paths.ts'
import { type TextFile, zipOf } from '../model/zip.ts'
import type { Page } from '../ui/use-pages.ts'
import { callRest, readJson } from './client.ts'

export interface LambdaFunction {
  readonly FunctionName: string
  readonly FunctionArn: string
  readonly Runtime?: string
  readonly Handler?: string
  readonly Description?: string
  readonly LastModified?: string
  readonly Timeout?: number
  readonly MemorySize?: number
  readonly CodeSize?: number
  readonly Version?: string
  readonly RevisionId?: string
  readonly Architectures?: readonly string[]
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> }
  readonly LoggingConfig?: { readonly LogGroup?: string }
}

export async function listFunctions(token: string | undefined, signal: AbortSignal): Promise<Page<LambdaFunction>> {
  const query = new URLSearchParams({ MaxItems: '50', ...(token !== undefined && { Marker: token }) })
  const { Functions, NextMarker } = (await callRest('GET', `${FUNCTIONS_PATH}?${query}`, undefined, signal)) as {
    Functions: readonly LambdaFunction[]
    NextMarker?: string
  }
  return { items: Functions, next: NextMarker }
}

export const getFunction = async (name: string, signal: AbortSignal): Promise<LambdaFunction> =>
  ((await callRest('GET', functionPath(name), undefined, signal)) as { Configuration: LambdaFunction }).Configuration

export interface Invocation {
  readonly result: string
  /** `Unhandled` where the function itself failed. */
  readonly error: string | undefined
  readonly log: string
  readonly version: string
  readonly durationMs: number
}

/** Throws ApiError where the function could not be called; a function that fails is an Invocation with an error. */
export async function invokeFunction(name: string, payload: string): Promise<Invocation> {
  const startedAt = performance.now()
  const response = await fetch(`${functionPath(name)}/invocations`, {
    method: 'POST',
    headers: { 'x-amz-log-type': 'Tail', 'content-type': 'application/json' },
    body: payload,
  })
  if (!response.ok) await readJson(response)
  const result = await response.text()
  return {
    result,
    error: response.headers.get('x-amz-function-error') ?? undefined,
    log: fromBase64(response.headers.get('x-amz-log-result') ?? ''),
    version: response.headers.get('x-amz-executed-version') ?? '',
    durationMs: performance.now() - startedAt,
  }
}

const fromBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)))

/** What a new function needs; any role will do here. */
export interface NewFunction {
  readonly name: string
  readonly runtime: string
  readonly handler: string
  readonly files: readonly TextFile[]
}

const ROLE = 'arn:aws:iam::000000000000:role/regente'

export const createFunction = ({ name, runtime, handler, files }: NewFunction): Promise<unknown> =>
  callRest('POST', FUNCTIONS_PATH, {
    FunctionName: name,
    Runtime: runtime,
    Handler: handler,
    Role: ROLE,
    Code: { ZipFile: toBase64(zipOf(files)) },
  })

/** Refused where the function is no longer of that revision. */
export const updateCode = async (name: string, files: readonly TextFile[], RevisionId: string | undefined) =>
  (await callRest('PUT', `${functionPath(name)}/code`, {
    ZipFile: toBase64(zipOf(files)),
    ...(RevisionId !== undefined && { RevisionId }),
  })) as LambdaFunction

export const deleteFunction = (name: string): Promise<unknown> => callRest('DELETE', functionPath(name))

/** Arguments of one call. */
const CHUNK = 32_768

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}

export interface CodeFiles {
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly isCut: boolean
}

export interface CodeFile {
  readonly size: number
  readonly isCut: boolean
  readonly isBinary?: boolean
  readonly text?: string
}

const look = async (query: Record<string, string>, signal: AbortSignal): Promise<unknown> =>
  readJson(await fetch(`/_regente/lambda/code?${new URLSearchParams(query)}`, { signal }))

export const listCode = (name: string, signal: AbortSignal) => look({ FunctionName: name }, signal) as Promise<CodeFiles>
export const readCode = (name: string, path: string, signal: AbortSignal) =>
  look({ FunctionName: name, path }, signal) as Promise<CodeFile>
