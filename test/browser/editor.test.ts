/** Writing and starting workflows in a real browser. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'

import { expectAccessible } from './judge.ts'
import { describeInBrowser } from './world.ts'

describeInBrowser('the editor', (world) => {
  test('offers what may stand there, and explains what does', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      await code.fill('StartAt: One\nQueryLanguage: JSONata\nStates:\n  One:\n    Type: Wait\n    End: true\n')
      await code.press('Control+End')
      await page.keyboard.type('    Sec')
      await page.getByRole('option', { name: 'Seconds' }).click()
      await page.keyboard.type('5')
      await expectText(page, 'Seconds: 5')
      await page.getByText('No problems').waitFor()
      await page.locator('.cm-line', { hasText: 'Type: Wait' }).getByText('Type', { exact: true }).hover()
      await page.getByText('What kind of state it is.').waitFor()
      await page.getByRole('link', { name: 'On AWS’s own page' }).waitFor()
      await page.getByRole('button', { name: 'Convert to JSON' }).click()
      await expectText(page, '"Seconds": 5')
    }))

  test('cursor and picture go together, within containers too; a problem leads to its place', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      const inner = { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Next: 'Nowhere' } } }
      const Each = { Type: 'Map', ItemProcessor: inner, End: true }
      await code.fill(JSON.stringify({ StartAt: 'Each', States: { Each } }, null, 2))
      await page.getByRole('button', { name: 'MISSING_TRANSITION_TARGET' }).click()
      await page.locator('button.state.chosen', { hasText: 'Inner' }).waitFor()
      await page.getByText(/^Error 11:13/).waitFor()
      await page.getByRole('button', { name: /^Each, Map/ }).click({ position: { x: 12, y: 12 } })
      await page.locator('button.state.chosen', { hasText: 'Each' }).waitFor()
      await page.locator('.cm-activeLine', { hasText: '"Each": {' }).waitFor()
      await expectAccessible(page)
    }))

  test('advice says why, and a fault of syntax stands where it is', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      const Call = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' }, End: true }
      await code.fill(JSON.stringify({ StartAt: 'Call', States: { Call } }))
      await page.getByRole('button', { name: 'Why?' }).click()
      await page.getByText('Lambda throttles, its service has short outages').waitFor()
      await code.fill('{\n  "StartAt": nothing\n}')
      await page.getByText(/^Error 2:20/).waitFor()
    }))

  test('a draft outlives the page, and is dropped on demand', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      await code.fill('{"StartAt": "Kept"}')
      await expect.poll(() => page.evaluate<string>("localStorage.getItem('regente.draft.')")).toContain('Kept')
      await page.reload()
      await page.getByText('This is your unsaved draft, kept in this browser.').waitFor()
      await expectText(page, 'Kept')
      await page.getByRole('button', { name: 'Discard changes' }).click()
      await expectText(page, 'First')
    }))

  test('a draft is not saved over a definition that has changed since, unasked', () =>
    world.visit(async (page) => {
      const definition = (Comment: string) => ({ Comment, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      const stateMachineArn = await world.states().createMachine('drafted', definition('old'))
      const update = (Comment: string) =>
        world.states().call('UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(definition(Comment)) })
      const now = async () => (await world.states().call('DescribeStateMachine', { stateMachineArn }))['definition']
      const path = `/console/editor/${encodeURIComponent(stateMachineArn)}`
      const code = await openEditor(page, path)
      await code.fill(JSON.stringify(definition('mine')))
      await expect.poll(() => page.evaluate<string>(`localStorage.getItem('regente.draft.${stateMachineArn}')`)).toContain('mine')
      await update('theirs')
      await page.reload()
      const difference = page.getByRole('region', { name: 'The definition has changed on the server since you began' })
      await difference.getByText('"Comment": "theirs"').waitFor()
      await difference.getByText('"Comment": "mine"').waitFor()
      await page.getByText('Choose between the two definitions first.').waitFor()
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Go on with mine' }).click()
      await update('theirs again')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await difference.getByText('"Comment": "theirs again"').waitFor()
      expect(await now()).toContain('theirs again')
      await page.getByRole('button', { name: 'Go on with mine' }).click()
      await code.press('Control+s')
      await page.getByText('Saved.').waitFor()
      expect(await now()).toContain('mine')
    }))

  test('YAML keeps its comments: laid out anew, saved, and opened again; where they would go, the page asks', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      await page.getByText('Give it a name.').waitFor()
      await page.getByRole('textbox', { name: 'Name' }).fill('with a space')
      await page.getByText('No spaces').waitFor()
      await page.getByRole('textbox', { name: 'Name' }).fill('commented')
      await code.fill(
        'StartAt:   A # the first\nStates:\n    A: # the only one\n        Type: Pass\n        Result: 1.10\n        End: true\n',
      )
      await page.getByRole('button', { name: 'Format' }).click()
      await expectText(page, 'StartAt: A # the first')
      await page.getByText('No problems').waitFor()
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.waitForURL(/editor\/arn/)
      await page.reload()
      await expectText(page, 'A: # the only one')
      await page.getByRole('button', { name: 'Convert to JSON' }).click()
      await page.getByRole('dialog').getByText('2 lines of comments will be lost').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Convert to JSON' }).click()
      await expectText(page, '"Result": 1.10')
    }))

  test('a start tells what earlier executions had, and fills it in', () =>
    world.visit(async (page) => {
      const stateMachineArn = await world
        .states()
        .createMachine('yearly', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      for (const year of [2024, 2025])
        await world.states().call('StartExecution', { stateMachineArn, input: JSON.stringify({ year }) })
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}`)
      await page.getByRole('button', { name: 'Start execution' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('.cm-content', { hasText: '"year": 2025' }).waitFor()
      await dialog.getByRole('textbox', { name: 'Input' }).fill('{}')
      await dialog.getByText('Earlier executions always had year (number).').waitFor()
      await dialog.getByRole('textbox', { name: 'Input' }).fill('{"year": ')
      await dialog.getByText(/This is not valid JSON/).waitFor()
      await dialog.getByRole('button', { name: 'Fill in an example' }).click()
      await dialog.getByText('"year"').waitFor()
      await expectAccessible(page)
      await dialog.getByRole('button', { name: 'Start execution' }).click()
      await page.getByRole('button', { name: /^P, Pass, Succeeded/ }).waitFor()
    }))

  test('an Express workflow is written and runs to its end in the dialog', () =>
    world.visit(async (page) => {
      const code = await openEditor(page)
      const hello = { StartAt: 'Hello', QueryLanguage: 'JSONata', States: { Hello: { Type: 'Pass', Output: 'olá', End: true } } }
      await code.fill(JSON.stringify(hello))
      await page.getByRole('textbox', { name: 'Name' }).fill('quick')
      await page.getByRole('combobox', { name: 'Type' }).selectOption('EXPRESS')
      await page.getByText('No problems').waitFor()
      await page.getByRole('button', { name: 'Save and start' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Start execution' }).click()
      await page.getByRole('status').getByText('Succeeded').waitFor()
      await page.getByRole('region', { name: 'Output' }).getByText('"olá"').waitFor()
    }))

  test('a megabyte of definition holds up neither keys nor clicks', () =>
    world.visit(async (page) => {
      const arn = await world.states().createMachine('large', {
        StartAt: 'P',
        States: { P: { Type: 'Pass', Result: 'x'.repeat(900_000), Next: 'Q' }, Q: { Type: 'Succeed' } },
      })
      await page.goto(`/console/editor/${encodeURIComponent(arn)}`)
      await page.getByText('No problems').waitFor()
      await page.getByRole('button', { name: /^Q, Succeed/ }).click()
      await page.locator('button.state.chosen', { hasText: 'Q' }).waitFor()
    }))
})

async function openEditor(page: Page, path = '/console/editor') {
  await page.goto(path)
  const code = page.getByRole('textbox', { name: 'Definition' })
  await code.waitFor()
  return code
}

const expectText = (page: Page, text: string) => page.locator('.cm-content', { hasText: text }).waitFor()
