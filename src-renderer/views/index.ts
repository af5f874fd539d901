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

export interface View {
  name: string
  title: string
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
    title: 'Corpus',
    docs: 'clips',
    keys: 'g c',
    icon: Library,
    selection: '/:clip(\\d+)?',
    load: () => import('./corpus/CorpusView.vue'),
  },
  {
    name: 'features',
    title: 'Features',
    docs: 'features',
    keys: 'g f',
    icon: Layers,
    selection: '',
    load: () => import('./corpus/features/FeaturesView.vue'),
  },
  {
    name: 'checks',
    title: 'Captions',
    docs: 'captions',
    keys: 'g h',
    icon: SpellCheck,
    selection: '',
    load: () => import('./corpus/checks/ChecksView.vue'),
  },
  {
    name: 'topics',
    title: 'Topics',
    docs: 'topics',
    keys: 'g t',
    icon: Tags,
    selection: '/:topic(\\d+)?',
    load: () => import('./topics/TopicsView.vue'),
  },
  {
    name: 'training',
    title: 'Training',
    docs: 'training',
    keys: 'g m',
    icon: ChartLine,
    selection: '/:shown(\\d+|series-\\d+)?',
    load: () => import('./training/TrainingView.vue'),
  },
  {
    name: 'neurons',
    title: 'Neurons',
    docs: 'neurons',
    keys: 'g n',
    icon: Waypoints,
    selection: '/:neuron(\\d+)?',
    load: () => import('./neurons/NeuronsView.vue'),
  },
  {
    name: 'review',
    title: 'Review',
    docs: 'review-and-corrections',
    keys: 'g r',
    icon: ScanEye,
    selection: '/:clip(\\d+)?',
    load: () => import('./review/ReviewView.vue'),
  },
  {
    name: 'corrections',
    title: 'Corrections',
    docs: 'review-and-corrections',
    keys: 'g o',
    icon: GitCompare,
    selection: '/:correction(\\d+)?',
    load: () => import('./corrections/CorrectionsView.vue'),
  },
  {
    name: 'actions',
    title: 'Actions',
    docs: 'actions',
    keys: 'g a',
    icon: PersonStanding,
    selection: '',
    load: () => import('./actions/ActionsView.vue'),
  },
  {
    name: 'export',
    title: 'Export',
    docs: 'export',
    keys: 'g e',
    icon: Download,
    selection: '',
    load: () => import('./exports/ExportView.vue'),
  },
  {
    name: 'storage',
    title: 'Storage',
    docs: 'projects',
    keys: 'g d',
    icon: HardDrive,
    selection: '',
    load: () => import('./storage/StorageView.vue'),
  },
]
