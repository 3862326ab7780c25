import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { parseResource } from '../../asl/resource.ts'

import { checkResult, type FieldValidationMode } from './check-result.ts'
import { outputModelOf } from './model.ts'

function check(resource: string, result: Json, mode: FieldValidationMode = 'STRICT'): string | undefined {
  const parsed = parseResource(`arn:aws:states:::${resource}`)
  const model = parsed && outputModelOf(parsed)
  return model ? checkResult(result, model, mode) : 'no model'
}
const wrong = (problem: string) => `Mock result schema validation error: ${problem}`

test('what is required must be there in STRICT, need not in PRESENT, and nothing is looked at in NONE', () => {
  expect(check('states:startExecution', {})).toBe(wrong("Required field 'ExecutionArn' is missing"))
  expect(check('states:startExecution', {}, 'PRESENT')).toBeUndefined()
  expect(check('states:startExecution', { StartDate: true }, 'PRESENT')).toBe(wrong("Field 'StartDate' must be a string"))
  expect(check('states:startExecution', { StartDate: true }, 'NONE')).toBeUndefined()
})

test('values keep the bounds of the model, however deep they stand', () => {
  const config = (MemorySize: number) => ({ Configuration: { MemorySize } })
  expect(check('aws-sdk:lambda:getFunction', config(127))).toBe(wrong("Field 'MemorySize' is less than the minimum value"))
  expect(check('aws-sdk:lambda:getFunction', config(128))).toBeUndefined()
  expect(check('aws-sdk:s3:getObject', { StorageClass: 'Papyrus' })).toBe(wrong("Field 'StorageClass' is not an expected value"))
  expect(check('aws-sdk:kms:encrypt', { CiphertextBlob: '' })).toBe(
    wrong("Field 'CiphertextBlob' is smaller than the minimum length"),
  )
  expect(check('events:putEvents', { Entries: [{ EventId: 'a' }, { EventId: [] }] })).toBe(
    wrong("Field 'EventId' must be a string"),
  )
})

test('a job is checked against the call that waits for its end', () => {
  const described = {
    ExecutionArn: 'a',
    StateMachineArn: 'm',
    Status: 'SUCCEEDED',
    StartDate: '2025-01-01T00:00:00Z',
  }
  expect(check('states:startExecution.sync:2', described)).toBeUndefined()
  expect(check('states:startExecution.sync', { ...described, Status: 'DONE' })).toContain("Field 'Status'")
})

test('what a function answered is its own affair; so is an answer without a model', () => {
  expect(check('lambda:invoke', { Payload: { any: ['thing'] } })).toBeUndefined()
  expect(check('lambda:invoke', { StatusCode: '200' })).toBe(wrong("Field 'StatusCode' must be a number"))
  expect(check('http:invoke', {})).toBe('no model')
  expect(check('aws-sdk:nowhere:act', {})).toBe('no model')
})
