/**
 * HTTPS on the port of HTTP. The first byte of a connection tells which is spoken: a client of TLS begins with a record of its
 * handshake, no method of HTTP with that byte. A connection that says nothing for `patienceMs` is closed, and one whose handshake
 * lasts as long again, however often it says a byte more.
 * Source: RFC 8446, section 5.1 (ContentType handshake, 22).
 */
import type { Socket } from 'node:net'
import type { SecureContext, Server, TLSSocket } from 'node:tls'

import type { Log } from '../base/log.ts'

import type { Certificates, Shown } from './certificates.ts'

const HANDSHAKE = 0x16
/** Loaded for the first client of TLS: 5 MB that most servers never need. */
const loadTls = () => process.getBuiltinModule('node:tls')

export interface SecureDoorOptions {
  readonly certificates: Certificates
  readonly patienceMs: number
  /** Both are given whoever is to be heard, with nothing taken from what he says. */
  readonly plain: (socket: Socket) => void
  readonly secure: (socket: TLSSocket) => void
  readonly log: Log
}

export interface SecureDoor {
  /** Of each new connection. */
  take(socket: Socket): void
  /** Ends those of whom nothing is known yet, and all that speak TLS. */
  close(): void
}

export function createSecureDoor({ certificates, patienceMs, plain, secure, log }: SecureDoorOptions): SecureDoor {
  /** Those that `plain` has not been given. */
  const held = new Set<Socket>()
  const contexts = new WeakMap<Shown, SecureContext>()
  /** Made for the first client of TLS. */
  let server: Server | undefined
  let shownNow: Shown | undefined

  function contextOf(shown: Shown): SecureContext {
    const context = contexts.get(shown) ?? loadTls().createSecureContext(shown)
    contexts.set(shown, context)
    return context
  }

  function openServer(): Server {
    const opened = loadTls().createServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: patienceMs,
      SNICallback(name, tell) {
        certificates.shownTo(name).then((shown) => tell(null, contextOf(shown)), tell)
      },
    })
    opened.on('secureConnection', secure)
    return opened.on('tlsClientError', (_, socket) => socket.destroy())
  }

  async function shakeHands(socket: Socket): Promise<void> {
    try {
      const shown = await certificates.shownTo(undefined)
      server ??= openServer()
      if (shown !== shownNow) server.setSecureContext((shownNow = shown))
      if (!socket.destroyed) server.emit('connection', socket)
    } catch (error) {
      log.error('HTTPS has no certificate', { error: String(error) })
      socket.destroy()
    }
  }

  return {
    take(socket) {
      held.add(socket)
      const end = () => socket.destroy()
      const late = setTimeout(end, patienceMs)
      const hear = (first: Buffer) => {
        socket.off('data', hear).off('end', end)
        socket.pause()
        socket.unshift(first)
        // Whoever hangs up meanwhile is heard by nobody else.
        if (first[0] === HANDSHAKE) return void shakeHands(socket).finally(() => clearTimeout(late))
        clearTimeout(late)
        socket.off('error', ignore)
        held.delete(socket)
        plain(socket)
        socket.resume()
      }
      socket.on('data', hear).on('end', end).on('error', ignore)
      socket.once('close', () => {
        clearTimeout(late)
        held.delete(socket)
      })
    },
    close() {
      for (const socket of held) socket.destroy()
    },
  }
}

const ignore = () => {}
