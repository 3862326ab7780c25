/** What a FIFO queue or topic wants to know of a message, where its name says that it is one. */
import { useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'

interface Fifo {
  readonly isFifo: boolean
  /** A group is named, or none is needed. */
  readonly isReady: boolean
  /** Members of SendMessage and Publish. */
  readonly parameters: Readonly<Record<string, string>>
  readonly fields: React.ReactNode
}

export function useFifo(name: string): Fifo {
  const { t } = useMessages()
  const [group, setGroup] = useState('')
  const [deduplication, setDeduplication] = useState('')
  if (!isFifoName(name)) return { isFifo: false, isReady: true, parameters: {}, fields: null }
  return {
    isFifo: true,
    isReady: group !== '',
    parameters: { MessageGroupId: group, ...(deduplication !== '' && { MessageDeduplicationId: deduplication }) },
    fields: (
      <>
        <label>
          {t('messageGroup')} <input value={group} onChange={(event) => setGroup(event.target.value)} />
        </label>
        <label>
          {t('deduplicationId')} <input value={deduplication} onChange={(event) => setDeduplication(event.target.value)} />
        </label>
      </>
    ),
  }
}

export const isFifoName = (name: string): boolean => name.endsWith('.fifo')
