/** Looks at the beginning of a body without taking it: whoever is handed the request then reads it whole. */
import type { IncomingMessage } from 'node:http'

/** What has arrived first; empty where the body is empty or its sender has gone. */
export function peekBody(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const finish = (piece: Buffer) => {
      req.off('readable', onReadable).off('close', onClose)
      resolve(piece)
    }
    const onReadable = () => {
      const piece = req.read() as Buffer | null
      if (piece) req.unshift(piece)
      finish(piece ?? Buffer.alloc(0))
    }
    const onClose = () => finish(Buffer.alloc(0))
    req.on('readable', onReadable).on('close', onClose)
  })
}
