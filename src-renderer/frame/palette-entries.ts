/** What the palette finds: actions of every view, and all in the project that has a name, with why it matches. */
import { useRouter } from 'vue-router'
import { PAGES } from 'virtual:docs'
import { VIEW_ACTIONS } from 'virtual:view-actions'
import type { ClipRow, NeuronMap, RecentProject } from '#contract'
import { commands } from '../composables/commands.ts'
import type { Command } from '../composables/commands.ts'
import { notices } from '../composables/notices.ts'
import { docs } from '../composables/overlays.ts'
import { t, worded } from '../language/index.ts'
import type { PlainKey } from '../language/index.ts'
import { useProject } from '../stores/project.ts'
import { VIEWS } from '../views/index.ts'
import { modelName } from '../components/training/model.ts'

export interface Entry {
  id: string
  kind: string
  title: string
  keys?: string | undefined
  /** It opens a dialog. */
  asks?: boolean
  /** Why it can't be done now, or why it is found where its title does not say. */
  note?: string | null
  run: () => void
}

/** What the palette asked main for. */
export interface Answers {
  clips: readonly ClipRow[]
  neurons: NeuronMap | null
  projects: readonly RecentProject[]
}

/** At most as many of a kind. */
const MOST = { model: 6, topic: 8, neuron: 6, project: 5, docs: 6 }
/** How long an action of another view has to come to life, in milliseconds. */
const COMES_WITHIN = 4000

export function usePaletteEntries(): (text: string, answers: Answers) => Entry[] {
  const project = useProject()
  const router = useRouter()
  const goTo = (path: string) => (): void => {
    void router.push(path)
  }
  const live = (): Entry[] =>
    [...commands]
      .filter((command) => command.quiet !== true)
      .map((command) => ({
        id: command.id,
        kind: command.section,
        title: command.title,
        keys: command.keys[0],
        note: command.reason.value,
        asks: command.asks === true && command.reason.value === null,
        run: () => {
          command.invoke()
        },
      }))

  /** Actions of views that are not shown: they lead there first. */
  function elsewhere(): Entry[] {
    if (project.summary === null) {
      return []
    }
    const here = new Set([...commands].map(({ id }) => id))
    return VIEW_ACTIONS.filter(({ id }) => !here.has(id)).flatMap(({ id, title: key, view }) => {
      // Read from the sources when the window is built, where the compiler has seen that it is a key.
      const title = worded(key as PlainKey)
      const place = VIEWS.find(({ name }) => name === view)
      return place === undefined
        ? []
        : [
            {
              id,
              kind: t(place.title),
              title,
              run: () => {
                void router.push(`/${view}`).then(() => invokeWhenHere(id, title))
              },
            },
          ]
    })
  }

  function ofProject(matches: Matcher): Entry[] {
    return [
      ...project.models
        .flatMap((model) => {
          const why = matches(`model ${modelName(model)}`, [['note', model.note]])
          return why === null
            ? []
            : [
                {
                  id: `model ${model.id}`,
                  kind: t('common.modelToo'),
                  title: modelName(model),
                  note: why,
                  run: goTo(`/training/${model.id}`),
                },
              ]
        })
        .slice(0, MOST.model),
      ...project.topics
        .flatMap((topic) => {
          const words = topic.words.map(({ word }) => [t('palette.itsWord'), word] as const)
          const why = matches(`topic ${topic.label}`, [['description', topic.description], ...words])
          return why === null
            ? []
            : [
                {
                  id: `topic ${topic.id}`,
                  kind: t('common.topic'),
                  title: topic.label,
                  note: why,
                  run: goTo(`/topics/${topic.id}`),
                },
              ]
        })
        .slice(0, MOST.topic),
    ]
  }

  function neuronsOf(map: NeuronMap | null, matches: Matcher): Entry[] {
    return (map?.neurons ?? [])
      .flatMap(({ neuron, topicLabel, runnerUpLabel, judged }) => {
        const why = matches(`neuron ${neuron} #${neuron}`, [
          [t('palette.youCallIt'), judged?.label],
          [t('common.standsFor'), topicLabel],
          [t('palette.thenFor'), runnerUpLabel],
          ['note', judged?.note],
        ])
        const note = why === '' ? t('palette.standsFor', { topicLabel }) : why
        return why === null
          ? []
          : [
              {
                id: `neuron ${neuron}`,
                kind: t('palette.neuron'),
                title: t('common.neuron', { neuron }),
                note,
                run: goTo(`/neurons/${neuron}`),
              },
            ]
      })
      .slice(0, MOST.neuron)
  }

  function projectsOf(projects: readonly RecentProject[], matches: Matcher): Entry[] {
    return projects
      .filter(
        ({ exists, path, name }) =>
          exists &&
          path !== project.summary?.path &&
          matches(`open project ${name}`, [[t('palette.path'), path]]) !== null,
      )
      .slice(0, MOST.project)
      .map(({ name, path }) => ({
        id: `project ${path}`,
        kind: t('common.project'),
        title: t('palette.open', { name }),
        note: path,
        run: () => {
          void project.open(path).catch(notices.fail)
        },
      }))
  }

  /** Pages of the docs, and sections of them. */
  const docsOf = (matches: Matcher): Entry[] =>
    PAGES.flatMap(({ name, title, sections }) => [
      { page: name, section: '', title, of: '' },
      ...sections.map(({ id, title: heading }) => ({ page: name, section: id, title: heading, of: title })),
    ])
      .filter(({ title, of }) => matches(`docs ${title} ${of}`, []) !== null)
      .slice(0, MOST.docs)
      .map(({ page, section, title, of }) => ({
        id: `docs ${page} ${section}`,
        kind: t('common.docs'),
        title,
        note: of === '' ? null : t('palette.in', { of }),
        run: () => {
          docs.value = { page, section }
        },
      }))

  const clipsOf = (clips: readonly ClipRow[], matches: Matcher): Entry[] =>
    clips.map((clip) => ({
      id: `clip ${clip.id}`,
      kind: t('common.clip'),
      title: clip.name,
      note:
        matches(clip.name, [[t('palette.says'), clip.firstCaption]]) ??
        t('palette.inItsCaptionsSuchAs', { firstCaption: clip.firstCaption ?? '' }),
      run: goTo(`/corpus/${clip.id}`),
    }))

  return (text, answers) => {
    if (text.trim() === '') {
      return live()
    }
    const matches = matcherOf(text)
    const actions = [...live(), ...elsewhere()].filter(
      ({ kind, title }) => matches(`${kind} ${title}`, []) !== null,
    )
    return [
      // What can be done comes first: Enter takes that.
      ...actions.filter(({ note }) => !note),
      ...actions.filter(({ note }) => note),
      ...ofProject(matches),
      ...neuronsOf(answers.neurons, matches),
      ...clipsOf(answers.clips, matches),
      ...docsOf(matches),
      ...projectsOf(answers.projects, matches),
    ]
  }
}

/**
 * Why something is found: empty where its name says it, else the field that does, with what it holds; null: it is not. All
 * parts of what is typed have to be in the name, or those that are not in one field: `neuron red`.
 */
type Matcher = (
  name: string,
  fields: readonly (readonly [string, string | null | undefined])[],
) => string | null

function matcherOf(text: string): Matcher {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean)
  const missingIn = (value: string, wanted: readonly string[]): string[] =>
    wanted.filter((part) => !value.toLowerCase().includes(part))
  return (name, fields) => {
    const rest = missingIn(name, parts)
    if (rest.length === 0) {
      return ''
    }
    const field = fields.find(([, value]) => value && missingIn(value, rest).length === 0)
    return field === undefined ? null : `${field[0]}: ${field[1] ?? ''}`
  }
}

/** Runs a command of a view that is just coming; says why it can't be run, where it can't. */
async function invokeWhenHere(id: string, title: string): Promise<void> {
  const find = (): Command | undefined => [...commands].findLast((command) => command.id === id)
  const end = performance.now() + COMES_WITHIN
  // What blocks it may be that its data is not there yet.
  while (find()?.reason.value !== null && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const command = find()
  if (command?.reason.value === null) {
    command.invoke()
  } else {
    notices.tellStep(`${title}: ${command?.reason.value ?? t('palette.nothingIsChosenHereThat')}`)
  }
}
