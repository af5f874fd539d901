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
    keys: 'g c',
    icon: Library,
    selection: '/:clip(\\d+)?',
    load: () => import('./corpus/CorpusView.vue'),
  },
  {
    name: 'features',
    title: 'Features',
    keys: 'g f',
    icon: Layers,
    selection: '',
    load: () => import('./corpus/features/FeaturesView.vue'),
  },
  {
    name: 'checks',
    title: 'Captions',
    keys: 'g h',
    icon: SpellCheck,
    selection: '',
    load: () => import('./corpus/checks/ChecksView.vue'),
  },
  {
    name: 'topics',
    title: 'Topics',
    keys: 'g t',
    icon: Tags,
    selection: '/:topic(\\d+)?',
    load: () => import('./topics/TopicsView.vue'),
  },
  {
    name: 'training',
    title: 'Training',
    keys: 'g m',
    icon: ChartLine,
    selection: '/:shown(\\d+|series-\\d+)?',
    load: () => import('./training/TrainingView.vue'),
  },
  {
    name: 'neurons',
    title: 'Neurons',
    keys: 'g n',
    icon: Waypoints,
    selection: '/:neuron(\\d+)?',
    load: () => import('./neurons/NeuronsView.vue'),
  },
  {
    name: 'review',
    title: 'Review',
    keys: 'g r',
    icon: ScanEye,
    selection: '/:clip(\\d+)?',
    load: () => import('./review/ReviewView.vue'),
  },
  {
    name: 'corrections',
    title: 'Corrections',
    keys: 'g o',
    icon: GitCompare,
    selection: '/:correction(\\d+)?',
    load: () => import('./corrections/CorrectionsView.vue'),
  },
  {
    name: 'actions',
    title: 'Actions',
    keys: 'g a',
    icon: PersonStanding,
    selection: '',
    load: () => import('./actions/ActionsView.vue'),
  },
  {
    name: 'export',
    title: 'Export',
    keys: 'g e',
    icon: Download,
    selection: '',
    load: () => import('./exports/ExportView.vue'),
  },
  {
    name: 'storage',
    title: 'Storage',
    keys: 'g d',
    icon: HardDrive,
    selection: '',
    load: () => import('./storage/StorageView.vue'),
  },
]
