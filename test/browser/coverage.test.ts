/** A coverage file of the testing kit, shown on the page of its state machine. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'

import { Coverage } from '../../src/testkit/coverage/coverage.ts'
import { expectAccessible } from './judge.ts'
import { describeInBrowser } from './world.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'
const DEFINITION = {
  StartAt: 'Check',
  States: {
    Check: { Type: 'Choice', Choices: [{ Variable: '$.n', StringEquals: HOSTILE, Next: 'Left' }], Default: 'Right' },
    Left: { Type: 'Succeed' },
    Right: { Type: 'Succeed' },
  },
}

/** A run that went by Default. */
const runOf = (definition: object) =>
  new Coverage().add({ name: HOSTILE, definition: JSON.stringify(definition) }, [
    { id: 1, type: 'ChoiceStateEntered', timestamp: 1, stateEnteredEventDetails: { name: 'Check', input: '{"n":"x"}' } },
    {
      id: 2,
      previousEventId: 1,
      type: 'ChoiceStateExited',
      timestamp: 1,
      stateExitedEventDetails: { name: 'Check', output: '{}' },
    },
    {
      id: 3,
      previousEventId: 2,
      type: 'SucceedStateEntered',
      timestamp: 1,
      stateEnteredEventDetails: { name: 'Right', input: '{}' },
    },
  ])

async function open(page: Page, name: string, text: string): Promise<void> {
  await page.getByLabel('Open a coverage file').setInputFiles([{ name, mimeType: 'application/json', buffer: Buffer.from(text) }])
}

describeInBrowser('coverage', (world) => {
  test('of another workflow, and what is no coverage, is told', () =>
    world.visit(async (page) => {
      const arn = await world.states().createMachine('uncovered', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      await page.goto(`/console/machine/${encodeURIComponent(arn)}?tab=definition`)
      await open(page, 'notes.json', '{}')
      await page.getByText('notes.json is no coverage').waitFor()
      await open(page, 'coverage.json', JSON.stringify(runOf(DEFINITION)))
      await page.getByText(`The file has no coverage of this definition, but of: ${HOSTILE}`).waitFor()
      await page.getByRole('button', { name: 'Close the coverage' }).click()
      await page.getByRole('button', { name: /^P, Pass/ }).waitFor()
    }))

  test('paints the graph, and tells what is missing, of one state where it is picked', () =>
    world.visit(async (page) => {
      const arn = await world.states().createMachine('covered', DEFINITION)
      await page.goto(`/console/machine/${encodeURIComponent(arn)}?tab=definition`)
      await open(page, 'coverage.json', JSON.stringify(runOf(DEFINITION)))
      await page.getByRole('button', { name: 'Check, Choice ×1, Covered in part' }).waitFor()
      await page.getByRole('button', { name: 'Left, Succeed ×0, Not covered' }).waitFor()
      await page.getByText('Choice rules: 50 % (1/2)').waitFor()
      await page.getByText('Left: never entered').waitFor()
      await expectAccessible(page)
      await page.getByRole('button', { name: /^Check, Choice/ }).click()
      await page.getByText(`Check: Choices[0] ($.n = ${JSON.stringify(HOSTILE)}) → Left`).waitFor()
      expect(await page.getByText('Left: never entered').count()).toBe(0)
      await page.getByRole('button', { name: 'Right, Succeed ×1, Covered', exact: true }).click()
      await page.getByText('Nothing is missing.').waitFor()
    }))
})
