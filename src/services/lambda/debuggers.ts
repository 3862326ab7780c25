/**
 * The ports of the debuggers of Node functions, on loopback: one for each function, which it keeps, so that whoever debugs it finds
 * its next process there again. Of the processes of a function one has it; whoever starts while that one works has none. A process
 * that goes is waited for: the port is free a moment later.
 */
import { createServer } from 'node:net'

import { type Deferred, deferred } from '../../base/deferred.ts'

export interface DebugPort {
  readonly port: number
  /** Its process is being ended. */
  leave(): void
  /** Its process has ended. */
  release(): void
}

interface Held {
  isLeaving: boolean
  readonly released: Deferred<void>
}

const PORT_MAX = 65_535

export class Debuggers {
  #next: number
  readonly #ports = new Map<string, number>()
  readonly #held = new Map<string, Held>()

  /** `first`: the first port; 0 takes what is free. */
  constructor(first: number) {
    this.#next = first
  }

  /** Undefined where another process of the function has its debugger, or no port is left. */
  async take(functionName: string): Promise<DebugPort | undefined> {
    for (let held = this.#held.get(functionName); held !== undefined; held = this.#held.get(functionName)) {
      if (!held.isLeaving) return undefined
      await held.released.promise
    }
    const held: Held = { isLeaving: false, released: deferred() }
    this.#held.set(functionName, held)
    const release = (): void => {
      if (this.#held.get(functionName) === held) this.#held.delete(functionName)
      held.released.resolve()
    }
    const port = await this.#portOf(functionName)
    if (port === undefined) {
      release()
      return undefined
    }
    const leave = (): void => {
      held.isLeaving = true
    }
    return { port, leave, release }
  }

  async #portOf(functionName: string): Promise<number | undefined> {
    const known = this.#ports.get(functionName)
    if (known !== undefined) return known
    while (this.#next <= PORT_MAX) {
      const wanted = this.#next
      if (wanted !== 0) this.#next++
      const free = await freePort(wanted)
      if (free === undefined) continue
      this.#ports.set(functionName, free)
      return free
    }
    return undefined
  }
}

/** Undefined where somebody else has it. */
function freePort(wanted: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.on('error', () => resolve(undefined))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(port))
    })
  })
}
