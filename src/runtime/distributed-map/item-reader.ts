/** Reads the dataset of a Map Run, or takes it from the state: some items whenever the run asks, in order. */
import type { Failure } from '../../base/failure.ts'
import { isObject } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { fromState, type Item } from '../../items/item.ts'
import { readItems } from '../../items/read.ts'
import { parseItemReader, parseMaxItems } from '../../items/settings.ts'
import type { ObjectSource } from '../../items/source.ts'
import type { MapRunSignalBody } from '../../engine/map-run/signal.ts'
import type { MapRunRequest } from '../../engine/map-run/state.ts'

const CHUNK_ITEMS = 500

type Chunk = IteratorResult<Result<readonly Item[], Failure>>

export class ItemReader {
  readonly #stopped = new AbortController()
  readonly #chunks: AsyncGenerator<Result<readonly Item[], Failure>>
  /** Read while the run is busy with those before. */
  #ahead: Promise<Chunk> | undefined

  /** Begins with the item `from`. */
  constructor(request: MapRunRequest, source: ObjectSource, from: number) {
    this.#chunks = read(request, source, from, this.#stopped.signal)
  }

  /** What is to be told of the next items. Undefined: the reader was stopped. */
  async next(): Promise<MapRunSignalBody | undefined> {
    const { done, value } = await (this.#ahead ?? this.#chunks.next())
    if (this.#stopped.signal.aborted) return undefined
    this.#ahead = this.#chunks.next()
    // Whoever asks for it hears of it.
    this.#ahead.catch(() => {})
    if (done === true) return { type: 'ReadingDone' }
    return value.ok ? { type: 'ItemsRead', items: value.value } : { type: 'ReadFailed', failure: value.error }
  }

  /** Lets go of the dataset. */
  stop(): void {
    this.#stopped.abort()
    this.#chunks.return(undefined).catch(() => {})
  }
}

async function* read(
  { reader, items }: MapRunRequest,
  source: ObjectSource,
  skip: number,
  signal: AbortSignal,
): AsyncGenerator<Result<readonly Item[], Failure>> {
  if (!reader) {
    const all = fromState(items ?? null) ?? []
    for (let i = skip; i < all.length; i += CHUNK_ITEMS) yield ok(all.slice(i, i + CHUNK_ITEMS))
    return
  }
  const maxItems = parseMaxItems(reader.maxItems)
  if (!maxItems.ok) return yield maxItems
  const { parameters, config } = reader
  const settings = parseItemReader(reader.resource, isObject(parameters) ? parameters : {}, {
    ...(isObject(config) ? config : {}),
    ...(reader.maxItems !== undefined && { MaxItems: reader.maxItems }),
  })
  if (!settings.ok) return yield settings
  for (let from = skip; ; ) {
    const begun = from
    let failed: Failure | undefined
    for await (const chunk of readItems(settings.value, source, { skip: begun, chunkItems: CHUNK_ITEMS, signal })) {
      if (chunk.ok) {
        from = (chunk.value.at(-1)?.index ?? from - 1) + 1
        yield chunk
      } else failed = chunk.error
    }
    if (!failed) return
    // A connection that idles while the children are busy is closed by the other side: read on from here. What is wrong
    // with the dataset itself shows again at the same place.
    if (from === begun || signal.aborted) return yield err(failed)
  }
}
