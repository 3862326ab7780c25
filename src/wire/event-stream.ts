/**
 * Messages of AWS's event streams, as services answer them piece by piece: a length, headers, a payload, and two checksums.
 * Source: Smithy, "Amazon Event Stream Specification".
 */
import { crc32 } from 'node:zlib'

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream'

const TEXT_TYPE = 7
/** Two lengths and their checksum before the headers, one checksum behind the payload. */
const FRAME_BYTES = 16

/** One event of a stream. */
export function printEvent(name: string, contentType: string, payload: Buffer): Buffer {
  const headers = Buffer.concat(
    [
      [':event-type', name],
      [':content-type', contentType],
      [':message-type', 'event'],
    ].map(([key = '', value = '']) => printHeader(key, value)),
  )
  const length = FRAME_BYTES + headers.length + payload.length
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const message = Buffer.concat([prelude, headers, payload, Buffer.alloc(4)])
  message.writeUInt32BE(crc32(message.subarray(0, length - 4)), length - 4)
  return message
}

function printHeader(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)]
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([Buffer.from([key.length]), key, Buffer.from([TEXT_TYPE]), length, text])
}
