import { describe, expect, it } from 'vitest'

import { ResponseReader } from './response-reader.ts'

/** What is read where the text arrives in pieces of so many bytes; then the connection ends. */
function read(text: string, bytes: number, method = 'GET') {
  const said: (string | number)[] = []
  let body = ''
  const reader = new ResponseReader(method, {
    head: ({ status, rawHeaders, isKept }) => said.push(status, rawHeaders.join('|'), isKept ? 'kept' : 'closed'),
    body: (piece) => (body += piece.toString('latin1')),
    end: () => said.push(body, 'end'),
  })
  const whole = Buffer.from(text, 'latin1')
  for (let at = 0; at < whole.length; at += bytes) reader.take(whole.subarray(at, at + bytes))
  return { said, isWhole: reader.close() }
}

describe.each([1, 2, 7, 1_000])('an answer that comes in pieces of %i bytes', (bytes) => {
  it('ends where its length says', () =>
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b: c\r\n\r\nhello', bytes)).toEqual({
      said: [200, 'Content-Length|5|X-A|b: c', 'kept', 'hello', 'end'],
      isWhole: true,
    }))
  it('ends after its last chunk and the trailers', () =>
    expect(
      read('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\na;x=y\r\n, chunked!\r\n0\r\nx: y\r\n\r\n', bytes)
        .said,
    ).toEqual([200, 'transfer-encoding|chunked', 'kept', 'hello, chunked!', 'end']))
  it('ends with the connection where nothing else says so', () =>
    expect(read('HTTP/1.1 200 OK\r\n\r\nhello', bytes)).toEqual({ said: [200, '', 'closed', 'hello', 'end'], isWhole: true }))
  it('has no body after HEAD, 204 and 304, whatever its headers say', () => {
    expect(read('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', bytes, 'HEAD').said).toEqual([
      200,
      'content-length|5',
      'kept',
      '',
      'end',
    ])
    expect(read('HTTP/1.1 204 No Content\r\n\r\n', bytes).said).toEqual([204, '', 'kept', '', 'end'])
    expect(read('HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n', bytes).said).toEqual([304, 'etag|"x"', 'kept', '', 'end'])
  })
  it('comes after what was said before it', () =>
    expect(
      read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n', bytes).said,
    ).toEqual([200, 'content-length|0|connection|close', 'closed', '', 'end']))
  it('is not whole where the connection ends before it', () =>
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', bytes).isWhole).toBe(false))
  it('is refused where it is none, or where more comes', () => {
    expect(() => read('SSH-2.0-OpenSSH\r\n\r\n', bytes)).toThrow('no answer of HTTP/1')
    expect(() => read('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab', bytes)).toThrow('more was answered')
    expect(() => read('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n', bytes)).toThrow('no size')
  })
})
