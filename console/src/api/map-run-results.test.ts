import { expect, test } from 'vitest'

import { placeInDefinition, placeInOutput } from './map-run-results.ts'

const map = (label: string | undefined, Bucket: string) => ({
  Type: 'Map',
  ...(label !== undefined && { Label: label }),
  End: true,
  ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket, Prefix: 'out' } },
})

test('the Map that wrote is found by its label, its own or the one that is made of its name', () => {
  const definition = JSON.stringify({
    StartAt: 'Year 2.5',
    States: { 'Year 2.5': map(undefined, 'made'), Own: map('mine', 'own') },
  })
  expect(placeInDefinition(definition, 'Year2.5', 'run')).toEqual({ bucket: 'made', prefix: 'out/run/' })
  expect(placeInDefinition(definition, 'mine', 'run')).toEqual({ bucket: 'own', prefix: 'out/run/' })
  expect(placeInDefinition(definition, 'Own', 'run')).toBeUndefined()
})

test('the output tells the place of its own run only', () => {
  const output = JSON.stringify({ ResultWriterDetails: { Bucket: 'b', Key: 'out/run/manifest.json' } })
  expect(placeInOutput(output, 'run')).toEqual({ bucket: 'b', prefix: 'out/run/' })
  expect(placeInOutput(output, 'other')).toBeUndefined()
})
