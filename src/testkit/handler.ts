/** A Lambda handler from its source, called as Lambda calls it, with its environment. */
import { pathToFileURL } from 'node:url'

import type { Json } from '../base/json.ts'

import { messageOf, TestKitError } from './kit-error.ts'

export interface HandlerSource {
  /** Absolute. */
  readonly file: string
  /** Of its export. */
  readonly name: string
  /** Its environment, over the process's own. */
  readonly variables?: Readonly<Record<string, string>>
  /** Of which function it is: two that share a file have each a module of their own, which looks at its own environment. */
  readonly id?: string
}

type Handler = (event: Json, context: object) => unknown

/** Rejects with what the handler throws; with TestKitError where there is none. */
export async function callHandler(source: HandlerSource, event: Json, context: object): Promise<unknown> {
  const { variables = {} } = source
  const call = async (): Promise<unknown> => (await load(source))(event, context)
  return Object.keys(variables).length === 0 ? await call() : await withVariables(variables, call)
}

async function load({ file, name, id }: HandlerSource): Promise<Handler> {
  const { href } = pathToFileURL(file)
  const module = (await import(id === undefined ? href : `${href}?function=${id}`).catch((error: unknown) => {
    throw new TestKitError(`The handler ${file} cannot be loaded: ${messageOf(error)}`)
  })) as Readonly<Record<string, unknown>>
  const handler = module[name] ?? (module['default'] as Readonly<Record<string, unknown>> | undefined)?.[name]
  if (typeof handler === 'function') return handler as Handler
  throw new TestKitError(
    `${file} exports no function '${name}' (it has ${Object.keys(module).join(', ')}): mock.handler('…', 'its name').`,
  )
}

/** A process has one environment: who needs another waits for whoever has it. */
let turn: Promise<unknown> = Promise.resolve()

async function withVariables<T>(variables: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const mine = turn.then(async () => {
    const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
    Object.assign(process.env, variables)
    try {
      return await work()
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })
  turn = mine.catch(() => {})
  return await mine
}
