import { useWords } from '../words/words.tsx'

export function Loading() {
  return <p role="status">{useWords().t('loading')}</p>
}
