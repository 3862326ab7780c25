/** What only a distributed Map has, and what it must have. Source: developer guide, "Map state in Distributed mode". */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { UntypedState } from '../document/written.ts'
import type { QueryLanguage } from '../program.ts'
import { unrecognized } from '../resource.ts'
import { DISTRIBUTED_ONLY } from '../schema.ts'
import { innerBlocks, processorField, type VisitedState } from '../walk.ts'
import { type Report, type Rule, SCHEMA } from './rule.ts'

const READERS = /^arn:aws[\w-]*:states:::s3:(?:getObject|listObjectsV2)$/
const WRITER = /^arn:aws[\w-]*:states:::s3:putObject$/

export const mapMode: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const state of states) {
      const { document } = state
      if (document.Type !== 'Map') continue
      const config = innerBlocks(state)[0]?.config
      if (config) checkDistributed(document, config, state, report)
      else checkInline(document, state, report)
    }
  },
}

function checkInline(document: UntypedState, { at }: VisitedState, report: Report): void {
  for (const name of DISTRIBUTED_ONLY) {
    if (Object.hasOwn(document, name)) report.error(SCHEMA, `Field '${name}' is not supported`, at)
  }
}

function checkDistributed(document: UntypedState, config: JsonObject, { at, language }: VisitedState, report: Report): void {
  const place = `${at}/${processorField(document)}/ProcessorConfig`
  if (config['ExecutionType'] === undefined) report.error(SCHEMA, 'These fields are required: [ExecutionType]', place)
  checkReader(document.ItemReader, at, report)
  checkBatcher(document.ItemBatcher, at, language, report)
  const writer = document.ResultWriter
  if (!isObject(writer)) return
  const resource = getOwn(writer, 'Resource')
  if (resource === undefined && getOwn(writer, 'WriterConfig') === undefined)
    report.error(SCHEMA, 'Value cannot be empty', `${at}/ResultWriter`)
  if (typeof resource === 'string' && !WRITER.test(resource))
    report.error(SCHEMA, unrecognized(resource), `${at}/ResultWriter/Resource`)
}

function checkReader(reader: Json | undefined, at: string, report: Report): void {
  if (!isObject(reader)) return
  const resource = getOwn(reader, 'Resource')
  if (typeof resource === 'string' && !READERS.test(resource))
    report.error(SCHEMA, unrecognized(resource), `${at}/ItemReader/Resource`)
  const config = getOwn(reader, 'ReaderConfig')
  if (!isObject(config)) return
  const place = `${at}/ItemReader/ReaderConfig`
  const isGiven = getOwn(config, 'CSVHeaderLocation') === 'GIVEN'
  const headers = getOwn(config, 'CSVHeaders')
  if (isGiven && (!isArray(headers) || headers.length === 0))
    report.error(SCHEMA, 'These fields are required: [CSVHeaders]', place)
}

function checkBatcher(batcher: Json | undefined, at: string, language: QueryLanguage, report: Report): void {
  if (!isObject(batcher)) return
  const bounds = ['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath']
  if (bounds.some((name) => Object.hasOwn(batcher, name))) return
  const shown = language === 'JSONata' ? bounds.filter((name) => !name.endsWith('Path')) : bounds
  report.error(SCHEMA, `At least one of the following fields is required: [${shown.join(', ')}]`, `${at}/ItemBatcher`)
}
