import {
  ChartLine,
  Download,
  GitCompare,
  HardDrive,
  Layers,
  Library,
  PersonStanding,
  ScanEye,
  SpellCheck,
  Tags,
  Waypoints,
} from '@lucide/vue'
import type { Component } from 'vue'
import type { PlainKey } from '../language/index.ts'

export interface View {
  name: string
  title: PlainKey
  /** Its page of the docs. */
  docs: string
  /** The key sequence that leads there. */
  keys: string
  icon: Component
  /** Route after the name: what is selected there. */
  selection: string
  load: () => Promise<unknown>
}

/** The places of the window, in the order of the work. */
export const VIEWS: readonly View[] = [
  {
    name: 'corpus',
    title: 'common.corpus',
    docs: 'corpus',
    keys: 'g c',
    icon: Library,
    selection: '/:clip(\\d+)?',
    load: () => import('./corpus/CorpusView.vue'),
  },
  {
    name: 'features',
    title: 'common.features',
    docs: 'features',
    keys: 'g f',
    icon: Layers,
    selection: '',
    load: () => import('./corpus/features/FeaturesView.vue'),
  },
  {
    name: 'checks',
    title: 'common.captions',
    docs: 'checks',
    keys: 'g h',
    icon: SpellCheck,
    selection: '',
    load: () => import('./corpus/checks/ChecksView.vue'),
  },
  {
    name: 'topics',
    title: 'common.topics',
    docs: 'topics',
    keys: 'g t',
    icon: Tags,
    selection: '/:topic(\\d+)?',
    load: () => import('./topics/TopicsView.vue'),
  },
  {
    name: 'training',
    title: 'common.training',
    docs: 'training',
    keys: 'g m',
    icon: ChartLine,
    selection: '/:shown(\\d+|series-\\d+|sweep-\\d+|trash|runs)?',
    load: () => import('./training/TrainingView.vue'),
  },
  {
    name: 'neurons',
    title: 'common.neurons',
    docs: 'neurons',
    keys: 'g n',
    icon: Waypoints,
    selection: '/:neuron(\\d+)?',
    load: () => import('./neurons/NeuronsView.vue'),
  },
  {
    name: 'review',
    title: 'common.review',
    docs: 'review-and-corrections',
    keys: 'g r',
    icon: ScanEye,
    selection: '/:clip(\\d+)?',
    load: () => import('./review/ReviewView.vue'),
  },
  {
    name: 'corrections',
    title: 'common.corrections',
    docs: 'review-and-corrections',
    keys: 'g o',
    icon: GitCompare,
    selection: '/:correction(\\d+)?',
    load: () => import('./corrections/CorrectionsView.vue'),
  },
  {
    name: 'actions',
    title: 'common.actions',
    docs: 'actions',
    keys: 'g a',
    icon: PersonStanding,
    selection: '',
    load: () => import('./actions/ActionsView.vue'),
  },
  {
    name: 'export',
    title: 'common.export',
    docs: 'export',
    keys: 'g e',
    icon: Download,
    selection: '',
    load: () => import('./exports/ExportView.vue'),
  },
  {
    name: 'storage',
    title: 'common.storage',
    docs: 'storage',
    keys: 'g d',
    icon: HardDrive,
    selection: '',
    load: () => import('./storage/StorageView.vue'),
  },
]
