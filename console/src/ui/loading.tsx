import { useMessages } from '../messages/messages.tsx'

export function Loading() {
  return <p role="status">{useMessages().t('loading')}</p>
}
