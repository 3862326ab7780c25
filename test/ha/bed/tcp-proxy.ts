/**
 * Stands between a node and its database, and is the network between them: it delays, holds back, loses answers and cuts. What
 * is held back arrives when the network is well again, as TCP sends again what was lost: a commit may come very late.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

import { HOST, portOf, sleep } from './workspace.ts'

export type Network =
  | { readonly kind: 'well' }
  /** Each piece takes so long, either way. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing arrives, either way. */
  | { readonly kind: 'parted' }
  /** What the node says arrives; what the database answers does not. */
  | { readonly kind: 'mute' }
  /** Whoever connects is turned away. */
  | { readonly kind: 'refused' }

interface Line {
  readonly client: Socket
  readonly server: Socket
}

export class TcpProxy {
  readonly port: number
  readonly #listener: Server
  readonly #target: number
  readonly #lines = new Set<Line>()
  /** Whoever has come while nothing arrives. */
  readonly #waiting = new Set<Socket>()
  #network: Network = { kind: 'well' }

  private constructor(listener: Server, target: number) {
    this.#listener = listener
    this.#target = target
    this.port = portOf(listener)
    listener.on('connection', (client) => this.#accept(client))
  }

  /** Takes connections on a port of its own for a port of this machine. */
  static async open(target: number): Promise<TcpProxy> {
    // Bytes of a node that has been killed still arrive: its end of the line is closed, theirs is not.
    const listener = createServer({ allowHalfOpen: true })
    await new Promise<void>((resolve) => listener.listen(0, HOST, resolve))
    return new TcpProxy(listener, target)
  }

  get network(): Network {
    return this.#network
  }

  set network(network: Network) {
    this.#network = network
    for (const line of this.#lines) this.#apply(line)
    if (network.kind === 'parted') return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const client of waiting) this.#accept(client)
  }

  /** Ends all connections at once, as a network device does that forgets them. How many there were. */
  cut(): number {
    const count = this.#lines.size
    for (const { client, server } of this.#lines) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    for (const client of this.#waiting) client.resetAndDestroy()
    return count
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve))
    this.cut()
    await closed
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy())
    switch (this.#network.kind) {
      case 'refused':
        client.resetAndDestroy()
        return
      case 'parted':
        this.#waiting.add(client)
        client.once('close', () => this.#waiting.delete(client))
        return
      default:
        this.#join(client)
    }
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#target, host: HOST, allowHalfOpen: true })
    const line = { client, server }
    this.#lines.add(line)
    for (const socket of [client, server]) socket.setNoDelay(true)
    this.#carry(client, server)
    this.#carry(server, client)
    server.on('error', () => client.resetAndDestroy())
    server.once('close', () => this.#forget(line))
    client.once('close', () => this.#forget(line))
    this.#apply(line)
  }

  /** In order: what was slow is not overtaken when the network is well again. */
  #carry(from: Socket, to: Socket): void {
    let queue = Promise.resolve()
    let queued = 0
    const deliver = (act: () => void) => {
      const delayMs = this.#network.kind === 'slow' ? this.#network.delayMs : 0
      if (queued === 0 && delayMs === 0) return act()
      queued++
      const dueAt = Date.now() + delayMs
      queue = queue
        .then(() => sleep(Math.max(0, dueAt - Date.now())))
        .then(() => {
          queued--
          act()
        })
    }
    from.on('data', (piece) => deliver(() => to.writable && to.write(piece)))
    from.on('end', () => deliver(() => to.end()))
  }

  #apply({ client, server }: Line): void {
    const { kind } = this.#network
    if (kind === 'parted') client.pause()
    else client.resume()
    if (kind === 'parted' || kind === 'mute') server.pause()
    else server.resume()
  }

  #forget(line: Line): void {
    this.#lines.delete(line)
    line.client.destroy()
    line.server.destroy()
  }
}
