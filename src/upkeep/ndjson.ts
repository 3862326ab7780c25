/**
 * What a store keeps as a file that people and programs can read: NDJSON, a line of what the file is, then a line a row, then how
 * many there were. It is a source and a target of a move like any store.
 */
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isObject, type JsonObject } from '../base/json.ts'
import { objectOf } from '../base/json-text.ts'
import { StartError } from '../base/start-error.ts'

import { syncFolder } from '../services/kit/sync-folder.ts'
import {
  inParts,
  rowFault,
  TABLES,
  type TableName,
  type TableRow,
  type TransferRow,
  type TransferSource,
  type TransferTarget,
} from '../store/transfer.ts'

import { undefinedIfMissing } from './backup-writer.ts'

const FORMAT = 1

export async function openNdjsonTarget(file: string): Promise<TransferTarget> {
  if ((await stat(file).catch(undefinedIfMissing)) !== undefined)
    throw new StartError(`${file} is there already, and nothing is overwritten. Name another file.`)
  const draft = `${file}.partial-${process.pid}`
  const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600 })
  await once(stream, 'open')
  let rows = 0
  const write = async (lines: readonly object[]) => {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    if (!stream.write(text)) await once(stream, 'drain')
  }
  await write([{ storeOf: 'regente', format: FORMAT }])
  return {
    async write(part) {
      rows += part.rows.length
      await write(part.rows.map((row) => ({ table: part.table, row })))
    },
    async finish() {
      await write([{ rows }])
      stream.end()
      await once(stream, 'close')
      const written = await open(draft, 'r+')
      await written.sync().finally(() => written.close())
      await rename(draft, file)
      await syncFolder(dirname(file))
    },
    async abandon() {
      stream.destroy()
      await rm(draft, { force: true })
    },
  }
}

/** Its rows are all told, whatever is asked for: the file has what was chosen when it was written. */
export async function openNdjsonSource(file: string): Promise<TransferSource> {
  if ((await stat(file).catch(undefinedIfMissing)) === undefined) throw new StartError(`There is no file ${file}.`)
  const stream = createReadStream(file)
  return {
    parts: () => inParts(rowsOf(file, linesOf(stream))),
    async close() {
      stream.destroy()
    },
  }
}

/** Throws at the line that is wrong; at the end of a file that has lost some. */
async function* rowsOf(file: string, lines: AsyncIterable<string>): AsyncGenerator<TableRow> {
  let count = 0
  let line = 0
  let isEnded = false
  for await (const text of lines) {
    line++
    const value = objectOf(text)
    if (line === 1) checkHead(file, value)
    else if (isEnded || value === undefined) throw refusal(file, line, 'it is no line of such a file')
    else if (typeof value['rows'] === 'number') {
      isEnded = true
      if (value['rows'] !== count) throw refusal(file, line, `${value['rows']} rows were written, and ${count} are there`)
    } else {
      yield rowOf(file, line, value)
      count++
    }
  }
  if (!isEnded) throw refusal(file, line, 'the file is cut off there')
}

/** Ended by a line feed alone: what else ends a line elsewhere (U+2028) stands in texts. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = []
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)]).toString('utf8')
      begun = []
      from = end + 1
    }
    if (from < piece.length) begun.push(piece.subarray(from))
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8')
}

const refusal = (file: string, line: number, why: string): StartError => new StartError(`${file}, line ${line}: ${why}.`)

function checkHead(file: string, head: JsonObject | undefined): void {
  if (head?.['storeOf'] !== 'regente') throw refusal(file, 1, 'this is not a file that `regente move` has written')
  if (head['format'] !== FORMAT)
    throw refusal(
      file,
      1,
      `it was written by another Regente (format ${JSON.stringify(head['format'])}; this one knows ${FORMAT})`,
    )
}

function rowOf(file: string, line: number, { table, row }: JsonObject): TableRow {
  if (!isTable(table) || !isObject(row)) throw refusal(file, line, 'it is no row of a table that there is')
  const fault = rowFault(table, row)
  if (fault !== undefined) throw refusal(file, line, fault)
  return { table, row: row as TransferRow } // each column is of its kind
}

const isTable = (name: unknown): name is TableName => typeof name === 'string' && Object.hasOwn(TABLES, name)
