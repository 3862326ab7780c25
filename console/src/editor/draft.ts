/**
 * What was written and not saved, kept in this browser: one draft for each machine, and one for a new one. And of a machine that
 * was saved from YAML, that text: the service keeps JSON, which has no comments.
 */
import { Document } from '../../../src/asl/document/document.ts'
import { isObject } from '../../../src/base/json.ts'

const DRAFT = 'regente.draft.'
const YAML = 'regente.yaml.'
const TEXT_MAX = 1_048_576

export interface Draft {
  readonly text: string
  /** Of the definition that it was begun from; undefined where that is not known. */
  readonly revisionId: string | undefined
}

export function readDraft(machine: string): Draft | undefined {
  const kept = localStorage.getItem(DRAFT + machine)
  if (kept === null) return undefined
  const value = parse(kept)
  if (!isObject(value) || typeof value['text'] !== 'string') return { text: kept, revisionId: undefined }
  const { text, revisionId } = value
  return { text, revisionId: typeof revisionId === 'string' ? revisionId : undefined }
}

/** Too much for the browser to keep is not kept: the page warns before it is left. */
export const keepDraft = (machine: string, draft: Draft): void => keep(DRAFT + machine, JSON.stringify(draft))

export const dropDraft = (machine: string): void => localStorage.removeItem(DRAFT + machine)

/** The YAML that this definition was saved from; undefined where it was saved otherwise since. */
export function readYaml(machine: string, definition: string): string | undefined {
  const text = localStorage.getItem(YAML + machine) ?? undefined
  return text !== undefined && Document.parse(text, 'YAML').json === definition ? text : undefined
}

export const keepYaml = (machine: string, text: string): void => keep(YAML + machine, text)

export const dropYaml = (machine: string): void => localStorage.removeItem(YAML + machine)

function keep(key: string, text: string): void {
  if (text.length > TEXT_MAX) return
  try {
    localStorage.setItem(key, text)
  } catch {
    localStorage.removeItem(key)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
