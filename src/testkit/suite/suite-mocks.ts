/** Mocks as suites write them, made those of the kit. */
import { resolve } from 'node:path'

import { millisecondsOf } from '../duration.ts'
import { type Mock, mock, type MockFunction } from '../mock.ts'
import type { Mocks } from '../mock-table.ts'
import { TestKitError } from '../kit-error.ts'

import type { SuiteMock, SuiteMocks } from './suite.ts'

/** Handlers are looked for from `folder`. Throws TestKitError. */
export const mocksOf = (mocks: SuiteMocks, folder: string): Mocks =>
  Object.fromEntries(Object.entries(mocks).map(([name, written]) => [name, mockOf(written, folder)]))

/** Throws TestKitError. */
export function mockOf(written: SuiteMock, folder: string): Mock | MockFunction {
  if (written === 'callback') return mock.callback()
  if (typeof written === 'function') return written
  if (isList(written)) return mock.sequence(...written.map((one) => single(one, folder)))
  if ('kind' in written) return withFolder(written, folder)
  const kinds = (['return', 'throw', 'delay', 'handler'] as const).filter((kind) => kind in written)
  if (kinds.length !== 1)
    throw new TestKitError(`A mock has one of return, throw, delay and handler, not ${kinds.join(' and ')}.`)
  if ('return' in written) return mock.return(written.return)
  if ('throw' in written) return mock.throw(written.throw, written.cause)
  if ('delay' in written) return mock.delay(written.delay, single(written.then, folder))
  return mock.handler(resolve(folder, written.handler), written.name)
}

/** Files of handlers that mocks name, absolute. */
export function handlersOf(mocks: SuiteMocks, folder: string): readonly string[] {
  const files: string[] = []
  const visit = (written: SuiteMock): void => {
    if (typeof written !== 'object') return
    if (isList(written)) written.forEach(visit)
    else if ('then' in written && typeof written.then === 'object') visit(written.then)
    else if ('handler' in written) files.push(resolve(folder, written.handler))
    else if ('kind' in written && written.kind === 'handler') files.push(resolve(folder, written.file))
  }
  Object.values(mocks).forEach(visit)
  return files
}

const isList = (written: SuiteMock): written is readonly SuiteMock[] => Array.isArray(written)

function single(written: SuiteMock, folder: string): Mock {
  const made = mockOf(written, folder)
  if (typeof made === 'function') return mock.fn(made)
  if (made.kind === 'sequence') throw new TestKitError('A list of answers stands outermost, not within another mock.')
  return made
}

function withFolder(made: Mock, folder: string): Mock {
  switch (made.kind) {
    case 'handler':
      return mock.handler(resolve(folder, made.file), made.name)
    case 'delay':
      return mock.delay(millisecondsOf(made.ms), withFolder(made.then, folder))
    case 'sequence':
      return mock.sequence(...made.mocks.map((one) => withFolder(one, folder)))
    default:
      return made
  }
}
