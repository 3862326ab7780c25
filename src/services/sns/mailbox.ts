/**
 * Mail for `email` subscriptions: to an SMTP server where one is set (`smtp://user:pass@host:587?from=me@example.org`),
 * else one `.eml` file per message in the mailbox folder, which any mail program opens.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { createTransport } from 'nodemailer'

import type { Log } from '../../base/log.ts'

import { syncFolder } from '../kit/sync-folder.ts'

export interface Mail {
  /** Unique: names the file, so that a repeated delivery replaces its own file. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

export type Mailbox = (mail: Mail) => Promise<void>

const DEFAULT_FROM = 'Regente Notifications <no-reply@regente.localhost>'
const SMTP_TIMEOUT_MS = 15_000

export function openMailbox(smtp: string | undefined, directory: string | undefined, log: Log): Mailbox {
  if (smtp !== undefined && smtp !== '') return smtpMailbox(smtp)
  if (directory !== undefined) return fileMailbox(join(directory, 'mailbox'), log)
  return async ({ to, subject, text }) =>
    log.info('mail (kept nowhere: no data directory, no SMTP server)', { to, subject, text })
}

function smtpMailbox(smtp: string): Mailbox {
  const url = new URL(smtp)
  const from = url.searchParams.get('from') ?? DEFAULT_FROM
  url.searchParams.delete('from')
  const timeouts = { connectionTimeout: SMTP_TIMEOUT_MS, greetingTimeout: SMTP_TIMEOUT_MS, socketTimeout: SMTP_TIMEOUT_MS }
  const transport = lazily((create) => create({ url: url.href, ...timeouts }))
  return async ({ id, to, subject, text }) => {
    await (await transport()).sendMail({ from, to, subject, text, messageId: `<${id}@regente.localhost>` })
  }
}

function fileMailbox(folder: string, log: Log): Mailbox {
  const transport = lazily((create) => create({ streamTransport: true, buffer: true, newline: 'unix' }))
  return async ({ id, to, subject, text }) => {
    const made = await (await transport()).sendMail({
      from: DEFAULT_FROM,
      to,
      subject,
      text,
      messageId: `<${id}@regente.localhost>`,
    })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, `${id.replace(/[^\w.-]/g, '_')}.eml`)
    await writeFile(`${file}.part`, made.message as Buffer, { mode: 0o600, flush: true })
    await rename(`${file}.part`, file)
    await syncFolder(folder)
    log.info('mail kept as a file', { to, subject, file })
  }
}

/** Loads the mail library with the first mail: most servers send none. */
function lazily<T>(make: (create: typeof createTransport) => T): () => Promise<T> {
  let made: Promise<T> | undefined
  const load = async (): Promise<T> => make((await import('nodemailer')).createTransport)
  return () =>
    (made ??= load().catch((error: unknown) => {
      made = undefined
      throw error
    }))
}
