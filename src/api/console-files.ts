/** The console's built files, compressed when they were built. Names hold a hash of the content, so browsers keep them for good. */
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

import { type Handler, headerOf, send, sendJson } from '../wire/http.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Styles are set by the editor and the graph as they go; scripts come from our files alone. */
const POLICY = [
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

export function openConsoleFiles() {
  const folder = findFolder()
  let listed: ReadonlySet<string> | undefined
  /** Some hundred; read when a browser first asks. */
  const list = () => new Set(folder === undefined ? [] : readdirSync(folder, { recursive: true, encoding: 'utf8' }))

  const serve =
    (name: string): Handler =>
    async (req, res) => {
      const names = (listed ??= list())
      const type = TYPES[extname(name)]
      if (folder === undefined || type === undefined || !names.has(name))
        return sendJson(res, { message: 'No such file.' }, { status: 404 })
      const accepted = headerOf(req.headers, 'accept-encoding') ?? ''
      const coding = (['br', 'gzip'] as const).find((one) => accepted.includes(one) && names.has(`${name}.${SUFFIX[one]}`))
      const bytes = await readFile(join(folder, coding ? `${name}.${SUFFIX[coding]}` : name))
      const headers = {
        vary: 'accept, accept-encoding',
        'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-encoding': coding,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      }
      send(res, bytes, { contentType: type, headers }, 'x-amzn-RequestId')
    }

  return { isBuilt: folder !== undefined, serve }
}

const SUFFIX = { br: 'br', gzip: 'gz' } as const

/** Beside us in the build; where the source itself runs, in the build beside it. */
function findFolder(): string | undefined {
  return ['../console', '../../dist/console']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => {
      try {
        return readdirSync(path).includes('index.html')
      } catch {
        return false
      }
    })
}
