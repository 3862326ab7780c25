/** Where a new state machine comes from. */
import Button from '@cloudscape-design/components/button'

import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { Gallery } from './gallery.tsx'

export default function CreatePage() {
  const { t } = useMessages()
  return (
    <>
      <h1>{t('createMachine')}</h1>
      <div className="cards">
        <article className="card">
          <h3>{t('blank')}</h3>
          <p>{t('blankText')}</p>
          <div>
            <Button onClick={() => go(pathTo('editor'))}>{t('editor')}</Button>
          </div>
        </article>
        <article className="card">
          <h3>{t('paste')}</h3>
          <p>{t('pasteText')}</p>
          <div>
            <Button onClick={() => go(pathTo('editor', '', { empty: '1' }))}>{t('paste')}</Button>
          </div>
        </article>
      </div>
      <h2>{t('templates')}</h2>
      <p>{t('templatesText')}</p>
      <Gallery />
    </>
  )
}
