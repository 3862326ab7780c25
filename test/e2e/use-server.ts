/** A server with a data directory of its own for all tests of a file. */
import { afterAll, beforeAll } from 'vitest'

import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

/** `url` is there once the tests run. */
export function useServer(flags: readonly string[] = []): { readonly url: string } {
  let dataDirectory: string | undefined
  let server: RunningServer | undefined
  beforeAll(async () => {
    dataDirectory = await makeDataDirectory()
    server = await startServer(dataDirectory, flags)
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    if (dataDirectory !== undefined) await removeDataDirectory(dataDirectory)
  })
  return {
    get url() {
      return server?.url ?? ''
    },
  }
}
