/** Where the parts of a Map Run's results wait until they are whole, so that their length is known before they are sent. */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Spool {
  create(): Promise<SpoolFile>
}

export interface SpoolFile {
  append(text: string): Promise<void>
  /** All that was appended. */
  body(): AsyncIterable<Uint8Array>
  /** Takes it away; nothing is asked of it after. */
  discard(): Promise<void>
}

/** On disk, so that memory stays bounded. The folder is made when it is first needed. */
export function diskSpool(directory: string): Spool {
  return {
    async create() {
      await mkdir(directory, { recursive: true })
      const path = join(directory, `regente-results-${randomUUID()}`)
      const handle = await open(path, 'wx')
      return {
        append: (text) => handle.appendFile(text),
        body: () => createReadStream(path) as AsyncIterable<Uint8Array>,
        async discard() {
          await handle.close()
          await rm(path, { force: true })
        },
      }
    },
  }
}

/** In memory: for tests and simulations. */
export const memorySpool: Spool = {
  async create() {
    let whole = ''
    return {
      async append(text) {
        whole += text
      },
      async *body() {
        yield Buffer.from(whole)
      },
      async discard() {
        whole = ''
      },
    }
  },
}
