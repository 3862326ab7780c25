/** The field above a list, in which what is written narrows the list. */
import { useMessages } from '../messages/messages.tsx'

export function FilterField({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const { t } = useMessages()
  return (
    <input
      type="search"
      placeholder={t('filter')}
      aria-label={t('filter')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
