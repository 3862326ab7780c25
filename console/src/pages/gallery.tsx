/** Examples that come up with one click. One that is there is opened, copied or restored: nothing of a person's own goes unasked. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { ApiError, callRest } from '../api/client.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Problem } from '../ui/error.tsx'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

interface Template {
  readonly name: string
  /** By language, at least `en`. */
  readonly title: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly definition: string
  readonly input: string
  /** Of its machine, where that is there. */
  readonly stateMachineArn?: string
}

interface Wanted {
  readonly name: string
  readonly mode: 'create' | 'copy' | 'restore'
}

const PATH = '/_regente/console/templates'

const bringUp = async ({ name, mode }: Wanted) =>
  (await callRest('POST', `${PATH}/${name}`, { mode })) as { stateMachineArn: string; input: string }

export function Gallery({ first }: { readonly first?: number }) {
  const { language } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['templates'],
    queryFn: async ({ signal }) =>
      ((await callRest('GET', PATH, undefined, signal)) as { templates: readonly Template[] }).templates,
  })
  const deploy = useMutation({
    mutationFn: bringUp,
    onSuccess: ({ stateMachineArn, input }) => go(pathTo('machine', stateMachineArn, { input })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['templates'] }),
  })
  const inWords = (texts: Template['title']) => texts[language] ?? texts['en'] ?? ''
  // Somebody else has brought it up meanwhile: the card, read anew, asks what to do.
  const refused = deploy.error instanceof ApiError && deploy.error.code === 'HTTP 409' ? undefined : deploy.error
  return (
    <>
      <Problem error={error ?? refused} />
      <div className="cards">
        {(data ?? []).slice(0, first).map((template) => (
          <article className="card" key={template.name}>
            <h3>{inWords(template.title)}</h3>
            <p>{inWords(template.description)}</p>
            <Choice
              template={template}
              title={inWords(template.title)}
              isBusy={deploy.isPending}
              mine={deploy.variables?.name === template.name ? deploy.variables.mode : undefined}
              onDeploy={(mode) => deploy.mutateAsync({ name: template.name, mode })}
            />
          </article>
        ))}
      </div>
    </>
  )
}

interface ChoiceProps {
  readonly template: Template
  readonly title: string
  readonly isBusy: boolean
  /** What is being done with this one. */
  readonly mine: Wanted['mode'] | undefined
  readonly onDeploy: (mode: Wanted['mode']) => Promise<unknown>
}

function Choice({ template: { stateMachineArn }, title, isBusy, mine, onDeploy }: ChoiceProps) {
  const { t } = useMessages()
  // What goes wrong stands above the cards.
  const start = (mode: Wanted['mode']) => void onDeploy(mode).catch(() => {})
  if (stateMachineArn === undefined)
    return (
      <div>
        <Button
          loading={isBusy && mine === 'create'}
          disabled={isBusy}
          ariaLabel={`${t('useTemplate')}: ${title}`}
          onClick={() => start('create')}
        >
          {t('useTemplate')}
        </Button>
      </div>
    )
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button variant="primary" ariaLabel={`${t('open')}: ${title}`} onClick={() => go(pathTo('machine', stateMachineArn))}>
        {t('open')}
      </Button>
      <Button
        loading={isBusy && mine === 'copy'}
        disabled={isBusy}
        ariaLabel={`${t('makeCopy')}: ${title}`}
        onClick={() => start('copy')}
      >
        {t('makeCopy')}
      </Button>
      <ConfirmButton
        label={t('restore')}
        fullLabel={`${t('restore')}: ${title}`}
        question={t('restoreSure', { name: title })}
        onYes={() => onDeploy('restore')}
      />
    </SpaceBetween>
  )
}
