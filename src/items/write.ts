/**
 * ResultWriter: exports the results of a Map Run as SUCCEEDED_n, FAILED_n and PENDING_n files and a manifest that names
 * them. Records come as a stream and go to a spool file each, which is uploaded when it is full, so memory stays bounded
 * and S3 is told every length. A file that would be empty is not written.
 * Source: AWS developer guide, "ResultWriter (Map)"; a real manifest in localstack#11381. Files end in .json for JSON Lines too.
 */
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { err, ok, type Result } from '../base/result.ts'

import { sourceFailureText } from './item.ts'
import { type OutputType, type ResultRecord, renderRecord, type Transformation } from './result-record.ts'
import type { ObjectSource } from './source.ts'
import type { Spool, SpoolFile } from './spool.ts'

export interface WriteSettings {
  readonly bucket: string
  /** May be empty. */
  readonly prefix: string
  readonly mapRunArn: string
  readonly transformation?: Transformation
  readonly outputType?: OutputType
  readonly fileBytesMax?: number
}

/** What the Map state puts out: `ResultWriterDetails`. */
export interface WrittenResults {
  readonly Bucket: string
  readonly Key: string
}

const FILE_BYTES_MAX = 5 * 1000 ** 3
const FLUSH_CHARS = 64 * 1024
type FileKind = 'FAILED' | 'PENDING' | 'SUCCEEDED'
interface ResultFile {
  readonly Key: string
  readonly Size: number
}

/**
 * Takes the records page by page. What the bucket refuses is a Failure. Rejects when the records or the spool fail: those are
 * our own, and no end of the run.
 */
export async function writeResults(
  pages: AsyncIterable<readonly ResultRecord[]> | Iterable<readonly ResultRecord[]>,
  settings: WriteSettings,
  source: ObjectSource,
  spool: Spool,
): Promise<Result<WrittenResults, Failure>> {
  const { bucket, mapRunArn, transformation = 'NONE' } = settings
  const folder = folderOf(settings)
  const target: Target = { settings, source, folder, spool, outputType: settings.outputType ?? 'JSON' }
  const files = {
    FAILED: new ResultFiles('FAILED', target),
    PENDING: new ResultFiles('PENDING', target),
    SUCCEEDED: new ResultFiles('SUCCEEDED', target),
  }
  try {
    for await (const page of pages) {
      for (const record of page) {
        const file = files[fileKindOf(record)]
        for (const text of renderRecord(record, transformation)) {
          const added = file.add(text)
          if (added) await added
        }
      }
    }
    const manifest = {
      DestinationBucket: bucket,
      MapRunArn: mapRunArn,
      ResultFiles: {
        FAILED: await files.FAILED.finish(),
        PENDING: await files.PENDING.finish(),
        SUCCEEDED: await files.SUCCEEDED.finish(),
      },
    }
    const key = `${folder}/manifest.json`
    const written = await source.write(bucket, key, Buffer.from(JSON.stringify(manifest)), 'application/json')
    return written.ok ? ok({ Bucket: bucket, Key: key }) : err(toFailure(sourceFailureText(written.error)))
  } catch (error) {
    if (error instanceof WriteFailure) return err(error.failure)
    throw error
  } finally {
    await Promise.allSettled(Object.values(files).map((file) => file.close()))
  }
}

const toFailure = (cause: string): Failure => failure(ErrorName.ResultWriterFailed, cause)

/** The bucket did not take a file. */
class WriteFailure extends Error {
  override readonly name = 'WriteFailure'
  readonly failure: Failure

  constructor(cause: string) {
    super(cause)
    this.failure = toFailure(cause)
  }
}

/** `<prefix>/<id of the Map Run>`. */
export function folderOf({ prefix, mapRunArn }: Pick<WriteSettings, 'prefix' | 'mapRunArn'>): string {
  const id = mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1)
  const folder = prefix.replace(/\/$/, '')
  return folder === '' ? id : `${folder}/${id}`
}

function fileKindOf(record: ResultRecord): FileKind {
  return record.status === 'SUCCEEDED' || record.status === 'PENDING' ? record.status : 'FAILED'
}

interface Target {
  readonly settings: WriteSettings
  readonly source: ObjectSource
  readonly folder: string
  readonly spool: Spool
  readonly outputType: OutputType
}

/** The files of one kind, one open at a time. */
class ResultFiles {
  readonly #kind: FileKind
  readonly #target: Target
  readonly #done: ResultFile[] = []
  #open: SpoolFile | undefined
  #pending = ''
  /** Bytes of the open file, those in `#pending` included. */
  #bytes = 0

  constructor(kind: FileKind, target: Target) {
    this.#kind = kind
    this.#target = target
  }

  /** A promise only where there is something to wait for: most texts join those that are flushed together. */
  add(text: string): Promise<void> | undefined {
    const bytes = Buffer.byteLength(text)
    const bytesMax = this.#target.settings.fileBytesMax ?? FILE_BYTES_MAX
    if (!this.#open || this.#bytes + bytes + 2 > bytesMax) return this.#addToNext(text, bytes)
    this.#print(this.#target.outputType === 'JSON' ? ',' : '\n', 1)
    this.#print(text, bytes)
    return this.#pending.length >= FLUSH_CHARS ? this.#flush() : undefined
  }

  async #addToNext(text: string, bytes: number): Promise<void> {
    if (this.#open) await this.#upload()
    await this.#begin()
    this.#print(text, bytes)
  }

  /** Uploads what is begun; the files in order. */
  async finish(): Promise<readonly ResultFile[]> {
    if (this.#open) await this.#upload()
    return this.#done
  }

  async close(): Promise<void> {
    await this.#open?.discard()
    this.#open = undefined
  }

  async #begin(): Promise<void> {
    this.#open = await this.#target.spool.create()
    this.#bytes = 0
    if (this.#target.outputType === 'JSON') this.#print('[', 1)
  }

  #print(text: string, bytes: number): void {
    this.#pending += text
    this.#bytes += bytes
  }

  async #flush(): Promise<void> {
    const text = this.#pending
    this.#pending = ''
    await this.#open?.append(text)
  }

  async #upload(): Promise<void> {
    const { settings, source, folder, outputType } = this.#target
    if (outputType === 'JSON') this.#print(']', 1)
    await this.#flush()
    if (!this.#open) return
    const Key = `${folder}/${this.#kind}_${this.#done.length}.json`
    const body = { stream: this.#open.body(), bytes: this.#bytes }
    const written = await source.write(settings.bucket, Key, body, 'application/json')
    await this.close()
    if (!written.ok) throw new WriteFailure(sourceFailureText(written.error))
    this.#done.push({ Key, Size: this.#bytes })
  }
}
