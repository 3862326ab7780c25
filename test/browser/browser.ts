/** Debian's Chromium before the real program. Each test has a context of its own; nothing of a page's errors is lost. */
import { existsSync } from 'node:fs'

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })

export interface PageOptions {
  readonly locale?: string
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  /** By HTTPS, whose authority this browser takes unseen. */
  readonly isSecure?: boolean
}

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page complained about: exceptions, refused scripts, errors on its console. */
  readonly complaints: string[]
}

export async function openPage(
  browser: Browser,
  baseURL: string,
  { locale = 'en-US', width = 1280, height = 900, theme = 'light', isSecure = false }: PageOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({
    baseURL: isSecure ? baseURL.replace('http:', 'https:') : baseURL,
    ignoreHTTPSErrors: isSecure,
    locale,
    viewport: { width, height },
    colorScheme: theme,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.setDefaultTimeout(15_000)
  return { page, context, complaints }
}

const ROLE = 'arn:aws:iam::000000000000:role/any'

export type StatesClient = ReturnType<typeof statesClient>

/** Step Functions on a server, for what a test has to have there. */
export function statesClient(url: string) {
  async function call(operation: string, input: object): Promise<Readonly<Record<string, string>>> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Record<string, string>
  }
  async function createMachine(name: string, definition: object): Promise<string> {
    const { stateMachineArn = '' } = await call('CreateStateMachine', {
      name,
      roleArn: ROLE,
      definition: JSON.stringify(definition),
    })
    return stateMachineArn
  }
  return {
    call,
    createMachine,
    /** The path of the page of a new execution. */
    async execution(name: string, definition: object, input = '{}'): Promise<string> {
      const { executionArn = '' } = await call('StartExecution', {
        stateMachineArn: await createMachine(name, definition),
        input,
      })
      return `/console/execution/${encodeURIComponent(executionArn)}`
    },
  }
}
