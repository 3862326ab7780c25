/** The local services and the Map Run in a real browser before the real program: each page used as a person would. */
import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'
import { statesClient } from './browser.ts'
import { expectAccessible, expectNoSideScroll } from './judge.ts'
import { describeInBrowser } from './world.ts'

const ROLE = 'arn:aws:iam::000000000000:role/any'
const HOSTILE = '<img src=x onerror=alert(1)>‮gnirts'
const LONG = 'x'.repeat(900)
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

let url: () => string

describeInBrowser('the local services', (world) => {
  const { visit } = world
  url = world.url

  test('S3: a bucket is made, files go up, are looked at, come down, and are deleted', () =>
    visit(async (page) => {
      await page.goto('/console/buckets')
      await page.getByRole('link', { name: /^cdk-hnb659fds-assets-/ }).waitFor()
      await page.getByRole('textbox', { name: 'New bucket' }).fill('albums')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('link', { name: 'albums', exact: true }).click()
      await page.getByText('Nothing is in this folder yet').waitFor()
      await expectAccessible(page)
      const files = [
        { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"n":1}') },
        { name: 'b.csv', mimeType: 'text/csv', buffer: Buffer.from('city,temp\n"Rio, RJ",40\n') },
        { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>alert(9)</script>') },
        { name: 'dot.png', mimeType: 'image/png', buffer: DOT },
        { name: 'damaged.csv', mimeType: 'text/csv', buffer: Buffer.from(`n,text\n${'1,fine\n'.repeat(180)}2,\0broken\n`) },
      ]
      await page.getByLabel('Choose files').setInputFiles(files)
      await page.getByText('5 of 5 uploaded').waitFor()
      await page.getByRole('link', { name: 'a.json', exact: true }).click()
      await page.getByRole('region', { name: 'Preview' }).getByText('"n": 1').waitFor()
      await page.getByRole('link', { name: 'b.csv', exact: true }).click()
      await page.getByRole('cell', { name: 'Rio, RJ' }).waitFor()
      await expectAccessible(page)
      await page.getByRole('link', { name: 'damaged.csv', exact: true }).click()
      await page.getByText('1 character here is no text').waitFor()
      await page.getByRole('spinbutton', { name: 'Go to line' }).fill('182')
      await page.locator('tr.marked').getByText('\ufffdbroken').waitFor()
      await page.getByRole('button', { name: 'As text' }).click()
      await page.getByRole('region', { name: 'Preview' }).getByText('2,\ufffdbroken').waitFor()
      await expectAccessible(page)
      await page.getByRole('link', { name: 'page.html', exact: true }).click()
      await page.getByText('<script>alert(9)</script>').waitFor()
      await page.getByRole('link', { name: 'dot.png', exact: true }).click()
      const picture = page.getByRole('img', { name: 'dot.png' })
      await picture.waitFor()
      expect(await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Download: page.html' }).click()
      expect(await readFile(await (await download).path(), 'utf8')).toBe('<script>alert(9)</script>')
      await page.getByRole('button', { name: 'Delete: a.json' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('link', { name: 'a.json', exact: true }).waitFor({ state: 'detached' })
    }))

  test('S3: folders are walked, and more than a thousand objects page through the API', async () => {
    await put('/many')
    for (let n = 0; n < 1_030; n += 103)
      await Promise.all(Array.from({ length: 103 }, (_, i) => put(`/many/year/m${String(n + i).padStart(4, '0')}`, 'x')))
    await visit(async (page) => {
      await page.goto('/console/buckets/many')
      await page.getByRole('link', { name: 'year/' }).click()
      await page.getByRole('heading', { name: '(1000+)' }).waitFor()
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByRole('heading', { name: '(1030)' }).waitFor()
      expect(await page.getByRole('row').count()).toBe(51)
      await page.getByRole('button', { name: 'Page 21' }).click()
      await page.getByRole('link', { name: 'm1029', exact: true }).waitFor()
      await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name: 'many' }).click()
      await page.getByRole('link', { name: 'year/' }).waitFor()
    })
  })

  test('S3: hostile keys are shown and do nothing, on a phone too', async () => {
    await put('/hostile')
    for (const key of [HOSTILE, LONG, 'a/../b', '"quoted" & %2F', '../up'])
      await put(`/hostile/${encodeURIComponent(key)}`, '<b>x</b>')
    await visit(
      async (page) => {
        await page.goto('/console/buckets/hostile')
        await page.getByRole('link', { name: 'onerror' }).first().click()
        await page.getByRole('region', { name: 'Preview' }).getByText('<b>x</b>').waitFor()
        await expectNoSideScroll(page, 'hostile keys')
        await page.goto(`/console/buckets/hostile?key=${encodeURIComponent('../up')}`)
        await page.getByRole('region', { name: 'Preview' }).getByText('<b>x</b>').waitFor()
        await page.goto(`/console/buckets/hostile?prefix=${encodeURIComponent('a/')}`)
        await page.getByRole('link', { name: '../', exact: true }).click()
        await page.getByRole('link', { name: 'b', exact: true }).click()
        await page.getByRole('region', { name: 'Preview' }).getByText('<b>x</b>').waitFor()
        expect(await page.locator('img[src=x]').count()).toBe(0)
        await expectAccessible(page)
      },
      { width: 360, height: 740 },
    )
  })

  test('S3: a page that lies in a bucket runs apart from the console, and may not ask the server', async () => {
    await put('/site')
    const script = "fetch('/').then(() => { document.title = 'got in' }, () => { document.title = 'refused' })"
    const headers = { 'content-type': 'text/html' }
    await fetch(`${url()}/site/index.html`, { method: 'PUT', headers, body: `<script>${script}</script>` })
    await visit(
      async (page) => {
        await page.goto('/site/index.html')
        await expect.poll(() => page.title()).toBe('refused')
        expect(await page.evaluate<string>('self.origin')).toBe('null')
      },
      { mayComplain: true },
    )
  })

  test('Lambda: configuration, code, a call with result and log, live logs', async () => {
    const code = `export const handler = async (event) => {
      console.log(JSON.stringify({ seen: event }))
      if (event.fail) throw new Error('on purpose')
      return { hello: event.name, secret: process.env.GREETING }
    }`
    await createFunction('greet', { 'index.mjs': code, 'lib/more.mjs': 'export const more = "<img src=x>"' })
    await visit(async (page) => {
      await page.goto('/console/functions')
      await page.getByRole('link', { name: 'greet' }).click()
      await page.getByText('nodejs22.x').waitFor()
      await page.getByRole('textbox', { name: 'Payload' }).fill('{"name":"Ana"}')
      await page.getByRole('button', { name: 'Invoke', exact: true }).click()
      await page.getByRole('region', { name: 'Result' }).getByText('"hello": "Ana"').waitFor()
      await page.getByRole('region', { name: 'Log tail' }).getByText('REPORT RequestId').waitFor()
      await page.getByRole('textbox', { name: 'Payload' }).fill('{"fail":true}')
      await page.getByRole('button', { name: 'Invoke', exact: true }).click()
      await page.getByText('The function has failed: Unhandled.').waitFor()
      await page.getByText('"errorMessage": "on purpose"').waitFor()
      await expectAccessible(page)
      await page.getByRole('tab', { name: 'Code' }).click()
      await page.getByText('export const handler').waitFor()
      await page.getByRole('button', { name: 'lib/more.mjs' }).click()
      await page.getByText('export const more').waitFor()
      await expectAccessible(page)
      await page.getByRole('tab', { name: 'Environment' }).click()
      await page.getByText('bom dia').waitFor()
      await page.getByRole('tab', { name: 'Logs' }).click()
      await page.getByRole('button', { name: /seen/ }).first().click()
      await page.getByRole('dialog').getByText('"seen": {').waitFor()
      await expectAccessible(page)
    })
  })

  test('Lambda: a function is made, written, saved and called here, and what it was called with is kept', () =>
    visit(async (page) => {
      await page.goto('/console/functions')
      await page.getByRole('heading', { name: 'Lambda functions' }).waitFor()
      await page.getByRole('textbox', { name: 'New function' }).fill('adder')
      await page.getByRole('button', { name: 'Create' }).click()
      const code = page.getByRole('textbox', { name: 'index.mjs' })
      await code.fill('import { add } from "./lib/add.mjs"\nexport const handler = ({ a, b }) => Promise.resolve(add(a, b))\n')
      await page.getByRole('textbox', { name: 'New file' }).fill('lib/add.mjs')
      await page.keyboard.press('Enter')
      await page.getByRole('textbox', { name: 'lib/add.mjs' }).fill('export const add = (a, b) => a + b\n')
      await expectAccessible(page)
      await page.getByRole('tab', { name: 'Environment' }).click()
      await page.getByRole('tab', { name: 'Code' }).click()
      await page.getByRole('button', { name: 'lib/add.mjs' }).click()
      await page.getByText('export const add = ').waitFor()
      await page.getByRole('button', { name: 'Save code' }).click()
      await page.getByText('Not saved').waitFor({ state: 'detached' })
      await page.getByRole('tab', { name: 'Invoke' }).click()
      await page.getByRole('textbox', { name: 'Payload' }).fill('{"a": 40, "b": 2}')
      await page.getByRole('textbox', { name: 'Name of the event' }).fill('forty-two')
      await page.getByRole('button', { name: 'Keep event' }).click()
      await page.reload()
      await page.getByRole('combobox', { name: 'Kept events' }).waitFor()
      await page.getByRole('button', { name: 'Invoke', exact: true }).click()
      await page.getByRole('region', { name: 'Result' }).getByText('42', { exact: true }).waitFor()
      await expectAccessible(page)
    }))

  test('logs: groups are filtered by the API, new events come by themselves, and only they are asked for', async () => {
    for (const logGroupName of ['/app/one', '/app/two']) await json('Logs_20140328.CreateLogGroup', { logGroupName })
    await json('Logs_20140328.CreateLogStream', { logGroupName: '/app/one', logStreamName: 's' })
    await writeLog(
      '/app/one',
      Array.from({ length: 3_000 }, (_, n) => `line ${n}`),
    )
    await visit(async (page) => {
      const sizes: number[] = []
      page.on('response', async (response) => {
        if (response.request().headers()['x-amz-target'] !== 'Logs_20140328.FilterLogEvents') return
        sizes.push((await response.body().catch(() => Buffer.alloc(0))).length)
      })
      await page.goto('/console/logs')
      await page.getByRole('searchbox', { name: 'Search: Log groups' }).fill('TWO')
      await page.getByRole('link', { name: '/app/one' }).waitFor({ state: 'detached' })
      await page.getByRole('searchbox', { name: 'Search: Log groups' }).fill('')
      await page.getByRole('link', { name: '/app/one' }).click()
      await page.getByText('3,000 events').waitFor()
      expect(await page.locator('.row.log').count()).toBeLessThan(60)
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      const before = sizes.length
      await writeLog('/app/one', [`ERROR {"text":${JSON.stringify(HOSTILE)}}`, LONG])
      await page.getByText('3,002 events').waitFor()
      expect(Math.max(...sizes.slice(before))).toBeLessThan(10_000)
      await page.getByRole('button', { name: /ERROR/ }).click()
      await page.getByRole('dialog').getByText('"text": "<img src=x').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('textbox', { name: 'Filter pattern' }).fill('ERROR')
      await page.getByText('1 event', { exact: true }).waitFor()
      await expectAccessible(page)
    })
  })

  test('SNS to SQS: subscribe, publish, look at the message without taking it, delete it, purge', () =>
    visit(async (page) => {
      await page.goto('/console/queues')
      await page.getByRole('textbox', { name: 'New queue' }).fill('inbox')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('link', { name: 'inbox', exact: true }).waitFor()
      await page.goto('/console/topics')
      await page.getByRole('textbox', { name: 'New topic' }).fill('news')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('link', { name: 'news', exact: true }).click()
      await page.getByRole('textbox', { name: 'Endpoint' }).fill('arn:aws:sqs:us-east-1:000000000000:inbox')
      await page.getByRole('checkbox', { name: 'Raw message delivery' }).check()
      await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
      const endpoint = page.getByRole('link', { name: 'arn:aws:sqs:us-east-1:000000000000:inbox' })
      await endpoint.waitFor()
      await page.getByRole('textbox', { name: 'Message' }).fill(HOSTILE)
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('Sent.').waitFor()
      await expectAccessible(page)
      await endpoint.click()
      await page.getByRole('button', { name: /onerror/ }).click()
      await page.getByRole('region', { name: 'Message' }).last().getByText('onerror=alert(1)').waitFor()
      await expectAccessible(page)
      await page.getByRole('textbox', { name: 'Message' }).fill('second')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('button', { name: 'second' }).waitFor()
      const facts = await json('AmazonSQS.GetQueueAttributes', { QueueUrl: 'inbox', AttributeNames: ['All'] })
      expect(facts).toMatchObject({ Attributes: { ApproximateNumberOfMessages: '2' } })
      await page
        .getByRole('button', { name: /^Delete: / })
        .first()
        .click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('button', { name: /onerror/ }).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Purge' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click()
      await page.getByText('No message waits here').waitFor()
      await page.goBack()
      await page.getByRole('button', { name: /^Unsubscribe: / }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Unsubscribe' }).click()
      await page.getByText('Nobody listens to this topic yet').waitFor()
    }))

  test('FIFO queues and topics ask for a message group', () =>
    visit(async (page) => {
      await page.goto('/console/queues')
      await page.getByRole('textbox', { name: 'New queue' }).fill('steps.fifo')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('link', { name: 'steps.fifo', exact: true }).click()
      await page.getByRole('textbox', { name: 'Message', exact: true }).fill('one')
      await page.getByRole('textbox', { name: 'Message group' }).fill('g')
      await page.getByRole('textbox', { name: 'Deduplication ID' }).fill('d1')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('button', { name: 'one', exact: true }).click()
      await page.getByText('d1', { exact: true }).waitFor()
    }))

  test('DynamoDB: items page, one is put, changed, and deleted', async () => {
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }]
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }]
    const BillingMode = 'PAY_PER_REQUEST'
    await json('DynamoDB_20120810.CreateTable', { TableName: 'people', KeySchema, AttributeDefinitions, BillingMode })
    await tableIsThere('people')
    for (let n = 0; n < 60; n++)
      await json('DynamoDB_20120810.PutItem', { TableName: 'people', Item: { id: { S: `p${n}` }, text: { S: HOSTILE } } })
    await visit(async (page) => {
      await page.goto('/console/tables')
      await page.getByRole('link', { name: 'people' }).click()
      await page.getByRole('heading', { name: '(50+)' }).waitFor()
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByRole('heading', { name: '(60)' }).waitFor()
      await page.getByRole('button', { name: 'New item' }).click()
      const editor = page.getByRole('textbox', { name: 'Item, in DynamoDB JSON' })
      await editor.fill('{ "id": { "S": "p-new" }, "n": { "N": "1" } ')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('This is not valid JSON').waitFor()
      await editor.fill('{ "id": { "S": "p-new" }, "n": { "N": "1" } }')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').waitFor()
      await expectAccessible(page)
      await page.goto(`/console/tables/people?key=${encodeURIComponent('{"id":{"S":"p-new"}}')}`)
      await editor.waitFor()
      expect(await editor.inputValue()).toContain('"N": "1"')
      await page.getByRole('region', { name: 'Item' }).getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await editor.waitFor({ state: 'detached' })
      const { Item } = await json('DynamoDB_20120810.GetItem', { TableName: 'people', Key: { id: { S: 'p-new' } } })
      expect(Item).toBeUndefined()
    })
  })

  test('EventBridge: a rule is made, an event by hand starts its state machine, and the rule goes', async () => {
    const stateMachineArn = await createMachine('on-order', PASS)
    await visit(async (page) => {
      await page.goto('/console/rules')
      await page.getByText('New rule').click()
      await page.getByRole('textbox', { name: 'Name' }).fill('orders')
      await page.getByRole('combobox', { name: 'Target ARN' }).fill(stateMachineArn)
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('heading', { name: 'orders' }).waitFor()
      await page.getByRole('link', { name: stateMachineArn }).waitFor()
      await page.getByText('Send an event by hand').click()
      await page.getByRole('textbox', { name: 'Detail (JSON)' }).fill('{"n":1}')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('Taken by: orders').waitFor()
      await expectAccessible(page)
      await expect
        .poll(async () => (await states('ListExecutions', { stateMachineArn }))['executions'], { timeout: 10_000 })
        .toHaveLength(1)
      await page.getByRole('button', { name: 'Disable' }).click()
      await page.getByText('Disabled').waitFor()
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('No rule is on this bus yet').waitFor()
      await expectAccessible(page)
    })
  })

  test('Scheduler: a schedule is made, tells its next run, starts its state machine, and goes', async () => {
    const stateMachineArn = await createMachine('by-the-clock', PASS)
    await visit(async (page) => {
      await page.goto('/console/schedules')
      await page.getByText('New schedule').click()
      await page.getByRole('textbox', { name: 'Name' }).fill('hourly')
      await page.getByRole('textbox', { name: 'Expression' }).fill('rate(1 hour)')
      await page.getByRole('combobox', { name: 'Target ARN' }).fill(stateMachineArn)
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('heading', { name: 'hourly' }).waitFor()
      await expect
        .poll(async () => (await states('ListExecutions', { stateMachineArn }))['executions'], { timeout: 10_000 })
        .toHaveLength(1)
      await page.getByRole('link', { name: 'Schedules' }).last().click()
      await page.getByRole('cell', { name: 'rate(1 hour)' }).waitFor()
      expect(await page.getByRole('row', { name: /hourly/ }).textContent()).toMatch(/20\d\d/)
      await page.getByRole('link', { name: 'hourly' }).click()
      await page.getByRole('button', { name: 'Disable' }).click()
      await page.getByText('Disabled').waitFor()
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('No schedule is here yet').waitFor()
    })
  })

  test('activities are made and deleted', () =>
    visit(async (page) => {
      await page.goto('/console/activities')
      await page.getByRole('textbox', { name: 'New activity' }).fill('approve')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('button', { name: 'Delete: approve' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('No activity is here yet').waitFor()
    }))

  test('a Map Run is followed while it runs: bounds change, children and failures show, results are linked', async () => {
    await put('/map-results')
    const items = Array.from({ length: 24 }, (_, n) => ({ n, seconds: n < 4 ? 0 : 3 }))
    const { executionArn = '' } = await states('StartExecution', {
      stateMachineArn: await createMachine('mapper', MAPPER),
      input: JSON.stringify(items),
    })
    const mapRunArn = await mapRunOf(String(executionArn))
    await visit(async (page) => {
      await page.goto(`/console/map-run/${encodeURIComponent(mapRunArn)}`)
      const bar = page.getByRole('progressbar', { name: 'Progress' })
      await bar.waitFor()
      await page.getByRole('spinbutton', { name: 'Maximum concurrency' }).fill('24')
      await page.getByRole('spinbutton', { name: 'Tolerated failures (%)' }).fill('60')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').waitFor()
      expect(await states('DescribeMapRun', { mapRunArn })).toMatchObject({
        maxConcurrency: 24,
        toleratedFailurePercentage: 60,
        toleratedFailureCount: 0,
      })
      await expectAccessible(page)
      await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 25_000 })
      await expect.poll(() => bar.getAttribute('aria-valuetext')).toMatch(/^Succeeded 23, Running 0, Failed 1,/)
      await page.getByRole('cell', { name: 'OnPurpose' }).waitFor()
      await page.getByRole('cell', { name: /because of <img/ }).waitFor()
      await page.getByRole('combobox', { name: 'Status' }).selectOption('FAILED')
      await page.getByRole('heading', { name: 'Child executions (1)' }).waitFor()
      await expectAccessible(page)
      await page.getByRole('link', { name: /^s3:\/\/map-results\/out\// }).click()
      await page.getByRole('link', { name: 'manifest.json', exact: true }).click()
      await page.getByRole('region', { name: 'Preview' }).getByText('"DestinationBucket": "map-results"').waitFor()
      await page.goBack()
      await page.goBack()
      await page.getByRole('link', { name: 'Parent execution' }).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
    })
  })

  test('every page is readable on a phone in the dark, with data in it and in Portuguese', async () => {
    const pages = [
      ...['buckets', 'buckets/hostile', 'functions', 'functions/greet', 'functions/greet?tab=code', 'topics', 'queues'],
      ...['queues/inbox', 'topics/arn:aws:sns:us-east-1:000000000000:news', 'tables', 'tables/people', 'logs'],
      ...['logs/%2Fapp%2Fone', 'rules', 'schedules', 'activities'],
    ]
    await visit(
      async (page) => {
        for (const path of pages) {
          await page.goto(`/console/${path}`)
          await page.getByRole('heading', { level: 1 }).first().waitFor()
          await expect.poll(() => page.getByText('Carregando …').count()).toBe(0)
          await expectAccessible(page)
          await expectNoSideScroll(page, path)
        }
      },
      { width: 360, height: 740, theme: 'dark', locale: 'pt-BR' },
    )
  })

  test('what is not there is told in words', async () => {
    await visit(
      async (page) => {
        for (const path of [
          'buckets/no-such-bucket',
          'functions/none',
          'queues/none',
          'tables/none',
          'logs/none',
          'rules/default%2Fnone',
        ]) {
          await page.goto(`/console/${path}`)
          await page
            .getByText(/does ?n[o']t exist|not found|NoSuchBucket|NonExistentQueue/i)
            .first()
            .waitFor()
        }
      },
      { mayComplain: true },
    )
  })
})

/** One red point. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
)

/** One item fails at once; the others wait as long as they say. */
const MAPPER = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 2,
      ToleratedFailurePercentage: 50,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Choose',
        States: {
          Choose: {
            Type: 'Choice',
            Choices: [{ Variable: '$.n', NumericEquals: 3, Next: 'Break' }],
            Default: 'Rest',
          },
          Break: { Type: 'Fail', Error: 'OnPurpose', Cause: 'because of <img src=x onerror=alert(1)>' },
          Rest: { Type: 'Wait', SecondsPath: '$.seconds', End: true },
        },
      },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'map-results', Prefix: 'out' } },
      End: true,
    },
  },
}

async function put(path: string, body = ''): Promise<void> {
  const response = await fetch(url() + path, { method: 'PUT', body })
  if (!response.ok) throw new Error(await response.text())
}

type Answer = Readonly<Record<string, unknown>>

async function json(target: string, input: object): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
  const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(input) })
  if (!response.ok) throw new Error(await response.text())
  return JSON.parse((await response.text()) || '{}') as Answer
}

const states = (operation: string, input: object) => json(`AWSStepFunctions.${operation}`, input)

const createMachine = (name: string, definition: object) => statesClient(url()).createMachine(name, definition)

async function mapRunOf(executionArn: string): Promise<string> {
  return await untilThere(async () => {
    const { mapRuns } = (await states('ListMapRuns', { executionArn })) as { mapRuns?: readonly { mapRunArn: string }[] }
    return mapRuns?.[0]?.mapRunArn
  })
}

const tableIsThere = (TableName: string) =>
  untilThere(async () => {
    const { Table } = (await json('DynamoDB_20120810.DescribeTable', { TableName })) as { Table: { TableStatus: string } }
    return Table.TableStatus === 'ACTIVE' ? true : undefined
  })

/** Asks until there is an answer. */
async function untilThere<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('there was never an answer')
}

async function createFunction(name: string, files: Record<string, string>): Promise<void> {
  const input = {
    FunctionName: name,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Environment: { Variables: { GREETING: 'bom dia' } },
    Code: { ZipFile: zipOf(files).toString('base64') },
  }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(input)
  const response = await fetch(`${url()}/2015-03-31/functions`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(await response.text())
}

async function writeLog(logGroupName: string, messages: readonly string[]): Promise<void> {
  const timestamp = Date.now()
  const logEvents = messages.map((message) => ({ timestamp, message }))
  await json('Logs_20140328.PutLogEvents', { logGroupName, logStreamName: 's', logEvents })
}
