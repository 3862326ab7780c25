/**
 * The console at `/` and `/console/…`: built files, the gallery of examples, and a stream of changes that tells when a watched execution has
 * moved. Files are found in a list read once, so no path leads out of their folder. Only a browser that navigates is answered
 * with the page: an S3 client that lists buckets at `/` is not one.
 */
import type { IncomingMessage } from 'node:http'

import { objectOf } from '../base/json-text.ts'
import type { Log } from '../base/log.ts'

import { type Handler, headerOf, readBody, send, sendJson } from '../wire/http.ts'

import { createChangeStream } from './change-stream.ts'
import { openConsoleFiles } from './console-files.ts'

/** Workflows that can be had with one click. */
export interface Gallery {
  list(): Promise<readonly GalleryItem[]>
  /** Brings a template's resources up. Rejects with what is wrong, for a person to read; undefined: no such template. */
  deploy(name: string, mode: DeployMode): Promise<GalleryDeployment | undefined>
}

/** What becomes of a machine that is there: `create` asks, `copy` makes another one, `restore` replaces it. */
const DEPLOY_MODES = ['create', 'copy', 'restore'] as const
type DeployMode = (typeof DEPLOY_MODES)[number]

export interface GalleryDeployment {
  /** `exists`: nothing was done, because its machine is there. */
  readonly status: 'deployed' | 'exists'
  readonly stateMachineArn: string | undefined
  readonly input: string
}

export interface GalleryItem {
  readonly name: string
  /** By language, at least `en`. */
  readonly title: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly definition: string
  readonly input: string
  /** Of its machine, where that is there. */
  readonly stateMachineArn?: string
}

const PREFIX = '/_regente/console/'
const TEMPLATES = `${PREFIX}templates`
const BODY_BYTES_MAX = 1_024

export function createConsole({ gallery, log }: { readonly gallery: Gallery; readonly log: Log }) {
  const changes = createChangeStream()
  const files = openConsoleFiles()

  const templates: Handler = async (req, res) => {
    if (req.method === 'GET') return sendJson(res, { templates: await gallery.list() })
    // A form sent across sites cannot carry this type: the guard is not the only lock.
    if (req.method !== 'POST' || headerOf(req.headers, 'content-type') !== 'application/json')
      return sendJson(res, { message: 'Not found.' }, { status: 404 })
    const name = (req.url ?? '').slice(TEMPLATES.length + 1)
    const mode = modeIn(await readBody(req, BODY_BYTES_MAX))
    if (mode === undefined) return sendJson(res, { message: `mode is one of ${DEPLOY_MODES.join(', ')}.` }, { status: 400 })
    try {
      const deployed = await gallery.deploy(name, mode)
      if (!deployed) return sendJson(res, { message: 'No such template.' }, { status: 404 })
      return sendJson(res, deployed, { status: deployed.status === 'exists' ? 409 : 200 })
    } catch (error) {
      log.warn('a template could not be deployed', { name, error: String(error) })
      return sendJson(res, { message: error instanceof Error ? error.message : String(error) }, { status: 400 })
    }
  }

  return {
    /** Tells those who watch the execution that it has moved. Cheap where nobody watches. */
    moved: changes.moved,
    /** Executions that somebody watches. */
    watched: changes.watched,
    /** Undefined where the request is not the console's. */
    match(req: IncomingMessage): Handler | undefined {
      const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
      if (path === '/_regente/live') return changes.listen
      if (path === TEMPLATES || path.startsWith(`${TEMPLATES}/`)) return templates
      if (path.startsWith(PREFIX)) return files.serve(path.slice(PREFIX.length))
      if (!isPage(req, path)) return undefined
      return files.isBuilt ? files.serve('index.html') : notBuilt
    },
  }
}

/** `create` unless the body says otherwise; undefined: it says what is not known. */
function modeIn(body: Buffer): DeployMode | undefined {
  if (body.length === 0) return 'create'
  const json = objectOf(body.toString('utf8'))
  if (!json) return undefined
  const { mode = 'create' } = json
  return DEPLOY_MODES.find((one) => one === mode)
}

const notBuilt: Handler = async (_, res) =>
  send(
    res,
    'The console is not built. Stop Regente, run `npm run build`, and start it again. The AWS API works without it.\n',
    { status: 503, contentType: 'text/plain; charset=utf-8' },
    'x-amzn-RequestId',
  )

/** A person who looks: not an S3 client (those sign, or carry `X-Amz-…` in the query), nor one who follows a link of SNS. */
function isPage(req: IncomingMessage, path: string): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false
  if (path !== '/' && path !== '/console' && !path.startsWith('/console/')) return false
  if (req.headers.authorization !== undefined || /[?&](?:X-Amz-|Action=)/i.test(req.url ?? '')) return false
  return (headerOf(req.headers, 'accept') ?? '').includes('text/html')
}
