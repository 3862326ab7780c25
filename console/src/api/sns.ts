/** SNS by its Query protocol. */
import { SERVICES } from '../../../src/aws/services.ts'
import type { Page } from '../ui/use-pages.ts'
import { readXml } from './s3.ts'

type Texts = Readonly<Record<string, string>>

export const callSns = async (Action: string, parameters: Texts = {}, signal?: AbortSignal): Promise<Document> =>
  readXml(
    await fetch('/', {
      method: 'POST',
      body: new URLSearchParams({ Action, Version: SERVICES.sns.version, ...parameters }),
      signal: signal ?? null,
    }),
  )

/** A page of a listing: of each `member`, the texts of its children by name. */
export async function listSns(
  Action: string,
  parameters: Texts,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Page<Texts>> {
  const xml = await callSns(Action, { ...parameters, ...(token !== undefined && { NextToken: token }) }, signal)
  const items = [...xml.querySelectorAll('member')].map((member) =>
    Object.fromEntries([...member.children].map((child) => [child.tagName, child.textContent ?? ''])),
  )
  return { items, next: xml.querySelector('NextToken')?.textContent ?? undefined }
}

/** The attributes of a topic or subscription. */
export const entriesOf = (xml: Document): Texts =>
  Object.fromEntries(
    [...xml.querySelectorAll('entry')].map((entry) => [
      entry.querySelector('key')?.textContent ?? '',
      entry.querySelector('value')?.textContent ?? '',
    ]),
  )
