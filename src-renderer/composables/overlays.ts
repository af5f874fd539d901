import { ref } from 'vue'

/** Which of the overlays over everything is open. */
export const palette = ref(false)
export const keysOverlay = ref(false)
export const machine = ref(false)
export const about = ref(false)
/** The page of the docs that is open, and the section of it; null: none. */
export const docs = ref<{ page: string; section: string } | null>(null)
export const DOCS_KEY = 'f1'
/** Where the docs say why a failure happens, and what to do; of a fault in Vitrine, what its kind is. */
export const placeOfFailure = (key: string): { page: string; section: string } => ({
  page: 'troubleshooting',
  section: key === 'bug' ? 'kinds-of-messages' : key.toLowerCase().replaceAll('.', ''),
})
export const allSteps = ref(false)
export const ALL_STEPS_KEY = 'alt+a'
/** The part of the history that is open; null: none. */
export const history = ref<'edits' | 'snapshots' | 'name' | null>(null)
